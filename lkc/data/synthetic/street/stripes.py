"""Draw stripes that fade where they are finer than a pixel, instead of flickering."""

import numpy as np

from lkc.data.synthetic.noise import smoothstep


def stripe(x: np.ndarray, low: float, high: float, footprint: np.ndarray) -> np.ndarray:
    """Return the share of a pixel's footprint around `x` that lies between `low` and `high`.

    Args:
        x: positions, metres.
        low: lower edge of the stripe, metres.
        high: upper edge of the stripe, metres.
        footprint: width of a pixel at `x`, metres; broadcasts.

    Returns:
        Values in [0, 1].

    >>> stripe(np.array([0.0, 0.5, 0.8]), -0.5, 0.5, np.array([0.2])).round(3).tolist()
    [1.0, 0.5, 0.0]
    """
    half = footprint / 2
    overlap = np.minimum(high, x + half) - np.maximum(low, x - half)
    return np.clip(overlap / footprint, 0, 1)


def repeated_stripe(
    x: np.ndarray, period: float, low: float, high: float, footprint: np.ndarray
) -> np.ndarray:
    """Repeat `stripe` every `period` metres; return its mean where it cannot be resolved.

    Args:
        x: positions, metres.
        period: distance between stripes, metres.
        low: lower edge of the first stripe, metres, at least 0.
        high: upper edge of the first stripe, metres, at most `period`.
        footprint: width of a pixel at `x`, metres; broadcasts.

    Returns:
        Values in [0, 1].

    >>> repeated_stripe(np.array([0.2, 1.2, 1.7]), 1, 0, 0.5, np.array([0.1])).round(3).tolist()
    [1.0, 1.0, 0.0]
    """
    near = stripe(np.mod(x, period), low, high, footprint)
    unresolved = smoothstep(0.4, 1.0, footprint / period)
    return near + unresolved * ((high - low) / period - near)
