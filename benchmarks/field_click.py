"""Time what the mouse asks for on the page's tab "Look inside": fields of pixels.

    python -m benchmarks.field_click

Prints, for both sizes of kernels, the median times of a gradient on the whole pair and of one on a
crop with the statistics of the whole, and how far the two answers differ. Then what the fields
cost that are measured in advance for a mouse that hovers, and the size of their maps. Times are
those of one processor core at work, which other programs on the machine hardly change. Where there
is a GPU, only the time from a place of the pointer to the map of its field there is printed.
"""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import TypeVar

import torch
from torch import Tensor

import lkc
from demo.work.field_grid import as_picture, measure_grid, measure_place
from demo.work.inside_results import Subject, held
from demo.work.receptive_field import REACH
from lkc.analysis.constant_statistics import with_statistics_of
from lkc.analysis.receptive_field import area_by_mass, effective_field, field_on_crop
from lkc.model.loading import STUDY_WEIGHTS
from lkc.tutorial import load_pair

from .load import PAIR

Made = TypeVar("Made")
NORMS = ("hybrid", "instance", "group", "batch")
PIXELS = ((250, 505), (470, 20))
SHARES = (0.5, 0.99)
POINTER_STEPS = 30


def timed(function: Callable[[], Made]) -> tuple[Made, float]:
    """Return what a function returns, and the seconds of the processor that it took."""
    start = time.process_time()
    result = function()
    return result, time.process_time() - start


def compare(weights: Path, pair: Tensor, reach: int) -> list[tuple[float, float, float, bool]]:
    """Measure one network: for each pixel both times, the difference, and whether sides agree."""
    model = lkc.load_model("lite", weights=weights, device="cpu")
    held, _ = with_statistics_of(model, pair)
    rows = []
    for pixel in PIXELS:
        whole, before = timed(partial(effective_field, model, pair, pixel, detach_norms=True))
        crop, after = timed(partial(field_on_crop, held, pair, pixel, reach))
        missed = ((crop - whole).abs().sum() / whole.sum()).item()
        sides = [area_by_mass(field.sum(0), SHARES, pixel) for field in (whole, crop)]
        rows.append((before, after, missed, sides[0] == sides[1]))
    return rows


def measure_in_advance(kernels: str) -> str:
    """Say what the fields for a mouse that hovers cost."""
    subject = Subject(PAIR[0], PAIR[1], "ir-vis", "hybrid", kernels)
    held(subject)  # a click needs the statistics as well
    places, seconds = timed(lambda: list(measure_grid(subject, "en")))
    return f"{len(places)} places {seconds:.1f} s, maps of {len(as_picture(places)) / 1e3:.0f} kB"


def follow_pointer(kernels: str) -> str:
    """Say how long the field under a pointer takes on a GPU, from its pixel to its map."""
    subject = Subject(PAIR[0], PAIR[1], "ir-vis", "hybrid", kernels)
    seconds = []
    for step in range(POINTER_STEPS):
        start = time.perf_counter()
        as_picture([measure_place(subject, 100 + 7 * step, 100 + 11 * step, "en")])
        seconds.append(time.perf_counter() - start)
    usual = seconds[len(seconds) // 5 :]  # The first ones hold the statistics and load kernels.
    return f"{1000 * median(usual):.1f} ms in the median, {1000 * max(usual):.1f} ms at most"


def main() -> None:
    """Print two lines for both sizes of kernels."""
    torch.set_num_threads(1)
    if torch.cuda.is_available():
        for kernels in REACH:
            print(f"{kernels}, pointer on {torch.cuda.get_device_name()}:", follow_pointer(kernels))
        return
    for kernels, reach in REACH.items():
        rows = []
        for norm in NORMS:
            weights = STUDY_WEIGHTS / f"ir-vis-{norm}-{kernels}.safetensors"
            rows += compare(weights, load_pair("ir-vis", "night").sources, reach)
        before, after, missed, agree = zip(*rows, strict=True)
        print(
            f"{kernels}: whole {median(before):.2f} s, crop {median(after):.2f} s, differs by "
            f"{100 * median(missed):.3f} % in the median and {100 * max(missed):.2f} % at most, "
            f"the same squares at {sum(agree)} of {len(agree)} pixels",
            flush=True,
        )
        print(f"{kernels}, in advance: {measure_in_advance(kernels)}", flush=True)


if __name__ == "__main__":
    main()
