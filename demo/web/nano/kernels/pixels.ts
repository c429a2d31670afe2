// RGBA pixels to the network and back.
import { VECTOR, madd } from "./vectors";

/** BT.601 luma in [0, 1] of four RGBA pixels. */
// @ts-ignore: decorator
@inline
function luma(at: usize): v128 {
  const pixels = v128.load(at), low = i32x4.splat(255);
  const red = f32x4.convert_i32x4_s(v128.and(pixels, low));
  const green = f32x4.convert_i32x4_s(v128.and(i32x4.shr_u(pixels, 8), low));
  const blue = f32x4.convert_i32x4_s(v128.and(i32x4.shr_u(pixels, 16), low));
  const sum = f32x4.add(
    f32x4.add(f32x4.mul(red, f32x4.splat(0.299)), f32x4.mul(green, f32x4.splat(0.587))),
    f32x4.mul(blue, f32x4.splat(0.114)),
  );
  return f32x4.div(sum, f32x4.splat(255));
}

/**
 * Write the luma of a source into a map whose eight channels are the 2x2 pixels of both sources.
 * What lies beyond the edge is its mirror image. `pixels` has room for one more vector.
 */
export function enter(
  pixels: usize, width: i32, height: i32, index: i32,
  target: usize, targetRow: usize, columns: i32, rows: i32,
): void {
  for (let y = 0; y < 2 * rows; y++) {
    const from = pixels + <usize>(4 * width * mirrored(y, height));
    const to = target + <usize>(y >> 1) * targetRow + <usize>(16 * index + 8 * (y & 1));
    for (let x = 0; x < 2 * columns; x += 4) {
      let four: v128;
      if (x + 4 <= width) four = luma(from + 4 * <usize>x);
      else four = mirroredLuma(from, x, width);
      const at = to + 16 * <usize>x;
      v128.store64_lane(at, four, 0);
      v128.store64_lane(at + 32, four, 1);
    }
  }
}

function mirrored(x: i32, size: i32): i32 {
  return x < size ? x : 2 * (size - 1) - x;
}

function mirroredLuma(row: usize, x: i32, width: i32): v128 {
  let four = i32x4.splat(0);
  four = i32x4.replace_lane(four, 0, load<i32>(row + 4 * <usize>mirrored(x, width)));
  four = i32x4.replace_lane(four, 1, load<i32>(row + 4 * <usize>mirrored(x + 1, width)));
  four = i32x4.replace_lane(four, 2, load<i32>(row + 4 * <usize>mirrored(x + 2, width)));
  four = i32x4.replace_lane(four, 3, load<i32>(row + 4 * <usize>mirrored(x + 3, width)));
  v128.store(SPARE, four);
  return luma(SPARE);
}

const SPARE = memory.data(16, 16);

/** The brighter source with its gain, in [0, 1], as a plane. */
export function brighten(
  sources: usize, sourcesRow: usize, gains: usize, target: usize, columns: i32, rows: i32,
): void {
  const line = <usize>(8 * columns); // bytes of a row of the plane
  for (let y = 0; y < rows; y++, target += 2 * line) {
    const from = sources + <usize>y * sourcesRow;
    for (let x = 0; x < columns; x++, gains += VECTOR) {
      const at = from + 32 * <usize>x;
      const brighter = f32x4.pmax(v128.load(at), v128.load(at + VECTOR));
      let fused = madd(brighter, v128.load(gains), brighter);
      fused = f32x4.pmin(f32x4.splat(1), f32x4.pmax(f32x4.splat(0), fused));
      v128.store64_lane(target + 8 * <usize>x, fused, 0);
      v128.store64_lane(target + line + 8 * <usize>x, fused, 1);
    }
  }
}

/** RGBA of the fused plane, whose rows are `stride` values apart: gray, or in a source's colour. */
export function leave(
  plane: usize, stride: i32, colour: usize, coloured: bool, target: usize, width: i32, height: i32,
): void {
  const opaque = i32x4.splat(0xff000000);
  for (let y = 0; y < height; y++) {
    const values = plane + 4 * <usize>(y * stride);
    const row = <usize>(4 * y * width);
    for (let x = 0; x < width; x += 4) { // the last vector may run into the next row, which comes later
      const at = row + <usize>(4 * x);
      const fused = v128.load(values + 4 * <usize>x);
      const pixels = coloured ? v128.load(colour + at) : i32x4.splat(0);
      const change = coloured ? f32x4.sub(fused, luma(colour + at)) : fused;
      const scaled = madd(change, f32x4.splat(255), f32x4.splat(0.5));
      const step = i32x4.trunc_sat_f32x4_s(f32x4.floor(scaled));
      const low = i8x16.shuffle(step, step, 0, 1, 0, 1, 0, 1, 0, 1, 4, 5, 4, 5, 4, 5, 4, 5);
      const high = i8x16.shuffle(step, step, 8, 9, 8, 9, 8, 9, 8, 9, 12, 13, 12, 13, 12, 13, 12, 13);
      const bytes = i8x16.narrow_i16x8_u(
        i16x8.add(i16x8.extend_low_i8x16_u(pixels), low),
        i16x8.add(i16x8.extend_high_i8x16_u(pixels), high),
      );
      v128.store(target + at, v128.or(bytes, opaque));
    }
  }
}
