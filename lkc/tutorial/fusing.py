"""Fuse a pair by name, and find the source that each fused pixel came from.

Maps are in gray levels (0 to 255) and come from luma, as the metrics do.
"""

from collections.abc import Sequence

import cv2
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from lkc import metrics, viz
from lkc.fusion.images import cached_model, fuse
from lkc.tasks import get_task
from lkc.tutorial.examples import load_pair


def gray(image: ArrayLike) -> NDArray[np.float32]:
    """Return luma (H, W) in 0 to 255 of an image (H, W) or (H, W, 3), uint8 or uint16."""
    return metrics.to_gray(image)[0, 0].numpy()


def fuse_pair(
    task: str, name: str | None = None, rule: str = "lite", detail: float = 1.0
) -> NDArray:
    """Fuse a pair by its name: the callback of a slider.

    Args:
        task, name: as for `load_pair`.
        rule: "lite" or a baseline such as "maximum".
        detail: 0 to 2, as for `lkc.fuse`.

    Returns:
        Fused image, as from `lkc.fuse`.

    Example:
        >>> fuse_pair("mri-ct", "head-1", "average").shape
        (256, 256)
    """
    pair = load_pair(task, name)
    return fuse(pair.first, pair.second, task, cached_model(rule, task), detail)


def nearer_source(fused: ArrayLike, first: ArrayLike, second: ArrayLike) -> NDArray[np.float32]:
    """Measure which source each fused pixel lies nearer to.

    Args:
        fused, first, second: images of one size.

    Returns:
        (H, W) gray levels: distance to the second source minus distance to the first; positive
        where the first is nearer.

    Example:
        >>> nearer_source(np.full((1, 1), 90.0), np.full((1, 1), 100.0), np.full((1, 1), 20.0))
        array([[60.]], dtype=float32)
    """
    image = gray(fused)
    return np.abs(image - gray(second)) - np.abs(image - gray(first))


def outside_sources(fused: ArrayLike, first: ArrayLike, second: ArrayLike) -> NDArray[np.float32]:
    """Measure how far each pixel lies outside the range that its two sources span.

    Args:
        fused, first, second: images of one size.

    Returns:
        (H, W) gray levels: positive above the brighter source, negative below the darker one, 0
        between them, as any mean of the two is.

    Example:
        >>> low, high = np.full((1, 3), 10.0), np.full((1, 3), 20.0)
        >>> outside_sources(np.array([[5.0, 15.0, 30.0]]), low, high)
        array([[-5.,  0., 10.]], dtype=float32)
    """
    image, a, b = gray(fused), gray(first), gray(second)
    return image - np.clip(image, np.minimum(a, b), np.maximum(a, b))


def brightest_object(image: ArrayLike, threshold: float = 128) -> NDArray[np.bool_]:
    """Find the largest connected region above a threshold, such as a person in the infrared.

    Args:
        image: as for `gray`.
        threshold: gray level.

    Returns:
        (H, W) mask; all false if nothing is that bright.

    Example:
        >>> brightest_object(np.array([[200.0, 0.0, 200.0, 200.0]])).tolist()
        [[False, False, True, True]]
    """
    bright = (gray(image) > threshold).astype(np.uint8)
    _, labels, statistics, _ = cv2.connectedComponentsWithStats(bright)
    areas = statistics[:, cv2.CC_STAT_AREA]
    areas[0] = 0  # The background is no object.
    largest = int(areas.argmax())
    return (labels == largest) & (largest > 0)


def surround(mask: NDArray[np.bool_], width: int = 9) -> NDArray[np.bool_]:
    """Return the ring of pixels within `width` of a region, without the region's own rim."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * width + 1, 2 * width + 1))
    rim = cv2.dilate(mask.astype(np.uint8), np.ones((5, 5), np.uint8))
    return (cv2.dilate(mask.astype(np.uint8), kernel) > 0) & (rim == 0)


def stands_out(image: ArrayLike, mask: NDArray[np.bool_]) -> float:
    """Measure how many gray levels a region is brighter than its ring; NaN for no region."""
    if not mask.any():
        return float("nan")
    pixels = gray(image)
    return float(pixels[mask].mean() - pixels[surround(mask)].mean())


def erase(image: NDArray, mask: NDArray[np.bool_]) -> NDArray:
    """Fill a region of an 8-bit image from its surroundings."""
    hole = cv2.dilate(mask.astype(np.uint8), np.ones((9, 9), np.uint8))
    return cv2.inpaint(image, hole, 5, cv2.INPAINT_TELEA)


def score_rules(
    task: str, name: str | None = None, rules: Sequence[str] = ("lite", "maximum", "average")
) -> pd.DataFrame:
    """Compute the eleven metrics of several rules on one pair.

    Args:
        task, name: as for `load_pair`.
        rules: as for `fuse_pair`.

    Returns:
        One row per rule, one column per metric.

    Example:
        >>> score_rules("mri-ct", "head-1", ["average"]).shape
        (1, 11)
    """
    pair = load_pair(task, name)
    rows = {
        rule: metrics.evaluate(fuse_pair(task, name, rule), pair.first, pair.second)
        for rule in rules
    }
    return pd.DataFrame.from_dict(rows, orient="index")


def show_choice(task: str, name: str, rule: str = "lite", detail: float = 1.0) -> Figure:
    """Draw a pair beside its fused image: the callback of the notebooks' controls.

    Args:
        task, name, rule, detail: as for `fuse_pair`.

    Returns:
        A figure of three images.

    Example:
        >>> len(show_choice("mri-ct", "head-1", "average").axes)
        3
    """
    pair, kinds = load_pair(task, name), get_task(task)
    title = f"{rule}, detail {detail:g}"
    fused = fuse_pair(task, name, rule, detail)
    return viz.plot_images({kinds.first: pair.first, kinds.second: pair.second, title: fused})
