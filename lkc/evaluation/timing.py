"""Measure the time and the peak memory of a call, in a process of its own if asked."""

import multiprocessing
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any

import numpy as np

BUDGET_MS, MIN_RUNS, MAX_RUNS = 1000, 5, 50
MIB = 2**20


def peak_memory() -> float | None:
    """Return the peak memory of this process in MiB, or None where the system does not tell."""
    status = Path("/proc/self/status")
    if status.exists():  # ru_maxrss would also count the process that started this one.
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) / 1024
    if sys.platform == "win32":
        return None
    import resource

    unit = 1 if sys.platform == "darwin" else 1024  # macOS counts bytes, others count KiB.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / MIB


def time_calls(call: Callable[[], object], long_ms: float = float("inf")) -> dict[str, float]:
    """Time a call after two to warm up; return median and quartiles in ms, and the number of runs.

    Args:
        call: returns when its work is done.
        long_ms: a first run above this is the only one.
    """

    def once() -> float:
        start = time.perf_counter()
        call()
        return 1000 * (time.perf_counter() - start)

    times = [once()]
    if times[0] <= long_ms:
        runs = int(np.clip(BUDGET_MS / max(once(), 1e-3), MIN_RUNS, MAX_RUNS))
        times = [once() for _ in range(runs)]
    low, median, high = np.percentile(times, (25, 50, 75)).tolist()
    return {"median_ms": median, "q1_ms": low, "q3_ms": high, "runs": len(times)}


@cache
def process_context() -> BaseContext:
    """Return a context whose processes start clean, with this package imported if possible."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["lkc.evaluation.costs"])  # This saves seconds per process.
    return context


def in_fresh_process(function: Callable[..., dict[str, Any]], *arguments: object) -> dict[str, Any]:
    """Call a function in a new process; an error in it becomes {"error": sentence}."""
    with ProcessPoolExecutor(1, mp_context=process_context()) as pool:
        try:
            return pool.submit(function, *arguments).result()
        except BrokenProcessPool:
            return {"error": "the process was ended, most likely for lack of memory"}
        except RuntimeError as error:  # The GPU has too little memory, or there is no compiler.
            return {"error": str(error).strip().splitlines()[0]}
