"""Place two sources on one pixel grid, with a transform that is found or read from a file.

Cameras that are screwed together need one transform: it is found once and kept in a file, and
every pair, folder and clip of theirs is placed with it.
"""

import json
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lkc.alignment.align import Alignment, align, assess
from lkc.alignment.geometry import Image, Matrix, covered, warp
from lkc.alignment.search import METHODS
from lkc.errors import InputError, replacing
from lkc.io.pixels import FULL_SCALE, luma, to_unit_range

Size = tuple[int, int]
SUFFIX = ".json"


def names_transform(how: str) -> bool:
    """Whether a way to align is a file with a stored transform, and no method."""
    return Path(how).suffix.lower() == SUFFIX


def check_way(how: str) -> None:
    """Refuse a way to align that is neither a method nor a file of `write_transform`."""
    if how not in METHODS and not names_transform(how):
        raise InputError(
            f"unknown way to align {how!r}: choose one of {', '.join(METHODS)}, or the {SUFFIX} "
            "file of lkc align."
        )


def infrared_moves(task: str) -> bool:
    """Whether the first source moves: infrared onto visible; CT, PET and SPECT move onto MRI."""
    return task == "ir-vis"


def usual_method(task: str) -> str:
    """The method for who names none: modalities of medicine share statistics, rather than edges."""
    return "ecc" if infrared_moves(task) else "mutual-information"


@dataclass(frozen=True)
class OneGrid:
    """Moves one source of each pair onto the pixel grid of the other, which stays as it is.

    Attributes:
        found: the transform, and how well it fits the pair it was found or first used for.
        moving_size, fixed_size: (height, width) of what moves and of what stays.
        first_moves: whether the first source is what moves.
    """

    found: Alignment
    moving_size: Size
    fixed_size: Size
    first_moves: bool

    @cached_property
    def outside(self) -> NDArray[np.bool_]:
        """The pixels (H, W) of what stays that the other source does not cover."""
        moving = np.empty(self.moving_size, np.uint8)
        return ~covered(self.found.matrix, moving, self.fixed_size)

    def place(self, a: NDArray, b: NDArray) -> tuple[NDArray, NDArray]:
        """Place a pair on one grid.

        Args:
            a, b: the first and the second source, (H, W) or (H, W, 3), of the stated sizes.

        Returns:
            Both on the grid of the one that stays. Where an infrared image ends, the visible one's
            luma stands in for it, so that no edge appears; where a CT, PET or SPECT image ends, it
            is black.
        """
        moving, fixed = (a, b) if self.first_moves else (b, a)
        moved = warp(moving, self.found.matrix, self.fixed_size)
        stand_in = np.zeros(self.fixed_size, moved.dtype)
        if self.first_moves:
            top = FULL_SCALE.get(moving.dtype, 1)
            stand_in = (luma(to_unit_range(fixed, "second")) * top).astype(moving.dtype)
        if moved.ndim == 3:
            stand_in = np.repeat(stand_in[..., None], 3, axis=2)  # (H, W, 3)
        moved[self.outside] = stand_in[self.outside]
        return (moved, fixed) if self.first_moves else (fixed, moved)


def gray_sources(a: NDArray, b: NDArray, task: str) -> tuple[Image, Image]:
    """Luma of what moves and of what stays, each (H, W) in [0, 1]."""
    grays = luma(to_unit_range(a, "first")), luma(to_unit_range(b, "second"))
    return grays if infrared_moves(task) else grays[::-1]


def check_stored(how: str, task: str, shapes: tuple[tuple[int, ...], tuple[int, ...]]) -> None:
    """Refuse a stored transform that does not fit a pair, before any pixel of it is read.

    Args:
        how: as for `find_grid`; a method fits every pair.
        task: as there.
        shapes: (H, W, ...) of the first and of the second source.

    Raises:
        InputError: the file cannot be read, is no transform, or was made for other sizes.
    """
    if names_transform(how):
        sizes = (shapes[0][0], shapes[0][1]), (shapes[1][0], shapes[1][1])
        read_transform(Path(how), sizes if infrared_moves(task) else sizes[::-1])


def find_grid(a: NDArray, b: NDArray, how: str, task: str) -> OneGrid:
    """Find how a pair is placed on one grid, or read it from a file.

    Args:
        a, b: the sources in the order of the task's name, (H, W) or (H, W, 3), of different sizes
            if need be; uint8, uint16 or float in [0, 1].
        how: a method of `lkc.alignment.align.align`, or a file of `write_transform`.
        task: "ir-vis", "mri-ct", "mri-pet" or "mri-spect".

    Returns:
        The grid, which places this pair and others of the same cameras.

    Raises:
        InputError: alignment failed, or the file does not fit the pair.

    Example:
        >>> find_grid(infrared, visible, "ecc", "ir-vis").found.sentence  # doctest: +SKIP
        'edge agreement 0.40 (good; before 0.05, chance 0, perfect 1); 91% of the image is covered'
    """
    check_way(how)
    moving, fixed = gray_sources(a, b, task)
    sizes = moving.shape, fixed.shape
    if names_transform(how):
        found = assess(moving, fixed, read_transform(Path(how), sizes))
    else:
        found = align(moving, fixed, how)
    return OneGrid(found, *sizes, infrared_moves(task))


def align_sources(
    a: NDArray, b: NDArray, method: str, task: str
) -> tuple[NDArray, NDArray, Alignment]:
    """Bring a pair onto one grid: infrared onto visible, CT, PET and SPECT onto MRI.

    Args:
        a, b: the sources in the order of the task's name, (H, W) or (H, W, 3), of different sizes
            if need be; uint8, uint16 or float in [0, 1].
        method: for `lkc.alignment.align.align`, or a file of `write_transform`.
        task: "ir-vis", "mri-ct", "mri-pet" or "mri-spect".

    Returns:
        Both sources on the grid of the one that stays, and the alignment. Where an infrared image
        ends, the visible one's luma stands in for it; where a CT, PET or SPECT image ends, it is
        black.

    Raises:
        InputError: alignment failed, or the file does not fit the pair.

    Example:
        >>> align_sources(infrared, visible, "ecc", "ir-vis")[2].sentence  # doctest: +SKIP
        'edge agreement 0.40 (good; before 0.05, chance 0, perfect 1); 91% of the image is covered'
    """
    grid = find_grid(a, b, method, task)
    return *grid.place(a, b), grid.found


def in_words(size: Size) -> str:
    """Width and height as messages say them."""
    return f"{size[1]}x{size[0]}"


def write_transform(path: str | PathLike[str], grid: OneGrid, how: str) -> None:
    """Keep a transform in a JSON file, for other pairs and clips of the same cameras.

    Args:
        path: the file to write.
        grid: what to keep.
        how: the method that found it.

    Raises:
        InputError: the file cannot be written.

    Example:
        >>> write_transform("rig.json", grid, "ecc")  # doctest: +SKIP
    """
    stored = {
        "moving_size": in_words(grid.moving_size),
        "fixed_size": in_words(grid.fixed_size),
        "matrix": grid.found.matrix.tolist(),
        "matrix_maps": "pixel (x, y, 1) of the fixed image to pixel of the moving image",
        "found_by": f"{how}, {grid.found.sentence}",
    }
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


def read_transform(path: Path, sizes: tuple[Size, Size]) -> Matrix:
    """Read a transform of `write_transform`, or one that somebody else wrote in its form.

    Args:
        path: the JSON file; it needs "matrix", "moving_size" and "fixed_size".
        sizes: (height, width) of what moves and of what stays, which the file must have been made
            for.

    Returns:
        (3, 3), pixel (x, y, 1) of the fixed image to pixel of the moving one.

    Raises:
        InputError: the file cannot be read, is no transform, or was made for other sizes.
    """
    stored = parse(path)
    made_for = str(stored["moving_size"]), str(stored["fixed_size"])
    given = in_words(sizes[0]), in_words(sizes[1])
    if made_for != given:
        raise InputError(
            f"{path.name} moves {made_for[0]} onto {made_for[1]}, but this pair would move "
            f"{given[0]} onto {given[1]}."
        )
    try:
        matrix = np.array(stored["matrix"], np.float64)
    except (TypeError, ValueError):
        matrix = np.zeros(0)
    if matrix.shape != (3, 3) or not np.isfinite(matrix).all() or np.linalg.det(matrix) == 0:
        raise InputError(
            f"the matrix of {path.name} is no transform: it needs 3 rows of 3 numbers."
        )
    return matrix


def parse(path: Path) -> dict[str, Any]:
    """Read a JSON file that has what a transform needs."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path.name} cannot be read: {error.strerror}.") from None
    except ValueError:  # no JSON, or no text at all
        stored = None
    if not isinstance(stored, dict) or {"matrix", "moving_size", "fixed_size"} - stored.keys():
        raise InputError(
            f"{path.name} is no stored alignment: it needs matrix, moving_size and fixed_size, as "
            "lkc align writes them."
        )
    return stored
