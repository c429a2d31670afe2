"""Which source each part of a fused image lies nearer to."""

import cv2
import numpy as np
from numpy.typing import NDArray

from lkc.io.pixels import luma, to_unit_range

# People who do not tell red from green tell orange from blue.
FIRST_COLOUR = np.array([0.95, 0.56, 0.17], np.float32)
SECOND_COLOUR = np.array([0.22, 0.55, 0.92], np.float32)
GRAY = np.array([0.5, 0.5, 0.5], np.float32)
WINDOW = 5  # A window of this side hides noise and keeps outlines.
CLEAR_DIFFERENCE = 0.1  # Below this share of full scale the sources count as agreeing, by degrees.


def to_luma(image: NDArray) -> NDArray[np.float32]:
    """Brightness of any image in [0, 1]."""
    return luma(to_unit_range(image, "image"))


def smooth(image: NDArray) -> NDArray[np.float32]:
    return cv2.blur(image, (WINDOW, WINDOW)).astype(np.float32, copy=False)


def nearness(fused: NDArray, first: NDArray, second: NDArray) -> tuple[NDArray, NDArray]:
    """Tell how near the fused brightness lies to the first source, and how clear that is.

    Args:
        fused, first, second: (H, W) in [0, 1].

    Returns:
        Share (H, W): 1 = equals the first source, 0 = equals the second; clarity (H, W) in [0, 1]:
        0 where the sources agree, so that the share says nothing.
    """
    to_first, to_second = smooth(np.abs(fused - first)), smooth(np.abs(fused - second))
    share = (to_second + 1e-6) / (to_first + to_second + 2e-6)
    clarity = np.minimum(smooth(np.abs(first - second)) / CLEAR_DIFFERENCE, 1)
    return share, clarity


def origin_map(fused: NDArray, first: NDArray, second: NDArray) -> tuple[NDArray[np.uint8], float]:
    """Paint a fused image in the colours of its sources.

    Args:
        fused, first, second: images of one size, as read.

    Returns:
        RGB image (H, W, 3), and the share of the first source where the sources differ.
    """
    gray, a, b = to_luma(fused), to_luma(first), to_luma(second)
    share, clarity = nearness(gray, a, b)
    hue = share[..., None] * FIRST_COLOUR + (1 - share[..., None]) * SECOND_COLOUR  # (H, W, 3)
    hue = clarity[..., None] * hue + (1 - clarity[..., None]) * GRAY
    painted = hue * (0.25 + 0.75 * gray[..., None])
    total = float((share * clarity).sum() / max(clarity.sum(), 1e-6))
    return np.rint(painted.clip(0, 1) * 255).astype(np.uint8), total


def difference(fused: NDArray, source: NDArray) -> NDArray[np.uint8]:
    """Fused minus source in brightness: (H, W), mid-gray where they are equal."""
    signed = (to_luma(fused) - to_luma(source)) / 2 + 0.5
    return np.rint(signed * 255).astype(np.uint8)
