"""Plane geometry of two images: edges, their agreement, and resampling through a matrix."""

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]
Matrix = NDArray[np.float64]
MIN_OVERLAP = 0.3


def edges(image: Image) -> tuple[Image, Image]:
    """Return the horizontal and the vertical derivative of a slightly smoothed image."""
    smooth = cv2.GaussianBlur(image, (0, 0), 1.0)
    across, down = (cv2.Scharr(smooth, cv2.CV_32F, *order) for order in ((1, 0), (0, 1)))
    return np.asarray(across, np.float32), np.asarray(down, np.float32)


def edge_strength(image: Image) -> Image:
    """Return one map of edges in [0, 1]; strong edges are compressed so that weak ones count."""
    strength = np.sqrt(np.hypot(*edges(image)))
    return strength * np.float32(1 / max(float(strength.max()), 1e-6))


def edge_agreement(a: Image, b: Image, valid: NDArray[np.bool_]) -> float:
    """Measure how parallel the edges of two images are, weighted by their strength.

    Args:
        a, b: (H, W) in [0, 1].
        valid: (H, W), the pixels to look at.

    Returns:
        The weighted mean of cos(2 angle): 0 by chance, 1 if all edges are parallel, whichever side
        is brighter.

    Example:
        >>> a = np.random.default_rng(0).random((64, 64), dtype=np.float32)
        >>> round(edge_agreement(a, 1 - a, np.ones((64, 64), bool)), 3)
        1.0
    """
    (ax, ay), (bx, by) = edges(a), edges(b)
    dot, cross = ax * bx + ay * by, ax * by - ay * bx
    length = np.hypot(dot, cross)  # |a| |b|
    weight = np.sqrt(length) * valid
    cosine = (dot * dot - cross * cross) / np.maximum(length * length, 1e-20)
    return float((weight * cosine).sum() / max(float(weight.sum()), 1e-9))


def scaling(factor_x: float, factor_y: float) -> Matrix:
    """Return the matrix that scales pixel coordinates and keeps the centres of pixels.

    >>> (scaling(2, 2) @ [0, 0, 1]).tolist()
    [0.5, 0.5, 1.0]
    """
    matrix = np.diag([factor_x, factor_y, 1.0])
    matrix[:2, 2] = (factor_x - 1) / 2, (factor_y - 1) / 2
    return matrix


def fit_inside(moving: Image, fixed: Image) -> Matrix:
    """Return a first guess: the moving image, centred and enlarged to the fixed one's border."""
    (height, width), (fixed_height, fixed_width) = moving.shape, fixed.shape
    factor = max(height / fixed_height, width / fixed_width)
    matrix = scaling(factor, factor)
    matrix[0, 2] += (width - factor * fixed_width) / 2
    matrix[1, 2] += (height - factor * fixed_height) / 2
    return matrix


def warp(image: NDArray, matrix: Matrix, size: tuple[int, int]) -> NDArray:
    """Resample an image through a matrix.

    Args:
        image: (h, w) or (h, w, 3), any of uint8, uint16, float32.
        matrix: (3, 3), target pixel to source pixel.
        size: (height, width) of the target.

    Returns:
        (H, W) or (H, W, 3), linear interpolation; 0 outside of the image.

    Example:
        >>> warp(np.eye(3, dtype=np.float32), np.eye(3), (2, 3)).shape
        (2, 3)
    """
    shrink = np.sqrt(abs(np.linalg.det(matrix[:2, :2])))
    if shrink > 1.5:  # A plain lookup would skip pixels.
        image = cv2.GaussianBlur(image, (0, 0), shrink / 2.5)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpPerspective(image, matrix, size[::-1], flags=flags))


def covered(matrix: Matrix, moving: NDArray, size: tuple[int, int]) -> NDArray[np.bool_]:
    """Find the pixels of the fixed image that the moving one covers: (H, W)."""
    return warp(np.ones(moving.shape[:2], np.float32), matrix, size) > 0.999


def shrink_to(image: Image, side: int) -> tuple[Image, Matrix]:
    """Shrink an image so that its longest side is `side`; the matrix maps its pixels back."""
    height, width = image.shape
    factor = min(1.0, side / max(height, width))
    size = max(16, round(width * factor)), max(16, round(height * factor))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA) if factor < 1 else image
    small = np.asarray(small, np.float32)
    return small, scaling(width / small.shape[1], height / small.shape[0])


def judge(moving: Image, fixed: Image, matrix: Matrix) -> float:
    """Measure the edge agreement of the fixed image with the moving one under a matrix."""
    view, valid = warp(moving, matrix, fixed.shape), covered(matrix, moving, fixed.shape)
    inner = cv2.erode(valid.astype(np.uint8), np.ones((7, 7))) > 0  # The border is no edge.
    return edge_agreement(view, fixed, inner) if inner.mean() >= MIN_OVERLAP else 0.0
