"""Can what is warm be seen in the fused image? A measure on real pairs that needs no labels.

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

ABOVE = 30  # gray levels that a hot pixel exceeds its surroundings by
SURROUNDINGS = 2  # the surroundings' box is the image's height over this
SMALLEST, LARGEST = 4e-4, 0.06  # area of a blob, as shares of the image
UPRIGHT = (1.2, 5.0)  # height over width, from a group or a rider to a thin walker
FOOT = 0.5  # a level camera sees the foot of what stands on the ground below mid-height
FILLED = 0.35  # share of its box that a blob fills: a leaning pole does not
GAP, RING = 2, 8  # pixels left out around a blob, whose edge is soft, and width of its ring
ROSE = 5.0  # contrast-to-noise from which on an object is seen for certain
LEAST_NOISE = 1.0  # gray levels: of the rounding, where a ring is flat


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


def contrast_to_noise(image: np.ndarray, blob: Blob) -> float:
    """Return how far a blob stands out from its ring, in standard deviations of the ring.

    Args:
        image: (H, W) gray, 0 to 255.
        blob: where to look.

    Returns:
        (mean inside - mean of the ring) / standard deviation of the ring, which is taken as one
        gray level at least; negative where the blob is darker.

    Example:
        >>> inside = np.zeros((5, 5), bool)
        >>> inside[2, 2] = True
        >>> blob = Blob((slice(0, 5), slice(0, 5)), inside, ~inside)
        >>> contrast_to_noise(np.where(inside, 30, 10), blob)
        20.0
    """
    window = image[blob.box]
    around = window[blob.ring]
    noise = max(float(around.std()), LEAST_NOISE)
    return (float(window[blob.inside].mean()) - float(around.mean())) / noise


def is_upright(width: int, height: int, area: int, pixels: int) -> bool:
    """Tell what could be a person from lamps, engines and strips, by its box and area."""
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
        near, far = (cv2.dilate(inside.astype(np.uint8), disc(r)) for r in (GAP, margin))
        ring = (far > near) & ~hot[box]
        if ring.any():
            blobs.append(Blob(box, inside, ring))
    return blobs


def disc(radius: int) -> np.ndarray:
    """Return a filled disc for morphology."""
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))


def measure_contrasts(
    infrared: np.ndarray, visible: np.ndarray, fused: Mapping[str, np.ndarray]
) -> list[dict[str, float]]:
    """Measure every hot blob of a pair in both sources and in fused images.

    Args:
        infrared, visible: (H, W) uint8 luma.
        fused: method -> (H, W) uint8 luma.

    Returns:
        For each blob the contrast-to-noise ratio in "infrared", in "visible" and of each method.

    Example:
        >>> scene = np.full((120, 160), 60, np.uint8)
        >>> scene[50:80, 80:90] = 200
        >>> measure_contrasts(scene, scene // 2, {"maximum": scene})
        [{'infrared': 140.0, 'visible': 70.0, 'maximum': 140.0}]
    """
    images = {"infrared": infrared, "visible": visible, **fused}
    return [
        {name: contrast_to_noise(image, blob) for name, image in images.items()}
        for blob in find_hot_blobs(infrared)
    ]


def summarise_contrasts(rows: pd.DataFrame) -> pd.DataFrame:
    """Sum up the contrasts of many objects.

    Args:
        rows: from `measure_contrasts`, with a column "pair" in front.

    Returns:
        One line per image, with the columns: median over the objects; mean of the pairs' means and
        its 95 % interval (low, high), as objects of a pair are no independent samples; kept, the
        median share of the infrared's contrast; both, the share of objects that stand out at least
        as much as in the better source; seen, the share above Rose's criterion of 5.

    Source:
        Rose, "Vision: Human and Electronic" (1973) for the criterion.

    Example:
        >>> table = pd.DataFrame({"pair": ["a", "b"], "infrared": [4, 8], "visible": [1, 9]})
        >>> summarise_contrasts(table).loc["visible", ["median", "kept", "both", "seen"]].tolist()
        [5.0, 0.6875, 0.5, 0.5]
    """
    values = rows.drop(columns="pair")
    pair_means = values.groupby(rows["pair"]).mean()
    better = values[["infrared", "visible"]].max(axis=1)
    ends = {name: mean_interval(pair_means[name]) for name in values}
    return pd.DataFrame(
        {
            "median": values.median(),
            "mean": pair_means.mean(),
            "low": {name: low for name, (low, _) in ends.items()},
            "high": {name: high for name, (_, high) in ends.items()},
            "kept": values.div(values["infrared"], axis=0).median(),
            "both": values.ge(better, axis=0).mean(),
            "seen": values.ge(ROSE).mean(),
        }
    ).loc[list(values)]
