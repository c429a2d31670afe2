"""How the web page holds up under many clients at once.

Run on a machine that does nothing else, from the repository: python -m benchmarks.load
It starts a server of its own on this machine's CPU and writes results/load.csv.
"""

import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import psutil

ROOT = Path(__file__).parents[1]
PAIR = [str(ROOT / "assets" / "examples" / "ir-vis" / name / "night.png") for name in ("ir", "vis")]
TABLE = Path(__file__).parent / "results" / "load.csv"
SAMPLE_SECONDS = 2
REST_SECONDS = 75  # The server hands free memory back each minute.
PATIENCE = {"timeout": 60}  # seconds, for any answer; a browser waits as long as well
# As `lkc demo` does, with the page of this clone, whatever else is installed.
SERVE = """
from lkc.memory import keep_memory
from lkc.threads import wait_without_spinning
wait_without_spinning()
keep_memory()
from demo.app import serve
serve(port={port})
"""


@dataclass
class Tally:
    """What all clients met: seconds of the calls that succeeded, refusals and failures."""

    seconds: list[float] = field(default_factory=list)
    refused: int = 0
    failures: list[str] = field(default_factory=list)


@contextmanager
def running_server() -> Iterator[tuple[str, psutil.Process]]:
    """Serve the page in a process of its own; yields its address and the process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-c", SERVE.format(port=port)]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                if server.poll() is not None:
                    raise SystemExit("the server did not start.") from None
                time.sleep(0.3)
        yield f"http://127.0.0.1:{port}", psutil.Process(server.pid)
    finally:
        server.terminate()
        server.wait(30)


def keep_fusing(url: str, end: float, tally: Tally) -> None:
    """Be one client: upload a pair, wait for the result, start again."""
    from gradio_client import Client, handle_file
    from gradio_client.utils import QueueError

    client = Client(url, analytics_enabled=False, verbose=False, httpx_kwargs=PATIENCE)
    while time.monotonic() < end:
        start = time.monotonic()
        try:
            client.predict(*map(handle_file, PAIR), "ir-vis", "lite", api_name="/fuse")
            tally.seconds.append(time.monotonic() - start)
        except QueueError:
            tally.refused += 1
        except Exception as error:
            tally.failures.append(repr(error))


def megabytes(process: psutil.Process) -> float:
    """Resident memory of a process."""
    return process.memory_info().rss / 2**20


def sample_memory(process: psutil.Process, end: float) -> list[float]:
    """Resident memory every few seconds: single values jump by the pictures in flight."""
    samples = []
    while time.monotonic() < end:
        time.sleep(SAMPLE_SECONDS)
        samples.append(megabytes(process))
    return samples


def press(url: str, server: psutil.Process, clients: int, seconds: float) -> dict[str, float]:
    """Let many clients fuse at once; memory is the median over a quarter of the time.

    What stays afterwards is compared with the memory after one client alone.
    """
    load = os.getloadavg()[0]
    keep_fusing(url, time.monotonic() + 3, Tally())
    before = megabytes(server)
    tally, end = Tally(), time.monotonic() + seconds
    threads = [threading.Thread(target=keep_fusing, args=(url, end, tally)) for _ in range(clients)]
    for thread in threads:
        thread.start()
    samples = sample_memory(server, end)
    quarter = len(samples) // 4
    for thread in threads:
        thread.join()
    time.sleep(REST_SECONDS)
    after = megabytes(server)
    for message in set(tally.failures):
        print("failed:", message)
    return {
        "clients": clients,
        "seconds": seconds,
        "fused": len(tally.seconds),
        "refused": tally.refused,
        "failed": len(tally.failures),
        "median latency s": round(statistics.median(tally.seconds), 2),
        "longest latency s": round(max(tally.seconds), 2),
        "memory before MiB": round(before),
        "memory in the second quarter MiB": round(
            statistics.median(samples[quarter : 2 * quarter])
        ),
        "memory in the last quarter MiB": round(statistics.median(samples[-quarter:])),
        "memory afterwards MiB": round(after),
        "load before": round(load, 1),
    }


def main() -> None:
    """Measure and write the table."""
    parser = ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60)
    given = parser.parse_args()
    with running_server() as (url, server):
        row = press(url, server, given.clients, given.seconds)
    print(row)
    pd.DataFrame([row]).to_csv(TABLE, index=False)


if __name__ == "__main__":
    main()
