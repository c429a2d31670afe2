// Convolutions. Sums of one tile stay in registers; V8 has fifteen for vectors.
import { VALUE, VECTOR, everywhere, lane0, lane1, lane2, lane3, madd, relu } from "./vectors";
import { gather } from "./norms";

/** Eight outputs of four pixels. */
// @ts-ignore: decorator
@inline
function fourPixels(
  source: usize, row: usize, step: usize, rows: i32, taps: i32,
  weights: usize, bias: usize, target: usize, outs: i32, cut: bool,
): void {
  const next = <usize>outs * VALUE;
  let a0 = v128.load(bias), a1 = v128.load(bias, VECTOR);
  let b0 = a0, b1 = a1, c0 = a0, c1 = a1, d0 = a0, d1 = a1;
  for (let r = 0; r < rows; r++) {
    let at = source + <usize>r * row;
    for (const end = at + <usize>taps * VALUE; at < end; at += VALUE) {
      const w0 = v128.load(weights), w1 = v128.load(weights, VECTOR);
      weights += next;
      const a = everywhere(at), b = everywhere(at + step);
      const c = everywhere(at + 2 * step), d = everywhere(at + 3 * step);
      a0 = madd(a, w0, a0), a1 = madd(a, w1, a1);
      b0 = madd(b, w0, b0), b1 = madd(b, w1, b1);
      c0 = madd(c, w0, c0), c1 = madd(c, w1, c1);
      d0 = madd(d, w0, d0), d1 = madd(d, w1, d1);
    }
  }
  v128.store(target, relu(a0, cut)), v128.store(target, relu(a1, cut), VECTOR);
  target += next;
  v128.store(target, relu(b0, cut)), v128.store(target, relu(b1, cut), VECTOR);
  target += next;
  v128.store(target, relu(c0, cut)), v128.store(target, relu(c1, cut), VECTOR);
  target += next;
  v128.store(target, relu(d0, cut)), v128.store(target, relu(d1, cut), VECTOR);
}

/** Four outputs of one pixel: what is left at the end of a row. */
function onePixel(
  source: usize, row: usize, rows: i32, taps: i32,
  weights: usize, bias: usize, target: usize, outs: i32, cut: bool,
): void {
  let sum = v128.load(bias);
  for (let r = 0; r < rows; r++) {
    let at = source + <usize>r * row;
    for (let t = 0; t < taps; t++, at += VALUE, weights += <usize>outs * VALUE) {
      sum = madd(everywhere(at), v128.load(weights), sum);
    }
  }
  v128.store(target, relu(sum, cut));
}

/**
 * Four outputs of eight pixels, for a layer that has no more. Values are loaded by four and spread:
 * eight loads that lie 64 bytes apart would wait for one bank of the cache.
 */
// @ts-ignore: decorator
@inline
function eightPixels(
  source: usize, row: usize, step: usize, rows: i32, taps: i32,
  weights: usize, bias: usize, target: usize,
): void {
  let a = v128.load(bias);
  let b = a, c = a, d = a, e = a, f = a, g = a, h = a;
  for (let r = 0; r < rows; r++) {
    let at = source + <usize>r * row;
    for (const end = at + <usize>taps * VALUE; at < end; at += VECTOR) {
      const p = v128.load(at), q = v128.load(at + step), s = v128.load(at + 2 * step);
      const t = v128.load(at + 3 * step), u = v128.load(at + 4 * step), v = v128.load(at + 5 * step);
      const x = v128.load(at + 6 * step), y = v128.load(at + 7 * step);
      let w = v128.load(weights);
      a = madd(lane0(p), w, a), b = madd(lane0(q), w, b), c = madd(lane0(s), w, c), d = madd(lane0(t), w, d);
      e = madd(lane0(u), w, e), f = madd(lane0(v), w, f), g = madd(lane0(x), w, g), h = madd(lane0(y), w, h);
      w = v128.load(weights, VECTOR);
      a = madd(lane1(p), w, a), b = madd(lane1(q), w, b), c = madd(lane1(s), w, c), d = madd(lane1(t), w, d);
      e = madd(lane1(u), w, e), f = madd(lane1(v), w, f), g = madd(lane1(x), w, g), h = madd(lane1(y), w, h);
      w = v128.load(weights, 2 * VECTOR);
      a = madd(lane2(p), w, a), b = madd(lane2(q), w, b), c = madd(lane2(s), w, c), d = madd(lane2(t), w, d);
      e = madd(lane2(u), w, e), f = madd(lane2(v), w, f), g = madd(lane2(x), w, g), h = madd(lane2(y), w, h);
      w = v128.load(weights, 3 * VECTOR);
      a = madd(lane3(p), w, a), b = madd(lane3(q), w, b), c = madd(lane3(s), w, c), d = madd(lane3(t), w, d);
      e = madd(lane3(u), w, e), f = madd(lane3(v), w, f), g = madd(lane3(x), w, g), h = madd(lane3(y), w, h);
      weights += 4 * VECTOR;
    }
  }
  v128.store(target, a), v128.store(target, b, VECTOR);
  v128.store(target, c, 2 * VECTOR), v128.store(target, d, 3 * VECTOR);
  v128.store(target, e, 4 * VECTOR), v128.store(target, f, 5 * VECTOR);
  v128.store(target, g, 6 * VECTOR), v128.store(target, h, 7 * VECTOR);
}

/** One row of a dense convolution; `taps` are the values of one row of a window. */
function denseRow(
  source: usize, row: usize, step: usize, rows: i32, taps: i32,
  weights: usize, bias: usize, target: usize, width: i32, outs: i32, cut: bool,
): void {
  const pixel = <usize>outs * VALUE;
  let x = 0;
  if (outs == 4) {
    for (; x + 8 <= width; x += 8) {
      eightPixels(source + <usize>x * step, row, step, rows, taps, weights, bias, target + <usize>x * pixel);
    }
  } else {
    for (; x + 4 <= width; x += 4) {
      for (let o: usize = 0; o < pixel; o += 2 * VECTOR) {
        fourPixels(
          source + <usize>x * step, row, step, rows, taps,
          weights + o, bias + o, target + <usize>x * pixel + o, outs, cut,
        );
      }
    }
  }
  for (; x < width; x++) {
    for (let o: usize = 0; o < pixel; o += VECTOR) {
      onePixel(
        source + <usize>x * step, row, rows, taps,
        weights + o, bias + o, target + <usize>x * pixel + o, outs, cut,
      );
    }
  }
}

/** A dense convolution; `moments` may be 0. */
export function convolve(
  source: usize, sourceRow: usize, step: usize, stride: i32, rows: i32, taps: i32,
  weights: usize, bias: usize,
  target: usize, targetRow: usize, width: i32, height: i32, outs: i32, moments: usize,
): void {
  for (let y = 0; y < height; y++) {
    const from = source + <usize>(y * stride) * sourceRow;
    const to = target + <usize>y * targetRow;
    denseRow(from, sourceRow, step, rows, taps, weights, bias, to, width, outs, false);
    if (moments) gather(to, width, outs, moments, y == 0);
  }
}

/** One row of a depthwise convolution. */
function depthwiseRow(
  source: usize, row: usize, size: i32, channels: i32,
  weights: usize, bias: usize, target: usize, width: i32,
): void {
  const pixel = <usize>channels * VALUE;
  for (let c: usize = 0; c < pixel; c += VECTOR) {
    const start = v128.load(bias + c);
    let x = 0;
    for (; x + 4 <= width; x += 4) {
      let a0 = start, a1 = start, a2 = start, a3 = start;
      let w = weights + c;
      for (let r = 0; r < size; r++) {
        let at = source + <usize>r * row + <usize>x * pixel + c;
        let p0 = v128.load(at), p1 = v128.load(at + pixel), p2 = v128.load(at + 2 * pixel);
        at += 3 * pixel;
        for (let k = 0; k < size; k++, at += pixel, w += pixel) {
          const weight = v128.load(w), p3 = v128.load(at);
          a0 = madd(p0, weight, a0), a1 = madd(p1, weight, a1);
          a2 = madd(p2, weight, a2), a3 = madd(p3, weight, a3);
          p0 = p1, p1 = p2, p2 = p3;
        }
      }
      const to = target + <usize>x * pixel + c;
      v128.store(to, a0), v128.store(to + pixel, a1);
      v128.store(to + 2 * pixel, a2), v128.store(to + 3 * pixel, a3);
    }
    for (; x < width; x++) {
      let sum = start, w = weights + c;
      for (let r = 0; r < size; r++) {
        let at = source + <usize>r * row + <usize>x * pixel + c;
        for (let k = 0; k < size; k++, at += pixel, w += pixel) sum = madd(v128.load(at), v128.load(w), sum);
      }
      v128.store(target + <usize>x * pixel + c, sum);
    }
  }
}

/** Depthwise convolution of a normalised map, two 1x1, plus the input; a row stays in the cache. */
export function block(
  source: usize, normed: usize, normedRow: usize, size: i32, channels: i32,
  deep: usize, deepBias: usize, widen: usize, widenBias: usize, narrow: usize, narrowBias: usize,
  scratch: usize, target: usize, width: i32, height: i32, moments: usize,
): void {
  const row = <usize>(width * channels) * VALUE;
  const pixel = <usize>channels * VALUE;
  const looked = scratch, wide = scratch + row;
  for (let y = 0; y < height; y++) {
    const from = source + <usize>y * row, to = target + <usize>y * row;
    depthwiseRow(normed + <usize>y * normedRow, normedRow, size, channels, deep, deepBias, looked, width);
    denseRow(looked, 0, pixel, 1, channels, widen, widenBias, wide, width, 2 * channels, true);
    denseRow(wide, 0, 2 * pixel, 1, 2 * channels, narrow, narrowBias, to, width, channels, false);
    for (let at: usize = 0; at < row; at += VECTOR) {
      v128.store(to + at, f32x4.add(v128.load(to + at), v128.load(from + at)));
    }
    gather(to, width, channels, moments, y == 0);
  }
}
