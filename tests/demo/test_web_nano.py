"""The kernels of the page in the browser: the network nano, as torch computes it. Run by node."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch

import lkc
from lkc.io.pixels import luma, to_unit_range

pytestmark = pytest.mark.page

KERNELS = {"kernels": [], "relaxed": ["--experimental-wasm-relaxed-simd"]}
# Fuses both files twice, for maps must not remember, and writes pixels and the fused plane.
FUSE = """
import { readFileSync, writeFileSync } from "node:fs";
import { Nano } from "./nano/nano.js";
import { readWeights } from "./nano/weights.js";
const [kernels, task, width, height, colour, folder] = process.argv.slice(2);
const read = (path) => new Uint8Array(readFileSync(path));
const { instance } = await WebAssembly.instantiate(read(`nano/${kernels}.wasm`));
const weights = readWeights(read(`models/nano-${task}.safetensors`).buffer);
const nano = new Nano(instance.exports, weights);
for (const [w, h] of [[40, 24], [+width, +height]]) {
  nano.resize(w, h);
  for (const index of [0, 1]) {
    nano.pictures[index].set(read(`${folder}/${index}`).subarray(0, 4 * w * h));
  }
  nano.fuse(colour === "true");
}
writeFileSync(`${folder}/pixels`, nano.pictures[2]);
const sides = [+height, +width].map((side) => 8 * Math.ceil(side / 8));
writeFileSync(`${folder}/plane`, nano.floats(nano.fused, sides[0] * sides[1]));
"""


@pytest.fixture(scope="session")
def fuse_script(built_web) -> Path:
    path = built_web / "fuse.mjs"
    path.write_text(FUSE, encoding="utf-8")
    return path


def run(script: Path, folder: Path, sources: list[np.ndarray], task: str, kernels: str):
    """Fuse two (H, W, 3) uint8 with the page's kernels: RGBA (H, W, 4) and luma (H, W)."""
    height, width = sources[0].shape[:2]
    for index, source in enumerate(sources):
        opaque = np.full((height, width, 1), 255, np.uint8)
        (folder / str(index)).write_bytes(np.concatenate([source, opaque], axis=2).tobytes())
    colour = "false" if task == "mri-ct" else "true"
    arguments = [kernels, task, width, height, colour, folder]
    node = [shutil.which("node"), *KERNELS[kernels], script.name]
    done = subprocess.run(
        [*node, *map(str, arguments)],
        cwd=script.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    if "bad option" in done.stderr:
        pytest.skip("this node has no relaxed SIMD")
    assert done.returncode == 0, done.stderr
    pixels = np.fromfile(folder / "pixels", np.uint8).reshape(height, width, 4)
    columns = -(-width // 8) * 8
    plane = np.fromfile(folder / "plane", np.float32).reshape(-1, columns)
    return pixels, plane[:height, :width]


def expected_plane(sources: list[np.ndarray], task: str, dtype: torch.dtype) -> np.ndarray:
    planes = [luma(to_unit_range(source, "source")) for source in sources]
    network = lkc.load_model("nano", task, device="cpu").to(dtype)
    with torch.inference_mode():
        return network(torch.from_numpy(np.stack(planes)[None]).to(dtype)).clamp(0, 1)[0, 0].numpy()


def scene(height: int, width: int, seed: int) -> list[np.ndarray]:
    """A smooth random picture and a noisy one."""
    random = np.random.default_rng(seed)
    smooth = np.cumsum(random.integers(-9, 10, (height, width, 3)), axis=1) + 128
    return [
        smooth.clip(0, 255).astype(np.uint8),
        random.integers(0, 256, (height, width, 3), np.uint8),
    ]


@pytest.mark.parametrize("kernels", KERNELS)
@pytest.mark.parametrize("size", [(16, 16), (61, 83), (100, 130), (240, 320)])
@pytest.mark.parametrize("task", ["ir-vis", "mri-ct"])
def test_kernels_fuse_as_torch_does(fuse_script, tmp_path, kernels, size, task):
    sources = scene(*size, seed=size[1])
    pixels, plane = run(fuse_script, tmp_path, sources, task, kernels)
    assert np.abs(plane - expected_plane(sources, task, torch.float32)).max() < 1e-4
    model = lkc.load_model("nano", task, device="cpu")
    fused = lkc.fuse(*sources, task=task, model=model).astype(int)
    fused = fused if fused.ndim == 3 else fused[..., None]
    assert np.abs(pixels[..., :3] - fused).max() <= 1
    assert (pixels[..., 3] == 255).all()


@pytest.mark.parametrize("levels", [(100, 130), (230, 50), (255, 255), (0, 0)])
def test_a_flat_pair_meets_double_precision(fuse_script, tmp_path, levels):
    """As when a lens is covered: variances near zero must not drown in rounding."""
    sources = [np.full((480, 640, 3), level, np.uint8) for level in levels]
    _, plane = run(fuse_script, tmp_path, sources, "ir-vis", "kernels")
    exact = expected_plane(sources, "ir-vis", torch.float64)
    assert 255 * np.abs(plane - exact).max() < 0.5
