// Moments of a map, and a norm as a scale and a shift.
import { VALUE, VECTOR, madd } from "./vectors";

/**
 * Add a row to the moments of a map: for each channel in float64, the sum of what lies above the
 * map's first value, and the sum of its squares. Small numbers lose no digits. The first values follow.
 */
export function gather(row: usize, width: i32, channels: i32, moments: usize, first: bool): void {
  const squares = moments + 8 * <usize>channels, origins = squares + 8 * <usize>channels;
  const pixel = <usize>channels * VALUE;
  if (first) {
    memory.fill(moments, 0, 16 * <usize>channels);
    memory.copy(origins, row, pixel);
  }
  for (let c = 0; c < channels; c += 4) {
    const origin = v128.load(origins + <usize>c * VALUE);
    let sum = f32x4.splat(0), square = sum;
    let at = row + <usize>c * VALUE;
    for (let x = 0; x < width; x++, at += pixel) {
      const above = f32x4.sub(v128.load(at), origin);
      sum = f32x4.add(sum, above);
      square = madd(above, above, square);
    }
    addDoubles(moments + 8 * <usize>c, sum);
    addDoubles(squares + 8 * <usize>c, square);
  }
}

// @ts-ignore: decorator
@inline
function addDoubles(at: usize, x: v128): void {
  const upper = i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
  v128.store(at, f64x2.add(v128.load(at), f64x2.promote_low_f32x4(x)));
  v128.store(at + VECTOR, f64x2.add(v128.load(at + VECTOR), f64x2.promote_low_f32x4(upper)));
}

/** scale * x + shift for each channel, from one map into another. */
export function affine(
  source: usize, sourceRow: usize, target: usize, targetRow: usize,
  width: i32, height: i32, channels: i32, scales: usize, shifts: usize,
): void {
  const pixel = <usize>channels * VALUE;
  for (let y = 0; y < height; y++) {
    const from = source + <usize>y * sourceRow, to = target + <usize>y * targetRow;
    for (let c: usize = 0; c < pixel; c += VECTOR) {
      const scale = v128.load(scales + c), shift = v128.load(shifts + c);
      for (let at = c; at < <usize>width * pixel; at += pixel) {
        v128.store(to + at, madd(v128.load(from + at), scale, shift));
      }
    }
  }
}
