"""Normalization by name: one formula, and five choices of which pixels share a mean and a variance.

Every norm here computes

    y = gamma * (x - mean) / sqrt(var + eps) + beta

with one gamma and beta per channel. For the value at sample n, channel c, row h, column w the mean
and the variance run over an index set that gives the norm its name:

    batch     all n, same c, all (h, w)            what the batch looks like in this channel
    layer     same n, all c, all (h, w)            the whole sample
    instance  same n, same c, all (h, w)           one feature map
    group     same n, c's group, all (h, w)        a few feature maps that keep their relations
    hybrid    instance in the stem, group everywhere else

Batch norm is the only one that mixes samples; in evaluation it uses running averages instead.

The paper's abstract argues for a hybrid of instance and group norm and does not say which stands
where. `"hybrid"` is our reading of it: the authors' release calls its stem `IN_conv`. The release
itself has no instance norm: batch norm in the stem and in the fusion module, group norm in the
residual blocks, one-group norm in the large-kernel blocks (`"released"` here).

Source: He et al., "Rethinking Normalization Strategies and Convolutional Kernels for Multimodal
Image Fusion", Pattern Recognition 173 (2026) 112903, abstract; the index sets after Wu and He,
"Group Normalization" (ECCV 2018).
"""

from dataclasses import dataclass
from math import gcd

from torch import nn

from lkc.errors import InputError

SINGLE_NORMS = ("batch", "layer", "instance", "group")
GROUPS = 32  # A group norm of `base` has 32 groups, as in the release and in Wu and He.
GROUP_SIZE = 8  # In a group norm of `lite`, 8 channels share their statistics.


@dataclass(frozen=True)
class NormPlan:
    """The norm that each part of a network gets, by name."""

    stem: str
    residual: str
    large_kernel: str
    fusion: str


NORM_PLANS = {
    "hybrid": NormPlan(stem="instance", residual="group", large_kernel="group", fusion="group"),
    **{name: NormPlan(name, name, name, name) for name in SINGLE_NORMS},
    "released": NormPlan(stem="batch", residual="group", large_kernel="layer", fusion="batch"),
}


def norm_plan(name: str) -> NormPlan:
    """Look up which norm goes where.

    Args:
        name: "hybrid", "batch", "instance", "group", "layer" or "released".

    Returns:
        The plan; its fields are names for `make_norm`.

    Raises:
        InputError: the name is unknown.

    Example:
        >>> norm_plan("hybrid").stem
        'instance'
    """
    if name not in NORM_PLANS:
        raise InputError(f"unknown norm {name!r}: choose one of {', '.join(NORM_PLANS)}.")
    return NORM_PLANS[name]


def make_norm(name: str, channels: int, group_size: int | None = None) -> nn.Module:
    """Build one norm layer with a gamma and a beta per channel.

    Layer and instance norm are group norm with one group and with one group per channel: the same
    kernel, which keeps channels_last memory on a CPU where `nn.InstanceNorm2d` would copy.

    Args:
        name: "batch", "layer", "instance" or "group".
        channels: number of channels.
        group_size: how many channels share their statistics in "group"; None makes 32 groups.
            Where it does not divide the channels, the greatest common divisor of both is taken.

    Returns:
        A module that maps (B, C, H, W) to (B, C, H, W).

    Raises:
        InputError: the name is unknown.

    Example:
        >>> make_norm("group", 128)
        GroupNorm(32, 128, ...)
        >>> make_norm("group", 48, GROUP_SIZE)
        GroupNorm(6, 48, ...)
    """
    if name == "batch":
        return nn.BatchNorm2d(channels)
    groups = channels // gcd(group_size, channels) if group_size else gcd(GROUPS, channels)
    group_counts = {"layer": 1, "instance": channels, "group": groups}
    if name not in group_counts:
        raise InputError(f"unknown norm layer {name!r}: choose one of {', '.join(SINGLE_NORMS)}.")
    return nn.GroupNorm(group_counts[name], channels)
