"""Notebook 02: the fields of plain stacks of convolutions, measured and predicted."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
import torch
from matplotlib.figure import Figure
from torch import Tensor, nn

from lkc import viz
from lkc.analysis.receptive_field import area_by_mass, effective_field

SHARES = (0.5, 0.99)
HALF_SIDE = "side of the 50 % square, pixels"
NETWORKS = 16  # random ones that a stack's field is averaged over


def plain_stack(kernel_size: int, depth: int, width: int = 8, equal: bool = False) -> nn.Sequential:
    """Stack convolutions with nothing between them.

    Args:
        kernel_size: of each, odd.
        depth: how many.
        width: channels between them.
        equal: True makes all weights the same, so that the field is known exactly.

    Returns:
        A module (B, 2, H, W) -> (B, 1, H, W); weights as PyTorch draws them.

    Example:
        >>> len(plain_stack(3, depth=4))
        4
    """
    channels = [2] + [width] * (depth - 1) + [1]
    stack = nn.Sequential(
        *(
            nn.Conv2d(a, b, kernel_size, padding=kernel_size // 2, bias=False)
            for a, b in pairwise(channels)
        )
    )
    if equal:
        for weight in stack.parameters():
            nn.init.constant_(weight, 1 / weight[0].numel())
    return stack


def stack_field(kernel_size: int, depth: int, networks: int = NETWORKS) -> Tensor:
    """Average the field of random plain stacks.

    Args:
        kernel_size, depth: see `plain_stack`.
        networks: how many, drawn from seed 0 on.

    Returns:
        Tensor (S, S) float64, S two pixels more than the theoretical field.

    Example:
        >>> stack_field(3, depth=2).shape
        torch.Size([7, 7])
    """
    side = depth * (kernel_size - 1) + 3
    blank = torch.zeros(1, 2, side, side)  # of no importance: the stack is linear
    fields = []
    for seed in range(networks):
        torch.manual_seed(seed)
        fields.append(effective_field(plain_stack(kernel_size, depth), blank).sum(0))
    return torch.stack(fields).mean(0)  # (S, S)


def predicted_spread(kernel_size: int, depth: int) -> float:
    """Predict the standard deviation of a random plain stack's field, in pixels.

    The variance of a gradient spreads like a random walk: by (K^2 - 1) / 12 a layer. Its absolute
    value is a Gaussian wider by the square root of two.

    Source:
        Luo et al., "Understanding the Effective Receptive Field in Deep Convolutional Neural
        Networks" (NeurIPS 2016), section 2.

    Example:
        >>> round(predicted_spread(3, depth=12), 3)
        4.0
    """
    return math.sqrt(2 * depth * (kernel_size**2 - 1) / 12)


def predicted_side(kernel_size: int, depth: int, share: float) -> float:
    """Predict the side of the square that holds a share of a random plain stack's field.

    Example:
        >>> round(predicted_side(3, depth=12, share=0.99), 1)
        22.4
    """
    inside = torch.tensor(math.sqrt(share), dtype=torch.float64)  # in each direction
    return 2 * predicted_spread(kernel_size, depth) * math.sqrt(2) * torch.erfinv(inside).item()


def half_table(depths: Mapping[int, Sequence[int]]) -> pd.DataFrame:
    """Measure plain stacks of several kernel sizes and depths.

    Args:
        depths: kernel size -> numbers of layers.

    Returns:
        A row per stack: "kernel", "layers", "weights" per pair of channels, and "side of the 50 %
        square, pixels", which holds half of the field.

    Example:
        >>> half_table({3: [2]})["weights"].tolist()
        [18]
    """
    rows = [
        {
            "kernel": f"{kernel}x{kernel}",
            "layers": depth,
            "weights": depth * kernel**2,
            HALF_SIDE: area_by_mass(stack_field(kernel, depth), (0.5,))[0.5],
        }
        for kernel, chosen in depths.items()
        for depth in chosen
    ]
    return pd.DataFrame(rows)


def show_stack(kernel_size: int, depth: int) -> Figure:
    """Draw a plain stack's field and its profile: the callback of the first widget."""
    field = stack_field(kernel_size, depth)
    side, centre = len(field), len(field) // 2
    sides = area_by_mass(field, SHARES)
    figure, axes = viz.make_axes(1, 2, height=3)
    title = f"{depth} of {kernel_size}x{kernel_size}: could see {side - 2}, sees {sides[0.99]}"
    viz.plot_field(field, title, sides=sides, ax=axes[0, 0])
    offsets = np.arange(side) - centre
    spread = predicted_spread(kernel_size, depth)
    profile = pd.DataFrame(
        {
            "measured": field.sum(0) / field.sum(),
            "predicted": np.exp(-((offsets / spread) ** 2) / 2) / spread / math.sqrt(2 * math.pi),
        },
        index=pd.Index(offsets, name="pixels from the centre"),
    )
    viz.plot_curves(profile, "share of the field", ax=axes[0, 1])
    return figure
