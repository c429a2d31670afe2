"""What `lkc.fusion.fuse_clips` takes on this machine's CPU at 480x640, and what still flickers.

Run: python -m benchmarks.video        (about a minute on two cores)
A still street by night, and a hot disc that crosses it. Every length runs in a process of its own,
since a process keeps its largest memory on record. The shift is measured where the disc never was:
a pixel's largest minus smallest fused value over the clip, in levels of 255.
"""

import tempfile
import time
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

import lkc
from lkc.evaluation.timing import in_fresh_process, peak_memory
from lkc.fusion.clips import fuse_clips
from lkc.io.clip_writer import ClipWriter
from lkc.io.image_files import read_image

LENGTHS = (50, 200)
HEIGHT, WIDTH, RADIUS = 480, 640, 40
RATE = Fraction(25)
EXAMPLE = Path(__file__).parents[1] / "assets" / "examples" / "ir-vis"
TABLE = Path(__file__).parent / "results" / "video.csv"


def write_pair(folder: Path, length: int) -> None:
    """Write both clips: lossless infrared, H.264 visible."""
    ir, vis = (
        cv2.resize(read_image(EXAMPLE / name / "night.png"), (WIDTH, HEIGHT))
        for name in ("ir", "vis")
    )
    files = (folder / "ir.mkv", folder / "vis.mp4")
    with (
        ClipWriter(files[0], RATE, Fraction(1, 1000), {}) as infrared,
        ClipWriter(files[1], RATE, Fraction(1, 12800), {}) as visible,
    ):
        for number in range(length):
            x = round((WIDTH + 4 * RADIUS) * number / length) - 2 * RADIUS
            picture = cv2.circle(ir.copy(), (x, HEIGHT // 2), RADIUS, 255, cv2.FILLED)
            infrared.write(np.asarray(picture, np.uint8), number / RATE)
            visible.write(vis, number / RATE)


def measure_folder(folder: str) -> dict[str, float]:
    """Fuse the pair of a folder: seconds, largest memory in MiB, mean and largest shift."""
    model = lkc.load_model("lite", "ir-vis", device="cpu")
    far = np.abs(np.arange(HEIGHT) - HEIGHT // 2) > 3 * RADIUS
    low, high = np.full((HEIGHT, WIDTH, 3), 255, np.uint8), np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    start = time.perf_counter()
    for step in fuse_clips(
        f"{folder}/ir.mkv", f"{folder}/vis.mp4", f"{folder}/out.mp4", model=model
    ):
        assert step.fused is not None
        np.minimum(low, step.fused, out=low)
        np.maximum(high, step.fused, out=high)
    seconds = time.perf_counter() - start
    shift = (high - low)[far]
    return {
        "seconds": seconds,
        "memory": peak_memory() or float("nan"),
        "mean": shift.mean().item(),
        "most": np.percentile(shift, 99).item(),
    }


def main() -> None:
    """Measure every length and write the table."""
    rows = []
    for length in LENGTHS:
        with tempfile.TemporaryDirectory() as folder:
            write_pair(Path(folder), length)
            found = in_fresh_process(measure_folder, folder)
        rows.append(
            {
                "frames": length,
                "frames per second": round(length / found["seconds"], 1),
                "peak memory MiB": round(found["memory"]),
                "mean shift": round(found["mean"], 2),
                "shift of 99 in 100 pixels below": found["most"],
            }
        )
        print(rows[-1])
    pd.DataFrame(rows).to_csv(TABLE, index=False)


if __name__ == "__main__":
    main()
