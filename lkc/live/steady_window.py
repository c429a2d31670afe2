"""A window of intensities that follows a scene slowly, so that a hot thing does not darken it."""

import numpy as np
from numpy.typing import NDArray

from lkc.io.pixels import to_8_bits
from lkc.io.thermal import fixed_limits
from lkc.io.window import Window, apply_limits

SECONDS = 3.0  # After so long, two thirds of a change have been followed.
LOW, HIGH = 1.0, 99.0


class SteadyWindow:
    """Shows frames of more than 8 bits in 8; frames of 8 bits stay as they are.

    Args:
        window: a fixed one, or None for percentiles 1 to 99 that are followed slowly.

    Example:
        >>> steady = SteadyWindow(None)
        >>> ramp = np.arange(7800, 8600, dtype=np.uint16).reshape(20, 40)
        >>> shown = steady.show(ramp, time=0.0)
        >>> shown.dtype, int(shown.min()), int(shown.max())
        (dtype('uint8'), 0, 255)
    """

    def __init__(self, window: Window | None) -> None:
        self.fixed = fixed_limits(window) if window and window.kind == "fixed" else None
        self.limits: tuple[float, float] | None = None
        self.time = 0.0

    def show(self, frame: NDArray, time: float) -> NDArray[np.uint8]:
        """Show a frame.

        Args:
            frame: (H, W) or (H, W, 3), uint8 or uint16.
            time: when it was taken, in seconds.

        Returns:
            The frame in 8 bits.
        """
        if frame.dtype == np.uint8 and self.fixed is None:
            return frame
        limits = self.fixed or self.follow(frame, time)
        return to_8_bits(apply_limits(frame.astype(np.float32), limits))

    def follow(self, frame: NDArray, time: float) -> tuple[float, float]:
        """Move the limits towards those of a frame, by the time that has passed."""
        low, high = (float(end) for end in np.percentile(frame[::2, ::2], [LOW, HIGH]))
        if self.limits is None:
            self.limits = low, high
        share = 1 - np.exp(-(time - self.time) / SECONDS)
        self.time = time
        old = self.limits
        self.limits = old[0] + share * (low - old[0]), old[1] + share * (high - old[1])
        return self.limits[0], max(self.limits[1], self.limits[0] + 1)
