// From one resolution to another: means, and the adaptive fusion.
import { VALUE, VECTOR, across, largest, madd, sigmoid } from "./vectors";
import { gather } from "./norms";

/** Means of 2x2 pixels. */
export function halve(
  source: usize, target: usize, width: i32, height: i32, channels: i32, moments: usize,
): void {
  const pixel = <usize>channels * VALUE, half = <usize>width * pixel, row = half + half;
  const quarter = f32x4.splat(0.25);
  for (let y = 0; y < height; y++, source += 2 * row) {
    for (let x = 0; x < width; x++) {
      const from = source + <usize>(2 * x) * pixel;
      for (let c: usize = 0; c < pixel; c += VECTOR, target += VECTOR) {
        const at = from + c;
        const upper = f32x4.add(v128.load(at), v128.load(at + pixel));
        const lower = f32x4.add(v128.load(at + row), v128.load(at + row + pixel));
        v128.store(target, f32x4.mul(f32x4.add(upper, lower), quarter));
      }
    }
    gather(target - half, width, channels, moments, y == 0);
  }
}

/** One value a pixel from the mean and the maximum of its channels, and the moments of all values. */
export function spatialPath(
  skip: usize, pixels: i32, channels: i32,
  ofMean: f32, ofMaximum: f32, bias: f32, target: usize, moments: usize,
): void {
  const share = ofMean / <f32>channels;
  const ends = <usize>channels * VALUE;
  let origin: f32 = 0, sum: f64 = 0, square: f64 = 0;
  for (let p = 0; p < pixels; p++, skip += ends, target += VALUE) {
    let total = v128.load(skip), most = total;
    for (let c: usize = VECTOR; c < ends; c += VECTOR) {
      const x = v128.load(skip + c);
      total = f32x4.add(total, x);
      most = f32x4.pmax(most, x);
    }
    const mean = f32x4.extract_lane(across(total), 0), maximum = f32x4.extract_lane(largest(most), 0);
    const value = share * mean + ofMaximum * maximum + bias;
    store<f32>(target, value);
    if (p == 0) origin = value;
    const above = <f64>(value - origin);
    sum += above;
    square += above * above;
  }
  store<f64>(moments, sum);
  store<f64>(moments, square, 8);
  store<f32>(moments, origin, 16);
}

/** skip + sigmoid(scale * logit + shift) * (x - skip), with x of half the size. */
export function mix(
  x: usize, skip: usize, logits: usize, scale: f32, shift: f32,
  target: usize, width: i32, height: i32, channels: i32,
): void {
  const pixel = <usize>channels * VALUE, coarse = <usize>(width >> 1) * pixel;
  for (let v = 0; v < height; v++) {
    const from = x + <usize>(v >> 1) * coarse;
    for (let u = 0; u < width; u += 2, logits += 8) { // a width is even
      const pair = madd(v128.load64_zero(logits), f32x4.splat(scale), f32x4.splat(shift));
      const shares = sigmoid(pair);
      const left = f32x4.splat(f32x4.extract_lane(shares, 0)), right = f32x4.splat(f32x4.extract_lane(shares, 1));
      for (let c: usize = 0; c < pixel; c += VECTOR, skip += VECTOR, target += VECTOR) {
        const above = v128.load(from + <usize>(u >> 1) * pixel + c);
        const s = v128.load(skip), t = v128.load(skip + pixel);
        v128.store(target, madd(f32x4.sub(above, s), left, s));
        v128.store(target + pixel, madd(f32x4.sub(above, t), right, t));
      }
      skip += pixel;
      target += pixel;
    }
  }
}

/** mixed * sigmoid(scale * gate + shift). */
export function applyGate(
  mixed: usize, gate: usize, target: usize, targetRow: usize,
  width: i32, height: i32, channels: i32, scales: usize, shifts: usize, moments: usize,
): void {
  const pixel = <usize>channels * VALUE, row = <usize>width * pixel;
  for (let y = 0; y < height; y++, mixed += row, gate += row, target += targetRow) {
    for (let c: usize = 0; c < pixel; c += VECTOR) {
      const scale = v128.load(scales + c), shift = v128.load(shifts + c);
      for (let at = c; at < row; at += pixel) {
        const open = sigmoid(madd(v128.load(gate + at), scale, shift));
        v128.store(target + at, f32x4.mul(v128.load(mixed + at), open));
      }
    }
    if (moments) gather(target, width, channels, moments, y == 0);
  }
}
