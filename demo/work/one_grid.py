"""One source moved onto the pixel grid of the other: found, read from a file, or moved by hand."""

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

import lkc
from lkc.alignment.align import OVERLAY, Alignment, assess
from lkc.alignment.geometry import Matrix, edge_strength, fit_inside
from lkc.alignment.one_grid import (
    OneGrid,
    Size,
    find_grid,
    gray_sources,
    infrared_moves,
    usual_method,
    write_transform,
)
from lkc.errors import InputError
from lkc.io.pixels import luma, to_unit_range

from ..server.temporary_files import new_folder
from .fuse_files import read_source
from .prepared import Given, Moved, given_for
from .uploads import name_of

BY_HAND = "by hand"
DRAWN_EDGES = 0.9  # The strongest tenth of the edges is drawn.


@dataclass(frozen=True)
class Placed:
    """A source on the grid of the other.

    Attributes:
        moved: what is kept with the source.
        found: the transform, and how well it fits.
        moving_size, fixed_size: (height, width).
    """

    moved: Moved
    found: Alignment
    moving_size: Size
    fixed_size: Size


def moving_place(task: str) -> int:
    """Which of the two sources of a task is moved: 0 or 1."""
    return 0 if infrared_moves(task) else 1


def read_both(pictures: tuple[str, str], task: str) -> tuple[NDArray, NDArray]:
    """Read two pictures of the page that may have different sizes."""
    names = lkc.TASKS[task].first, lkc.TASKS[task].second
    return read_source(pictures[0], names[0]), read_source(pictures[1], names[1])


def differ_in_size(pictures: tuple[str, str], task: str) -> bool:
    """Whether two pictures can be read and have different sizes."""
    try:
        a, b = read_both(pictures, task)
    except InputError:
        return False
    return a.shape[:2] != b.shape[:2]


def find(pictures: tuple[str, str], task: str) -> Placed:
    """Find how one source lies on the grid of the other, as `lkc align` does.

    Args:
        pictures: of both sources as the page shows them, unmoved.
        task: of both.

    Raises:
        InputError: no match that can be trusted.
    """
    method = usual_method(task)
    return keep(pictures, task, find_grid(*read_both(pictures, task), method, task), method)


def place(pictures: tuple[str, str], task: str, matrix: Matrix | None = None) -> Placed:
    """Place one source on the grid of the other by a matrix; without one, in its middle."""
    moving, fixed = gray_sources(*read_both(pictures, task), task)
    if matrix is None:
        matrix = fit_inside(moving, fixed)
    found = assess(moving, fixed, matrix)
    grid = OneGrid(found, moving.shape, fixed.shape, infrared_moves(task))
    return keep(pictures, task, grid, BY_HAND)


def keep(pictures: tuple[str, str], task: str, grid: OneGrid, how: str) -> Placed:
    """Write a transform into a file that is named after the source that moves."""
    moving = pictures[moving_place(task)]
    file = new_folder() / f"{name_of(given_for(moving))}-align.json"
    write_transform(file, grid, how)
    return use_file(pictures, task, str(file), grid)


def use_file(
    pictures: tuple[str, str], task: str, file: str, grid: OneGrid | None = None
) -> Placed:
    """Place one source on the grid of the other by a file of `lkc align`.

    Raises:
        InputError: the file is none, or was made for other sizes.
    """
    grid = grid or find_grid(*read_both(pictures, task), file, task)
    at = moving_place(task)
    moved = Moved(file, pictures[at], pictures[1 - at], task)
    return Placed(moved, grid.found, grid.moving_size, grid.fixed_size)


def moved_onto(moved: Moved) -> Given:
    """The source as it lies on the grid of the other."""
    return replace(given_for(moved.before), moved=moved)


def placed_before(moved: Moved) -> Placed:
    """The same, for a source that was moved earlier."""
    at = moving_place(moved.task)
    pictures = (moved.before, moved.onto) if at == 0 else (moved.onto, moved.before)
    return use_file(pictures, moved.task, moved.transform)


def parse_matrix(sent: object) -> Matrix:
    """Take the nine numbers of a matrix that a browser sent.

    Raises:
        InputError: they are no transform.
    """
    numbers = sent if isinstance(sent, list) else []
    if len(numbers) != 9 or not all(isinstance(n, int | float) for n in numbers):
        raise InputError("a transform needs 9 numbers.")
    matrix = np.array(numbers, np.float64).reshape(3, 3)
    if not np.isfinite(matrix).all() or math.isclose(np.linalg.det(matrix), 0, abs_tol=1e-12):
        raise InputError("a transform needs 9 numbers.")
    return matrix


@lru_cache(maxsize=32)
def draw_edges(picture: str) -> str:
    """Write the strongest edges of a picture as a PNG that is transparent elsewhere."""
    gray = luma(to_unit_range(read_source(picture, "image"), "image"))
    strength = edge_strength(gray)
    drawn = np.zeros((*gray.shape, 4), np.uint8)  # (H, W, 4)
    drawn[strength > max(float(np.quantile(strength, DRAWN_EDGES)), 0.05)] = (*OVERLAY[::-1], 255)
    path = new_folder() / f"{Path(picture).stem}-edges.png"
    cv2.imwrite(str(path), drawn)
    return str(path)
