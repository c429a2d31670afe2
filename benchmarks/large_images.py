"""What `lkc.fuse` of large pairs of PNG files takes on this machine's CPU, and how exact it is.

Run: python benchmarks/large_images.py        (about four minutes on two cores)
Time and memory include decoding; every size runs in a process of its own, since a process keeps its
largest memory on record. Then bands and the whole image, both in single precision, are compared
with the whole image in double precision: largest differences, where black is 0 and white is 1.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F

import lkc
from lkc.evaluation.timing import peak_memory
from lkc.io.image_files import write_image
from lkc.model.large_images import fuse_in_bands
from lkc.model.network import FusionNet
from lkc.tasks import TASKS, get_task
from lkc.training.crops import load_pairs

SIZES = ((1000, 1000), (2000, 2500), (4000, 5000))
EXACT_SIZE = (1200, 1600)
RESULTS = Path(__file__).parent / "results"
EXAMPLES = Path(__file__).parents[1] / "assets" / "examples"


def write_pair(folder: Path, height: int, width: int) -> None:
    """Write a smooth gray and a smooth colour image."""
    rng = np.random.default_rng(0)
    for name, channels in (("a", ()), ("b", (3,))):
        small = rng.integers(0, 256, (50, 63, *channels), dtype=np.uint8)
        large = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
        write_image(folder / f"{name}.png", np.asarray(large, np.uint8))


def measure_folder(folder: str) -> None:
    """Fuse the pair of a folder; print seconds and the process's largest memory in MiB."""
    model = lkc.load_model("lite", "ir-vis", device="cpu")
    start = time.perf_counter()
    lkc.fuse(f"{folder}/a.png", f"{folder}/b.png", model=model)
    seconds = time.perf_counter() - start
    print(seconds, peak_memory())


def read_enlarged(task: str) -> torch.Tensor:
    """Read a task's first example pair, enlarged: (1, 2, H, W) float64 in [0, 1]."""
    pairs = load_pairs([EXAMPLES / task], get_task(task))
    sources = pairs[min(pairs)][None].double() / 255  # (1, 2, h, w)
    return F.interpolate(sources, EXACT_SIZE, mode="bilinear")


@torch.inference_mode()
def differences(task: str) -> dict[str, float]:
    """Compare bands and the whole image with what double precision gives."""
    model = lkc.load_model("lite", task, device="cpu")
    assert isinstance(model, FusionNet)
    sources = read_enlarged(task)
    single = sources.float()
    bands, whole = fuse_in_bands(model, single), model(single)
    exact = model.double()(sources)
    pairs = {
        "bands to double": (bands, exact),
        "whole to double": (whole, exact),
        "bands to whole": (bands, whole),
    }
    return {name: (one - other).abs().max().item() for name, (one, other) in pairs.items()}


def measure_sizes() -> None:
    """Measure time and memory of every size and write the table."""
    rows = []
    for height, width in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            write_pair(Path(folder), height, width)
            command = [sys.executable, __file__, folder]
            answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        seconds, memory = (float(value) for value in answer.split())
        row = {"height": height, "width": width, "seconds": round(seconds, 1)}
        rows.append(row | {"peak memory MiB": round(memory)})
        print(rows[-1])
    pd.DataFrame(rows).to_csv(RESULTS / "large-images.csv", index=False)


def measure_exactness() -> None:
    """Compare bands with the whole image for every task and write the table."""
    height, width = EXACT_SIZE
    rows = [{"task": t, "height": height, "width": width} | differences(t) for t in TASKS]
    table = pd.DataFrame(rows)
    print(table.to_string(index=False))
    table.to_csv(RESULTS / "large-images-exactness.csv", index=False, float_format="%.1e")


def main() -> None:
    """Measure all and write both tables."""
    measure_sizes()
    measure_exactness()


if __name__ == "__main__":
    measure_folder(sys.argv[1]) if len(sys.argv) > 1 else main()
