// Pictures on canvases: gray, or with the colours of the notebooks' figures.

/** Read a colour map that Python wrote as hexadecimal digits: [[red, green, blue], ...]. */
export function readColours(digits) {
  const steps = digits.match(/.{6}/g);
  return steps.map((step) => [0, 2, 4].map((at) => parseInt(step.slice(at, at + 2), 16)));
}

/** Paint values on a canvas of the same size; `low` gets the first colour and `high` the last. */
export function paint(canvas, values, low, high, colours) {
  const context = canvas.getContext("2d");
  const image = context.createImageData(canvas.width, canvas.height);
  const last = colours.length - 1;
  const scale = high > low ? last / (high - low) : 0;
  for (let i = 0; i < values.length; i++) {
    const step = Math.round((values[i] - low) * scale);
    const colour = colours[Math.min(Math.max(step, 0), last)];
    image.data.set(colour, 4 * i);
    image.data[4 * i + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

export const GRAY = Array.from({ length: 256 }, (_, level) => [level, level, level]);
