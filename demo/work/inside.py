"""The networks of the study, run on a user's pair so that one can look inside of them."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

import lkc
from lkc.analysis.attribution import box_mask, modality_share
from lkc.analysis.features import capture_features, layer_names, plain_network
from lkc.analysis.sparsity import hoyer_sparsity
from lkc.model.loading import STUDY_WEIGHTS
from lkc.model.network import MIN_SIDE

from ..server.latest import give_up_between_layers
from .fuse_files import load_method, read_pair
from .nearer_source import to_luma

SHIPPED = "shipped"
NORMS = ("hybrid", "instance", "group", "layer", "batch")
KERNELS = {"k3": "3×3", "k15": "15·11·7"}  # The sizes run from fine to coarse.
MAX_PIXELS = 480 * 640  # The copy that is looked at is so small that a gradient takes a second.
CHANNELS = 12
PERCENTILES = (1, 99)  # A feature map is shown between these, without outliers.
MAP_SIDE = 160  # Smaller maps are enlarged so that their cells can be seen.


def study_task(task: str) -> str:
    """Return the task whose networks the study has: PET and SPECT are shown with those for CT."""
    return task if task == "ir-vis" else "mri-ct"


def list_norms(task: str) -> list[str]:
    """List the norms that can be compared on a task, and the network that the page fuses with.

    Only the latter is there where the page was installed from a wheel.
    """
    return [*list_trained(task), SHIPPED]


def list_trained(task: str, kernels: str = "k15") -> list[str]:
    """List the norms of which the study has networks for a task, the hybrid first."""
    return [norm for norm in NORMS if weights_file(task, norm, kernels).exists()]


def weights_file(task: str, norm: str, kernels: str) -> Path:
    return STUDY_WEIGHTS / f"{study_task(task)}-{norm}-{kernels}.safetensors"


@lru_cache(maxsize=16)
def load_study(task: str, norm: str, kernels: str) -> nn.Module:
    """Load a network of the study once."""
    model = lkc.load_model("lite", weights=weights_file(task, norm, kernels))
    return give_up_between_layers(model)


def load_network(task: str, norm: str, kernels: str) -> nn.Module:
    """Return a network of the study, or the shipped one, whose kernels are large."""
    if norm == SHIPPED:
        return load_method("lite", task)
    return load_study(study_task(task), norm, kernels)


def kernels_to_compare(task: str, norm: str) -> list[str]:
    """List the sizes of kernels that a norm has: some networks have large ones only."""
    if norm == SHIPPED:
        return ["k15"]
    return [kernels for kernels in KERNELS if weights_file(task, norm, kernels).exists()]


def has_both_kernels(task: str, norm: str) -> bool:
    """Whether the size of the kernels can be chosen for a norm."""
    return len(kernels_to_compare(task, norm)) > 1


def shrink(image: NDArray) -> NDArray:
    """Make an image (H, W) or (H, W, 3) small enough to look into."""
    height, width = image.shape[:2]
    factor = (MAX_PIXELS / (height * width)) ** 0.5
    if factor >= 1:
        return image
    size = (int(width * factor), int(height * factor))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA))


def read_sources(first: str | Path, second: str | Path, task: str) -> tuple[Tensor, float]:
    """Read the brightness of a pair as a network takes it.

    Args:
        first, second: files, in the order of the task's name.
        task: one of `lkc.TASKS`.

    Returns:
        Sources (1, 2, H, W) in [0, 1], first source first, of at most `MAX_PIXELS` pixels; and
        the factor by which the sides were shrunk, 1 if they were not.

    Raises:
        InputError: as `read_pair`.
    """
    pair = [to_luma(image) for image in read_pair(first, second, task)]
    a, b = (shrink(image) for image in pair)
    return torch.from_numpy(np.stack([a, b])[None]), a.shape[1] / pair[0].shape[1]


@dataclass(frozen=True)
class Look:
    """What a network made of a pair, and what one of its layers held.

    Attributes:
        fused: (H, W) uint8.
        maps: the channels that vary most (h, w) uint8, by number, in the order of their variance.
        shape: of the layer's output, (C, h, w).
        sparsity: Hoyer sparsity, mean of all channels; 0 = flat, 1 = a single position.
    """

    fused: NDArray[np.uint8]
    maps: dict[int, NDArray[np.uint8]]
    shape: tuple[int, int, int]
    sparsity: float


def range_of(*maps: NDArray[np.float32]) -> tuple[float, float]:
    """Find what is black and what is white in feature maps that share one gray range."""
    low, high = np.percentile(np.concatenate([values.ravel() for values in maps]), PERCENTILES)
    return float(low), float(high)


def to_gray_map(values: NDArray[np.float32], low: float, high: float) -> NDArray[np.uint8]:
    """Scale one feature map to 8 bits, and its cells to squares if it is small."""
    gray = ((values - low) * (255 / max(high - low, 1e-12))).clip(0, 255).astype(np.uint8)
    times = -(-MAP_SIDE // max(gray.shape))
    return gray.repeat(times, axis=0).repeat(times, axis=1)


def telling_pixel(sources: Tensor) -> tuple[int, int]:
    """Find where the sources (1, 2, H, W) differ most over some pixels: row and column."""
    difference = cv2.blur((sources[0, 0] - sources[0, 1]).abs().numpy(), (9, 9))
    row, column = np.unravel_index(difference.argmax(), difference.shape)
    return int(row), int(column)


def to_8_bit(fused: Tensor) -> NDArray[np.uint8]:
    """Bring (1, 1, H, W) to (H, W)."""
    return (fused[0, 0].numpy().clip(0, 1) * 255 + 0.5).astype(np.uint8)


@torch.inference_mode()
def fuse_and_keep(model: nn.Module, sources: Tensor, layer: str) -> tuple[Tensor, Tensor]:
    """Fuse a pair, and keep what a layer gives out.

    Args:
        model: from `load_network`.
        sources: (1, 2, H, W) from `read_sources`.
        layer: a name of `list_layers`.

    Returns:
        The fused image (1, 1, H, W), and the layer's maps (C, h, w), on the CPU.
    """
    network = plain_network(model)
    with capture_features(network, [layer]) as features:
        fused = network(sources.to(next(network.parameters()).device))
    return fused.cpu(), features[layer][0].cpu()


def look(model: nn.Module, sources: Tensor, layer: str) -> Look:
    """Fuse a pair and keep what a layer gives out.

    Args:
        model: from `load_network`.
        sources: (1, 2, H, W) from `read_sources`.
        layer: a name of `list_layers`.

    Returns:
        The fused image, the feature maps that vary most, and numbers about all.
    """
    fused, maps = fuse_and_keep(model, sources, layer)
    strongest = maps.var(dim=(1, 2)).topk(min(CHANNELS, len(maps))).indices.tolist()
    varying = {c: maps[c].numpy() for c in strongest}
    shown = {c: to_gray_map(values, *range_of(values)) for c, values in varying.items()}
    channels, height, width = maps.shape
    sparsity = hoyer_sparsity(maps[None]).mean().item()
    return Look(to_8_bit(fused), shown, (channels, height, width), sparsity)


@lru_cache(maxsize=1)
@torch.inference_mode()
def list_layers() -> list[str]:
    """Names of the layers in the order of their work, the same for every network of the page."""
    network = lkc.create_model("lite").eval()
    with capture_features(network, layer_names(network)) as features:
        network(torch.zeros(1, 2, MIN_SIDE, MIN_SIDE))
    return list(features)


def square(shape: tuple[int, int], pixel: tuple[int, int], side: int) -> tuple[slice, slice]:
    """Rows and columns of a square around a pixel, cut off at the edges of an image (H, W)."""
    ranges = []
    for centre, size in zip(pixel, shape, strict=True):
        start = centre - side // 2
        ranges.append(slice(max(start, 0), min(start + side, size)))
    return ranges[0], ranges[1]


def share_of_sources(
    model: nn.Module, sources: Tensor, pixel: tuple[int, int], side: int
) -> tuple[float, float]:
    """Answer "how much of this is infrared?" for a square around a pixel.

    Args:
        model: from `load_network`.
        sources: (1, 2, H, W) from `read_sources`.
        pixel: row and column.
        side: of the square, in pixels.

    Returns:
        Share of the first and of the second source, as `modality_share` defines it: negative for a
        source that darkens the square.
    """
    sources = sources.to(next(model.parameters()).device)
    height, width = sources.shape[-2:]
    mask = box_mask(sources, *square((height, width), pixel, side))
    first, second = modality_share(model, sources, mask).tolist()
    return first, second
