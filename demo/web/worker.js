// Runs the network off the page's thread: WebGPU where there is an adapter, WebAssembly elsewhere.
// Live frames on a processor are fused by kernels of this page's own; onnxruntime does all else.
import { Frames, OnRuntime } from "./frames.js";
import { colourPixels, grayPixels, luma } from "./fusion.js";
import { openNano } from "./nano/open.js";

const ENGINES = {
  webgpu: "./ort/ort.webgpu.bundle.min.mjs",
  wasm: "./ort/ort.wasm.bundle.min.mjs",
};
const sessions = new Map();
let engine; // the name of what networks run on, once chosen, and the library, once needed
let canvas; // where live frames are shown
let frames; // of the newest size
let fuser; // of the newest task
let last = Promise.resolve(); // jobs run one after the other

async function pickEngine() {
  try {
    const adapter = await navigator.gpu?.requestAdapter();
    const drawnBySoftware = adapter?.info?.isFallbackAdapter; // far slower than WebAssembly
    return adapter && !drawnBySoftware ? "webgpu" : "wasm";
  } catch {
    return "wasm";
  }
}

async function load(name) {
  const ort = await import(ENGINES[name]);
  ort.env.logLevel = "error";
  ort.env.wasm.numThreads = self.crossOriginIsolated ? Math.min(4, navigator.hardwareConcurrency) : 1;
  return ort;
}

async function open(name) {
  engine.ort ??= await load(engine.name);
  if (!sessions.has(name)) {
    const answer = await fetch(new URL(`./models/${name}.onnx`, import.meta.url));
    if (!answer.ok) throw new Error(`models/${name}.onnx: ${answer.status}`);
    const model = new Uint8Array(await answer.arrayBuffer());
    const options = { executionProviders: [engine.name], logSeverityLevel: 3 };
    sessions.set(name, await engine.ort.InferenceSession.create(model, options));
  }
  return sessions.get(name);
}

async function run(model, [first, second], width, height) {
  const session = await open(model);
  const plane = (values) => new engine.ort.Tensor("float32", values, [1, 1, height, width]);
  const feeds = { first: plane(first), second: plane(second) };
  const started = performance.now();
  const { fused } = await session.run(feeds);
  const values = await fused.getData();
  return { values, milliseconds: performance.now() - started };
}

async function fuseImages({ task, colour, width, height, first, second }) {
  const planes = [luma(first), luma(second)];
  const { values, milliseconds } = await run(task, planes, width, height);
  const pixels = colour ? colourPixels(second, planes[1], values) : grayPixels(values);
  return { pixels, milliseconds };
}

async function openFuser(task) {
  const opened =
    engine.name === "wasm"
      ? await openNano(task)
      : new OnRuntime(async (...inputs) => (await run(`nano-${task}`, ...inputs)).values);
  return Object.assign(opened, { task, engine });
}

async function fuseFrames({ task, colour, width, height, images }) {
  if (fuser?.task !== task || fuser.engine !== engine) [fuser, frames] = [await openFuser(task), null];
  if (frames?.width !== width || frames.height !== height) {
    fuser.resize(width, height);
    frames = new Frames(canvas, width, height, fuser.pictures);
  }
  await frames.read(images);
  const started = performance.now();
  await fuser.fuse(colour);
  const milliseconds = performance.now() - started;
  frames.show();
  return { width, height, milliseconds, threads: 1 };
}

async function fuse(job) {
  const work = job.live ? fuseFrames : fuseImages;
  engine ??= { name: job.backend in ENGINES ? job.backend : await pickEngine() };
  let result;
  try {
    result = await work(job);
  } catch (error) {
    if (engine.name === "wasm") throw error;
    sessions.clear();
    engine = { name: "wasm" }; // a GPU that lacks memory or a feature
    result = await work(job);
  } finally {
    job.images?.forEach((image) => image.close()); // not before: they may be read twice
  }
  return { ...result, engine: engine.name };
}

self.onmessage = ({ data: job }) => {
  if (job.canvas) return void (canvas = job.canvas);
  const answer = { id: job.id, live: job.live, run: job.run };
  last = last.then(async () => {
    try {
      const result = await fuse(job);
      self.postMessage({ ...answer, ...result }, job.live ? [] : [result.pixels.buffer]);
    } catch (error) {
      self.postMessage({ ...answer, error: String(error?.message ?? error) });
    }
  });
};
