"""What a window of a source is chosen by: a histogram, the limits, and the words for others."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from lkc.errors import InputError
from lkc.io.image_data import ImageData
from lkc.io.thermal import without_stuck_pixels
from lkc.io.window import CT_PRESETS, default_window, find_limits, finite_ends, parse_window

from .fuse_files import open_source
from .own_values import UNITS
from .prepared import Given

BARS = 96


@dataclass(frozen=True)
class Shown:
    """How a source of more than 8 bits is shown.

    Attributes:
        counts: how many values lie in each of as many equal parts of the range.
        ends: the lowest and the highest value.
        limits: the values that become black and white.
        unit: of the values, for people; "" where the file states none.
        choices: words of `--window` that fit the file.
        chosen: the words in use.
    """

    counts: tuple[int, ...]
    ends: tuple[float, float]
    limits: tuple[float, float]
    unit: str
    choices: tuple[str, ...]
    chosen: str


def default_words(given: Given) -> str:
    """The default window of a file in the words of `--window`."""
    source = open_source(given.file, "image")
    values = without_stuck_pixels(source).values
    return default_window(values, source.full_range, source.measured).kind


def choices_for(source: ImageData) -> tuple[str, ...]:
    """Words of `--window` that fit a source."""
    presets = tuple(CT_PRESETS) if source.unit == "HU" else ()
    return ("percentile", "full", *presets, *(("file",) if source.presets else ()))


@lru_cache(maxsize=16)
def find_shown(given: Given) -> Shown | None:
    """Describe how a source is shown; none where 8 bits or fewer need no window, or it is no image.

    Raises:
        InputError: the window does not fit the file.
    """
    try:
        source = open_source(given.file, "image")
        if source.values.itemsize == 1:
            return None
        judged = without_stuck_pixels(source).values
        ends = finite_ends(judged, source.name)
        if ends[0] == ends[1]:
            return None
        chosen = given.window or default_words(given)
    except InputError:
        return None
    window = parse_window(chosen)
    limits = find_limits(window, judged, source.full_range, source.presets, source.name)
    counts, _ = np.histogram(judged[np.isfinite(judged)], BARS, ends)
    unit = UNITS.get(source.unit, source.unit)
    return Shown(tuple(counts.tolist()), ends, limits, unit, choices_for(source), chosen)
