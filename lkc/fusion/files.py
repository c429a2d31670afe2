"""Fuse two image files: read each through the one door, show it, align, fuse, write the result."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import nn

from lkc.alignment.align import checkerboard, edge_overlay
from lkc.alignment.one_grid import align_sources
from lkc.fusion.images import check_pair, fuse
from lkc.io.image_files import write_image
from lkc.io.pixels import MAX_PIXELS, luma, to_unit_range
from lkc.io.reading import read_pixels
from lkc.io.window import NOTES, Windows
from lkc.tasks import get_task

COLOURED = 0.03  # Channels that differ by less, of 1, are a gray image that JPEG has touched.


@dataclass(frozen=True)
class SourcePair:
    """Two files as they are fused.

    Attributes:
        first, second: (H, W) or (H, W, 3), uint8 or uint16.
        names: of the files, for messages.
        shown: what became black and white in each, in words.
    """

    first: NDArray
    second: NDArray
    names: tuple[str, str]
    shown: tuple[str, str]


def read_pair(
    first: str | PathLike[str],
    second: str | PathLike[str],
    windows: Windows = (None, None),
    limit: int = MAX_PIXELS,
) -> SourcePair:
    """Read the two files of a pair as they are fused; their sizes may differ.

    Args:
        first, second: image files in the order of the task's name.
        windows: what to show of each, from `lkc.io.parse_window`; None takes the default.
        limit: the most pixels of each.

    Returns:
        The pair.

    Raises:
        InputError: a file cannot be read, or its window does not fit.

    Example:
        >>> folder = Path("assets/examples/ir-vis")
        >>> read_pair(folder / "ir" / "night.png", folder / "vis" / "night.png").shown
        ('full: 0 to 255', 'full: 0 to 255')
    """
    a, shown_a = read_pixels(first, windows[0], limit)
    b, shown_b = read_pixels(second, windows[1], limit)
    return SourcePair(a, b, (Path(first).name, Path(second).name), (shown_a, shown_b))


def warn_of_coloured_infrared(pair: SourcePair) -> None:
    """Say that an infrared source has colour, whose brightness need not follow temperature."""
    if pair.first.ndim == 3:
        unit = to_unit_range(pair.first, pair.names[0])
        if np.ptp(unit, axis=2).mean() > COLOURED:
            warnings.warn(
                f"{pair.names[0]} has colour, and only its brightness is fused, which need not "
                "rise with temperature: save the infrared in gray, or check the order of the "
                "sources.",
                stacklevel=3,
            )


def write_views(a: NDArray, b: NDArray, stem: Path) -> None:
    """Write a checkerboard of an aligned pair, and the edges of the first drawn on the second."""
    gray_a, gray_b = luma(to_unit_range(a, "first source")), luma(to_unit_range(b, "second source"))
    write_image(stem.with_name(f"{stem.name}-checkerboard.png"), checkerboard(gray_a, gray_b))
    write_image(stem.with_name(f"{stem.name}-edges.png"), edge_overlay(gray_a, gray_b))


def fuse_files(
    first: str | PathLike[str],
    second: str | PathLike[str],
    out: str | PathLike[str],
    task: str = "ir-vis",
    model: nn.Module | None = None,
    detail: float = 1.0,
    windows: Windows = (None, None),
    align: str | None = None,
    views: Path | None = None,
    colour: str = "keep",
) -> Mapping[str, str]:
    """Fuse two image files into a PNG that says how it was made.

    Args:
        first, second: image files in the order of the task's name.
        out: the PNG to write.
        task, model, detail: as in `lkc.fuse`.
        windows: what to show of each, from `lkc.io.parse_window`; None takes the default.
        align: how to bring the pair onto one grid, for `lkc.alignment.find_grid`; None expects one.
        views: folder for views of the alignment.
        colour: as in `lkc.fuse`.

    Returns:
        The notes in the PNG: task, both windows and the alignment in words.

    Raises:
        InputError: a file cannot be read, shown, aligned, fused or written.

    Example:
        >>> fuse_files("ir.tif", "vis.png", "fused.png")["window of first"]  # doctest: +SKIP
        'percentile 1,99: 7812 to 8540'
    """
    get_task(task)
    pair = read_pair(first, second, windows)
    if task == "ir-vis":
        warn_of_coloured_infrared(pair)
    a, b = pair.first, pair.second
    notes = {"task": task, **dict(zip(NOTES, pair.shown, strict=True))}
    if align is not None:
        a, b, found = align_sources(a, b, align, task)
        notes["alignment"] = f"{align}, {found.sentence}"
        if views is not None:
            write_views(a, b, views / Path(out).stem)
    check_pair(a, b, pair.names)
    write_image(out, fuse(a, b, task, model, detail, colour), notes)
    return notes
