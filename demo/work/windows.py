"""What a window of a source is chosen by: a histogram, the limits, and the words for others."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lkc.errors import InputError
from lkc.io.image_data import ImageData
from lkc.io.pixels import to_8_bits
from lkc.io.thermal import without_stuck_pixels
from lkc.io.tracer_colours import TRACERS, colour_tracer
from lkc.io.volume import Volume
from lkc.io.window import (
    BY_PERCENTILE,
    CT_PRESETS,
    default_window,
    find_limits,
    finite_ends,
    parse_window,
)

from .fuse_files import open_source
from .own_values import UNITS
from .prepared import Given
from .slices import read_cached

BARS = 96
GRAYS = ("#000000", "#ffffff")


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
        colours: from the lower limit to the upper one, as CSS has them.
    """

    counts: tuple[int, ...]
    ends: tuple[float, float]
    limits: tuple[float, float]
    unit: str
    choices: tuple[str, ...]
    chosen: str
    colours: tuple[str, ...]


def colours_of(given: Given, source: ImageData | Volume) -> tuple[str, ...]:
    """The colours of a source from the lower limit of its window to the upper one."""
    is_tracer = given.slice.is_tracer if given.slice else source.modality in TRACERS
    if not is_tracer:
        return GRAYS
    shades = to_8_bits(colour_tracer(np.linspace(0, 1, 17, dtype=np.float32)))
    return tuple("#" + bytes(shade).hex() for shade in shades)


def default_words(given: Given) -> str:
    """The default window of a file in the words of `--window`."""
    if given.slice:
        return BY_PERCENTILE.kind
    source = open_source(given.file, "image")
    values = without_stuck_pixels(source).values
    return default_window(values, source.full_range, source.measured).kind


def choices_for(source: ImageData | Volume) -> tuple[str, ...]:
    """Words of `--window` that fit a source."""
    is_ct = source.unit == "HU" or (isinstance(source, Volume) and not source.modality)
    presets = tuple(CT_PRESETS) if is_ct else ()  # NIfTI does not tell what it is
    return ("percentile", "full", *presets, *(("file",) if source.presets else ()))


def read_judged(given: Given) -> tuple[ImageData | Volume, NDArray]:
    """A source, and the values that decide how it is shown."""
    if given.slice:
        volume = read_cached(given.file)
        return volume, volume.values
    source = open_source(given.file, "image")
    return source, without_stuck_pixels(source).values


@lru_cache(maxsize=16)
def find_shown(given: Given) -> Shown | None:
    """Describe how a source is shown; none where 8 bits or fewer need no window, or it is no image.

    Raises:
        InputError: the window does not fit the file.
    """
    try:
        source, values = read_judged(given)
        if source.values.itemsize == 1:
            return None
        ends = finite_ends(values, source.name)
        if ends[0] == ends[1]:
            return None
        chosen = given.window or default_words(given)
    except InputError:
        return None
    window = parse_window(chosen)
    limits = find_limits(window, values, source.full_range, source.presets, source.name)
    counts, _ = np.histogram(values[np.isfinite(values)], BARS, ends)
    unit = UNITS.get(source.unit, source.unit)
    colours = colours_of(given, source)
    return Shown(tuple(counts.tolist()), ends, limits, unit, choices_for(source), chosen, colours)
