"""`lkc info`: what a file is, its values, place, window and frames: the first thing to ask for."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from rich.markup import escape

from lkc.cli.fuse_job import warnings_as_sentences
from lkc.console import output
from lkc.fusion.volumes import choose_limits
from lkc.io.clip import read_clip
from lkc.io.dicom_series import list_with_folders, search_below
from lkc.io.kinds import IMAGE_KINDS, IMAGE_SUFFIXES, kind_of, looks_like_dicom
from lkc.io.pairing import MOST_NAMED, folders_inside, images_by_stem
from lkc.io.reading import VOLUME_READERS, open_image, read_volume, show
from lkc.io.volume import Volume
from lkc.io.window import find_percentiles

Lines = Iterator[tuple[str, str]]


def values_in_words(values: NDArray) -> Lines:
    """The type of values, their ends, and what is missing."""
    finite = np.isfinite(values)
    low, high = find_percentiles(values, 0, 100)
    yield "values", f"{values.dtype}, from {low:g} to {high:g}"
    percentiles = [find_percentiles(values, p, p)[0] for p in (1, 50, 99)]
    yield "percentiles 1, 50, 99", ", ".join(f"{value:g}" for value in percentiles)
    if not finite.all():
        yield "gaps", f"{1 - finite.mean():.1%} of all values"


def describe_image(path: Path) -> Lines:
    """What a picture, a TIFF or one DICOM image holds."""
    data = open_image(path)
    height, width = data.values.shape[:2]
    yield "size", f"{width}x{height}, {'colour' if data.values.ndim == 3 else 'gray'}"
    yield from values_in_words(data.values)
    yield "unit", data.unit or ("not stated" if data.measured else "gray levels")
    if data.modality:
        yield "modality", data.modality
    if data.place is not None:
        yield "place on Earth", data.place.describe(data.values.shape)
    yield "images in the file", str(data.pages)
    for name, (low, high) in data.presets.items():
        yield f"window of {name}", f"{low:g} to {high:g}"
    yield "window without --window", show(data)[1]


def describe_volume(path: Path) -> Lines:
    """What a volume holds, and where it lies."""
    volume: Volume = read_volume(path)
    yield "size", str(volume).partition(" (")[2].rstrip(")")
    yield from values_in_words(volume.values)
    yield "unit", volume.unit or "not stated"
    if volume.modality:
        yield "modality", volume.modality
    if volume.placed:
        x, y, z = volume.affine[:3, 3]
        yield "first voxel", f"{x:g} mm right, {y:g} mm front, {z:g} mm up"
    else:
        yield "first voxel", "the file states no place"
    yield "window without --window", choose_limits(volume, None)[1]


def describe_clip(path: Path) -> Lines:
    """What the first stream of a clip holds."""
    clip = read_clip(path)
    height, width = clip.shape[:2]
    yield "size", f"{width}x{height}, {'colour' if len(clip.shape) == 3 else 'gray'}"
    yield "values", f"from {clip.full_range[0]:g} to {clip.full_range[1]:g} at most"
    yield "frames", str(clip.count or "not stated")
    yield "frames a second", f"{float(clip.rate):g}"
    yield "seconds", f"{float(clip.seconds):g}" if clip.seconds else "not stated"


def describe_folder(path: Path) -> Lines:
    """The images of a folder, or the one DICOM series in it."""
    if any(map(looks_like_dicom, path.iterdir())):
        yield from describe_volume(path)
        return
    images = images_by_stem(path)
    yield "images", str(len(images))
    if images:
        first = next(iter(images.values()))
        yield "first of them", first.name
        yield from describe_image(first)
    else:
        yield from describe_upper_folder(path)


def describe_upper_folder(path: Path) -> Lines:
    """What lies in a folder without images, and in its folders."""
    files = sorted(each.name for each in path.iterdir() if each.is_file())
    if files:
        yield "other files", ", ".join(files[:MOST_NAMED])
    series = list_with_folders(search_below(path))
    yield from (("DICOM series in its folders", each) for each in series)
    for name in [] if series else folders_inside(path):
        below = [each.suffix.lower() in IMAGE_SUFFIXES for each in (path / name).rglob("*")]
        yield "folder in it", f"{name}, with images: {sum(below)}"


def describe_any(path: Path, kind: str) -> Lines:
    """What a file or folder of a kind holds, line by line."""
    if kind == "folder":
        yield from describe_folder(path)
    elif kind == "clip":
        yield from describe_clip(path)
    elif kind in VOLUME_READERS and kind not in IMAGE_KINDS:
        yield from describe_volume(path)
    else:  # an image, or what is refused as one in a sentence
        yield from describe_image(path)


def info(
    file: Annotated[Path, typer.Argument(help="An image, a volume, a clip or a folder.")],
) -> None:
    """Print what a file is, its values, place, window and frames."""
    with warnings_as_sentences():
        kind = kind_of(file)
        output.print(f"{escape(file.name)}: {kind}")
        for name, text in describe_any(file, kind):
            output.print(f"{name}: {escape(text)}")
