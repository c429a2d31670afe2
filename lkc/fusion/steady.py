"""Fuse the frames of a film with statistics that move slowly, so that a hot object shifts nothing.

How slowly depends on the picture. As long as the scene stays, a frame counts for little: a person
who walks by leaves the rest alone. The more of the gray values differ from those that the memory
stands for, the faster it follows: smoke, dusk, or a camera that turns. At a cut it starts anew.
"""

from fractions import Fraction
from math import exp

import numpy as np
from numpy.typing import NDArray
from torch import nn

from lkc.fusion.images import cached_model, fuse
from lkc.io.pixels import luma, to_unit_range
from lkc.model.steady_network import with_memory

SECONDS = 60.0  # In a scene that stays, two thirds of a change have been followed after so long.
FOLLOW = 4.0  # So many times a second would a scene be followed in which every gray has changed.
CUT = 0.5  # It is a cut if so large a share of a source's pixels has another gray at once.
BINS = 17  # Gray values are told apart in so many steps, coarse enough to overlook noise.
LOOKED_AT = 120  # About so many rows are looked at, which suffices for a histogram.


def gray_histogram(image: NDArray) -> NDArray[np.float64]:
    """Shares of the pixels of an image that have each of BINS gray values, from black to white.

    A pixel counts for the two values that it lies between, so that a slow change of light, which
    takes all of a dull picture over the edge of a bin at once, changes the shares slowly too.

    Args:
        image: (H, W) or (H, W, 3), uint8, uint16 or float in [0, 1].

    Returns:
        (BINS,), whose sum is 1.

    Example:
        >>> shares = gray_histogram(np.full((20, 20), 0.3, np.float32))  # 4.8 of 16 steps
        >>> shares[3:7].round(2).tolist()
        [0.0, 0.2, 0.8, 0.0]
    """
    step = max(1, min(image.shape[:2]) // LOOKED_AT)
    gray = luma(to_unit_range(image[::step, ::step], "frame"))
    place = np.minimum(gray.ravel(), 1) * (BINS - 1)
    below = np.minimum(place.astype(np.intp), BINS - 2)
    above = place - below  # 0 to 1
    counts = np.bincount(below, 1 - above, BINS) + np.bincount(below + 1, above, BINS)
    return counts / gray.size


def share_that_differs(before: NDArray[np.float64], now: NDArray[np.float64]) -> float:
    """Share of pixels with another gray, of the source in which it is larger.

    Args:
        before, now: histograms of both sources, (2, BINS).

    Returns:
        0 to 1, half the sum of the absolute differences.
    """
    return float(np.abs(now - before).sum(axis=1).max() / 2)


class SteadyStatistics:
    """A model whose norms remember the frames so far.

    Args:
        model: from `load_model`; it stays as it is.

    Attributes:
        model: fuses the frame that was seen last, for `lkc.fuse`. It shares the weights.

    Example:
        >>> import lkc
        >>> steady = SteadyStatistics(lkc.load_model("lite", "ir-vis", device="cpu"))
        >>> night = np.zeros((32, 48), np.uint8)
        >>> for frame in range(3):
        ...     steady.see(night, night, time=frame / 25)
        ...     fused = lkc.fuse(night, night, model=steady.model)
    """

    def __init__(self, model: nn.Module) -> None:
        self.model, self.pace = with_memory(model)
        self.last: NDArray[np.float64] | None = None  # histograms of the frame before
        self.scene: NDArray[np.float64] | None = None  # those that the memory stands for
        self.time = 0.0

    def see(self, first: NDArray, second: NDArray, time: float) -> None:
        """Look at a pair of frames before it is fused.

        Args:
            first, second: the pair, (H, W) or (H, W, 3), uint8, uint16 or float in [0, 1].
            time: in seconds, later than that of the pair before.
        """
        now = np.stack([gray_histogram(image) for image in (first, second)])
        share = self.share_of(now, time)
        self.scene = now if self.scene is None else self.scene + share * (now - self.scene)
        self.last, self.time = now, time
        self.pace.set(share)

    def share_of(self, now: NDArray[np.float64], time: float) -> float:
        """How much a frame with these histograms counts: 1 at the start and at a cut."""
        if self.last is None or self.scene is None or share_that_differs(self.last, now) > CUT:
            return 1.0
        rate = 1 / SECONDS + FOLLOW * share_that_differs(self.scene, now) ** 2
        return 1 - exp(-(time - self.time) * rate)


class FrameFuser:
    """Fuses the pairs of a film in the order of their time.

    Args:
        task, model, detail, colour: as in `lkc.fuse`.
        steady: whether the statistics of norms move slowly; False fuses each pair as a still.

    Example:
        >>> fuse_frame = FrameFuser("mri-ct")
        >>> night = np.zeros((32, 48), np.uint8)
        >>> [fuse_frame(night, night, frame / 25).shape for frame in range(2)]
        [(32, 48), (32, 48)]
    """

    def __init__(
        self,
        task: str = "ir-vis",
        model: nn.Module | None = None,
        detail: float = 1.0,
        colour: str = "keep",
        steady: bool = True,
    ) -> None:
        self.task, self.detail, self.colour = task, detail, colour
        self.model = model if model is not None else cached_model("lite", task)
        self.memory = SteadyStatistics(self.model) if steady else None

    def __call__(self, first: NDArray, second: NDArray, time: float | Fraction) -> NDArray:
        """Fuse a pair of arrays, taken at a time in seconds, as `lkc.fuse` does."""
        if self.memory is not None:
            self.memory.see(first, second, float(time))
        model = self.model if self.memory is None else self.memory.model
        return fuse(first, second, self.task, model, self.detail, self.colour)
