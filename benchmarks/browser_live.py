"""How fast the page in the browser fuses live, on WebAssembly: frames a second, and networks alone.

Run: make web, and then on a machine that does nothing else: python -m benchmarks.browser_live
It plays two generated clips of 480x640 and 30 frames a second in Chromium, and writes
results/browser-live.csv. The load of the machine stands beside each row: with other jobs, the
numbers are too low, and only ratios within a row's group mean something. Networks take turns.
"""

import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lkc.data.synthetic import street_scene
from lkc.io.clip_writer import ClipWriter

SITE = Path(__file__).parents[1] / "demo" / "web" / "dist"
TABLE = Path(__file__).parent / "results" / "browser-live.csv"
RATE, FRAMES, SHIFT = 30, 60, 4  # The scene moves by so many pixels a frame, and then starts anew.
SECONDS, WARM_UP_SECONDS = 30, 10
CALLS, WARM_UP = 25, 3
NETWORKS = ["nano, own kernels", "nano, onnxruntime", "lite, onnxruntime"]
PACE = re.compile(r"([\d.]+) frames a second, (\d+) ms behind \(network (\d+) ms\)")
# Times in milliseconds of `NETWORKS`, taking turns. The first row is all that a live frame needs
# between two pictures and one; it has one thread. The others are given planes of luma.
TIMING = """async ([threads, calls]) => {
    const { openNano } = await import("./nano/open.js");
    const ort = await import("./ort/ort.wasm.bundle.min.mjs");
    ort.env.wasm.numThreads = threads;
    const noise = Float32Array.from({ length: 480 * 640 }, Math.random);
    const plane = new ort.Tensor("float32", noise, [1, 1, 480, 640]);
    const own = await openNano("ir-vis");
    own.resize(640, 480);
    const works = [() => own.fuse(true)];
    for (const name of ["nano-ir-vis", "ir-vis"]) {
        const file = await (await fetch(`./models/${name}.onnx`)).arrayBuffer();
        const options = { executionProviders: ["wasm"] };
        const session = await ort.InferenceSession.create(file, options);
        works.push(() => session.run({ first: plane, second: plane }));
    }
    const times = works.map(() => []);
    for (let call = 0; call < calls; call++) {
        for (const [index, work] of works.entries()) {
            const start = performance.now();
            await work();
            times[index].push(performance.now() - start);
        }
    }
    return times;
}"""


@contextmanager
def static_server() -> Iterator[str]:
    """Serve the page as its README says; the page brings what threads need."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "--directory", str(SITE)]
    server = subprocess.Popen([*command, str(port)], stderr=subprocess.DEVNULL)
    try:
        time.sleep(2)
        yield f"http://127.0.0.1:{port}/?lang=en&backend=wasm"
    finally:
        server.terminate()
        server.wait(30)


def write_clips(folder: Path) -> list[Path]:
    """Write an infrared and a visible clip of a street that passes by."""
    street = street_scene(1, height=480, width=640, time="night")
    paths = [folder / "ir.mp4", folder / "vis.mp4"]
    for path, pixels in zip(paths, (street.infrared, street.visible), strict=True):
        with ClipWriter(path, Fraction(RATE), Fraction(1, RATE), {}) as writer:
            for number in range(FRAMES):
                moved = np.ascontiguousarray(np.roll(pixels, SHIFT * number, axis=1))
                writer.write(moved, Fraction(number, RATE))
    return paths


def open_isolated(browser: Any, address: str) -> Any:
    """Open the page; it reloads itself once so that WebAssembly may have threads."""
    page = browser.new_page(bypass_csp=True)  # Playwright's waiting evaluates text.
    page.goto(address)
    page.wait_for_function("self.crossOriginIsolated")
    page.get_by_text("Waiting for two images").wait_for()
    return page


def measure_live(browser: Any, address: str, clips: list[Path]) -> dict:
    """Play both clips and read what the page says, once it is warm."""
    page = open_isolated(browser, address)
    page.locator("[name=mode][value=live]").check(force=True)
    for slot, clip in zip(("first", "second"), clips, strict=True):
        page.locator(f"#{slot}-feed input").set_input_files(clip)
    page.locator("#pace").filter(has_text="frames a second").wait_for()
    time.sleep(WARM_UP_SECONDS)
    said = []
    for _ in range(SECONDS):
        time.sleep(1)
        if found := PACE.search(page.locator("#pace").inner_text()):
            said.append([float(value) for value in found.groups()])
    rate, latency, network = (statistics.median(values) for values in zip(*said, strict=True))
    page.close()
    row = {"what": "live, nano", "threads": 1, "median ms": network}
    return row | {"frames a second": rate, "latency ms": latency}


def measure_networks(browser: Any, address: str, threads: int) -> list[dict]:
    """Time networks alone, taking turns; `threads` are those of onnxruntime."""
    page = open_isolated(browser, address)
    times = page.evaluate(TIMING, [threads, CALLS + WARM_UP])
    page.close()
    rows = []
    for name, values in zip(NETWORKS, times, strict=True):
        row = {"what": name, "threads": 1 if "own" in name else threads}
        row |= {"median ms": statistics.median(values[WARM_UP:]), "fastest ms": min(values)}
        rows.append(row)
    return rows


def main() -> None:
    """Measure both and write the table."""
    from playwright.sync_api import sync_playwright

    if not (SITE / "models" / "nano-ir-vis.onnx").exists():
        raise SystemExit("the page is not built: run make web first.")
    found = shutil.which("chromium") or shutil.which("google-chrome")
    rows = []
    with tempfile.TemporaryDirectory() as folder, static_server() as address:
        clips = write_clips(Path(folder))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
            for measure in (
                lambda: [measure_live(browser, address, clips)],
                lambda: measure_networks(browser, address, 1),
                lambda: measure_networks(browser, address, 2),
            ):
                measured = measure()
                rows += [row | {"load": os.getloadavg()[0]} for row in measured]
                print(*rows[-len(measured) :], sep="\n")
            browser.close()
    pd.DataFrame(rows).round(1).to_csv(TABLE, index=False)


if __name__ == "__main__":
    main()
