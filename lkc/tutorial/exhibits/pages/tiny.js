// The tiny networks of `lkc.tutorial.exhibits.tiny`: stem, one block and head at half resolution.
import { indexSets, normalize } from "./norms.js";
import { convolve, convolveEach, relu, add, unshuffle, shuffle } from "./layers.js";

/** The first convolution of the stem, before any norm: two sources -> a list of maps. */
export function startStem(weights, sources, size) {
  const half = { height: size.height / 2, width: size.width / 2 };
  return convolve(unshuffle(sources, size), half, weights["stem.conv.weight"], weights["stem.conv.bias"]);
}

/** Normalize a list of samples, each a list of maps; "stored" takes batch norm's averages. */
function applyNorm(samples, norm, weights, name, { eps, groupSize }) {
  const channels = samples[0].length;
  const of = (part) => weights[`${name}.${part}`];
  const maps = samples.flat();
  const normalized = norm === "stored"
    ? maps.map((map, i) => {
        const mean = of("running_mean")[i % channels];
        const scale = 1 / Math.sqrt(of("running_var")[i % channels] + eps);
        return map.map((value) => (value - mean) * scale);
      })
    : normalize(maps, indexSets(norm, samples.length, channels, groupSize), eps);
  const moved = normalized.map((map, i) => {
    const gamma = of("weight")[i % channels], beta = of("bias")[i % channels];
    return map.map((value) => value * gamma + beta);
  });
  return samples.map((_, n) => moved.slice(n * channels, (n + 1) * channels));
}

/**
 * Fuse a batch whose stems are begun; only the first sample's image is finished.
 * `plan` names the norm in the stem and in the block, `size` is that of the image.
 */
export function fuse(weights, begun, plan, size, settings) {
  const half = { height: size.height / 2, width: size.width / 2 };
  const own = (name) => [weights[`${name}.weight`], weights[`${name}.bias`]];
  const stems = applyNorm(begun, plan.stem, weights, "stem.norm", settings).map((maps, n) => add(maps, begun[n]));
  const [normalized] = applyNorm(stems, plan.block, weights, "block.norm", settings);
  const seen = convolveEach(normalized, half, ...own("block.large_kernel"));
  const wide = relu(convolve(seen, half, ...own("block.widen")));
  const block = add(stems[0], convolve(wide, half, ...own("block.narrow")));
  return shuffle(convolve(block, half, ...own("head")), size);
}
