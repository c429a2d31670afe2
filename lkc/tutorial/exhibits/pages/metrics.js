// The eleven fusion metrics as `lkc.metrics` defines them: (fused, a, b) -> a number.
// Images are {height, width, values} in 0 to 255; sources and formulas stand in lkc/metrics.
import { combine, gaussianWindow, blur, halve, sobel } from "./filters.js";

const LEVELS = 256;
const SSIM_WINDOW = new Array(7).fill(1 / 7);
const SSIM_C1 = (0.01 * 255) ** 2, SSIM_C2 = (0.03 * 255) ** 2;
const VIF_NOISE = 2, VIF_WINDOWS = [17, 9, 5, 3], VIF_FLAT = 1e-3, VIF_TINY = 1e-10;
const EDGE_STRENGTH = [0.9994, 15, 0.5], EDGE_DIRECTION = [0.9879, 22, 0.8];
const FLAT = 1e-9;

const sumOf = (values) => values.reduce((total, value) => total + value, 0);
const meanOf = ({ values }) => sumOf(values) / values.length;
const largest = ({ values }) => values.reduce((a, b) => Math.max(a, b));
const smallest = ({ values }) => values.reduce((a, b) => Math.min(a, b));

function covariance(x, y) {
  const meanX = meanOf(x), meanY = meanOf(y);
  return meanOf(combine((p, q) => (p - meanX) * (q - meanY), x, y));
}

function correlation(x, y) {
  const varianceX = covariance(x, x), varianceY = covariance(y, y);
  return Math.min(varianceX, varianceY) > FLAT ? covariance(x, y) / Math.sqrt(varianceX * varianceY) : 0;
}

/** Shannon entropy in nats of numbers that count cases. */
function entropyOf(counts) {
  const total = sumOf(counts);
  return -sumOf(counts.map((count) => (count ? (count / total) * Math.log(count / total) : 0)));
}

/** How often each gray level occurs, or each pair of gray levels of two images. */
function histogram(x, y) {
  const counts = new Float64Array(y ? LEVELS * LEVELS : LEVELS);
  x.values.forEach((value, i) => { counts[Math.round(value) * (y ? LEVELS : 1) + (y ? Math.round(y.values[i]) : 0)]++; });
  return counts;
}

function sharedInformation(x, y) {
  return Math.max(0, entropyOf(histogram(x)) + entropyOf(histogram(y)) - entropyOf(histogram(x, y)));
}

function similarity(x, y) {
  const pixels = SSIM_WINDOW.length ** 2;
  const [meanX, meanY, xx, yy, xy] = [x, y, combine((p) => p * p, x), combine((p) => p * p, y), combine((p, q) => p * q, x, y)]
    .map((image) => blur(image, SSIM_WINDOW));
  return meanOf(combine((mx, my, xx, yy, xy) => {
    const unbiased = pixels / (pixels - 1);
    const luminance = (2 * mx * my + SSIM_C1) / (mx * mx + my * my + SSIM_C1);
    const structure = (2 * unbiased * (xy - mx * my) + SSIM_C2) / (unbiased * (xx - mx * mx + yy - my * my) + SSIM_C2);
    return luminance * structure;
  }, meanX, meanY, xx, yy, xy));
}

/** At one scale: what an observer gets of a source through the fused image, and what it has. */
function keptAndPresent(fused, source, window) {
  const [meanF, meanS, ff, ss, sf] = [fused, source, combine((p) => p * p, fused), combine((p) => p * p, source), combine((p, q) => p * q, fused, source)]
    .map((image) => blur(image, window));
  let kept = 0, present = 0;
  for (let i = 0; i < ff.values.length; i++) {
    const mf = meanF.values[i], ms = meanS.values[i];
    const varianceF = Math.max(0, ff.values[i] - mf * mf), varianceS = Math.max(0, ss.values[i] - ms * ms);
    const explained = Math.max(0, sf.values[i] - mf * ms) ** 2 / (varianceS + VIF_TINY);
    kept += Math.log1p(explained / (Math.max(0, varianceF - explained) + VIF_NOISE));
    present += Math.log1p(varianceS / VIF_NOISE);
  }
  return [kept, present];
}

function visualInformation(fused, source) {
  if (largest(source) - smallest(source) < VIF_FLAT) return 1;
  let kept = 0, present = 0;
  VIF_WINDOWS.forEach((length, scale) => {
    const window = gaussianWindow(length, length / 5);
    if (scale > 0) [fused, source] = [fused, source].map((image) => halve(blur(image, window)));
    const [more, has] = keptAndPresent(fused, source, window);
    kept += more;
    present += has;
  });
  return kept / present;
}

function edgesOf(image) {
  const [dx, dy] = sobel(image);
  return { strength: combine((x, y) => Math.sqrt(x * x + y * y), dx, dy), angle: combine((x, y) => (x === 0 ? -Math.PI / 2 : Math.atan(y / x)), dx, dy) };
}

const sigmoid = (x, [ceiling, slope, threshold]) => ceiling / (1 + Math.exp(-slope * (x - threshold)));

/** How well each edge of a source is kept, times its strength; an unchanged strength counts as itself. */
function keptEdges(fused, source) {
  return combine((strengthF, angleF, strengthS, angleS) => {
    const ratio = strengthF === strengthS ? strengthF : Math.min(strengthF, strengthS) / Math.max(strengthF, strengthS);
    const alignment = 1 - Math.abs(angleS - angleF) / (Math.PI / 2);
    return sigmoid(ratio, EDGE_STRENGTH) * sigmoid(alignment, EDGE_DIRECTION) * strengthS;
  }, fused.strength, fused.angle, source.strength, source.angle);
}

function edgeTransfer(fused, a, b) {
  const [edgesF, edgesA, edgesB] = [fused, a, b].map(edgesOf);
  const kept = sumOf(keptEdges(edgesF, edgesA).values) + sumOf(keptEdges(edgesF, edgesB).values);
  const whole = sumOf(edgesA.strength.values) + sumOf(edgesB.strength.values);
  return whole > 0 ? kept / whole : 0;
}

/** Differences to the next pixel in a row (right = 1) or in a column (down = 1), squared, averaged. */
function meanSquaredStep({ height, width, values }, down, right) {
  let sum = 0;
  for (let row = 0; row < height - down; row++) {
    for (let column = 0; column < width - right; column++) {
      sum += (values[(row + down) * width + column + right] - values[row * width + column]) ** 2;
    }
  }
  return sum / ((height - down) * (width - right));
}

function averageGradient({ height, width, values }) {
  const slope = (before, after) => (values[after] - values[before]);
  let sum = 0;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const up = Math.max(0, row - 1), down = Math.min(height - 1, row + 1);
      const left = Math.max(0, column - 1), right = Math.min(width - 1, column + 1);
      const dy = slope(up * width + column, down * width + column) / (down - up);
      const dx = slope(row * width + left, row * width + right) / (right - left);
      sum += Math.sqrt((dx * dx + dy * dy) / 2);
    }
  }
  return sum / values.length;
}

const difference = (x, y) => combine((p, q) => p - q, x, y);
const error = (x, y) => meanOf(combine((p, q) => (p - q) ** 2, x, y));

export const METRICS = {
  EN: (fused) => entropyOf(histogram(fused)) / Math.LN2,
  MI: (fused, a, b) => sharedInformation(fused, a) + sharedInformation(fused, b),
  VIFF: (fused, a, b) => visualInformation(fused, a) + visualInformation(fused, b),
  Qabf: edgeTransfer,
  SSIM: (fused, a, b) => similarity(fused, a) + similarity(fused, b),
  PSNR: (fused, a, b) => 10 * Math.log10(largest(fused) ** 2 / ((error(fused, a) + error(fused, b)) / 2)),
  CC: (fused, a, b) => (correlation(fused, a) + correlation(fused, b)) / 2,
  SCD: (fused, a, b) => correlation(difference(fused, b), a) + correlation(difference(fused, a), b),
  SD: (fused) => Math.sqrt(covariance(fused, fused)),
  SF: (fused) => Math.sqrt(meanSquaredStep(fused, 0, 1) + meanSquaredStep(fused, 1, 0)),
  AG: averageGradient,
};

/** All eleven, by their names. */
export function evaluate(fused, a, b) {
  return Object.fromEntries(Object.entries(METRICS).map(([name, metric]) => [name, metric(fused, a, b)]));
}
