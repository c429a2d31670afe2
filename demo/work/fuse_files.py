"""What the page computes, without any Gradio in it."""

import math
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

import lkc
from lkc.analysis.features import plain_network
from lkc.errors import InputError
from lkc.io.image_files import FULL_SCALE, luma, read_image, to_unit_range
from lkc.io.reading import is_dicom
from lkc.model.baselines import BASELINES
from lkc.model.cuda_graph import CudaGraphModel
from lkc.model.loading import pick_device

from ..server.latest import give_up_between_layers
from ..server.temporary_files import KEEP_SECONDS
from ..words.say import Complaint

METHODS = ["lite", *BASELINES]
PRECISIONS = {"fp32": None, "bf16": torch.bfloat16, "fp16": torch.float16}
MAX_MEGAPIXELS = 16
SHOW_FIRST = ("night",)  # the example in which either source misses most
VOLUMES = (".nii", ".nii.gz")
MIN_METRIC_SIDE = 41  # what the metrics with the widest window need


@dataclass(frozen=True)
class Fusion:
    """A fused pair and what is worth telling about it.

    Attributes:
        fused: (H, W) or (H, W, 3), uint8 or uint16.
        sources: what was read, in the same order as given.
        seconds: time by stage: "decode", "network".
        device: where the network ran, for people.
    """

    fused: NDArray
    sources: tuple[NDArray, NDArray]
    seconds: dict[str, float]
    device: str


class HalfPrecision(nn.Module):
    """A network under autocast: products in 16 bits, sums and statistics in 32."""

    def __init__(self, network: nn.Module, dtype: torch.dtype) -> None:
        super().__init__()
        self.network, self.dtype = network, dtype

    def forward(self, sources: Tensor) -> Tensor:
        with torch.autocast(sources.device.type, self.dtype, cache_enabled=False):
            return self.network(sources)  # (B, 1, H, W)


def has_gpu() -> bool:
    """Whether networks run on a GPU, where the precision can be chosen."""
    return pick_device().type == "cuda"


@lru_cache(maxsize=32)
def load_method(method: str, task: str, precision: str = "fp32") -> nn.Module:
    """Load a network or baseline once; 16-bit precision is for a network on a GPU."""
    model = give_up_between_layers(lkc.load_model(method, task=task))
    dtype = PRECISIONS[precision]
    if dtype is None or method in BASELINES or not has_gpu():
        return model
    return CudaGraphModel(HalfPrecision(plain_network(model), dtype)).eval()


@lru_cache(maxsize=1)
def device_name() -> str:
    """Name the device that networks run on."""
    device = pick_device()
    return torch.cuda.get_device_name() if device.type == "cuda" else device.type.upper()


def check_pixels(path: str | Path, name: str) -> None:
    """Refuse what would keep a shared page busy for long, before any pixel is decoded."""
    try:
        with Image.open(path) as image:
            pixels: float = image.width * image.height
    except Image.DecompressionBombError:
        pixels = math.inf
    except (OSError, SyntaxError, ValueError):
        return  # reading it will say what is wrong
    if pixels > MAX_MEGAPIXELS * 1_000_000:
        raise Complaint("pixels", name=name, limit=MAX_MEGAPIXELS)


def read_source(path: str | Path | None, name: str) -> NDArray:
    """Read one source; say so if it is missing, of another kind, deleted meanwhile or too large."""
    if not path:
        raise Complaint("missing", name=name)
    path = Path(path)
    if not path.exists():
        raise Complaint("expired", name=name, minutes=KEEP_SECONDS // 60)
    if path.name.lower().endswith(VOLUMES) or is_dicom(path):
        raise Complaint("medical", file=path.name)
    check_pixels(path, name)
    return read_image(path)


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


def without_colour(image: NDArray) -> NDArray:
    """Luma of an image, in the image's own type."""
    if image.ndim == 2:
        return image
    gray = luma(to_unit_range(image, "image"))
    if image.dtype not in FULL_SCALE:
        return gray
    return np.rint(gray * FULL_SCALE[image.dtype]).astype(image.dtype)


def check_options(method: str, detail: float | None) -> None:
    """Refuse what the page does not offer, and a number that was deleted while it was typed."""
    if method not in METHODS:
        raise InputError(f"unknown method {method!r}: choose one of {', '.join(METHODS)}.")
    if not isinstance(detail, int | float) or not 0 <= detail <= 2:
        raise Complaint("detail_range")


def fuse_files(
    first: str | Path,
    second: str | Path,
    task: str,
    method: str = "lite",
    detail: float = 1.0,
    colour: bool = True,
    precision: str = "fp32",
) -> Fusion:
    """Read and fuse two files.

    Args:
        first, second: paths, in the order of the task's name.
        task: one of `lkc.TASKS`.
        method: one of `METHODS`.
        detail: 0 to 2.
        colour: whether the result takes the colour of the second source.
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
    fused = lkc.fuse(a, b if colour else without_colour(b), task=task, model=model, detail=detail)
    seconds = {"decode": decoded - start, "network": time.perf_counter() - loaded}
    return Fusion(fused, (a, b), seconds, "CPU" if method in BASELINES else device_name())


def to_display(image: NDArray) -> NDArray[np.uint8]:
    """Any image as 8 bits for the screen: 16 bits lose their lower half, floats are scaled."""
    if image.dtype == np.uint16:
        return (image >> 8).astype(np.uint8)
    if image.dtype != np.uint8:
        return np.rint(np.asarray(image, dtype=np.float32).clip(0, 1) * 255).astype(np.uint8)
    return image


def list_examples(folder: Path, task: str) -> list[tuple[str, str]]:
    """Example pairs of a task: (first file, second file)."""
    names = task.split("-")
    first, second = folder / task / names[0], folder / task / names[1]
    by_name = sorted(first.glob("*.png"), key=lambda path: (path.stem not in SHOW_FIRST, path))
    pairs = [(path, second / path.name) for path in by_name]
    return [(str(a), str(b)) for a, b in pairs if b.exists()]
