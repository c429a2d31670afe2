// A stack of the depthwise blocks of `lkc.model.lite`, untrained, and the gradient of one pixel.
// A block is norm, depthwise KxK, 1x1 to twice the channels, ReLU, 1x1 back, and the shortcut.
import { indexSets, statisticsBySet } from "./norms.js";
import { convolve, convolveEach, add } from "./layers.js";
import { uniformNumbers } from "./random.js";

export const CHANNELS = 8;
const SOURCES = 2;

/** Draw the weights of a stack as PyTorch does: uniform, within 1 / sqrt(inputs of a value). */
export function drawStack(kernels, seed) {
  const next = uniformNumbers(seed);
  const draw = (count, inputs) => Float32Array.from({ length: count }, () => (2 * next() - 1) / Math.sqrt(inputs));
  const layer = (outputs, inputs, area = 1) => ({ weight: draw(outputs * inputs * area, inputs * area), bias: draw(outputs, inputs * area) });
  return {
    start: layer(CHANNELS, SOURCES),
    blocks: kernels.map((kernel) => ({
      large: layer(CHANNELS, 1, kernel ** 2),
      widen: layer(2 * CHANNELS, CHANNELS),
      narrow: layer(CHANNELS, 2 * CHANNELS),
    })),
    end: layer(1, CHANNELS),
  };
}

/** Normalize maps, and keep what the gradient needs; "stored" has the mean 0 and the variance 1. */
function normalizeMaps(maps, norm, eps) {
  const sets = norm === "stored" ? null : indexSets(norm, 1, maps.length);
  const statistics = sets && statisticsBySet(maps, sets);
  const of = (c) => (sets ? statistics.get(sets[c]) : { mean: 0, variance: 1 });
  const scales = maps.map((_, c) => 1 / Math.sqrt(of(c).variance + eps));
  const normalized = maps.map((map, c) => map.map((value) => (value - of(c).mean) * scales[c]));
  return { sets, scales, normalized };
}

/** Pass a gradient back through a norm; without the leak, its mean and variance are constants. */
function gradientOfNorm(gradient, { sets, scales, normalized }, leaks) {
  if (!sets || !leaks) return gradient.map((map, c) => map.map((value) => value * scales[c]));
  const products = gradient.map((map, c) => map.map((value, i) => value * normalized[c][i]));
  const [means, shares] = [gradient, products].map((maps) => statisticsBySet(maps, sets));
  return gradient.map((map, c) => {
    const mean = means.get(sets[c]).mean, share = shares.get(sets[c]).mean;
    return map.map((value, i) => scales[c] * (value - mean - share * normalized[c][i]));
  });
}

const apply = ({ weight, bias }, maps, size) => convolve(maps, size, weight, bias);

/** Pass a gradient back through a 1x1 convolution. */
function gradientOfMixing({ weight, bias }, gradient, size) {
  const inputs = weight.length / bias.length;
  const turned = Float32Array.from(weight, (_, i) => weight[(i % bias.length) * inputs + Math.floor(i / bias.length)]);
  return convolve(gradient, size, turned, new Float32Array(inputs));
}

/** Pass a gradient back through a depthwise convolution: each kernel is turned around. */
function gradientOfLarge({ weight, bias }, gradient, size) {
  const area = weight.length / bias.length;
  const turned = Float32Array.from(weight, (_, i) => weight[(Math.floor(i / area) + 1) * area - 1 - (i % area)]);
  return convolveEach(gradient, size, turned, new Float32Array(bias.length));
}

/** Run a stack over two sources, and keep what the gradient needs of each block. */
export function runStack(stack, sources, size, { norm, shortcut, eps }) {
  let maps = apply(stack.start, sources, size);
  const kept = stack.blocks.map((block) => {
    const state = normalizeMaps(maps, norm, eps);
    const wide = apply(block.widen, convolveEach(state.normalized, size, block.large.weight, block.large.bias), size);
    const narrow = apply(block.narrow, wide.map((map) => map.map((value) => Math.max(0, value))), size);
    maps = shortcut ? add(maps, narrow) : narrow;
    return { ...state, wide };
  });
  return { kept, output: apply(stack.end, maps, size)[0] };
}

/** How much each pixel of both sources changes one pixel of the output: sum of two |gradients|. */
export function fieldOf(stack, kept, pixel, size, { shortcut, leaks }) {
  const seed = new Float32Array(size.height * size.width);
  seed[pixel.row * size.width + pixel.column] = 1;
  let gradient = gradientOfMixing(stack.end, [seed], size);
  for (let b = stack.blocks.length - 1; b >= 0; b--) {
    const { narrow, widen, large } = stack.blocks[b];
    const wide = gradientOfMixing(narrow, gradient, size).map((map, c) => map.map((value, i) => (kept[b].wide[c][i] > 0 ? value : 0)));
    const seen = gradientOfLarge(large, gradientOfMixing(widen, wide, size), size);
    const own = gradientOfNorm(seen, kept[b], leaks);
    gradient = shortcut ? add(gradient, own) : own;
  }
  const [first, second] = gradientOfMixing(stack.start, gradient, size);
  return Float64Array.from(first, (value, i) => Math.abs(value) + Math.abs(second[i]));
}

/** How far kernels can reach, whatever their weights are: the side of a square in pixels. */
export const theoreticalSide = (kernels) => kernels.reduce((side, kernel) => side + kernel - 1, 1);

/** How much of a field lies in squares around a pixel: entry r belongs to the side 2 r + 1. */
export function massBySquare(field, pixel, { height, width }) {
  const mass = new Float64Array(Math.max(height, width));
  field.forEach((value, i) => {
    const down = Math.abs(Math.floor(i / width) - pixel.row), right = Math.abs((i % width) - pixel.column);
    mass[Math.max(down, right)] += value;
  });
  for (let r = 1; r < mass.length; r++) mass[r] += mass[r - 1];
  return mass.map((value) => value / mass.at(-1));
}

/** The side of the smallest square around the pixel that holds a share of the field. */
export const sideThatHolds = (mass, share) => 2 * mass.findIndex((held) => held >= share - 1e-12) + 1;
