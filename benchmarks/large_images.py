"""What `lkc.fuse` of large pairs of PNG files takes on this machine's CPU, decoding included.

Run: python benchmarks/large_images.py        (20 megapixels take about a minute on two cores)
Every size runs in a process of its own, since a process keeps its largest memory on record.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

import lkc
from lkc.images import write_image
from lkc.timing import peak_memory

SIZES = ((1000, 1000), (2000, 2500), (4000, 5000))
TABLE = Path(__file__).parent / "results" / "large-images.csv"


def write_pair(folder: Path, height: int, width: int) -> None:
    """Write a smooth gray and a smooth colour image."""
    rng = np.random.default_rng(0)
    for name, channels in (("a", ()), ("b", (3,))):
        small = rng.integers(0, 256, (50, 63, *channels), dtype=np.uint8)
        large = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
        write_image(folder / f"{name}.png", np.asarray(large, np.uint8))


def measure(folder: str) -> None:
    """Fuse the pair of a folder; print seconds and the process's largest memory in MiB."""
    model = lkc.load_model("lite", "ir-vis", device="cpu")
    start = time.perf_counter()
    lkc.fuse(f"{folder}/a.png", f"{folder}/b.png", model=model)
    seconds = time.perf_counter() - start
    print(seconds, peak_memory())


def main() -> None:
    """Measure every size and write the table."""
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
    pd.DataFrame(rows).to_csv(TABLE, index=False)


if __name__ == "__main__":
    measure(sys.argv[1]) if len(sys.argv) > 1 else main()
