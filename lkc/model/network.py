"""Presets of the network family, and the padding that lets them take any size.

- lite: 288,144 parameters, works at half resolution with depthwise kernels (the default)
- nano: 15,253 parameters, works at a quarter of the resolution (live on one laptop core)
- base: 41,174,438 parameters, the paper's network with dense kernels
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn

from lkc.errors import InputError
from lkc.model.lite import LiteUNet
from lkc.model.lkc_funet import LKCFUNet
from lkc.model.nano import NanoUNet
from lkc.model.norm import norm_plan

MIN_SIDE = 16


@dataclass(frozen=True)
class NetworkConfig:
    """Everything that is needed to build a network again; stored in the header of weights."""

    preset: str
    norm: str
    kernel_sizes: tuple[int, ...]
    fusion: bool = True
    shortcut: bool = True

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return asdict(self)


PRESET_KERNELS = {"lite": (15, 11, 7), "nano": (7, 5), "base": (15, 11, 5)}


class FusionNet(nn.Module):
    """Reflect-pad to the size a U-Net needs, run it, crop back: never a resize.

    Args:
        config: what the body was built from.
        body: its `multiple` must divide height and width.
    """

    def __init__(self, config: NetworkConfig, body: LiteUNet | NanoUNet | LKCFUNet) -> None:
        super().__init__()
        self.config = config
        self.model = body

    def on_padded(self, sources: Tensor, body: Callable[[Tensor], Tensor]) -> Tensor:
        """Pad, run a body, crop: (B, 2, H, W) -> (B, 1, H, W)."""
        height, width = sources.shape[-2:]
        if min(height, width) < MIN_SIDE:
            raise InputError(f"the network needs at least 16x16 pixels, got {height}x{width}.")
        multiple = self.model.multiple
        below, right = -height % multiple, -width % multiple
        if below or right:
            sources = F.pad(sources, (0, right, 0, below), mode="reflect")
        return body(sources)[..., :height, :width]

    def forward(self, sources: Tensor) -> Tensor:
        """Fuse (B, 2, H, W) in [0, 1] (first source first) to (B, 1, H, W)."""
        return self.on_padded(sources, self.model)


def check_kernel_sizes(kernel_sizes: Sequence[int], preset: str) -> tuple[int, ...]:
    """Return as many odd kernel sizes as a preset has, as a tuple, or say what is wrong."""
    sizes, own = tuple(kernel_sizes), PRESET_KERNELS[preset]
    if len(sizes) != len(own) or any(k < 1 or k % 2 == 0 for k in sizes):
        count, such = {2: "two", 3: "three"}[len(own)], ", ".join(map(str, own))
        raise InputError(f"kernel sizes must be {count} odd numbers such as {such}; got {sizes}.")
    return sizes


def create_model(
    preset: str = "lite",
    norm: str = "hybrid",
    kernel_sizes: Sequence[int] | None = None,
    fusion: bool = True,
    shortcut: bool = True,
) -> FusionNet:
    """Build an untrained network.

    Args:
        preset: "lite", "nano" or "base".
        norm: "hybrid" (our reading of the paper), "batch", "instance", "group", "layer", or
            "released" (what the authors' checkpoint holds).
        kernel_sizes: three odd sizes, two for "nano", fine to coarse; None takes the preset's own.
        fusion: False replaces the adaptive fusion module by a plain join.
        shortcut: not for "base"; False predicts the image itself instead of a gain on the
            brighter source.

    Returns:
        A module (B, 2, H, W) -> (B, 1, H, W) in [0, 1] units, with channels (first source, second
        source) in the order of the task's name; any size from 16x16.

    Raises:
        InputError: unknown preset or norm, or unusable kernel sizes.

    Source:
        He et al., "Rethinking Normalization Strategies and Convolutional Kernels for Multimodal
        Image Fusion", Pattern Recognition 173 (2026) 112903.

    Example:
        >>> import torch
        >>> net = create_model("lite", norm="hybrid", kernel_sizes=(15, 11, 7))
        >>> net(torch.rand(1, 2, 33, 47)).shape
        torch.Size([1, 1, 33, 47])
    """
    if preset not in PRESET_KERNELS:
        raise InputError(f"unknown preset {preset!r}: choose one of {', '.join(PRESET_KERNELS)}.")
    norm_plan(norm)
    sizes = check_kernel_sizes(kernel_sizes or PRESET_KERNELS[preset], preset)
    if preset == "base":
        config = NetworkConfig(preset, norm, sizes, fusion, shortcut=False)
        return FusionNet(config, LKCFUNet(norm, sizes, fusion=fusion))
    config = NetworkConfig(preset, norm, sizes, fusion, shortcut)
    body = {"lite": LiteUNet, "nano": NanoUNet}[preset]
    return FusionNet(config, body(norm, sizes, fusion=fusion, shortcut=shortcut))


def count_parameters(model: nn.Module) -> int:
    """Number of trainable values.

    >>> count_parameters(nn.Linear(2, 3))
    9
    """
    return sum(p.numel() for p in model.parameters())
