"""What 16-bit precision changes in results, and how many frames a GPU fuses a second.

Run on a machine with a GPU: python -m benchmarks.gpu        (seconds)
Writes results/gpu-precision.csv and results/gpu-times.csv.
"""

import time
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

import lkc
from lkc.evaluation.timing import time_calls
from lkc.io.image_files import read_image
from lkc.io.pairing import pair_folders, source_folders
from lkc.model.precision import PRECISIONS, in_precision

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
EXAMPLES = ROOT / "assets" / "examples"
HEIGHT, WIDTH = 480, 640
FRAMES, STEP = 200, 3  # of a moving picture: pixels that each frame shifts by


def read_examples(task: str) -> dict[str, tuple[NDArray, NDArray]]:
    """Read the shipped pairs of a task, by name."""
    pairs = pair_folders(*source_folders(EXAMPLES / task, lkc.TASKS[task])).pairs
    return {first.stem: (read_image(first), read_image(second)) for first, second in pairs}


def compare_precisions() -> list[dict]:
    """Fuse every example in each precision: how far from fp32, in levels of 255."""
    rows = []
    for task in lkc.TASKS:
        model = lkc.load_model("lite", task)
        others = {p: in_precision(model, p) for p in PRECISIONS if p != "fp32"}
        for name, pair in read_examples(task).items():
            exact = lkc.fuse(*pair, task, model).astype(int)
            for precision, other in others.items():
                off = np.abs(lkc.fuse(*pair, task, other) - exact)
                row = {"task": task, "pair": name, "precision": precision}
                rows.append(row | {"mean": round(off.mean(), 3), "most": off.max()})
    return rows


def time_network(precision: str) -> float:
    """Median time of the network alone, in ms."""
    model = in_precision(lkc.load_model("lite", "ir-vis"), precision)
    sources = torch.rand(1, 2, HEIGHT, WIDTH, device="cuda")

    @torch.inference_mode()
    def call() -> None:
        model(sources)
        torch.cuda.synchronize()

    return time_calls(call)["median_ms"]


def time_clip(precision: str) -> float:
    """Frames a second through `lkc.fuse` in colour: what a clip takes besides its codecs."""
    model = in_precision(lkc.load_model("lite", "ir-vis"), precision)
    pair = read_examples("ir-vis")["night"]
    infrared, visible = (cv2.resize(image, (WIDTH, HEIGHT)) for image in pair)
    frames = [
        (np.roll(infrared, STEP * i, axis=1), np.roll(visible, STEP * i, axis=1))
        for i in range(FRAMES)
    ]
    lkc.fuse(*frames[0], "ir-vis", model)
    start = time.perf_counter()
    for a, b in frames:
        lkc.fuse(a, b, "ir-vis", model)
    return FRAMES / (time.perf_counter() - start)


def main() -> None:
    """Write both tables."""
    if not torch.cuda.is_available():
        raise SystemExit("there is no GPU here.")
    compared = pd.DataFrame(compare_precisions())
    compared.to_csv(RESULTS / "gpu-precision.csv", index=False)
    print(compared.to_string(index=False))
    rows = []
    for precision in PRECISIONS:
        network, fused = time_network(precision), time_clip(precision)
        row = {
            "gpu": torch.cuda.get_device_name(),
            "precision": precision,
            "network ms": round(network, 2),
        }
        row["frames per second, network"] = round(1000 / network)
        rows.append(row | {"frames per second, lkc.fuse": round(fused)})
        print(rows[-1])
    pd.DataFrame(rows).to_csv(RESULTS / "gpu-times.csv", index=False)


if __name__ == "__main__":
    main()
