"""Heat as colour: one gray value cannot say which camera saw a thing, but a hue can.

The luma stays that of the fused image. What stands out in infrared, and is darker in visible light,
takes the colours of a hot body at its own luma: dark red, orange, yellow, white. All else keeps the
visible colours. Who does not see colours loses nothing, since the luma is the same.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from lkc.io.pixels import LUMA_WEIGHTS

Image = NDArray[np.float32]
STRENGTH = (
    0.7  # This is the largest share of the hot colour, so that a thing keeps some of its own.
)
SURROUNDINGS = 0.1  # Deviation of what counts as a pixel's surroundings, by the longer side.
# Infrared is fully hot where it is this far above its surroundings, and fully unlike the visible
# image where it is this far above that. Both are shares of the range from black to white, and were
# chosen with SURROUNDINGS on 30 training pairs of MSRS.
FULLY_HOT = 0.15
FULLY_UNLIKE = 0.2


def heat_share(infrared: Image, visible: Image) -> Image:
    """Find how strongly each pixel is painted as hot.

    Args:
        infrared: (H, W) in [0, 1].
        visible: luma (H, W) in [0, 1].

    Returns:
        (H, W) from 0 to `STRENGTH`: the product of how far infrared is above its surroundings, and
        how far it is above the visible image.

    Example:
        >>> street = np.zeros((64, 64), np.float32)
        >>> street[28:36, 28:36] = 1
        >>> share = heat_share(street, np.zeros_like(street))
        >>> float(share[0, 0]), round(float(share[32, 32]), 2)
        (0.0, 0.7)
    """
    calm = cv2.GaussianBlur(infrared, (0, 0), 1.0)  # Noise has no colour.
    sigma = SURROUNDINGS * max(infrared.shape)
    surroundings = cv2.GaussianBlur(calm, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
    hot = ((calm - surroundings) / FULLY_HOT).clip(0, 1)
    unlike = ((calm - visible) / FULLY_UNLIKE).clip(0, 1)
    return np.asarray(STRENGTH * hot * unlike, np.float32)


def hot_colour(luma: Image) -> Image:
    """Return the colour of a hot body that has a luma: (H, W) in [0, 1] -> (H, W, 3) in [0, 1].

    >>> hot_colour(np.array([[0.0, 0.299, 0.886, 1.0]], np.float32)).round(2).tolist()
    [[[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [1.0, 1.0, 0.0], [1.0, 1.0, 1.0]]]
    """
    below = np.concatenate([[0], LUMA_WEIGHTS.cumsum()[:-1]]).astype(np.float32)
    return ((luma[..., None] - below) / LUMA_WEIGHTS).clip(0, 1)  # (H, W, 3)


def paint_heat(coloured: Image, fused: Image, infrared: Image, visible: Image) -> Image:
    """Paint what is hot, and keep the luma.

    Args:
        coloured: (H, W, 3) in [0, 1], the fused image with the visible colours; or (H, W), gray.
        fused: its luma (H, W) in [0, 1].
        infrared: (H, W) in [0, 1].
        visible: luma (H, W) in [0, 1].

    Returns:
        (H, W, 3) in [0, 1].

    Example:
        >>> gray = np.full((32, 32), 0.5, np.float32)
        >>> paint_heat(np.stack([gray] * 3, axis=2), gray, gray, gray).shape
        (32, 32, 3)
    """
    if coloured.ndim == 2:
        coloured = coloured[..., None]  # (H, W, 1)
    share = heat_share(infrared, visible)[..., None]  # (H, W, 1)
    return coloured + share * (hot_colour(fused) - coloured)
