"""Measure without labels whether warm objects can be seen in a fused image.

Upright hot blobs are found in the infrared image. In the fused image, as in both sources, each is
compared with a ring around it. Because the infrared chooses the blobs, it is favoured: the measure
asks how much of the infrared's contrast a fusion keeps, and says nothing about cold objects.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
import pandas as pd

from lkc.downstream.scores import mean_interval

ABOVE = 30  # A hot pixel exceeds its surroundings by so many gray levels.
SURROUNDINGS = 2  # The box of the surroundings is the image's height over this.
SMALLEST, LARGEST = 4e-4, 0.06  # The area of a blob lies between these shares of the image.
UPRIGHT = (1.2, 5.0)  # Height over width goes from a group or a rider to a thin walker.
FOOT = 0.5  # A level camera sees the feet of what stands on the ground below mid-height.
FILLED = 0.35  # A blob fills this share of its box; a leaning pole does not.
GAP, RING = 2, 8  # The soft edge of a blob is left out; then comes a ring. Both in pixels.
ROSE = 5.0  # An object of this contrast-to-noise ratio is certainly seen (Rose criterion).
OUTSHONE = 0.01  # An object is "brightest" if at most this share of other pixels is brighter.
LEAST_NOISE = 1.0  # Where a ring is flat, rounding still gives this noise in gray levels.


@dataclass(frozen=True)
class Blob:
    """One hot object and what surrounds it.

    Attributes:
        box: rows and columns of a window that holds both.
        inside, ring: (h, w) bool masks of the window.
    """

    box: tuple[slice, slice]
    inside: np.ndarray
    ring: np.ndarray


def contrast_and_noise(image: np.ndarray, blob: Blob) -> tuple[float, float]:
    """Return how much a blob differs from its ring, and how much the ring varies.

    Args:
        image: (H, W) gray, 0 to 255.
        blob: where to look.

    Returns:
        Mean inside minus mean of the ring, negative where the blob is darker; and the ring's
        standard deviation, one gray level at least. Texture counts as noise.

    Example:
        >>> inside = np.zeros((5, 5), bool)
        >>> inside[2, 2] = True
        >>> blob = Blob((slice(0, 5), slice(0, 5)), inside, ~inside)
        >>> contrast_and_noise(np.where(inside, 30, 10), blob)
        (20.0, 1.0)
    """
    window = image[blob.box]
    around = window[blob.ring]
    contrast = float(window[blob.inside].mean()) - float(around.mean())
    return contrast, max(float(around.std()), LEAST_NOISE)


def is_upright(width: int, height: int, area: int, pixels: int) -> bool:
    """Tell by box and area whether a blob could be a person, not a lamp, engine or strip."""
    fits = SMALLEST * pixels <= area <= LARGEST * pixels
    return fits and UPRIGHT[0] <= height / width <= UPRIGHT[1] and area >= FILLED * width * height


def find_hot_blobs(infrared: np.ndarray) -> list[Blob]:
    """Find upright objects on the ground that are warmer than their surroundings.

    Args:
        infrared: (H, W) uint8, warm is bright.

    Returns:
        The blobs; those that touch the border of the image are left out.

    Example:
        >>> scene = np.full((120, 160), 60, np.uint8)
        >>> scene[50:80, 80:90] = 200
        >>> [int(blob.inside.sum()) for blob in find_hot_blobs(scene)]
        [300]
    """
    height, width = infrared.shape
    side = height // SURROUNDINGS | 1
    hot = infrared > cv2.blur(infrared.astype(np.float32), (side, side)) + ABOVE
    count, parts, stats, _ = cv2.connectedComponentsWithStats(hot.astype(np.uint8))
    margin, blobs = GAP + RING, []
    for part in range(1, count):
        x, y, w, h, area = stats[part].tolist()
        inner = x > 0 and y > 0 and x + w < width and y + h < height
        stands = y + h >= FOOT * height
        if not (inner and stands and is_upright(w, h, area, height * width)):
            continue
        box = (
            slice(max(y - margin, 0), min(y + h + margin, height)),
            slice(max(x - margin, 0), min(x + w + margin, width)),
        )
        inside = parts[box] == part
        ring = ring_around(inside) & ~hot[box]
        if ring.any():
            blobs.append(Blob(box, inside, ring))
    return blobs


def ring_around(inside: np.ndarray) -> np.ndarray:
    """Return the ring (H, W) bool around an object (H, W) bool; its soft edge is left out.

    >>> inside = np.zeros((41, 41), bool)
    >>> inside[20, 20] = True
    >>> np.flatnonzero(ring_around(inside)[20, 20:])
    array([ 3,  4,  5,  6,  7,  8,  9, 10])
    """
    near, far = (cv2.dilate(inside.astype(np.uint8), disc(r)) for r in (GAP, GAP + RING))
    return far > near


def disc(radius: int) -> np.ndarray:
    """Return a filled disc for morphology."""
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))


def measure_contrasts(
    infrared: np.ndarray, visible: np.ndarray, fused: Mapping[str, np.ndarray]
) -> list[dict[str, float | str]]:
    """Measure every hot blob of a pair in both sources and in fused images.

    Args:
        infrared, visible: (H, W) uint8 luma.
        fused: method -> (H, W) uint8 luma.

    Returns:
        A row per blob and image, for "infrared", "visible" and each method: object, image, contrast
        and noise in gray levels, and brighter, the share of the rest of the image (without any
        blob) that is brighter than the object's mean.

    Example:
        >>> scene = np.full((120, 160), 60, np.uint8)
        >>> scene[50:80, 80:90] = 200
        >>> measure_contrasts(scene, scene // 2, {})[1]
        {'object': 0, 'image': 'visible', 'contrast': 70.0, 'noise': 1.0, 'brighter': 0.0}
    """
    images = {"infrared": infrared, "visible": visible, **fused}
    blobs = find_hot_blobs(infrared)
    is_rest = np.ones(infrared.shape, bool)
    for blob in blobs:
        is_rest[blob.box] &= ~blob.inside
    rows: list[dict[str, float | str]] = []
    for name, image in images.items():
        rest = image[is_rest]
        for index, blob in enumerate(blobs):
            contrast, noise = contrast_and_noise(image, blob)
            brighter = float((rest > image[blob.box][blob.inside].mean()).mean())
            where: dict[str, float | str] = {"object": index, "image": name}
            rows.append(where | {"contrast": contrast, "noise": noise, "brighter": brighter})
    return rows


def summarise_contrasts(rows: pd.DataFrame) -> pd.DataFrame:
    """Sum up the contrasts of many objects.

    Args:
        rows: from `measure_contrasts`, with a column "pair" in front.

    Returns:
        One line per image, with the columns: contrast, noise and ratio (contrast-to-noise), medians
        over the objects; low and high, the 95 % interval of the ratio's mean over the pairs, as
        objects of a pair are no independent samples, and that mean; both, the share of objects
        whose ratio is at least that of the better source; seen, the share above Rose's criterion;
        brightest, the share that hardly anything else in the image outshines (OUTSHONE).

    Source:
        Rose, "Vision: Human and Electronic" (1973) for the criterion.

    Example:
        >>> keys = {"pair": "a", "object": 0, "noise": 2.0, "brighter": 0.0}
        >>> rows = [{"image": "infrared", "contrast": 40.0, **keys}]
        >>> rows += [{"image": "visible", "contrast": 6.0, **keys}]
        >>> table = summarise_contrasts(pd.DataFrame(rows))
        >>> table.loc["visible", ["ratio", "both", "seen"]].tolist()
        [3.0, 0.0, 0.0]
    """
    rows = rows.assign(ratio=rows["contrast"] / rows["noise"])
    names = list(dict.fromkeys(rows["image"]))
    ratios = rows.pivot(index=["pair", "object"], columns="image", values="ratio")[names]
    pair_means = ratios.groupby("pair").mean()
    better = ratios[["infrared", "visible"]].max(axis=1)
    table = rows.groupby("image")[["contrast", "noise", "ratio"]].median().loc[names]
    ends = pair_means.apply(lambda values: pd.Series(mean_interval(values), index=["low", "high"]))
    return table.assign(
        mean=pair_means.mean(),
        low=ends.loc["low"],
        high=ends.loc["high"],
        both=ratios.ge(better, axis=0).mean(),
        seen=ratios.ge(ROSE).mean(),
        brightest=rows["brighter"].lt(OUTSHONE).groupby(rows["image"]).mean(),
    )
