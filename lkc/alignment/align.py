"""Bring two images of different cameras or scanners onto one pixel grid, and judge the result.

The same number judges the transform of every method: how parallel the edges of the two
images are. A plane transform cannot undo parallax: two cameras side by side see near and far things
shifted by different amounts.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from lkc.alignment.geometry import (
    Image,
    Matrix,
    covered,
    edge_strength,
    fit_inside,
    judge,
    shrink_to,
)
from lkc.alignment.search import METHODS, SEARCHED
from lkc.errors import InputError
from lkc.io.pixels import NEARLY_FLAT, to_8_bits

MIN_SIDE = 32
LONGEST_SIDE = 1024  # Larger images are shrunk to this side while the transform is found.
GOOD = 0.25
# A match must agree by this much more than the same images displaced, whose edges are parallel by
# the layout of the scene alone. 16 random pairs of RoadScene and MSRS had 0.107 to 0.334; 16
# infrared images with the visible image of another scene had 0.006 to 0.063.
MIN_LEAD = 0.085
DISPLACEMENT = 0.04  # Images are displaced by this share of their diagonal.
OVERLAY = (255, 140, 0)


@dataclass(frozen=True)
class Alignment:
    """A transform between two images, and its quality.

    Attributes:
        matrix: (3, 3), pixel (x, y, 1) of the fixed image to pixel of the moving one.
        agreement: edge agreement after, from 0 (chance) to 1 (all edges parallel).
        before: the same when the moving image is only enlarged to fit.
        overlap: share of the fixed image that the moving one covers.
    """

    matrix: Matrix
    agreement: float
    before: float
    overlap: float

    @property
    def sentence(self) -> str:
        """State the quality in plain words."""
        grade = "good" if self.agreement >= GOOD else "weak, look at the views"
        return (
            f"edge agreement {self.agreement:.2f} ({grade}; before {self.before:.2f}, chance 0, "
            f"perfect 1); {self.overlap:.0%} of the image is covered"
        )


def displaced_agreement(moving: Image, fixed: Image, matrix: Matrix) -> float:
    """Average the edge agreement of a match shifted in four directions: the level of chance."""
    step = DISPLACEMENT * float(np.hypot(*fixed.shape))
    scores = []
    for angle in np.arange(4) * np.pi / 2 + np.pi / 4:
        shift = np.eye(3)
        shift[:2, 2] = step * np.cos(angle), step * np.sin(angle)
        scores.append(judge(moving, fixed, matrix @ shift))
    return float(np.mean(scores))


def align(moving: Image, fixed: Image, method: str) -> Alignment:
    """Find the transform between two images of one scene, and judge it.

    Args:
        moving: (h, w) luma in [0, 1], the image to be moved; any size.
        fixed: (H, W) luma in [0, 1], the image whose grid is kept.
        method: "ecc" (affine, from edges: infrared and visible), "homography" (features and ECC:
            cameras of one kind) or "mutual-information" (affine: MRI with CT, PET or SPECT).

    Returns:
        The transform with its quality.

    Raises:
        InputError: unknown method, images that are flat or below 32 pixels, or no match that can
            be trusted.

    Example:
        >>> scene = cv2.GaussianBlur(np.random.default_rng(0).random((96, 128)), (0, 0), 3)
        >>> scene = cv2.normalize(scene, None, 0, 1, cv2.NORM_MINMAX, cv2.CV_32F)
        >>> found = align(scene[:, 10:], scene[:, :-10], "ecc")
        >>> bool(found.agreement > 0.9)
        True
    """
    if method not in METHODS:
        raise InputError(f"unknown way to align {method!r}: choose one of {', '.join(METHODS)}.")
    if min(*moving.shape, *fixed.shape) < MIN_SIDE:
        raise InputError(f"alignment needs at least {MIN_SIDE}x{MIN_SIDE} pixels.")
    if min(moving.std(), fixed.std()) < NEARLY_FLAT:  # Its edges are rounding.
        raise InputError("alignment failed: one of the images is nearly flat and shows no edges.")
    (moving, back_moving), (fixed, back_fixed) = (
        shrink_to(image, LONGEST_SIDE) for image in (moving, fixed)
    )
    matrix = METHODS[method](moving, fixed)
    found = judge_all(moving, fixed, matrix)
    lead = found.agreement - displaced_agreement(moving, fixed, matrix)
    if lead * np.sqrt(found.overlap) < MIN_LEAD:  # Chance does more where fewer pixels overlap.
        raise InputError(
            f"alignment failed: edge agreement {found.agreement:.2f} does not stand out from "
            f"chance; the images may show different scenes, have too few edges in common, or lie "
            f"outside of {SEARCHED}."
        )
    return replace(found, matrix=back_moving @ matrix @ np.linalg.inv(back_fixed))


def judge_all(moving: Image, fixed: Image, matrix: Matrix) -> Alignment:
    """Judge a transform of two images that are not too large for that."""
    return Alignment(
        matrix=matrix,
        agreement=judge(moving, fixed, matrix),
        before=judge(moving, fixed, fit_inside(moving, fixed)),
        overlap=float(covered(matrix, moving, fixed.shape).mean()),
    )


def assess(moving: Image, fixed: Image, matrix: Matrix) -> Alignment:
    """Judge a transform that is known already.

    Args:
        moving: (h, w) luma in [0, 1], the image to be moved.
        fixed: (H, W) luma in [0, 1], the image whose grid is kept.
        matrix: (3, 3), pixel (x, y, 1) of the fixed image to pixel of the moving one.

    Returns:
        The transform with its quality, which may be poor: nothing is refused.

    Example:
        >>> scene = np.random.default_rng(0).random((64, 64), dtype=np.float32)
        >>> round(assess(scene, scene, np.eye(3)).agreement, 3)
        1.0
    """
    (moving, back_moving), (fixed, back_fixed) = (
        shrink_to(image, LONGEST_SIDE) for image in (moving, fixed)
    )
    return replace(
        judge_all(moving, fixed, np.linalg.inv(back_moving) @ matrix @ back_fixed), matrix=matrix
    )


def checkerboard(a: Image, b: Image, squares: int = 8) -> NDArray[np.uint8]:
    """Alternate squares of two images; lines run on across the squares if the images fit.

    Args:
        a, b: (H, W) luma in [0, 1].
        squares: number along the longer side.

    Returns:
        (H, W) in 0 to 255.

    Example:
        >>> checkerboard(np.zeros((4, 8), np.float32), np.ones((4, 8), np.float32), 2)[0].tolist()
        [0, 0, 0, 0, 255, 255, 255, 255]
    """
    rows, columns = np.indices(a.shape) // max(1, -(-max(a.shape) // squares))
    return to_8_bits(np.where((rows + columns) % 2 == 0, a, b))


def edge_overlay(a: Image, b: Image) -> NDArray[np.uint8]:
    """Draw the strongest tenth of one image's edges in orange on the other.

    Args:
        a: (H, W) luma in [0, 1], whose edges are drawn.
        b: (H, W) luma in [0, 1], what they are drawn on.

    Returns:
        (H, W, 3) in 0 to 255.

    Example:
        >>> edge_overlay(np.eye(32, dtype=np.float32), np.zeros((32, 32), np.float32)).shape
        (32, 32, 3)
    """
    strength = edge_strength(a)
    view = cv2.cvtColor(to_8_bits(b), cv2.COLOR_GRAY2RGB)  # (H, W, 3)
    view[strength > max(float(np.quantile(strength, 0.9)), 0.05)] = OVERLAY
    return np.asarray(view, np.uint8)
