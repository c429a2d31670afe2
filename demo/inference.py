"""What the page computes, without any Gradio in it."""

import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import nn

import lkc
from lkc.baselines import BASELINES
from lkc.images import read_image
from lkc.models import pick_device

METHODS = ["lite", *BASELINES]
MAX_MEGAPIXELS = 16
MIN_METRIC_SIDE = 41  # what the metrics with the widest window need


@dataclass(frozen=True)
class Fusion:
    """A fused pair and what is worth telling about it.

    Attributes:
        fused: (H, W) or (H, W, 3), uint8 or uint16.
        sources: what was read, in the same order as given.
        seconds: time by stage: "decode", "network".
        device: where the network ran.
    """

    fused: NDArray
    sources: tuple[NDArray, NDArray]
    seconds: dict[str, float]
    device: str


@lru_cache(maxsize=16)
def load_method(method: str, task: str) -> nn.Module:
    """Load a network or baseline once."""
    return lkc.load_model(method, task=task)


def check_pixels(image: NDArray, name: str) -> None:
    """Refuse what would keep a shared page busy for long."""
    megapixels = image.shape[0] * image.shape[1] / 1e6
    if megapixels > MAX_MEGAPIXELS:
        raise lkc.InputError(
            f"the {name} image has {megapixels:.0f} megapixels; this page takes up to "
            f"{MAX_MEGAPIXELS}: use the command line for larger ones."
        )


def fuse_files(
    first: str | Path, second: str | Path, task: str, method: str = "lite", detail: float = 1.0
) -> Fusion:
    """Read and fuse two files.

    Args:
        first, second: paths, in the order of the task's name.
        task: one of `lkc.TASKS`.
        method: one of `METHODS`.
        detail: 0 to 2.

    Returns:
        The fused image, the sources and the times.

    Raises:
        InputError: a file that cannot be read, sizes that differ, or too many pixels.
    """
    labels = lkc.TASKS[task].first, lkc.TASKS[task].second
    start = time.perf_counter()
    a, b = read_image(first), read_image(second)
    for image, label in zip((a, b), labels, strict=True):
        check_pixels(image, label)
    model = load_method(method, task)
    decoded = time.perf_counter()
    fused = lkc.fuse(a, b, task=task, model=model, detail=detail)
    done = time.perf_counter()
    device = pick_device().type if method not in BASELINES else "cpu"
    seconds = {"decode": decoded - start, "network": done - decoded}
    return Fusion(fused, (a, b), seconds, device)


def to_display(image: NDArray) -> NDArray[np.uint8]:
    """Any image as 8 bits for the screen: 16 bits lose their lower half, floats are scaled."""
    if image.dtype == np.uint16:
        return (image >> 8).astype(np.uint8)
    if image.dtype != np.uint8:
        return np.rint(np.asarray(image, dtype=np.float32).clip(0, 1) * 255).astype(np.uint8)
    return image


def score(fusion: Fusion) -> list[list[str]]:
    """The eleven metrics as rows: key, value with unit, what it measures."""
    if min(fusion.fused.shape[:2]) < MIN_METRIC_SIDE:
        return [["-", "-", f"the metrics need at least {MIN_METRIC_SIDE} pixels a side"]]
    images = [to_display(image) for image in (fusion.fused, *fusion.sources)]
    try:
        scores = lkc.metrics.evaluate(*images)
    except lkc.InputError as error:
        return [["-", "-", str(error)]]
    return [
        [
            key,
            f"{value:.3f} {lkc.metrics.METRICS[key].unit}".strip(),
            lkc.metrics.METRICS[key].description,
        ]
        for key, value in scores.items()
    ]


def describe(fusion: Fusion) -> str:
    """One line: size, times, device."""
    height, width = fusion.fused.shape[:2]
    times = ", ".join(f"{stage} {1000 * s:.0f} ms" for stage, s in fusion.seconds.items())
    return f"{width}x{height} pixels, {8 * fusion.fused.itemsize} bits · {times} · {fusion.device}"


def list_examples(folder: Path) -> list[list[str]]:
    """Example pairs below a folder: [task, first file, second file], by task."""
    rows = []
    for task, names in {
        "ir-vis": ("ir", "vis"),
        "mri-ct": ("mri", "ct"),
        "mri-pet": ("mri", "pet"),
        "mri-spect": ("mri", "spect"),
    }.items():
        for first in sorted((folder / task / names[0]).glob("*.png")):
            second = folder / task / names[1] / first.name
            if second.exists():
                rows.append([task, str(first), str(second)])
    return rows
