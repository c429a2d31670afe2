// Get the network of a task ready on the processor: its kernels and its weights.
import { Nano } from "./nano.js";
import { readWeights } from "./weights.js";

let kernels; // compiled once

async function fetchBytes(path) {
  const answer = await fetch(new URL(path, import.meta.url));
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.arrayBuffer();
}

/** Relaxed SIMD multiplies and adds in one step; a browser without it refuses to compile it. */
async function compile() {
  try {
    return await WebAssembly.compile(await fetchBytes("relaxed.wasm"));
  } catch {
    return WebAssembly.compile(await fetchBytes("kernels.wasm"));
  }
}

export async function openNano(task) {
  kernels ??= compile();
  const weights = readWeights(await fetchBytes(`../models/nano-${task}.safetensors`));
  return new Nano((await WebAssembly.instantiate(await kernels)).exports, weights);
}
