"""Fuse two image files: read each through the one door, show it, align, fuse, write the result."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import nn

from lkc.alignment.align import Alignment, checkerboard, edge_overlay
from lkc.alignment.geometry import warp
from lkc.alignment.one_grid import align_sources, infrared_moves
from lkc.errors import InputError
from lkc.fusion.images import check_pair, fuse
from lkc.fusion.modalities import check_modalities, warn_of_coloured_infrared
from lkc.io.dicom_writer import Plane, read_plane, write_dicom
from lkc.io.geotiff import Place, check_same_place, world_file
from lkc.io.image_data import ImageData
from lkc.io.image_files import write_image
from lkc.io.kinds import has_suffix, open_file
from lkc.io.pixels import MAX_PIXELS, luma, to_unit_range
from lkc.io.radiometric_jpeg import read_visible
from lkc.io.reading import IMAGE_READERS, open_image, show_first_page
from lkc.io.window import NOTES, Windows
from lkc.tasks import get_task


@dataclass(frozen=True)
class Source:
    """A file as it is fused.

    Attributes:
        pixels: (H, W) or (H, W, 3), uint8 or uint16.
        name: of the file, for messages.
        shown: what became black and white, in words.
        modality: DICOM's code, or "" where the file has none.
        place: where it lies on Earth, or None where the file does not say.
        gaps: (H, W), the pixels that a GeoTIFF says were not measured, or None.
    """

    pixels: NDArray
    name: str
    shown: str
    modality: str = ""
    place: Place | None = None
    gaps: NDArray[np.bool_] | None = None


def open_second_time(path: Path, limit: int) -> ImageData:
    """Read a file that is given as both sources: the visible picture inside a radiometric one.

    A DICOM image is read again, with a warning, to see what becomes of it; others are refused.
    """
    with open_file(path) as (file, kind):
        if kind == "dicom":
            warnings.warn(f"{path.name} is given as both sources.", stacklevel=3)
            return IMAGE_READERS[kind](file, path.name, 0, limit)
        if kind != "radiometric":
            raise InputError(f"{path} is given as both sources: give two images of one scene.")
        warnings.warn(
            f"the visible picture in {path.name} is the second source, and shows another field of "
            "view than its thermal image: bring the two onto one grid with --align.",
            stacklevel=3,
        )
        return read_visible(file, path.name, limit)


def read_pair(
    first: str | PathLike[str],
    second: str | PathLike[str],
    windows: Windows = (None, None),
    limit: int = MAX_PIXELS,
) -> tuple[Source, Source]:
    """Read the two files of a pair as they are fused; their sizes may differ.

    Args:
        first, second: image files in the order of the task's name; a radiometric file given twice
            stands for its temperatures and the visible picture inside.
        windows: what to show of each, from `lkc.io.parse_window`; None takes the default.
        limit: the most pixels of each.

    Returns:
        Both sources.

    Raises:
        InputError: a file cannot be read, its window does not fit, or one file is given twice.

    Example:
        >>> folder = Path("assets/examples/ir-vis")
        >>> read_pair(folder / "ir" / "night.png", folder / "vis" / "night.png")[0].shown
        'full: 0 to 255'
    """
    paths = Path(first), Path(second)
    twice = all(path.exists() for path in paths) and paths[0].samefile(paths[1])
    sources: list[Source] = []
    for path, window in zip(paths, windows, strict=True):
        inside = twice and len(sources) == 1
        data = open_second_time(path, limit) if inside else open_image(path, limit=limit)
        if data.place is None and (beside := world_file(path)):
            warnings.warn(
                f"{beside.name} states where {path.name} lies on Earth, which is lost: write it "
                "into a GeoTIFF first, such as with gdal_translate.",
                stacklevel=3,
            )
        pixels, shown = show_first_page(data, window)
        sources.append(Source(pixels, data.name, shown, data.modality, data.place, data.gaps))
    return sources[0], sources[1]


def choose_place(first: Source, second: Source, task: str, aligned: bool) -> Place | None:
    """Find the place of a fused image: that of the grid on which it lies."""
    if not aligned:
        check_same_place(first.place, second.place, first.pixels.shape)
        return first.place or second.place
    fixed, moved = (second, first) if task == "ir-vis" else (first, second)
    if moved.place and not fixed.place:
        warnings.warn(
            f"the place on Earth that {moved.name} states is lost: it is brought onto the grid of "
            f"{fixed.name}, which states none.",
            stacklevel=3,
        )
    return fixed.place


def join_gaps(
    first: Source, second: Source, task: str, found: Alignment | None
) -> NDArray[np.bool_] | None:
    """Find the pixels of a fused image where either source was not measured; None without any."""
    masks = []
    for source, moves in ((first, infrared_moves(task)), (second, not infrared_moves(task))):
        mask = source.gaps
        if mask is not None and found is not None and moves:
            size = (second if source is first else first).pixels.shape[:2]
            mask = warp(mask.astype(np.float32), found.matrix, (size[0], size[1])) > 0
        if mask is not None:
            masks.append(mask)
    return np.logical_or.reduce(masks) if masks else None


def write_fused(
    out: str | PathLike[str],
    pixels: NDArray,
    notes: Mapping[str, str],
    place: Place | None,
    gaps: NDArray[np.bool_] | None,
    plane: Plane | None,
) -> None:
    """Write a fused image, or say that its format loses the place on Earth."""
    if place is not None and not has_suffix(out, "tiff"):
        warnings.warn(
            "the sources state a place on Earth, which only a TIFF keeps: fuse two files into one "
            "(-o OUT.tif).",
            stacklevel=3,
        )
    if has_suffix(out, "dicom"):
        write_dicom(out, pixels, notes, plane)
    else:
        write_image(out, pixels, notes, place, gaps if place else None)


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
    """Fuse two image files into a PNG, TIFF or DICOM that says how it was made.

    Args:
        first, second: image files in the order of the task's name.
        out: the PNG to write; the TIFF, which keeps the place of a GeoTIFF; or the DICOM secondary
            capture, which keeps that of the first source if it is DICOM and its grid is kept.
        task, model, detail: as in `lkc.fuse`.
        windows: what to show of each, from `lkc.io.parse_window`; None takes the default.
        align: how to bring the pair onto one grid, for `lkc.alignment.find_grid`; None expects one.
        views: folder for views of the alignment.
        colour: as in `lkc.fuse`.

    Returns:
        The notes in the file: task, both windows and the alignment in words.

    Raises:
        InputError: a file cannot be read, shown, aligned, fused or written.

    Example:
        >>> fuse_files("ir.tif", "vis.png", "fused.png")["window of first"]  # doctest: +SKIP
        'percentile 1,99: 7812 to 8540'
    """
    get_task(task)
    one, two = read_pair(first, second, windows)
    check_modalities(one, two, task)
    if task == "ir-vis":
        warn_of_coloured_infrared(one.pixels, one.name)
    a, b = one.pixels, two.pixels
    notes = {"task": task, NOTES[0]: one.shown, NOTES[1]: two.shown}
    found: Alignment | None = None
    if align is not None:
        a, b, found = align_sources(a, b, align, task)
        notes["alignment"] = f"{align}, {found.sentence}"
        if views is not None:
            write_views(a, b, views / Path(out).stem)
    check_pair(a, b, (one.name, two.name))
    place = choose_place(one, two, task, align is not None)
    gaps = join_gaps(one, two, task, found)
    keeps_grid = found is None or not infrared_moves(task)
    plane = read_plane(first) if keeps_grid and has_suffix(out, "dicom") else None
    write_fused(out, fuse(a, b, task, model, detail, colour), notes, place, gaps, plane)
    return notes
