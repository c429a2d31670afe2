"""Notebook 07: faults of pairs from outside in bit depth, size, colour, alignment and noise."""

from collections.abc import Sequence

import cv2
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torch import Tensor

from lkc import metrics, viz
from lkc.fusion.images import cached_model, fuse
from lkc.io.window import apply_limits
from lkc.metrics.comparison import shared_information
from lkc.tutorial.examples import ExamplePair


def to_camera_counts(image: NDArray, offset: int = 7000, gain: int = 8) -> NDArray[np.uint16]:
    """Imitate the raw counts of a thermal camera, which use a small part of 16 bits.

    Args:
        image: (H, W) uint8.
        offset: counts of the coldest pixel.
        gain: counts per gray level.

    Returns:
        (H, W) uint16.

    Example:
        >>> to_camera_counts(np.array([[0, 255]], dtype=np.uint8))
        array([[7000, 9040]], dtype=uint16)
    """
    return (offset + gain * image.astype(np.uint16)).astype(np.uint16)


def move(image: NDArray, right: int, down: int = 0) -> NDArray:
    """Shift an image by whole pixels and repeat the border where it comes in.

    >>> move(np.array([[1, 2, 3]], dtype=np.uint8), right=1)
    array([[1, 1, 2]], dtype=uint8)
    """
    height, width = image.shape[:2]
    matrix = np.array([[1, 0, right], [0, 1, down]], dtype=np.float64)
    return cv2.warpAffine(image, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)


def fuse_moved(pair: ExamplePair, right: int, rule: str = "lite") -> NDArray:
    """Fuse a pair whose first source was moved: the callback of the slider.

    Args:
        pair: registered.
        right: pixels.
        rule: "lite" or a baseline.

    Returns:
        Fused image, as from `lkc.fuse`.
    """
    moved = move(pair.first, right)
    return fuse(moved, pair.second, pair.task, cached_model(rule, pair.task))


def score_shifts(pair: ExamplePair, shifts: Sequence[int], rule: str = "lite") -> pd.DataFrame:
    """Score fused images of a misaligned pair without knowing the truth.

    Args:
        pair: registered.
        shifts: pixels that its first source is moved by.
        rule: "lite" or a baseline.

    Returns:
        One row per shift, one column per metric; the sources are the misaligned ones.

    Example:
        >>> from lkc.tutorial import load_pair
        >>> score_shifts(load_pair("mri-ct", "head-1"), [0, 4], "average").shape
        (2, 11)
    """
    rows = {
        right: metrics.evaluate(fuse_moved(pair, right, rule), move(pair.first, right), pair.second)
        for right in shifts
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("shift, pixels")


def levels(image: NDArray) -> Tensor:
    """Return whole gray levels: (H, W) or (H, W, 3) -> (1, 1, H, W) int64."""
    return metrics.to_gray(image).round().long()


def agreement(first: NDArray, second: NDArray, shifts: Sequence[int]) -> pd.Series:
    """Measure what two sources know of one another when the first is moved.

    Args:
        first, second: images of one size.
        shifts: pixels to the right, tried one after another.

    Returns:
        Mutual information in nats, indexed by shift.

    Example:
        >>> image = np.random.default_rng(0).integers(0, 256, (64, 64)).astype(np.uint8)
        >>> agreement(move(image, 3), image, range(-5, 6)).idxmax()
        -3
    """
    margin = max(map(abs, shifts)) or 1
    fixed, moving = levels(second)[..., margin:-margin], levels(first)
    values = {}
    for right in shifts:
        moved = moving.roll(right, dims=-1)[..., margin:-margin]  # Wrapped columns are cut off.
        values[right] = shared_information(moved, fixed)[0].item()
    return pd.Series(values, name="mutual information, nat").rename_axis("shift, pixels")


def add_noise(image: NDArray[np.uint8], sigma: float, seed: int = 0) -> NDArray[np.uint8]:
    """Add Gaussian noise of `sigma` gray levels to an 8-bit image.

    >>> add_noise(np.full((2, 2), 9, dtype=np.uint8), sigma=0)[0].tolist()
    [9, 9]
    """
    noise = np.random.default_rng(seed).normal(0, sigma, image.shape)
    return (image + noise).round().clip(0, 255).astype(np.uint8)


def show_moved(pair: ExamplePair, right: int, rule: str = "lite") -> Figure:
    """Draw the effect of misalignment, in full and with the middle ninth enlarged.

    Args:
        pair, right, rule: as for `fuse_moved`.

    Returns:
        A figure of two images.
    """
    fused = fuse_moved(pair, right, rule)
    height, width = fused.shape[:2]
    middle = fused[height // 3 : 2 * height // 3, width // 3 : 2 * width // 3]
    return viz.plot_images({f"moved by {right} px": fused, "the middle": middle})


def show_window(counts: NDArray[np.uint16], visible: NDArray, low: float, high: float) -> Figure:
    """Draw infrared counts in a window beside what fusing them with the visible image gives.

    Args:
        counts: (H, W) of a thermal camera.
        visible: (H, W, 3).
        low, high: counts that become black and white.

    Returns:
        A figure of two images.
    """
    infrared = apply_limits(counts.astype(np.float32), (low, high))
    title = f"infrared, {low:g} to {high:g}"
    return viz.plot_images({title: infrared, "fused": fuse(infrared, visible)})
