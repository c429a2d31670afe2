// Put the page, its kernels and the one library it needs into a folder: node build.mjs [FOLDER]
// The .onnx models are written by `lkc export`; see the target `web` in the Makefile.
import { cpSync, mkdirSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const here = dirname(fileURLToPath(import.meta.url));
const target = process.argv[2] ?? join(here, "dist");
const library = join(here, "node_modules", "onnxruntime-web");
const weights = join(here, "..", "..", "lkc", "weights");
const examples = join(here, "..", "..", "assets", "examples");

const LIBRARY = [
  "ort.wasm.bundle.min.mjs",
  "ort-wasm-simd-threaded.wasm",
  "ort.webgpu.bundle.min.mjs",
  "ort-wasm-simd-threaded.asyncify.wasm",
];
const EXAMPLES = {
  "ir-vis": "night.png",
  "mri-ct": "head-1.png",
  "mri-pet": "head-1.png",
  "mri-spect": "head-1.png",
};

mkdirSync(join(target, "ort"), { recursive: true });
for (const folder of ["", "nano"]) {
  for (const name of readdirSync(join(here, folder))) {
    if (/\.(html|css|js)$/.test(name)) cpSync(join(here, folder, name), join(target, folder, name));
  }
}
for (const [name, feature] of [["kernels", "simd"], ["relaxed", "relaxed-simd"]]) {
  const options = ["-O3", "--noAssert", "--runtime", "stub", "--enable", feature];
  const to = join(target, "nano", `${name}.wasm`);
  const { error, stderr } = await asc.main([join(here, "nano", "kernels", "index.ts"), ...options, "--outFile", to]);
  if (error) throw new Error(stderr.toString());
}
for (const task of ["ir-vis", "mri-ct", "mri-pet", "mri-spect"]) {
  const name = `nano-${task}.safetensors`;
  cpSync(join(weights, name), join(target, "models", name));
}
for (const name of LIBRARY) cpSync(join(library, "dist", name), join(target, "ort", name));
for (const [task, name] of Object.entries(EXAMPLES)) {
  const folders = task.split("-");
  for (const folder of folders) {
    const to = join(target, "examples", task, `${folder}.png`);
    cpSync(join(examples, task, folder, name), to);
  }
}
