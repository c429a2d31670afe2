// What lkc.fuse does around the network: luma in, colour back. No DOM, no library.

const RED = 0.299;
const GREEN = 0.587;
const BLUE = 0.114; // BT.601

/** RGBA bytes -> luma in [0, 1], written into `gray`. */
export function luma(pixels, gray = new Float32Array(pixels.length / 4)) {
  for (let i = 0, p = 0; i < gray.length; i++, p += 4) {
    gray[i] = (RED * pixels[p] + GREEN * pixels[p + 1] + BLUE * pixels[p + 2]) / 255;
  }
  return gray;
}

/** Fused luma in [0, 1] -> gray RGBA bytes, written into `pixels`. */
export function grayPixels(fused, pixels = new Uint8ClampedArray(4 * fused.length)) {
  for (let i = 0, p = 0; i < fused.length; i++, p += 4) {
    pixels[p] = pixels[p + 1] = pixels[p + 2] = Math.floor(255 * fused[i] + 0.5);
    pixels[p + 3] = 255;
  }
  return pixels;
}

/** The colour source with its luma replaced: full-range Cb and Cr stay what they were. */
export function colourPixels(colour, old, fused, pixels = new Uint8ClampedArray(4 * fused.length)) {
  for (let i = 0, p = 0; i < fused.length; i++, p += 4) {
    const change = 255 * (fused[i] - old[i]) + 0.5;
    for (let c = 0; c < 3; c++) pixels[p + c] = Math.floor(colour[p + c] + change);
    pixels[p + 3] = 255;
  }
  return pixels;
}
