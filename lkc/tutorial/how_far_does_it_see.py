"""Lessons 02a and 02b: fields of plain stacks, networks and single pixels, and what leaks."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
import torch
from matplotlib.figure import Figure
from torch import Tensor, nn

from lkc import viz
from lkc.analysis.receptive_field import (
    area_by_mass,
    effective_field,
    effective_fields,
    pick_pixel,
    side_by_source,
    theoretical_field,
)
from lkc.tasks import get_task
from lkc.tutorial.examples import REPOSITORY, ExamplePair, read_stored

SHARES = (0.5, 0.99)
HALF_SIDE = "side of the 50 % square, pixels"
NETWORKS = 16  # The field of a stack is averaged over so many random networks.
BLOCKS = (
    "stem",
    "encoder.0",
    "encoder.1",
    "encoder.2",
    "mid",
    "decoder.2",
    "decoder.1",
    "decoder.0",
)
CORNER = 80  # The square that is switched on has this side in pixels.
MARGIN = 8  # A pixel lies anywhere in its block of 8x8, so fields are not quite centred.


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
    blank = torch.zeros(1, 2, side, side)  # The input does not matter, as the stack is linear.
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
    inside = torch.tensor(math.sqrt(share), dtype=torch.float64)  # It holds in each direction.
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


def show_field_row(fields: Mapping[str, Tensor], decades: float = 5) -> Figure:
    """Draw fields of the centre side by side, with the squares that hold 50 and 99 % of each.

    Args:
        fields: title -> field (H, W).
        decades: how many powers of ten below the largest value are told apart.
    """
    sides = {title: area_by_mass(field, SHARES) for title, field in fields.items()}
    pairs = {title: (held[0.5], held[0.99]) for title, held in sides.items()}
    return viz.plot_field_row(fields, pairs, decades)


def average_field(
    model: nn.Module,
    pairs: Sequence[Tensor],
    layer: str | None = None,
    detach_norms: bool = False,
) -> Tensor:
    """Average the field of the centre over pairs of one size.

    Args:
        model: in evaluation mode.
        pairs: (1, 2, H, W) each.
        layer, detach_norms: see `effective_field`.

    Returns:
        Tensor (2, H, W) float64, first source first.
    """
    fields = [effective_field(model, pair, None, layer, detach_norms) for pair in pairs]
    return torch.stack(fields).mean(0)


def along_lite(model: nn.Module, sources: Tensor) -> pd.DataFrame:
    """Follow the centre's field through `lite`, whole-image statistics held constant.

    Args:
        model: a `lite` network in evaluation mode.
        sources: (1, 2, H, W) in [0, 1].

    Returns:
        A row per block in the order of execution, then "fused"; sides in pixels: "theoretical",
        "99 %" and "50 %" of the field.
    """
    rows = {}
    layers = [*(f"model.{block}" for block in BLOCKS), None]
    found = effective_fields(model, sources, [(name, None) for name in layers], detach_norms=True)
    for name, field in zip(layers, found, strict=True):
        half, most = area_by_mass(field.sum(0), SHARES).values()
        label = name.removeprefix("model.") if name else "fused"
        rows[label] = {"theoretical": theoretical_field(model, name), "99 %": most, "50 %": half}
    return pd.DataFrame.from_dict(rows, orient="index")


def outside_share(field: Tensor, side: int, pixel: tuple[int, int] | None = None) -> float:
    """Measure the share of a field that lies outside of a square around the pixel.

    Args:
        field: (H, W).
        side: of the square, in pixels.
        pixel: row and column; None is the centre.

    Returns:
        Between 0 and 1.

    Example:
        >>> round(outside_share(torch.ones(10, 10), side=5), 2)
        0.75
    """
    row, column = pick_pixel(field, pixel)
    low = side // 2
    outside = field.clone()
    outside[max(row - low, 0) : row + low + 1, max(column - low, 0) : column + low + 1] = 0
    return (outside.sum() / field.sum()).item()


def field_table(
    models: Mapping[str, nn.Module], pairs: Sequence[Tensor], detach_norms: bool
) -> pd.DataFrame:
    """Compare how far networks see.

    Args:
        models: by name, in evaluation mode.
        pairs: (1, 2, H, W) each, of one size.
        detach_norms: True holds whole-image statistics constant.

    Returns:
        A row per network, sides in pixels over both sources: "theoretical"; "50 %" and "99 %" of
        the field; and "leak, %", its share outside of the theoretical field (NaN where that is
        larger than the image).
    """
    rows = {}
    for name, model in models.items():
        theoretical = theoretical_field(model)
        field = average_field(model, pairs, detach_norms=detach_norms).sum(0)
        half, most = area_by_mass(field, SHARES).values()
        within = theoretical + 2 * MARGIN
        leak = 100 * outside_share(field, within) if within < min(field.shape) else math.nan
        rows[name] = {"theoretical": theoretical, "50 %": half, "99 %": most, "leak, %": leak}
    return pd.DataFrame.from_dict(rows, orient="index")


@torch.no_grad()
def far_change(model: nn.Module, pairs: Sequence[Tensor]) -> float:
    """Switch on a square in the upper left corner of both sources and look where no kernel reaches.

    Args:
        model: in evaluation mode.
        pairs: (1, 2, H, W) each, in [0, 1].

    Returns:
        Mean absolute change of the fused images, in gray levels, over all pixels that are further
        from the square than half the theoretical field.
    """
    reach = CORNER + theoretical_field(model) // 2 + MARGIN
    changes = []
    for sources in pairs:
        bright = sources.clone()
        bright[..., :CORNER, :CORNER] = 1
        change = 255 * (model(bright) - model(sources)).abs()[0, 0]  # (H, W)
        changes += [change[reach:, :reach].flatten(), change[:, reach:].flatten()]
    return torch.cat(changes).mean().item()


def load_flicker() -> pd.DataFrame:
    """Read how far a hot disc shifts the rest of a still street, from benchmarks/flicker.py.

    Returns:
        A row per network: columns "each frame alone" and "with a memory", in gray levels, for a
        disc that takes two seconds.

    Raises:
        InputError: no clone of the repository.

    Example:
        >>> load_flicker().loc["lite"].round(1).to_dict()
        {'each frame alone': 0.8, 'with a memory': 0.0}
    """
    path = REPOSITORY / "benchmarks" / "results" / "flicker-street.csv"
    rows = read_stored(path, "flicker").query("seconds == 2")
    shift = rows.pivot(index="network", columns="memory", values="mean shift")[["none", "slow"]]
    return shift.rename(columns={"none": "each frame alone", "slow": "with a memory"})


def show_pixel(
    models: Mapping[str, nn.Module], pair: ExamplePair, row: int, column: int, detached: bool
) -> Figure:
    """Draw what reaches one fused pixel in several networks: the callback of the second widget.

    Args:
        models: by name.
        pair: from `load_pair`.
        row, column: of the pixel.
        detached: True holds whole-image statistics constant.
    """
    sources, task = pair.sources, get_task(pair.task)
    fields = {
        name: effective_field(model, sources, (row, column), detach_norms=detached)
        for name, model in models.items()
    }
    images = {task.first: sources[0, 0], task.second: sources[0, 1]}
    sides = {name: side_by_source(field, 0.99, (row, column)) for name, field in fields.items()}
    return viz.plot_pixel_fields(images, fields, sides, (row, column))
