"""Time the eleven metrics of one 480x640 pair against plain numpy and scipy.

    python -m benchmarks.metric_speed

Prints the medians of one run, so both sides have the same machine and load.
"""

import time
from collections.abc import Callable
from functools import partial
from statistics import median
from unittest.mock import patch

import numpy as np
import torch

from benchmarks import plain_metrics
from lkc.metrics import evaluate, evaluate_batch

ROUNDS, BATCH = 5, 32


def milliseconds(function: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Return the median time of a call after one to warm up."""
    function()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return 1000 * median(times)


def main() -> None:
    """Print the table."""
    generator = np.random.default_rng(0)
    a, b = generator.integers(0, 256, (2, 480, 640)).astype(np.float32)
    fused = np.maximum(a, b)
    exact = [x.astype(np.float64) for x in (fused, a, b)]
    ours = milliseconds(lambda: evaluate(fused, a, b), rounds=20)
    plain = milliseconds(lambda: plain_metrics.evaluate(*exact))
    faster = plain_metrics.separable_window_mean
    with patch.object(plain_metrics, "window_mean", faster):
        separable = milliseconds(lambda: plain_metrics.evaluate(*exact))
    print(f"lkc.metrics.evaluate, {torch.get_num_threads()} CPU threads: {ours:.0f} ms")
    print(f"numpy and scipy, as the formulas stand: {plain:.0f} ms, {plain / ours:.1f} times ours")
    print(f"with separable Gaussian windows: {separable:.0f} ms, {separable / ours:.1f} times ours")
    if torch.cuda.is_available():
        many = [torch.from_numpy(x).cuda().expand(BATCH, 1, -1, -1) for x in (fused, a, b)]
        called = partial(evaluate_batch, many[0], many[1], many[2])
        gpu = milliseconds(lambda: called()["AG"].tolist()) / BATCH
        print(f"{torch.cuda.get_device_name()}, batch of {BATCH}: {gpu:.2f} ms a pair")


if __name__ == "__main__":
    main()
