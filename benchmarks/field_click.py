"""Time what a click on the page's tab "Look inside" asks for: the field of one pixel.

    python -m benchmarks.field_click

Prints, for both sizes of kernels, the median times of a gradient on the whole pair and of one on a
crop with the statistics of the whole, and how far the two answers differ. Times are those of one
processor core at work, which other programs on the machine hardly change.
"""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

import torch
from torch import Tensor

import lkc
from lkc.analysis.constant_statistics import with_statistics_of
from lkc.analysis.receptive_field import area_by_mass, effective_field, field_on_crop
from lkc.model.loading import STUDY_WEIGHTS
from lkc.tutorial import load_pair

REACH = {"k3": 48, "k15": 104}  # as the tab takes it
NORMS = ("hybrid", "instance", "group", "batch")
PIXELS = ((250, 505), (470, 20))
SHARES = (0.5, 0.99)


def timed(function: Callable[[], Tensor]) -> tuple[Tensor, float]:
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


def main() -> None:
    """Print a line for both sizes of kernels."""
    torch.set_num_threads(1)
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


if __name__ == "__main__":
    main()
