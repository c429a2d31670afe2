// Runs the network off the page's thread: WebGPU where there is an adapter, WebAssembly elsewhere.
import { colourPixels, grayPixels, luma } from "./fusion.js";

const ENGINES = {
  webgpu: "./ort/ort.webgpu.bundle.min.mjs",
  wasm: "./ort/ort.wasm.bundle.min.mjs",
};
const sessions = new Map();
let engine; // the library and the name of what it runs on, once chosen
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

async function open(task) {
  if (!sessions.has(task)) {
    const answer = await fetch(new URL(`./models/${task}.onnx`, import.meta.url));
    if (!answer.ok) throw new Error(`models/${task}.onnx: ${answer.status}`);
    const model = new Uint8Array(await answer.arrayBuffer());
    const options = { executionProviders: [engine.name], logSeverityLevel: 3 };
    sessions.set(task, await engine.ort.InferenceSession.create(model, options));
  }
  return sessions.get(task);
}

async function run({ task, width, height, first, second }) {
  const session = await open(task);
  const plane = (values) => new engine.ort.Tensor("float32", values, [1, 1, height, width]);
  const feeds = { first: plane(luma(first)), second: plane(luma(second)) };
  const started = performance.now();
  const { fused } = await session.run(feeds);
  const values = await fused.getData();
  return { values, milliseconds: performance.now() - started };
}

async function fuse(job) {
  engine ??= await start(job.backend in ENGINES ? job.backend : await pickEngine());
  let result;
  try {
    result = await run(job);
  } catch (error) {
    if (engine.name === "wasm") throw error;
    sessions.clear();
    engine = await start("wasm"); // a GPU that lacks memory or a feature
    result = await run(job);
  }
  const { values, milliseconds } = result;
  const pixels = job.colour
    ? colourPixels(job.second, luma(job.second), values)
    : grayPixels(values);
  return { pixels, milliseconds, engine: engine.name };
}

self.onmessage = ({ data: job }) => {
  last = last.then(async () => {
    try {
      const result = await fuse(job);
      self.postMessage({ id: job.id, ...result }, [result.pixels.buffer]);
    } catch (error) {
      self.postMessage({ id: job.id, error: String(error?.message ?? error) });
    }
  });
};
