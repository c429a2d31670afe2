"""The pseudo-colours in which nuclear medicine shows uptake."""

import numpy as np

Stops = tuple[tuple[float, tuple[int, int, int]], ...]

RAINBOW: Stops = (
    (0.00, (0, 0, 0)),
    (0.10, (0, 0, 36)),
    (0.24, (0, 16, 120)),
    (0.38, (0, 60, 215)),
    (0.47, (60, 130, 180)),
    (0.54, (235, 235, 60)),
    (0.64, (255, 225, 0)),
    (0.74, (255, 150, 0)),
    (0.86, (255, 50, 0)),
    (0.95, (250, 0, 10)),
    (1.00, (255, 0, 190)),
)
"""Black, blue, yellow, red, magenta: for PET."""

EMBER: Stops = (
    (0.00, (0, 0, 0)),
    (0.10, (14, 24, 28)),
    (0.20, (44, 74, 80)),
    (0.28, (40, 30, 90)),
    (0.40, (78, 0, 140)),
    (0.55, (120, 20, 150)),
    (0.66, (205, 80, 115)),
    (0.78, (250, 105, 40)),
    (0.90, (255, 120, 0)),
    (0.97, (255, 190, 150)),
    (1.00, (255, 240, 235)),
)
"""Black, slate, purple, orange, white: for SPECT."""


def pseudo_colour(values: np.ndarray, stops: Stops) -> np.ndarray:
    """Return the colours of values, linear between the stops.

    Args:
        values: (H, W) in [0, 1]; others are clipped.
        stops: pairs of a value, from 0 to 1 upwards, and its RGB colour.

    Returns:
        (H, W, 3) uint8.

    >>> pseudo_colour(np.array([[0.0, 1.0]]), RAINBOW).tolist()
    [[[0, 0, 0], [255, 0, 190]]]
    """
    at = [value for value, _ in stops]
    channels = zip(*(colour for _, colour in stops), strict=True)
    clipped = np.clip(values, 0, 1)
    mixed = np.stack([np.interp(clipped, at, channel) for channel in channels], axis=-1)
    return np.round(mixed).astype(np.uint8)
