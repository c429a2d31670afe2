"""Changes in gray levels as pictures: white where there is none, orange brighter, blue darker."""

import numpy as np
from numpy.typing import NDArray

from lkc.viz.style import SIGNED_MAP

USUAL = 0.99  # Colours end at the change that this share of the pixels stays below.
LEAST = 0.1  # They end here at the earliest, in gray levels, so that rounding errors stay white.


def common_limit(changes: list[NDArray[np.float32]]) -> float:
    """Find where the colours of several maps end, so that the one that changes most is seen well.

    Args:
        changes: in gray levels; an empty one does not count.
    """
    usual = [float(np.quantile(np.abs(change), USUAL)) for change in changes if change.size]
    return max([LEAST, *usual])


def paint_signed(change: NDArray[np.float32], limit: float) -> NDArray[np.uint8]:
    """Paint changes (H, W) whose colours end at a limit: (H, W, 3)."""
    return SIGNED_MAP((change / limit + 1) / 2, bytes=True)[..., :3]  # (H, W, 3)
