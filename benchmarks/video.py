"""What `lkc.fusion.fuse_clips` takes at 480x640, what it spends its time on, and what flickers.

Run: python -m benchmarks.video        (two minutes on two cores; --device cuda on a GPU)
A still street by night, and a hot disc that crosses it. Every clip is fused in a process of its
own, since a process keeps its largest memory on record. The shift is measured where the disc never
was: a pixel's largest minus smallest fused value over the clip, in levels of 255. Decoding, fusing
and encoding overlap; "wait" is what the fusing thread waits for the other two. The first frame,
for which a GPU builds kernels, has a column of its own and counts nowhere else.
"""

import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Mapping
from fractions import Fraction
from itertools import product
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray

import lkc
from lkc.evaluation.timing import in_fresh_process, peak_memory
from lkc.fusion.clips import fuse_clips
from lkc.io.clip_writer import ClipWriter
from lkc.io.image_files import read_image

LENGTHS = (50, 200)
HEIGHT, WIDTH, RADIUS = 480, 640, 40
RATE = Fraction(25)
EXAMPLE = Path(__file__).parents[1] / "assets" / "examples" / "ir-vis"
RESULTS = Path(__file__).parent / "results"
SPLIT = ("decode", "fuse", "encode", "wait")


def street_by_night() -> tuple[NDArray, NDArray]:
    """The still street: infrared (H, W) and visible light (H, W, 3)."""
    infrared, visible = (
        cv2.resize(read_image(EXAMPLE / name / "night.png"), (WIDTH, HEIGHT))
        for name in ("ir", "vis")
    )
    return infrared, visible


def with_disc(infrared: NDArray, part: float) -> NDArray:
    """The street with a hot disc that has come so far, 0 to 1, from the left to the right."""
    x = round((WIDTH + 4 * RADIUS) * part) - 2 * RADIUS
    return np.asarray(cv2.circle(infrared.copy(), (x, HEIGHT // 2), RADIUS, 255, cv2.FILLED))


def far_from_disc() -> NDArray[np.bool_]:
    """Rows that the disc never comes near: (H,)."""
    return np.abs(np.arange(HEIGHT) - HEIGHT // 2) > 3 * RADIUS


def write_pair(folder: Path, length: int) -> None:
    """Write both clips: lossless infrared, H.264 visible."""
    ir, vis = street_by_night()
    files = (folder / "ir.mkv", folder / "vis.mp4")
    with (
        ClipWriter(files[0], RATE, Fraction(1, 1000), {}) as infrared,
        ClipWriter(files[1], RATE, Fraction(1, 12800), {}) as visible,
    ):
        for number in range(length):
            infrared.write(with_disc(ir, number / length).astype(np.uint8), number / RATE)
            visible.write(vis, number / RATE)


def measure_folder(folder: str, steady: bool, device: str) -> dict[str, float]:
    """Fuse the pair of a folder: seconds, largest memory in MiB, shifts, and the time split."""
    model = lkc.load_model("lite", "ir-vis", device=device)
    low, high = np.full((HEIGHT, WIDTH, 3), 255, np.uint8), np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    split: Mapping[str, float] = {}
    before: Mapping[str, float] = {}
    ir, vis, out = (f"{folder}/{name}" for name in ("ir.mkv", "vis.mp4", "out.mp4"))
    start = first = time.perf_counter()
    for step in fuse_clips(ir, vis, out, model=model, steady=steady):
        assert step.fused is not None
        if step.done == 1:
            first = time.perf_counter()  # until then, a GPU builds kernels and records its graph
            before = step.seconds
        np.minimum(low, step.fused, out=low)
        np.maximum(high, step.fused, out=high)
        split = step.seconds
    end = time.perf_counter()
    shift = (high - low)[far_from_disc()]
    return {
        "first": first - start,
        "seconds": end - first,
        "memory": peak_memory() or float("nan"),
        "mean": shift.mean().item(),
        "most": np.percentile(shift, 99).item(),
        **{key: seconds - before.get(key, 0.0) for key, seconds in split.items()},
    }


def measure(length: int, steady: bool, device: str) -> dict[str, object]:
    """Write and fuse a clip in a process of its own; one row of the table."""
    with tempfile.TemporaryDirectory() as folder:
        write_pair(Path(folder), length)
        found = in_fresh_process(measure_folder, folder, steady, device)
    return {
        "frames": length,
        "device": device,
        "steady": steady,
        "frames per second": round((length - 1) / found["seconds"], 1),
        "peak memory MiB": round(found["memory"]),
        "mean shift": round(found["mean"], 2),
        "shift of 99 in 100 pixels below": found["most"],
        "seconds until the first frame": round(found["first"], 1),
        **{f"{key}, ms a frame": round(1000 * found[key] / (length - 1), 1) for key in SPLIT},
    }


def main() -> None:
    """Measure every length and write the table."""
    parser = ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cpu", help="cpu, cuda or mps")
    device = parser.parse_args().device
    rows = []
    for length, steady in product(LENGTHS, (False, True)):
        rows.append(measure(length, steady, device))
        print(rows[-1], flush=True)
    name = "video.csv" if device == "cpu" else f"video-{device}.csv"
    pd.DataFrame(rows).to_csv(RESULTS / name, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
