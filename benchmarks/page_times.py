"""How long one person waits for the picture: from the upload of the second source, in Chromium.

    python -m benchmarks.page_times

Starts the page on this machine's CPU, and writes results/page-times.csv: the times to the first
picture and to the whole one. Other programs lengthen them, so that two figures stand beside them:
the load (how many programs want a core, ours not yet among them), and the processor time that
server and browser took until the first picture, which others hardly change.
"""

import os
import statistics
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
import psutil
import torch
from PIL import Image

from lkc.io.image_files import read_image

from .load import PAIR, running_server

TABLE = Path(__file__).parent / "results" / "page-times.csv"
CHROMIUM = (Path("/usr/bin/chromium"), Path("/usr/bin/google-chrome"))
TRIES = {True: 3, False: 7}  # A page is opened so often for a large pair, and for a small one.
LARGE = (4000, 3000)  # 12 megapixels: width, height
PATIENCE = 120_000  # milliseconds for anything to appear
GRAIN = 2  # gray levels of noise, without which an enlarged picture is a small file
FIRST = """(image => image && image.complete && image.naturalWidth > 0)(
  document.querySelector('#fused img'))"""
WHOLE = """width => (image => image && image.complete && image.naturalWidth === width)(
  document.querySelector('#fused img'))"""


def enlarge(path: str, file: Path) -> str:
    """Write a copy of a picture as large as that of a camera, with grain; returns its file."""
    large = cv2.resize(read_image(path), LARGE, interpolation=cv2.INTER_CUBIC)
    grain = np.random.default_rng(0).normal(0, GRAIN, large.shape)
    Image.fromarray((large + grain).round().clip(0, 255).astype(np.uint8)).save(file)
    return str(file)


def pairs(folder: Path) -> dict[str, list[str]]:
    """The pairs by what they are called: two PNG, and as large ones PNG as well as JPEG."""
    made = {"640x480 PNG": PAIR}
    for kind in ("png", "jpg"):
        files = [folder / f"{name}.{kind}" for name in ("first", "second")]
        copies = [enlarge(path, file) for path, file in zip(PAIR, files, strict=True)]
        made[f"{LARGE[0]}x{LARGE[1]} {'PNG' if kind == 'png' else 'JPEG'}"] = copies
    return made


def processor_seconds(process: psutil.Process) -> float:
    """What a process and those that it started have taken of the processor."""
    seconds = 0.0
    for one in (process, *process.children(recursive=True)):
        with suppress(psutil.Error):  # one that has ended
            seconds += sum(one.cpu_times()[:2])
    return seconds


def time_once(page: Any, url: str, server: psutil.Process, pair: list[str]) -> list[float]:
    """Measure one upload.

    Returns:
        Seconds from dropping the second source to the first picture and to the whole one, and of
        the processor until the first: of the server, and of the browser.
    """
    processes, width = (server, psutil.Process()), read_image(pair[0]).shape[1]
    page.goto(url)
    page.wait_for_selector("#fused img")
    page.locator("#first input[type=file]").first.set_input_files(pair[0])
    page.get_by_text("Waiting for the visible image").wait_for()
    page.wait_for_selector("#fused img", state="detached")
    used = [processor_seconds(process) for process in processes]
    start = time.monotonic()
    page.locator("#second input[type=file]").first.set_input_files(pair[1])
    page.wait_for_function(FIRST)
    first = time.monotonic() - start
    used = [processor_seconds(p) - before for p, before in zip(processes, used, strict=True)]
    page.wait_for_function(WHOLE, arg=width)
    server_seconds, with_browser = used  # The server is started by this process as well.
    return [first, time.monotonic() - start, server_seconds, with_browser - server_seconds]


def time_pair(url: str, server: psutil.Process, name: str, pair: list[str]) -> dict[str, Any]:
    """Measure one pair some times."""
    from playwright.sync_api import sync_playwright

    load, times = os.getloadavg()[0], []
    path = next(path for path in CHROMIUM if path.exists())
    size = sum(Path(file).stat().st_size for file in pair) / 1e6
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for _ in range(TRIES[pair != PAIR]):
            page = browser.new_page()
            page.set_default_timeout(PATIENCE)
            times.append(time_once(page, url, server, pair))
            page.close()
        browser.close()
    first, whole, of_server, of_browser = map(list, zip(*times, strict=True))
    return {
        "pair": name,
        "megabytes": round(size, 1),
        "first picture s": round(statistics.median(first), 2),
        "first picture, shortest s": round(min(first), 2),
        "whole picture s": round(statistics.median(whole), 2),
        "whole picture, shortest s": round(min(whole), 2),
        "server, processor s": round(statistics.median(of_server), 2),
        "browser, processor s": round(statistics.median(of_browser), 2),
        "cores": torch.get_num_threads(),
        "load": round(load, 1),
    }


def main() -> None:
    """Measure every pair, print the table and write it."""
    rows = []
    with tempfile.TemporaryDirectory() as folder, running_server() as (url, server):
        for name, pair in pairs(Path(folder)).items():
            rows.append(time_pair(url, server, name, pair))
            pd.DataFrame(rows).to_csv(TABLE, index=False)
    print(pd.DataFrame(rows).to_string(index=False))


if __name__ == "__main__":
    main()
