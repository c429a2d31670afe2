"""What bands and kept memory save on a CPU: `lite` at 480x640, one and two threads.

Run: python -m benchmarks.cpu_lite        (about four minutes; on a machine that does nothing else)
Each way runs in a process of its own, because memory is set up before torch starts; the ways take
turns, in several rounds. `results/cpu-lite.csv` holds the fastest and the median time of all
rounds, the processor time of all threads, and how many pages a fusion took from the system. With
other jobs on the machine, compare processor times.
"""

import itertools
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from unittest.mock import patch

import pandas as pd

from lkc.memory import keep_memory
from lkc.threads import wait_without_spinning

TABLE = Path(__file__).parent / "results" / "cpu-lite.csv"
ROUNDS, CALLS, WARM_UP = 3, 8, 2
WAYS = {  # whether one thread takes maps through blocks in bands, and whether memory is kept
    "before": (False, False),
    "bands": (True, False),
    "kept memory": (False, True),
    "both": (True, True),
}


def measure(threads: int, bands: bool, kept: bool) -> list[dict]:
    """Time each call in this process; milliseconds."""
    wait_without_spinning()
    if kept:
        keep_memory()
    import torch

    import lkc

    torch.set_num_threads(threads)
    model, sources = lkc.load_model("lite", "ir-vis", device="cpu"), torch.rand(1, 2, 480, 640)
    rows = []
    with torch.inference_mode(), patch("torch.is_inference_mode_enabled", lambda: bands):
        for _ in range(WARM_UP + CALLS):
            before, start = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
            model(sources)
            wall = time.perf_counter() - start
            after = resource.getrusage(resource.RUSAGE_SELF)
            spent = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
            pages = after.ru_minflt - before.ru_minflt
            rows.append({"ms": 1000 * wall, "processor ms": 1000 * spent, "pages": pages})
    return rows[WARM_UP:]


def measure_apart(threads: int, way: str) -> list[dict]:
    """Time a way in a new process."""
    command = [sys.executable, "-m", "benchmarks.cpu_lite", str(threads), way]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [{"threads": threads, "way": way} | row for row in json.loads(done.stdout)]


def main() -> None:
    """Let all ways take turns and write the table."""
    rows = []
    for _, threads, way in itertools.product(range(ROUNDS), (1, 2), WAYS):
        rows += measure_apart(threads, way)
    groups = pd.DataFrame(rows).groupby(["threads", "way"], sort=False)
    table = pd.DataFrame(
        {
            "fastest ms": groups["ms"].min(),
            "median ms": groups["ms"].median(),
            "processor ms": groups["processor ms"].median(),
            "pages": groups["pages"].median(),
        }
    )
    for column in ("fastest ms", "median ms", "processor ms"):
        table[f"{column}, ratio"] = table[column] / table[column].groupby("threads").transform(
            "first"
        )
    table["load"] = os.getloadavg()[0]
    table.round(2).to_csv(TABLE)
    print(table.round(2).to_string())


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(measure(int(sys.argv[1]), *WAYS[sys.argv[2]])))
    else:
        main()
