"""The effective receptive field of one pixel, painted over both sources."""

from dataclasses import dataclass

import cv2
import matplotlib
import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from lkc.analysis.receptive_field import area_by_mass, field_on_crop
from lkc.viz.style import FIELD_MAP

SHARES = (0.5, 0.99)
REACH = {"k3": 48, "k15": 104}  # What lies farther away, in pixels, changes nothing that is told.
DECADES = 5  # What is this much weaker than the largest value is not painted.
MIN_VIEW = 96  # At least so many pixels around the clicked one are shown.
SHOWN_SIDE = 384  # A view is enlarged to about this side.


@dataclass(frozen=True)
class Field:
    """How far a network sees from one pixel.

    Attributes:
        values: (2, H, W), first source, second source; relative to the largest value.
        pixel: row and column.
        sides: of the squares that hold half and 99 % of the field over both sources, in pixels.
        first_share: of the field, lying in the first source.
    """

    values: NDArray[np.float64]
    pixel: tuple[int, int]
    sides: dict[float, int]
    first_share: float


def measure_field(model: nn.Module, sources: Tensor, pixel: tuple[int, int], reach: int) -> Field:
    """Measure how strongly kernels let every source pixel change one pixel of the fused image.

    Args:
        model: that holds the statistics of the pair, from `with_statistics_of`.
        sources: (1, 2, H, W) in [0, 1], first source first.
        pixel: row and column.
        reach: how far from the pixel is looked, in pixels.

    Returns:
        The field; both sources on one scale.

    Raises:
        InputError: the pixel lies outside, or nothing reaches it.
    """
    sources = sources.to(next(model.parameters()).device)
    values = field_on_crop(model, sources, pixel, reach).cpu()
    sides = area_by_mass(values.sum(0), SHARES, pixel)
    share = (values[0].sum() / values.sum()).item()
    return Field((values / values.max()).numpy(), pixel, sides, share)


def view_of(fields: list[Field]) -> tuple[slice, slice]:
    """Rows and columns that show every field's squares, the pixel in the middle where it can be."""
    height, width = fields[0].values.shape[1:]
    reach = max(max(field.sides.values()) for field in fields) * 5 // 4
    side = max(reach, MIN_VIEW)
    ranges = []
    for centre, size in zip(fields[0].pixel, (height, width), strict=True):
        start = min(max(centre - side // 2, 0), max(size - side, 0))
        ranges.append(slice(start, min(start + side, size)))
    return ranges[0], ranges[1]


def strength(values: NDArray) -> NDArray[np.float64]:
    """Bring relative values to [0, 1] on a logarithmic scale of `DECADES`."""
    return 1 + np.log10(values.clip(10.0**-DECADES)) / DECADES


def colour(glow: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Colours in [0, 1] (..., 3) of what `strength` made, and how far they cover the source."""
    return matplotlib.colormaps[FIELD_MAP](0.25 + 0.75 * glow)[..., :3], np.minimum(1, 1.5 * glow)


def paint(
    field: Field, source: NDArray[np.float32], index: int, view: tuple[slice, slice]
) -> NDArray[np.uint8]:
    """Paint a field over one of its sources.

    Args:
        field: from `measure_field`.
        source: (H, W) in [0, 1].
        index: 0 for the first source, 1 for the second.
        view: rows and columns to show.

    Returns:
        RGB image, enlarged: the source in gray, the field in colours, squares around 50 and 99 %.
    """
    glow = strength(field.values[index][view])  # (h, w)
    colours, cover = colour(glow)  # (h, w, 3), (h, w)
    cover = cover[..., None]
    painted = (1 - cover) * source[view][..., None] * 0.8 + cover * colours
    times = max(1, round(SHOWN_SIDE / max(glow.shape)))
    shown = (painted.clip(0, 1) * 255).astype(np.uint8).repeat(times, 0).repeat(times, 1)
    row, column = (c - s.start for c, s in zip(field.pixel, view, strict=True))
    for side in field.sides.values():
        low = [int((c - side // 2) * times) for c in (column, row)]
        high = [int((c + side // 2 + 1) * times) - 1 for c in (column, row)]
        cv2.rectangle(shown, low, high, (255, 255, 255), 1)
    return shown
