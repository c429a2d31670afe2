// Files to pixels, and what cannot be fused, as a key of words.js with its values.

export const MAX_MEGAPIXELS = 4; // the network's maps take about 0.7 GB a megapixel
const MIN_SIDE = 16; // of the network

export class Refusal extends Error {
  constructor(key, values = {}) {
    super(key);
    this.key = key;
    this.values = values;
  }
}

/** Decode a file: {name, width, height, data} with RGBA bytes, upright, without colour management. */
export async function readImage(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file, {
      colorSpaceConversion: "none",
      imageOrientation: "from-image",
    });
  } catch {
    throw new Refusal("not_image", { name: file.name });
  }
  const { width, height } = bitmap;
  if (width * height > MAX_MEGAPIXELS * 1e6) {
    throw new Refusal("too_big", { name: file.name, width, height, limit: MAX_MEGAPIXELS });
  }
  checkLarge({ name: file.name, width, height });
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return { name: file.name, width, height, data: context.getImageData(0, 0, width, height).data };
}

/** Refuse what is too small for the network. */
export function checkLarge({ name, width, height }) {
  if (Math.min(width, height) < MIN_SIDE) {
    throw new Refusal("too_small", { name, width, height, limit: MIN_SIDE });
  }
}

/** Refuse a pair that does not lie on one pixel grid. */
export function checkPair(first, second) {
  if (first.width !== second.width || first.height !== second.height) {
    const size = ({ width, height }) => `${width}×${height}`;
    throw new Refusal("sizes_differ", {
      first: first.name,
      second: second.name,
      first_size: size(first),
      second_size: size(second),
    });
  }
}

/** Show RGBA bytes on a canvas. */
export function draw(canvas, { width, height, data }) {
  Object.assign(canvas, { width, height });
  canvas.getContext("2d").putImageData(new ImageData(data, width, height), 0, 0);
}
