"""Pairs that show nothing: norms would enlarge the rounding of flat maps into content."""

import warnings

import numpy as np
from numpy.typing import NDArray

NEARLY_FLAT = 0.5 / 255  # A source that deviates less shows rounding alone.
FLAT_STEP = 16  # A look at every 16th pixel tells most sources from flat ones.


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
        message = "both sources are nearly flat and show nothing: the brighter one was kept."
        warnings.warn(message, stacklevel=4)
    return brighter
