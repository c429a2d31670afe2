"""A hot spot in the first source: what it changes by kernels, and what by statistics."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from lkc.analysis.batch_effects import GRAY_LEVELS
from lkc.analysis.features import plain_network
from lkc.analysis.targets import plant_at

from .inside import MAX_PIXELS
from .norms import to_levels

TOUCHED = 0.01  # Kernels that change a pixel by fewer gray levels do not reach it.
SIGMAS = 4  # A spot is called so many standard deviations wide.
SIDES = (0, MAX_PIXELS)  # A row and a column lie between these at least.
WIDTHS, BRIGHTNESSES = (4, 120), (5, 255)  # in pixels, and in gray levels


@dataclass(frozen=True)
class HotSpot:
    """A round spot with soft edges.

    Attributes:
        row, column: of its middle.
        width: in pixels.
        brightness: added in the middle, in gray levels.
    """

    row: int
    column: int
    width: int
    brightness: int

    def code(self) -> str:
        """Return the 32 hexadecimal digits by which the browser knows it."""
        numbers = (self.row, self.column, self.width, self.brightness)
        return "".join(f"{number:08x}" for number in numbers)

    def put_into(self, sources: Tensor) -> Tensor:
        """Add it to the first of the sources (1, 2, H, W), up to white."""
        centre = torch.tensor([[self.row, self.column]])
        sigma, amplitude = self.width / SIGMAS, self.brightness / GRAY_LEVELS
        return plant_at(sources, 0, centre, sigma, amplitude).sources


def parse_spot(sent: Any) -> HotSpot | None:
    """Take a spot that a browser sent; None where it is none. It may lie outside of the image."""
    if not isinstance(sent, dict):
        return None
    limits = {"row": SIDES, "column": SIDES, "width": WIDTHS, "brightness": BRIGHTNESSES}
    numbers = {}
    for name, (low, high) in limits.items():
        value = sent.get(name)
        if not isinstance(value, int | float) or not low <= value <= high or value != round(value):
            return None
        numbers[name] = int(value)
    return HotSpot(**numbers)


@dataclass(frozen=True)
class Effect:
    """What a spot changes in a fused image.

    Attributes:
        change: (H, W), in gray levels.
        rows, columns: of the frame that holds all that kernels alone change.
    """

    change: NDArray[np.float32]
    rows: slice
    columns: slice

    def beyond(self) -> NDArray[np.float32]:
        """Return what changes outside of the frame, as sizes (n,); it came by statistics."""
        outside = np.ones(self.change.shape, bool)
        outside[self.rows, self.columns] = False
        return np.abs(self.change[outside])


def frame_of(touched: NDArray[np.bool_], spot: HotSpot) -> tuple[slice, slice]:
    """Rows and columns of the smallest frame that holds a spot's middle and all true pixels."""
    touched = touched.copy()
    touched[spot.row, spot.column] = True
    rows, columns = (np.flatnonzero(touched.any(axis)) for axis in (1, 0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


@torch.inference_mode()
def measure_effect(
    model: nn.Module, kernels_alone: nn.Module, fused: Tensor, sources: Tensor, spot: HotSpot
) -> Effect:
    """Fuse a pair with a spot, and once more while all statistics stay those of the pair.

    Args:
        model: from `load_network`.
        kernels_alone, fused: from `with_statistics_of`.
        sources: (1, 2, H, W) from `read_sources`.
        spot: inside the image.

    Returns:
        What changes, and how far of it kernels account for.
    """
    hot = spot.put_into(sources.to(fused.device))
    before = to_levels(fused)
    by_kernels = np.abs(to_levels(kernels_alone(hot)) - before)
    change = to_levels(plain_network(model)(hot)) - before
    return Effect(change, *frame_of(by_kernels >= TOUCHED, spot))
