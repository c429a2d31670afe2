"""A window of intensities that follows a scene slowly, so that a hot thing does not darken it."""

import warnings

import numpy as np
from numpy.typing import NDArray

from lkc.errors import InputError
from lkc.io.pixels import FULL_SCALE, to_8_bits
from lkc.io.thermal import check_unit, fixed_limits
from lkc.io.window import Window, Windows, apply_limits

SECONDS = 3.0  # After so long, two thirds of a change have been followed.
LOW, HIGH = 1.0, 99.0


def check_windows(windows: Windows) -> None:
    """Refuse windows that cannot be known while a camera films."""
    if any(window is not None and window.kind not in ("fixed", "full") for window in windows):
        raise InputError(
            "live windows are fixed or full, such as --window 20C,40C --window full, or not given."
        )


class SteadyWindow:
    """Shows frames of more than 8 bits in 8; frames of 8 bits stay as they are.

    Args:
        window: a fixed or full one, or None for percentiles 1 to 99 that are followed slowly.
        name: what to call the source in messages.

    Example:
        >>> steady = SteadyWindow(None)
        >>> ramp = np.arange(7800, 8600, dtype=np.uint16).reshape(20, 40)
        >>> shown = steady.show(ramp, time=0.0)
        >>> shown.dtype, int(shown.min()), int(shown.max())
        (dtype('uint8'), 0, 255)
    """

    def __init__(self, window: Window | None, name: str = "the camera") -> None:
        check_windows((window, None))
        self.fixed = window if window and window.kind == "fixed" else None
        self.is_full = window is not None and not self.fixed
        self.is_checked, self.name = False, name
        self.limits: tuple[float, float] | None = None
        self.time = 0.0

    def show(self, frame: NDArray, time: float) -> NDArray[np.uint8]:
        """Show a frame.

        Args:
            frame: (H, W) or (H, W, 3), uint8 or uint16.
            time: when it was taken, in seconds.

        Returns:
            The frame in 8 bits.

        Raises:
            InputError: the window is in degrees, and the source is not.
        """
        if frame.dtype == np.uint8 and self.fixed is None:
            return frame
        full_range = 0.0, float(FULL_SCALE[frame.dtype])
        if self.fixed:
            self.check(frame, full_range, self.fixed)
            limits = fixed_limits(self.fixed)
        else:
            limits = full_range if self.is_full else self.follow(frame, time)
        return to_8_bits(apply_limits(frame.astype(np.float32), limits))

    def check(self, frame: NDArray, full_range: tuple[float, float], window: Window) -> None:
        """Refuse a window in a unit that frames do not have; warn of one that shows nothing yet."""
        if self.is_checked or frame.min() == frame.max():  # Some cameras begin with a black frame.
            return
        self.is_checked = True
        check_unit(frame, full_range, window, self.name)
        low, high = fixed_limits(window)
        if frame.max() < low or frame.min() > high:
            warnings.warn(
                f"{self.name} has no value in the window from {low:g} to {high:g} so far: its "
                f"values lie between {frame.min()} and {frame.max()}.",
                stacklevel=3,
            )

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
