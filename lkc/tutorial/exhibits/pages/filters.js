// Small linear filters. An image is {height, width, values}, its values row after row.

/** Make an image of the same size from the values of up to six others. */
export function combine(rule, ...images) {
  const [{ height, width }] = images;
  const [a, b, c, d, e, f] = images.map((image) => image.values);
  const values = new Float64Array(height * width);
  for (let i = 0; i < values.length; i++) values[i] = rule(a[i], b?.[i], c?.[i], d?.[i], e?.[i], f?.[i]);
  return { height, width, values };
}

/** A Gaussian of so many weights, which sum up to one. */
export function gaussianWindow(length, sigma) {
  const window = Array.from({ length }, (_, i) => Math.exp(-((i - (length - 1) / 2) ** 2) / (2 * sigma ** 2)));
  const sum = window.reduce((total, weight) => total + weight, 0);
  return window.map((weight) => weight / sum);
}

function filterRows({ height, width, values }, window) {
  const narrow = width - window.length + 1;
  const filtered = new Float64Array(height * narrow);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < narrow; column++) {
      let sum = 0;
      for (let k = 0; k < window.length; k++) sum += window[k] * values[row * width + column + k];
      filtered[row * narrow + column] = sum;
    }
  }
  return { height, width: narrow, values: filtered };
}

function filterColumns({ height, width, values }, window) {
  const low = height - window.length + 1;
  const filtered = new Float64Array(low * width);
  for (let row = 0; row < low; row++) {
    for (let k = 0; k < window.length; k++) {
      for (let column = 0; column < width; column++) filtered[row * width + column] += window[k] * values[(row + k) * width + column];
    }
  }
  return { height: low, width, values: filtered };
}

/** Filter rows and columns with a window that lies in the image: the result is smaller. */
export const blur = (image, window) => filterColumns(filterRows(image, window), window);

/** Take a part of an image, which may reach beyond it; `outside` says what lies there. */
export function view(image, top, left, height, width, outside) {
  const values = new Float64Array(height * width);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) values[row * width + column] = outside(image, top + row, left + column);
  }
  return { height, width, values };
}

/** The value at a place, and 0 outside of the image. */
export function orZero({ height, width, values }, row, column) {
  return row < 0 || column < 0 || row >= height || column >= width ? 0 : values[row * width + column];
}

/** The value at a place; the image is mirrored at its outermost pixels. */
export function mirrored({ height, width, values }, row, column) {
  const fold = (at, length) => Math.abs(at >= length ? 2 * (length - 1) - at : at);
  return values[fold(row, height) * width + fold(column, width)];
}

/** Every second pixel of every second row. */
export function halve(image) {
  const height = Math.ceil(image.height / 2), width = Math.ceil(image.width / 2);
  return view(image, 0, 0, height, width, (whole, row, column) => whole.values[2 * row * whole.width + 2 * column]);
}

/** The horizontal and vertical Sobel derivative, with zeros around the image. */
export function sobel(image) {
  const at = (down, right) => view(image, down, right, image.height, image.width, orZero);
  const [a, b, c, d, e, f, g, h] = [[-1, -1], [-1, 0], [-1, 1], [0, -1], [0, 1], [1, -1], [1, 0], [1, 1]].map((move) => at(...move));
  return [
    combine((a, c, d, e, f, h) => c - a + 2 * (e - d) + h - f, a, c, d, e, f, h),
    combine((a, b, c, f, g, h) => f - a + 2 * (g - b) + h - c, a, b, c, f, g, h),
  ];
}
