// Runs the network off the page's thread: WebGPU where there is an adapter, WebAssembly elsewhere.
import { Frames } from "./frames.js";
import { colourPixels, grayPixels, luma } from "./fusion.js";

const ENGINES = {
  webgpu: "./ort/ort.webgpu.bundle.min.mjs",
  wasm: "./ort/ort.wasm.bundle.min.mjs",
};
const sessions = new Map();
let engine; // the library and the name of what it runs on, once chosen
let canvas; // where live frames are shown
let frames; // of the newest size
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

async function start(name) {
  const ort = await import(ENGINES[name]);
  ort.env.logLevel = "error";
  ort.env.wasm.numThreads = self.crossOriginIsolated ? Math.min(4, navigator.hardwareConcurrency) : 1;
  return { name, ort };
}

async function open(name) {
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

async function fuseFrames({ task, colour, width, height, bitmaps }) {
  if (frames?.width !== width || frames?.height !== height) {
    frames = new Frames(canvas, width, height);
  }
  frames.read(bitmaps);
  const { values, milliseconds } = await run(`nano-${task}`, frames.planes, width, height);
  frames.show(values, colour);
  bitmaps.forEach((bitmap) => bitmap.close());
  return { width, height, milliseconds };
}

async function fuse(job) {
  const work = job.live ? fuseFrames : fuseImages;
  engine ??= await start(job.backend in ENGINES ? job.backend : await pickEngine());
  let result;
  try {
    result = await work(job);
  } catch (error) {
    if (engine.name === "wasm") throw error;
    sessions.clear();
    engine = await start("wasm"); // a GPU that lacks memory or a feature
    result = await work(job);
  }
  return { ...result, engine: engine.name, threads: engine.ort.env.wasm.numThreads };
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
