// Put the page and the one library it needs into a folder: node build.mjs [FOLDER]
// The models are written by `lkc export`; see the target `web` in the Makefile.
import { cpSync, mkdirSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const target = process.argv[2] ?? join(here, "dist");
const library = join(here, "node_modules", "onnxruntime-web");
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
for (const name of readdirSync(here)) {
  if (/\.(html|css|js)$/.test(name)) cpSync(join(here, name), join(target, name));
}
for (const name of LIBRARY) cpSync(join(library, "dist", name), join(target, "ort", name));
for (const [task, name] of Object.entries(EXAMPLES)) {
  const folders = task.split("-");
  for (const folder of folders) {
    const to = join(target, "examples", task, `${folder}.png`);
    cpSync(join(examples, task, folder, name), to);
  }
}
