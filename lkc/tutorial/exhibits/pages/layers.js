// Layers of a small network, as torch computes them. A map is a Float32Array of height x width
// values; weights are Float32Arrays in torch's order, and a list of maps holds one sample.

/** Add a map, moved and weighted, to another one; what leaves the picture is lost. */
export function addShifted(target, map, { height, width }, down, right, weight) {
  const firstRow = Math.max(0, -down), lastRow = Math.min(height, height - down);
  const firstColumn = Math.max(0, -right), lastColumn = Math.min(width, width - right);
  for (let row = firstRow; row < lastRow; row++) {
    const to = row * width, from = (row + down) * width + right;
    for (let column = firstColumn; column < lastColumn; column++) target[to + column] += weight * map[from + column];
  }
}

/** A dense convolution with zeros around the picture: a list of maps -> a list of maps. */
export function convolve(maps, size, weight, bias) {
  const kernel = Math.sqrt(weight.length / maps.length / bias.length), reach = (kernel - 1) / 2;
  return Array.from(bias, (offset, out) => {
    const target = new Float32Array(size.height * size.width).fill(offset);
    let at = out * maps.length * kernel * kernel;
    for (const map of maps) {
      for (let i = -reach; i <= reach; i++) {
        for (let j = -reach; j <= reach; j++) addShifted(target, map, size, i, j, weight[at++]);
      }
    }
    return target;
  });
}

/** A depthwise convolution, one kernel for each map, with zeros around the picture. */
export function convolveEach(maps, size, weight, bias) {
  const area = weight.length / maps.length;
  return maps.map((map, c) => convolve([map], size, weight.subarray(c * area, (c + 1) * area), bias.subarray(c, c + 1))[0]);
}

export const relu = (maps) => maps.map((map) => map.map((value) => Math.max(value, 0)));

export const add = (maps, others) => maps.map((map, c) => map.map((value, i) => value + others[c][i]));

/** Turn 2x2 pixels into four maps of half the height and width: torch's pixel_unshuffle. */
export function unshuffle(maps, { height, width }) {
  return maps.flatMap((map) => [0, 1, 2, 3].map((part) => {
    const small = new Float32Array(map.length / 4);
    let at = 0;
    for (let row = part >> 1; row < height; row += 2) {
      for (let column = part & 1; column < width; column += 2) small[at++] = map[row * width + column];
    }
    return small;
  }));
}

/** Turn four maps of half the height and width into one: torch's pixel_shuffle. */
export function shuffle(maps, { height, width }) {
  const whole = new Float32Array(height * width);
  maps.forEach((small, part) => {
    let at = 0;
    for (let row = part >> 1; row < height; row += 2) {
      for (let column = part & 1; column < width; column += 2) whole[row * width + column] = small[at++];
    }
  });
  return whole;
}
