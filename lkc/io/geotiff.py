"""The place on Earth that a GeoTIFF states: read, compared, and handed on to what is fused."""

import glob
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lkc.errors import InputError

SCALE, TIE_POINTS, TRANSFORMATION, KEYS = 33550, 33922, 34264, 34735  # tags of GeoTIFF
TAGS = (SCALE, TIE_POINTS, TRANSFORMATION, KEYS, 34736, 34737)  # + parameters of KEYS
SYSTEMS = (2048, 3072)  # keys that name the geographic and the projected coordinate system
SAME_GRID = 0.5  # pixels


@dataclass(frozen=True)
class Place:
    """Where the pixels of an image lie on Earth.

    Attributes:
        name: of the file that states it.
        tags: the type, as TIFF numbers it, and the value of each tag, by code.
    """

    name: str
    tags: Mapping[int, tuple[int, tuple | str]]

    def value(self, tag: int) -> tuple:
        """The value of a tag; an empty tuple where it is not there."""
        return tuple(self.tags[tag][1]) if tag in self.tags else ()

    def systems(self) -> dict[int, int]:
        """The codes of the coordinate systems, by key."""
        keys = np.array(self.value(KEYS)[4:], dtype=int)
        rows = keys[: len(keys) // 4 * 4].reshape(-1, 4)  # key, tag of its value, count, value
        return {int(row[0]): int(row[3]) for row in rows if row[0] in SYSTEMS and row[1] == 0}

    def describe(self, shape: tuple[int, ...]) -> str:
        """State two corners, and the code of the coordinate system, of an image (H, W, ...)."""
        corners, systems = self.corners(shape), self.systems()
        where = "bent by tie points"
        if corners is not None:
            where = " to ".join(f"{x:.10g} {y:.10g}" for x, y in corners)
        code = systems.get(SYSTEMS[1], systems.get(SYSTEMS[0]))
        return f"{where}, {f'EPSG:{code}' if code else 'no system stated'}"

    def corners(self, shape: tuple[int, ...]) -> NDArray[np.float64] | None:
        """The coordinates of two corners (2, 2); None where many tie points bend the grid."""
        height, width = shape[:2]
        pixels = np.array([[0.0, 0, 0, 1], [width, height, 0, 1]])
        if len(self.value(TRANSFORMATION)) == 16:
            return (pixels @ np.reshape(self.value(TRANSFORMATION), (4, 4)).T)[:, :2]
        scale, tie = self.value(SCALE), self.value(TIE_POINTS)
        if len(scale) < 2 or len(tie) != 6:
            return None
        steps = np.array([scale[0], -scale[1]])  # rows run south
        return np.array(tie[3:5]) + (pixels[:, :2] - tie[:2]) * steps


def find_place(name: str, stated: Mapping[int, tuple[int, Any]], turned: bool) -> Place | None:
    """Find the place among the tags of a TIFF page.

    Args:
        name: of the file.
        stated: the type, as TIFF numbers it, and the value of those of `TAGS` that the page has.
        turned: whether the page was turned upright, which no program for maps does.

    Returns:
        The place; None where the page states none.

    Example:
        >>> find_place("a.tif", {33550: (12, (0.5, 0.5, 0.0))}, False).tags
        {33550: (12, (0.5, 0.5, 0.0))}
    """
    if not {SCALE, TRANSFORMATION, TIE_POINTS} & stated.keys():
        return None
    if turned:
        warnings.warn(
            f"{name} is turned upright by its tag Orientation, so that its place on Earth is lost.",
            stacklevel=2,
        )
        return None
    return Place(
        name,
        {
            tag: (int(kind), value if isinstance(value, str) else tuple(np.ravel(value).tolist()))
            for tag, (kind, value) in stated.items()
        },
    )


def world_file(path: Path) -> Path | None:
    """The file beside an image that states its place for programs for maps, such as a.tfw of a.tif.

    >>> world_file(Path("missing.tif")) is None
    True
    """
    suffix = path.suffix
    beside = path.parent.glob(f"{glob.escape(path.stem)}.*") if suffix[2:] else ()
    wanted = {f"{suffix[:2]}{suffix[-1]}w".lower(), f"{suffix}w".lower(), ".wld"}
    return next((each for each in beside if each.suffix.lower() in wanted), None)


def check_same_place(first: Place | None, second: Place | None, shape: tuple[int, ...]) -> None:
    """Refuse two images of one size whose files say that they show different places.

    Args:
        first, second: of the two files; None where one states no place.
        shape: (H, W, ...) of both.

    Raises:
        InputError: the coordinate systems differ, or the corners lie more than half a pixel apart.
    """
    if first is None or second is None:
        return
    a, b = first.corners(shape), second.corners(shape)
    if a is None or b is None:
        same = all(first.value(tag) == second.value(tag) for tag in TAGS)
    else:
        pixel = np.abs(a[1] - a[0]) / shape[1::-1]
        same = bool((np.abs(a - b) <= SAME_GRID * pixel).all())
    if not same or first.systems() != second.systems():
        raise InputError(
            f"{first.name} and {second.name} state different places on Earth, or different grids: "
            "bring both onto one grid first, such as with gdalwarp."
        )
