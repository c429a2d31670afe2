"""Pairs that show nothing: norms would enlarge the rounding of flat maps into content."""

import warnings

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lkc.io.pixels import NEARLY_FLAT

FLAT_STEP = 16  # A look at every 16th pixel tells most sources from flat ones.
SAID = "both sources are nearly flat and show nothing: the brighter one was kept."


def is_nearly_flat(pixels: NDArray) -> bool:
    """Whether pixels, of integers or in [0, 1], deviate from their mean by rounding alone."""
    if pixels.ndim < 2:
        return False  # No image: this is said where sizes are checked.
    whole = np.iinfo(pixels.dtype).max if pixels.dtype.kind in "iu" else 1
    few = pixels[::FLAT_STEP, ::FLAT_STEP]
    return bool(few.std() < NEARLY_FLAT * whole) and bool(pixels.std() < NEARLY_FLAT * whole)


def keep_brighter(sources: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the brighter of two nearly flat sources, (2, H, W) -> (H, W), and say so."""
    brighter = sources.max(axis=0)
    if brighter.any():  # Black slices of volumes are usual, and stay black.
        warnings.warn(SAID, stacklevel=4)
    return brighter


def keep_brighter_of_flat(fused: Tensor, sources: Tensor) -> Tensor:
    """Put the brighter source in place of what a network made of two nearly flat ones.

    Args:
        fused: (B, 1, H, W), a network's result.
        sources: (B, 2, H, W) in [0, 1], on the same device.

    Returns:
        (B, 1, H, W). It is a graph of every batch: no branch asks for values, and gradients pass.
        Where it runs at once, it warns as `keep_brighter` does.
    """
    flat = (sources.flatten(2).std(dim=2, correction=0) < NEARLY_FLAT).all(dim=1)  # (B,)
    brighter = sources.amax(dim=1, keepdim=True)  # (B, 1, H, W)
    if not torch.compiler.is_compiling() and bool(flat.any()) and bool(brighter[flat].any()):
        warnings.warn(SAID, stacklevel=4)
    return torch.where(flat[:, None, None, None], brighter, fused)
