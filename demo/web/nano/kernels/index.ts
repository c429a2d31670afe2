// The kernels of the network `nano` for a processor, four values at a time; AssemblyScript.
//
// A map lies with its channels innermost: one pixel after the other, one row after the other. So a
// convolution's window is one run of numbers a row, and a depthwise one multiplies whole vectors.
// `...Row` is the distance of two rows of a map in bytes, `pixel` and `step` that of two pixels.
export { block, convolve } from "./convolutions";
export { affine } from "./norms";
export { applyGate, halve, mix, spatialPath } from "./joins";
export { brighten, enter, leave } from "./pixels";

/** Where free memory starts. */
export function heap(): usize {
  return __heap_base;
}
