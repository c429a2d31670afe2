"""What exported ONNX files cost in quality, size and time on this machine's CPU.

Run: python -m benchmarks.edge [DATA]        (about five minutes on two cores)
DATA holds MSRS and Harvard as ../shared/data does; without it the shipped, generated pairs are
measured. The PSNR and the largest difference (in levels of 255) are to torch's float32 result. The
time is that of one 480x640 pair on one thread (the machine is shared), median of 15 calls after 3,
the files taking turns.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import onnxruntime
import pandas as pd
import torch

import lkc
from benchmarks.run import SETS
from lkc.export import CONVERTERS, as_inputs, export_onnx
from lkc.io.image_files import read_image
from lkc.io.pairing import pair_folders, source_folders
from lkc.tasks import TASKS, get_task

ROOT = Path(__file__).parents[1]
TABLE = Path(__file__).parent / "results" / "edge.csv"
TIMES = Path(__file__).parent / "results" / "edge-times.csv"
FOLDERS = {task: folder for task, folder, _ in SETS.values()}
PAIRS, CALLS, WARM_UP = 8, 15, 3


def session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    """Open a file on the CPU with that many threads."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def read_pairs(task: str, data: Path | None) -> list[dict[str, np.ndarray]]:
    """Read pairs spread evenly over a test set, as an exported graph takes them."""
    folder = data / FOLDERS[task] if data else ROOT / "assets" / "examples" / task
    pairs = pair_folders(*source_folders(folder, get_task(task))).pairs
    chosen = pairs[:: max(1, len(pairs) // PAIRS)][:PAIRS]
    return [as_inputs(read_image(first), read_image(second)) for first, second in chosen]


def run_torch(network: torch.nn.Module, inputs: dict[str, np.ndarray]) -> np.ndarray:
    """Run the network itself: (H, W) in [0, 1]."""
    sources = torch.from_numpy(np.concatenate([inputs["first"], inputs["second"]], axis=1))
    with torch.inference_mode():
        return network(sources).clamp(0, 1)[0, 0].numpy()


def score(fused: np.ndarray, inputs: dict[str, np.ndarray]) -> dict[str, float]:
    """The eleven metrics of the fused luma as it is saved, in 8 bits."""
    images = (fused, inputs["first"][0, 0], inputs["second"][0, 0])
    return lkc.metrics.evaluate(*(np.rint(255 * image).astype(np.uint8) for image in images))


def measure_quality(task: str, files: dict[str, Path], data: Path | None) -> list[dict]:
    """Means over the pairs: one row for torch and one for every precision."""
    network = lkc.load_model("lite", task, device="cpu")
    sessions = {name: session(path, torch.get_num_threads()) for name, path in files.items()}
    pairs = read_pairs(task, data)
    expected = [run_torch(network, inputs) for inputs in pairs]
    rows = []
    for name in ("torch", *files):
        scores, errors, most = [], [], 0.0
        for inputs, target in zip(pairs, expected, strict=True):
            fused = target if name == "torch" else sessions[name].run(None, inputs)[0][0, 0]
            scores.append(score(fused, inputs))
            errors.append(np.square(fused - target, dtype=float).mean())
            most = max(most, 255 * np.abs(fused - target).max())
        row = {"task": task, "file": name, "pairs": len(pairs)}
        if name != "torch":
            row["KB"] = round(files[name].stat().st_size / 1000)
            row["PSNR to torch"] = round(float(-10 * np.log10(np.mean(errors))), 1)
            row["largest difference"] = round(float(most), 3)
        rows.append(row | pd.DataFrame(scores).mean().round(4).to_dict())
        print(rows[-1])
    return rows


def measure_times(files: dict[str, Path]) -> list[dict]:
    """Time torch and every precision on one pair with one thread, taking turns."""
    inputs = read_pairs("ir-vis", None)[0]
    network = lkc.load_model("lite", "ir-vis", device="cpu")
    torch.set_num_threads(1)
    runs: dict[str, Callable[[], object]] = {"torch": lambda: run_torch(network, inputs)}
    for name, path in files.items():
        opened = session(path, threads=1)
        runs[name] = partial(opened.run, None, inputs)
    milliseconds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(WARM_UP + CALLS):
        for name, call in runs.items():
            start = time.perf_counter()
            call()
            milliseconds[name].append(1000 * (time.perf_counter() - start))
    rows = []
    for name, values in milliseconds.items():
        low, median, high = (round(v) for v in statistics.quantiles(values[WARM_UP:], n=4))
        rows.append({"file": name, "ms": median, "q1": low, "q3": high})
        print(rows[-1])
    return rows


def main() -> None:
    """Export every task in every precision, measure, and write the tables."""
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    quality: list[dict] = []
    times: list[dict] = []
    with tempfile.TemporaryDirectory() as folder:
        for task in TASKS:
            files = {name: Path(folder) / f"{task}-{name}.onnx" for name in CONVERTERS}
            for precision, path in files.items():
                export_onnx(path, task, precision=precision)
            quality += measure_quality(task, files, data)
            if task == "ir-vis":
                times = measure_times(files)
    pd.DataFrame(quality).to_csv(TABLE, index=False)
    pd.DataFrame(times).to_csv(TIMES, index=False)


if __name__ == "__main__":
    main()
