"""The values behind a picture that has more than 8 bits, for who points at a pixel."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lkc.alignment.geometry import covered, warp
from lkc.errors import InputError
from lkc.io.image_files import read_image

from ..server.temporary_files import new_folder
from .fuse_files import open_source
from .one_grid import placed_before
from .prepared import Moved, given_for
from .slices import read_cached, read_slice

UNITS = {"C": "°C"}


@dataclass(frozen=True)
class OwnValues:
    """Values in a file without a header, row by row, so that a browser fetches one row.

    Attributes:
        file: little-endian numbers.
        type: "uint16" or "float32".
        channels: 1 or 3.
        unit: as in `ImageData`, for people.
        full_range: the value of white, where it is known; none for a file's own values.
    """

    file: str
    type: str
    channels: int
    unit: str = ""
    full_range: int | None = None


def write(values: NDArray, **about: Any) -> OwnValues | None:  # (H, W) or (H, W, 3)
    """Write values for the browser, unless 8 bits show them in full."""
    if values.itemsize == 1:
        return None
    path = new_folder() / "values.bin"
    kind = "uint16" if values.dtype == np.uint16 else "float32"
    values.astype(np.dtype(kind).newbyteorder("<")).tofile(path)
    return OwnValues(str(path), kind, 1 if values.ndim == 2 else 3, **about)


def fused_values(file: str) -> OwnValues | None:
    """The values of a fused PNG of 16 bits; none where it has 8."""
    return write(read_image(file), full_range=65535)


def source_values(file: str) -> OwnValues | None:
    """The values of a source in its file's own unit; none where the file has 8 bits, or is gone."""
    given = given_for(file)
    try:
        if given.moved:
            return moved_values(given.moved)
        if given.slice:
            unit = read_cached(given.file).unit
            return write(read_slice(given), unit=UNITS.get(unit, unit))
        source = open_source(given.file, Path(given.file).name)
    except InputError:
        return None
    return write(source.values, unit=UNITS.get(source.unit, source.unit))


def moved_values(moved: Moved) -> OwnValues | None:
    """The values of a source that was moved onto the grid of the other; NaN outside of it."""
    source = open_source(given_for(moved.before).file, Path(moved.before).name)
    if source.values.itemsize == 1:
        return None
    placed = placed_before(moved)
    matrix, size = placed.found.matrix, placed.fixed_size
    values = warp(source.values.astype(np.float32), matrix, size)  # (H, W) or (H, W, 3)
    values[~covered(matrix, source.values, size)] = np.nan
    return write(values, unit=UNITS.get(source.unit, source.unit))
