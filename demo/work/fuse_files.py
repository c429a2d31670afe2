"""What the page computes, without any Gradio in it."""

import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

import lkc
from lkc.alignment.one_grid import find_grid, infrared_moves
from lkc.errors import InputError
from lkc.fusion.images import colours_of
from lkc.io.image_data import ImageData
from lkc.io.kinds import kind_of
from lkc.io.pixels import TooLargeError, to_8_bits, to_unit_range
from lkc.io.reading import open_image, show
from lkc.io.window import parse_window
from lkc.model.baselines import BASELINES
from lkc.model.loading import pick_device
from lkc.model.precision import in_precision

from ..server.latest import give_up_between_layers
from ..server.temporary_files import KEEP_SECONDS
from ..words.say import Complaint
from .prepared import Given, Moved, given_for
from .slices import show_slice

METHODS = ["lite", "nano", *BASELINES]
MAX_MEGAPIXELS = 16
KEPT_FILES = 2  # Of a pair, each file is needed by several steps in turn.
SHOW_FIRST = ("night",)  # In this example either source misses most.


@dataclass(frozen=True)
class Fusion:
    """A fused pair and what is worth telling about it.

    Attributes:
        fused: (H, W) or (H, W, 3), uint8 or uint16.
        sources: what was fused, uint8 or uint16, in the same order as given.
        seconds: time by stage: "decode", "network".
        device: where the network ran, for people.
    """

    fused: NDArray
    sources: tuple[NDArray, NDArray]
    seconds: dict[str, float]
    device: str


def has_gpu() -> bool:
    """Whether networks run on a GPU, where the precision can be chosen."""
    return pick_device().type == "cuda"


@lru_cache(maxsize=32)
def load_method(method: str, task: str, precision: str = "fp32") -> nn.Module:
    """Load a network or baseline once; 16-bit precision is for a network on a GPU."""
    model = give_up_between_layers(lkc.load_model(method, task=task))
    return in_precision(model, precision)


@lru_cache(maxsize=1)
def device_name() -> str:
    """Name the device that networks run on."""
    device = pick_device()
    return torch.cuda.get_device_name() if device.type == "cuda" else device.type.upper()


def check_there(path: str | Path | None, name: str) -> Path:
    """Refuse a file that was not given, or was deleted meanwhile."""
    if not path:
        raise Complaint("missing", name=name)
    if not Path(path).exists():
        raise Complaint("expired", name=name, minutes=KEEP_SECONDS // 60)
    return Path(path)


@lru_cache(maxsize=KEPT_FILES)
def open_once(path: Path, written: int, megapixels: float) -> ImageData:
    """Decode a file once for as long as it is not written anew: 12 megapixels take 0.3 s."""
    return open_image(path, limit=int(megapixels * 1_000_000))


def open_source(path: str | Path | None, name: str) -> ImageData:
    """Open an image; say so if it is missing, of another kind, deleted meanwhile or too large."""
    path = check_there(path, name)
    try:
        return open_once(path, path.stat().st_mtime_ns, MAX_MEGAPIXELS)
    except TooLargeError:
        raise Complaint("pixels", name=name, limit=MAX_MEGAPIXELS) from None
    except InputError:
        if kind_of(path) == "nifti":
            raise Complaint("medical", file=path.name) from None
        raise


def show_given(given: Given, name: str) -> tuple[NDArray, str]:
    """Show a file through its window: (H, W) or (H, W, 3), uint8 or uint16; and what is shown."""
    if given.moved:
        return show_moved(given.moved, name)
    if given.slice:
        check_there(given.file, name)
        return show_slice(given)
    window = parse_window(given.window) if given.window else None
    return show(open_source(given.file, name), window)


def show_moved(moved: Moved, name: str) -> tuple[NDArray, str]:
    """Show a source on the grid of the other, as `lkc fuse --align` fuses it."""
    pixels, said = show_given(given_for(moved.before), name)
    other, _ = show_given(given_for(moved.onto), name)
    first_moves = infrared_moves(moved.task)
    pair = (pixels, other) if first_moves else (other, pixels)
    placed = find_grid(*pair, moved.transform, moved.task).place(*pair)
    return placed[0 if first_moves else 1], said


def read_source(path: str | Path | None, name: str) -> NDArray:
    """Read one source as `lkc.fuse` sees it: (H, W) or (H, W, 3), uint8 or uint16."""
    return show_given(given_for(str(path)) if path else Given(""), name)[0]


def check_sizes(images: tuple[NDArray, NDArray], names: tuple[str, str]) -> None:
    """Refuse two images that do not lie on one pixel grid."""
    sizes = [f"{image.shape[1]}×{image.shape[0]}" for image in images]
    if sizes[0] != sizes[1]:
        named = {"first": names[0], "second": names[1]}
        raise Complaint("size", first_size=sizes[0], second_size=sizes[1], **named)


def read_pair(first: str | Path, second: str | Path, task: str) -> tuple[NDArray, NDArray]:
    """Read two files that must lie on one pixel grid."""
    names = lkc.TASKS[task].first, lkc.TASKS[task].second
    pair = read_source(first, names[0]), read_source(second, names[1])
    check_sizes(pair, names)
    return pair


def check_options(method: str, detail: float | None) -> None:
    """Refuse what the page does not offer, and a number that was deleted while it was typed."""
    if method not in METHODS:
        raise InputError(f"unknown method {method!r}: choose one of {', '.join(METHODS)}.")
    if not isinstance(detail, int | float) or not 0 <= detail <= 2:
        raise Complaint("detail_range")


def fuse_pixels(
    pair: tuple[NDArray, NDArray], task: str, model: nn.Module, detail: float, colour: str
) -> NDArray:
    """Fuse what was read, as `fuse_files` does."""
    if colour == "heat" and colour not in colours_of(lkc.TASKS[task]):
        colour = "keep"
    return lkc.fuse(*pair, task=task, model=model, detail=detail, colour=colour)


def fuse_files(
    first: str | Path,
    second: str | Path,
    task: str,
    method: str = "lite",
    detail: float = 1.0,
    colour: str = "keep",
    precision: str = "fp32",
) -> Fusion:
    """Read and fuse two files.

    Args:
        first, second: paths, in the order of the task's name.
        task: one of `lkc.TASKS`.
        method: one of `METHODS`.
        detail: 0 to 2.
        colour: as in `lkc.fuse`; heat is for infrared, and counts as "keep" for other tasks.
        precision: one of `PRECISIONS`; counts on a GPU only.

    Returns:
        The fused image, the sources and the times.

    Raises:
        InputError: a file that cannot be read, sizes that differ, too many pixels, or an option
            that is not offered.
    """
    check_options(method, detail)
    start = time.perf_counter()
    a, b = read_pair(first, second, task)
    decoded = time.perf_counter()
    model = load_method(method, task, precision)
    loaded = time.perf_counter()
    fused = fuse_pixels((a, b), task, model, detail, colour)
    seconds = {"decode": decoded - start, "network": time.perf_counter() - loaded}
    return Fusion(fused, (a, b), seconds, "CPU" if method in BASELINES else device_name())


def to_display(image: NDArray) -> NDArray[np.uint8]:
    """Any image as 8 bits for the screen; floats are taken from [0, 1]."""
    return image if image.dtype == np.uint8 else to_8_bits(to_unit_range(image, "image"))


def list_examples(folder: Path, task: str) -> list[tuple[str, str]]:
    """Example pairs of a task: (first file, second file)."""
    names = task.split("-")
    first, second = folder / task / names[0], folder / task / names[1]
    by_name = sorted(first.glob("*.png"), key=lambda path: (path.stem not in SHOW_FIRST, path))
    pairs = [(path, second / path.name) for path in by_name]
    return [(str(a), str(b)) for a, b in pairs if b.exists()]
