// The network `nano` on a processor, as lkc/model/nano.py has it, with the kernels of kernels/.
// Its maps stay in the memory of WebAssembly from frame to frame.
import { outputsInnermost } from "./weights.js";

const [FINE, COARSE] = [16, 24]; // channels at half and at a quarter of the resolution
const GROUP = 8; // channels of a group norm that share their statistics
const EPSILON = 1e-5;
const PAGE = 65536;
const SLACK = 64; // the last vector of an image may end behind it
const MULTIPLE = 8; // height and width of what the network works on

const relu = (values) => values.map((value) => Math.max(0, value));

export class Nano {
  /** `kernels` are the exports of an instance; `weights` come from readWeights. */
  constructor(kernels, weights) {
    this.kernels = kernels;
    this.weights = weights;
    this.free = kernels.heap();
    this.places = {};
    for (const [name, weight] of Object.entries(weights)) {
      const values = outputsInnermost(weight);
      this.places[name] = this.reserve(4 * values.length);
      this.floats(this.places[name], values.length).set(values);
    }
    this.floor = this.free; // what lies above depends on the size of the frames
  }

  reserve(bytes) {
    const place = Math.ceil(this.free / 16) * 16;
    this.free = place + bytes;
    const { memory } = this.kernels;
    const missing = this.free - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
    return place;
  }

  floats(place, length) {
    return new Float32Array(this.kernels.memory.buffer, place, length);
  }

  bytes(place, length) {
    return new Uint8ClampedArray(this.kernels.memory.buffer, place, length);
  }

  /** A map of zeros; `border` pixels around it stay zeros. */
  map(height, width, channels, border = 0) {
    const row = 4 * (width + 2 * border) * channels;
    const place = this.reserve(row * (height + 2 * border));
    this.floats(place, (row / 4) * (height + 2 * border)).fill(0);
    return { height, width, channels, border, row, place, inside: place + border * (row + 4 * channels) };
  }

  /** Make room for frames of a size. */
  resize(width, height) {
    Object.assign(this, { width, height, free: this.floor });
    this.pixels = [0, 1, 2].map(() => this.reserve(4 * width * height + SLACK)); // RGBA: sources, fused
    const [rows, columns] = [height, width].map((side) => Math.ceil(side / MULTIPLE));
    const at = (scale, channels, border) => this.map(scale * rows, scale * columns, channels, border);
    this.sources = at(4, 8, 1);
    this.fine = at(4, FINE);
    this.coarse = at(2, COARSE);
    this.encoded = at(2, COARSE);
    this.small = at(1, COARSE);
    this.far = at(1, COARSE);
    this.joined = at(2, COARSE);
    this.decoded = at(2, COARSE);
    this.raised = at(2, FINE);
    this.features = at(4, FINE, 1);
    this.gains = at(4, 4);
    this.near = at(2, COARSE, 3); // normalised, with the border of a depthwise kernel
    this.wide = at(1, COARSE, 2);
    this.mixed = { [FINE]: at(4, FINE), [COARSE]: at(2, COARSE) };
    this.gates = { [FINE]: at(4, FINE), [COARSE]: at(2, COARSE) };
    this.logits = this.reserve(4 * 16 * rows * columns);
    this.fused = this.reserve(4 * 64 * rows * columns + SLACK);
    this.scratch = this.reserve(4 * 3 * COARSE * 2 * columns);
    this.moments = this.reserve(20 * COARSE);
    this.scales = this.reserve(4 * COARSE);
    this.shifts = this.reserve(4 * COARSE);
    this.pictures = this.pixels.map((place) => this.bytes(place, 4 * width * height)); // after the last growth
  }

  /** A dense convolution that pads with the border of its input. */
  convolve(from, name, to, { stride = 1, moments = true } = {}) {
    const { shape: [outs, ins, size] } = this.weights[`${name}.weight`];
    const before = stride === 1 ? (size - 1) / 2 : 0;
    this.kernels.convolve(
      from.inside - before * (from.row + 4 * ins), from.row, 4 * ins * stride, stride, size, size * ins,
      this.places[`${name}.weight`], this.places[`${name}.bias`] ?? this.zeros(),
      to.inside, to.row, to.width, to.height, outs, moments ? this.moments : 0,
    );
  }

  zeros() {
    this.floats(this.scales, COARSE).fill(0);
    return this.scales;
  }

  /** Mean and variance of each channel of the map that was written last. */
  statistics({ width, height, channels }) {
    const sums = new Float64Array(this.kernels.memory.buffer, this.moments, 2 * channels);
    const origins = this.floats(this.moments + 16 * channels, channels);
    const count = width * height;
    return Array.from(origins, (origin, c) => {
      const above = sums[c] / count;
      return { mean: origin + above, variance: Math.max(0, sums[channels + c] / count - above * above) };
    });
  }

  /** Write the scale and the shift of a group norm for the map that was written last. */
  norm(map, name, { group = GROUP, plus = 0 } = {}) {
    const [gamma, beta] = ["weight", "bias"].map((part) => this.weights[`${name}.${part}`].values);
    const [scales, shifts] = [this.scales, this.shifts].map((place) => this.floats(place, map.channels));
    const each = this.statistics(map);
    for (let start = 0; start < map.channels; start += group) {
      const members = each.slice(start, start + group);
      const mean = members.reduce((sum, member) => sum + member.mean, 0) / group;
      const spread = members.reduce((sum, m) => sum + m.variance + (m.mean - mean) ** 2, 0) / group;
      for (let c = start; c < start + group; c++) {
        const scale = gamma[c] / Math.sqrt(spread + EPSILON);
        scales[c] = plus + scale;
        shifts[c] = beta[c] - mean * scale;
      }
    }
  }

  affine(from, to) {
    const { width, height, channels } = from;
    this.kernels.affine(
      from.inside, from.row, to.inside, to.row, width, height, channels, this.scales, this.shifts,
    );
  }

  /** Norm, depthwise large kernel, two 1x1, plus the input. */
  block(from, name, normed, to) {
    this.norm(from, `${name}.norm`);
    this.affine(from, normed);
    const parts = ["large_kernel", "widen", "narrow"].flatMap((part) =>
      ["weight", "bias"].map((kind) => this.places[`${name}.${part}.${kind}`]),
    );
    const { width, height, channels, border } = normed;
    this.kernels.block(
      from.inside, normed.place, normed.row, 2 * border + 1, channels, ...parts,
      this.scratch, to.inside, width, height, this.moments,
    );
  }

  /** A 1x1 convolution of one pixel's values. */
  pixelwise(values, name) {
    const { shape: [outs, ins], values: weight } = this.weights[`${name}.weight`];
    const bias = this.weights[`${name}.bias`].values;
    return Array.from({ length: outs }, (_, o) =>
      values.reduce((sum, value, i) => sum + value * weight[o * ins + i], bias[o]),
    );
  }

  /** What matters: one number from the mean of each channel of the map that was written last. */
  channelPath(x, name) {
    const means = this.statistics(x).map(({ mean }) => mean);
    const hidden = relu(this.pixelwise(means, `${name}.channel_path.mlp.0`));
    const [logit] = this.pixelwise(this.pixelwise(hidden, `${name}.channel_path.mlp.2`), `${name}.channel_logit`);
    return logit;
  }

  /** Where it is: a number a pixel, as scale and shift of the plane of logits. */
  spatialPath({ inside, width, height, channels }, name) {
    const [gamma, beta, bias] = ["norm.weight", "norm.bias", "conv.bias"].map(
      (part) => this.weights[`${name}.spatial_path.${part}`].values[0],
    );
    const [ofMean, ofMaximum] = this.weights[`${name}.spatial_path.conv.weight`].values;
    const count = width * height;
    this.kernels.spatialPath(inside, count, channels, ofMean, ofMaximum, bias, this.logits, this.moments);
    const [{ mean, variance }] = this.statistics({ width, height, channels: 1 });
    const scale = gamma / Math.sqrt(variance + EPSILON);
    return { scale, shift: beta - mean * scale };
  }

  /** Weigh a coarser map against the skip, and gate the mixture; x was written last. */
  join(x, skip, name, to) {
    const logit = this.channelPath(x, name);
    const { scale, shift } = this.spatialPath(skip, name);
    const { width, height, channels } = skip;
    const [mixed, gate] = [this.mixed[channels], this.gates[channels]];
    this.kernels.mix(x.inside, skip.inside, this.logits, scale, shift + logit, mixed.inside, width, height, channels);
    this.convolve(mixed, `${name}.proj`, gate);
    this.norm(gate, `${name}.norm`);
    this.kernels.applyGate(
      mixed.inside, gate.inside, to.inside, to.row, width, height, channels, this.scales, this.shifts,
      this.moments,
    );
  }

  /** Fuse what lies in `pixels[0]` and `pixels[1]` into `pixels[2]`; the colour is the second's. */
  fuse(colour) {
    const { kernels, sources, width, height } = this;
    for (const index of [0, 1]) {
      kernels.enter(this.pixels[index], width, height, index, sources.inside, sources.row, sources.width, sources.height);
    }
    this.convolve(sources, "model.stem.conv", this.fine);
    this.norm(this.fine, "model.stem.norm", { group: 1, plus: 1 });
    this.affine(this.fine, this.fine); // the map plus its instance norm
    this.convolve(this.fine, "model.down", this.coarse, { stride: 2 });
    this.block(this.coarse, "model.encoder", this.near, this.encoded);
    kernels.halve(this.encoded.inside, this.small.inside, this.small.width, this.small.height, COARSE, this.moments);
    this.block(this.small, "model.mid", this.wide, this.far);
    this.join(this.far, this.encoded, "model.join.1", this.joined);
    this.block(this.joined, "model.decoder", this.near, this.decoded);
    this.convolve(this.decoded, "model.up", this.raised);
    this.join(this.raised, this.fine, "model.join.0", this.features);
    this.convolve(this.features, "model.head", this.gains, { moments: false });
    kernels.brighten(sources.inside, sources.row, this.gains.inside, this.fused, sources.width, sources.height);
    kernels.leave(this.fused, 2 * sources.width, this.pixels[1], colour, this.pixels[2], width, height);
  }
}
