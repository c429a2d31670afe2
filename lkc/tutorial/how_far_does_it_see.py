"""Notebook 02: how far networks see, what leaks into their fields, and the field of one pixel."""

import math
from collections.abc import Mapping, Sequence

import pandas as pd
import torch
from matplotlib.figure import Figure
from torch import Tensor, nn

from lkc import viz
from lkc.analysis.receptive_field import (
    area_by_mass,
    effective_field,
    pick_pixel,
    theoretical_field,
)
from lkc.tasks import get_task
from lkc.tutorial.examples import ExamplePair
from lkc.tutorial.stacks import SHARES

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
CORNER = 80  # side of the square that is switched on, in pixels
MARGIN = 8  # a pixel lies anywhere in its block of 8x8, so that fields are not quite centred


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
    for name in (*(f"model.{block}" for block in BLOCKS), None):
        field = effective_field(model, sources, layer=name, detach_norms=True).sum(0)
        half, most = area_by_mass(field, SHARES).values()
        label = name.removeprefix("model.") if name else "fused"
        rows[label] = {"theoretical": theoretical_field(model, name), "99 %": most, "50 %": half}
    return pd.DataFrame.from_dict(rows, orient="index")


def outside_share(field: Tensor, side: int, pixel: tuple[int, int] | None = None) -> float:
    """Measure which share of a field lies outside of a square around the pixel.

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
    return viz.plot_pixel_fields(images, fields, (row, column))
