"""Fusion without learning: the rules and transforms a learned method has to beat.

Each baseline takes the luma of two sources as float32 arrays (H, W) in [0, 1], at least 16x16,
and returns the fused luma as float32 (H, W) in [0, 1].
"""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

Luma = NDArray[np.float32]
Rule = Callable[[Luma, Luma], Luma]

WAVELET = "sym4"
BASE_BOX = 31  # These are the settings of Li, Kang and Hu, for images in [0, 1].
SALIENCY_SIGMA, SALIENCY_BOX = 5, 11
BASE_RADIUS, BASE_EPSILON = 45, 0.3
DETAIL_RADIUS, DETAIL_EPSILON = 7, 1e-6


def maximum(a: Luma, b: Luma) -> Luma:
    """Take the brighter pixel.

    Args:
        a, b: (H, W) in [0, 1].

    Returns:
        Fused luma (H, W).

    Example:
        >>> maximum(np.float32([[0.2, 0.9]]), np.float32([[0.5, 0.1]]))
        array([[0.5, 0.9]], dtype=float32)
    """
    return np.maximum(a, b)


def average(a: Luma, b: Luma) -> Luma:
    """Take the mean of both pixels.

    Args:
        a, b: (H, W) in [0, 1].

    Returns:
        Fused luma (H, W).

    Example:
        >>> average(np.float32([[0.5, 1.0]]), np.float32([[0.0, 0.5]]))
        array([[0.25, 0.75]], dtype=float32)
    """
    return (a + b) * np.float32(0.5)


def stronger(a: NDArray, b: NDArray) -> NDArray:
    """Choose, element by element, the coefficient of larger magnitude."""
    return np.where(np.abs(a) >= np.abs(b), a, b)


def laplacian(a: Luma, b: Luma, base: Rule = average) -> Luma:
    """Fuse Laplacian pyramids: the stronger detail at every level, and a rule for what is left.

    Args:
        a, b: (H, W) in [0, 1], at least 16x16.
        base: fuses the smallest level, about 4 pixels wide; `maximum` keeps more contrast.

    Returns:
        Fused luma (H, W).

    Source:
        Burt and Adelson, IEEE Trans. Communications 31 (1983); Toet, Pattern Recognition Letters 9
        (1989).

    Example:
        >>> flat = np.full((16, 16), 0.25, np.float32)
        >>> laplacian(flat, 3 * flat)[0, 0]
        np.float32(0.5)
    """
    low_a: NDArray = a
    low_b: NDArray = b
    details = []
    for _ in range(int(np.log2(min(a.shape))) - 2):  # the smallest level is at least 4 wide
        size = low_a.shape[::-1]
        small_a, small_b = cv2.pyrDown(low_a), cv2.pyrDown(low_b)
        detail_a = low_a - cv2.pyrUp(small_a, dstsize=size)
        details.append(stronger(detail_a, low_b - cv2.pyrUp(small_b, dstsize=size)))
        low_a, low_b = small_a, small_b
    fused = base(low_a, low_b)
    for detail in reversed(details):
        fused = cv2.pyrUp(fused, dstsize=detail.shape[::-1]) + detail
    return fused.clip(0, 1)


def wavelet(a: Luma, b: Luma) -> Luma:
    """Fuse wavelet coefficients: the stronger detail, the mean approximation.

    Args:
        a, b: (H, W) in [0, 1], at least 16x16.

    Returns:
        Fused luma (H, W).

    Source:
        Li, Manjunath and Mitra, Graphical Models and Image Processing 57 (1995).

    Example:
        >>> flat = np.full((16, 16), 0.25, np.float32)
        >>> wavelet(flat, 3 * flat)[0, 0].round(4)
        np.float32(0.5)
    """
    import pywt  # only this rule needs it

    approximation_a, *details_a = pywt.wavedec2(a, WAVELET)
    approximation_b, *details_b = pywt.wavedec2(b, WAVELET)
    fused = [(approximation_a + approximation_b) / 2]
    for bands_a, bands_b in zip(details_a, details_b, strict=True):
        fused.append(tuple(map(stronger, bands_a, bands_b)))
    height, width = a.shape
    return pywt.waverec2(fused, WAVELET)[:height, :width].clip(0, 1)


def guided_filter(guide: NDArray, image: NDArray, radius: int, epsilon: float) -> NDArray:
    """Smooth an image along the edges of a guide.

    Args:
        guide, image: float64 (H, W).
        radius: of the box, whose side is 2 radius + 1.
        epsilon: variance of the guide below which a window counts as flat.

    Returns:
        Array (H, W).

    Source:
        He, Sun and Tang, IEEE Trans. Pattern Analysis and Machine Intelligence 35 (2013).
    """
    side = 2 * radius + 1

    def mean(x: NDArray) -> NDArray:
        return cv2.blur(x, (side, side), borderType=cv2.BORDER_REFLECT)

    mean_guide, mean_image = mean(guide), mean(image)
    covariance = mean(guide * image) - mean_guide * mean_image
    slope = covariance / (mean(guide * guide) - mean_guide**2 + epsilon)
    return mean(slope) * guide + mean(mean_image - slope * mean_guide)


def guided(a: Luma, b: Luma) -> Luma:
    """Fuse base and detail with weights that follow each source's edges.

    The source with the stronger local detail gets the pixel; a guided filter makes that map follow
    the source's edges, widely for the base and narrowly for the detail.

    Args:
        a, b: (H, W) in [0, 1], at least 16x16.

    Returns:
        Fused luma (H, W).

    Source:
        Li, Kang and Hu, IEEE Trans. Image Processing 22 (2013).

    Example:
        >>> x = np.random.default_rng(0).random((16, 16), np.float32)
        >>> np.allclose(guided(x, x), x, atol=1e-6)
        True
    """
    sources = np.stack([a, b]).astype(np.float64)
    bases = np.stack([cv2.blur(x, (BASE_BOX, BASE_BOX)) for x in sources])
    side = (SALIENCY_BOX, SALIENCY_BOX)
    saliency = [
        cv2.GaussianBlur(np.abs(cv2.Laplacian(x, cv2.CV_64F)), side, SALIENCY_SIGMA)
        for x in sources
    ]
    first = (saliency[0] >= saliency[1]).astype(np.float64)
    fused = np.zeros_like(bases[0])
    for layers, radius, epsilon in (
        (bases, BASE_RADIUS, BASE_EPSILON),
        (sources - bases, DETAIL_RADIUS, DETAIL_EPSILON),
    ):
        pairs = zip(sources, (first, 1 - first), strict=True)
        weights = np.stack([guided_filter(x, chosen, radius, epsilon) for x, chosen in pairs])
        weights = weights.clip(1e-6, 1)  # never both 0
        fused += (weights * layers).sum(axis=0) / weights.sum(axis=0)
    return fused.clip(0, 1).astype(np.float32)


BASELINES: dict[str, Rule] = {
    "maximum": maximum,
    "average": average,
    "laplacian": laplacian,
    "wavelet": wavelet,
    "guided": guided,
}
