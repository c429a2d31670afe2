"""Normalization by name: one formula, and five choices of which pixels share a mean and a variance.

Every norm here computes

    y = gamma * (x - mean) / sqrt(var + eps) + beta

with one gamma and beta per channel. For the value at sample n, channel c, row h, column w the mean
and the variance run over an index set that gives the norm its name:

    batch     all n, same c, all (h, w)            what the batch looks like in this channel
    layer     same n, all c, all (h, w)            the whole sample
    instance  same n, same c, all (h, w)           one feature map
    group     same n, c's group, all (h, w)        a few feature maps that keep their relations
    hybrid    instance in the stem, group in the blocks (the paper)

Batch norm is the only one that mixes samples; in evaluation it uses running averages instead.

Source: "Rethinking Normalization Strategies and Convolutional Kernels for Multimodal Image Fusion",
section on the hybrid of instance and group normalization; the index sets after Wu and He, "Group
Normalization" (ECCV 2018). The release differs: batch norm in the stem and in the fusion module,
group norm in the residual blocks, one-group norm in the large-kernel blocks (`"released"` here).
"""

from dataclasses import dataclass
from math import gcd

from torch import nn

from lkc.errors import InputError

SINGLE_NORMS = ("batch", "layer", "instance", "group")


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


def make_norm(name: str, channels: int, groups: int = 32) -> nn.Module:
    """Build one norm layer with a gamma and a beta per channel.

    Layer and instance norm are group norm with one group and with one group per channel: the same
    kernel, which keeps channels_last memory on a CPU where `nn.InstanceNorm2d` would copy.

    Args:
        name: "batch", "layer", "instance" or "group".
        channels: number of channels.
        groups: number of groups for "group"; where it does not divide the channels, the greatest
            common divisor of both is taken.

    Returns:
        A module that maps (B, C, H, W) to (B, C, H, W).

    Raises:
        InputError: the name is unknown.

    Example:
        >>> make_norm("group", 128)
        GroupNorm(32, 128, ...)
    """
    if name == "batch":
        return nn.BatchNorm2d(channels)
    group_counts = {"layer": 1, "instance": channels, "group": gcd(groups, channels)}
    if name not in group_counts:
        raise InputError(f"unknown norm layer {name!r}: choose one of {', '.join(SINGLE_NORMS)}.")
    return nn.GroupNorm(group_counts[name], channels)
