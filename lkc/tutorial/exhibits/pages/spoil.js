// What can be done to a fused image without looking at the scene again.
import { combine, gaussianWindow, blur, view, mirrored } from "./filters.js";

const SHARPENED = 1.5; // Sharpening adds what a blur of so many pixels takes away.

/** Blur with a Gaussian of sigma pixels; the image is mirrored at its border. */
export function soften(image, sigma) {
  if (sigma === 0) return image;
  const reach = Math.ceil(3 * sigma);
  const larger = view(image, -reach, -reach, image.height + 2 * reach, image.width + 2 * reach, mirrored);
  return blur(larger, gaussianWindow(2 * reach + 1, sigma));
}

/**
 * Change an image; the settings are shares from 0 to 1, but for blur in pixels and noise in levels.
 * The result has whole gray levels, as a file has.
 */
export function spoil(image, first, second, settings, noise) {
  const towards = (from, to, share) => combine((p, q) => p + share * (q - p), from, to);
  const average = combine((p, q) => (p + q) / 2, first, second);
  let changed = towards(image, first, settings.first);
  changed = towards(changed, second, settings.second);
  changed = towards(changed, average, settings.average);
  changed = soften(changed, settings.blur);
  changed = combine((p, soft) => p + settings.sharpen * (p - soft), changed, soften(changed, SHARPENED));
  const values = changed.values.map((level, i) => Math.round(Math.min(255, Math.max(0, level + settings.noise * noise[i]))));
  return { ...changed, values };
}
