// Matrices of three rows, as nine numbers, row by row: pixel (x, y, 1) to pixel.

export const multiply = (a, b) =>
  a.map((_, i) => {
    const [row, column] = [3 * Math.floor(i / 3), i % 3];
    return a[row] * b[column] + a[row + 1] * b[column + 3] + a[row + 2] * b[column + 6];
  });

export const shift = (x, y) => [1, 0, x, 0, 1, y, 0, 0, 1];

export function invert([a, b, c, d, e, f, g, h, i]) {
  const cofactors = [
    e * i - f * h, c * h - b * i, b * f - c * e,
    f * g - d * i, a * i - c * g, c * d - a * f,
    d * h - e * g, b * g - a * h, a * e - b * d,
  ];
  const determinant = a * cofactors[0] + b * cofactors[3] + c * cofactors[6];
  return cofactors.map((value) => value / determinant);
}

// A turn by degrees, clockwise on the screen, and a scale, both about a point.
export function turnAndScale(degrees, factor, x, y) {
  const angle = (degrees * Math.PI) / 180;
  const [cosine, sine] = [factor * Math.cos(angle), factor * Math.sin(angle)];
  const about = [cosine, -sine, 0, sine, cosine, 0, 0, 0, 1];
  return multiply(multiply(shift(x, y), about), shift(-x, -y));
}

// The style that draws a picture, laid out with its own pixels, where a matrix puts it. The matrix
// knows centres of pixels, styles know their corners; `scale` is that of the screen.
export function asStyle(matrix, scale) {
  const onCorners = multiply(multiply(shift(0.5, 0.5), matrix), shift(-0.5, -0.5));
  const [a, b, c, d, e, f, g, h, i] = multiply([scale, 0, 0, 0, scale, 0, 0, 0, 1], onCorners);
  return `matrix3d(${[a, d, 0, g, b, e, 0, h, 0, 0, 1, 0, c, f, 0, i].join(",")})`;
}
