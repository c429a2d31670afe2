"""The colours of a tracer: PET and SPECT measure one number per voxel, shown as a colour map."""

import numpy as np
from numpy.typing import NDArray

from lkc.io.pixels import to_8_bits

TRACERS = ("PT", "NM")  # DICOM's codes of PET and SPECT
COLOUR_MAP = "hot"  # black, red, yellow, white: luma rises with uptake, as DICOM's hot iron


def colour_tracer(uptake: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give a tracer image (PET, SPECT) the colours that a reader expects.

    Args:
        uptake: (H, W) in [0, 1].

    Returns:
        (H, W, 3) in [0, 1], black to red to yellow to white.

    Example:
        >>> colour_tracer(np.array([[0, 1]], dtype=np.float32)).round(1).tolist()
        [[[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]]]
    """
    from matplotlib import colormaps  # slow to import, and only tracers need it

    table = colormaps[COLOUR_MAP](np.arange(256))
    table = table[:, :3].astype(np.float32)
    table[0] = 0  # "hot" starts at a dark red; outside of the head is black
    return table[to_8_bits(uptake)]  # (H, W, 3)
