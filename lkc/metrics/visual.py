"""Metrics built on models of seeing: visual information fidelity and transferred edges."""

import math
from collections.abc import Callable, Sequence
from functools import partial

import torch
from torch import Tensor

from lkc.filters import blur_by_matmul, gaussian_window, sobel
from lkc.metrics.inputs import check_images

VIF_NOISE = 2.0  # The noise of vision has this variance, in gray levels squared.
# These are the Gaussian windows of the four scales, fine to coarse; sigma is a fifth of them.
VIF_WINDOWS = (17, 9, 5, 3)
VIF_SMALLEST = 41  # An image of this side has one 3x3 window at the coarsest scale.
VIF_FLAT = 1e-3  # Smaller differences in gray levels drown in the rounding of squares.
VIF_TINY = 1e-10  # Added to a variance, this avoids a division by zero.

# Xydeas and Petrovic give these constants of sigmoids: ceiling, slope and threshold.
EDGE_STRENGTH = (0.9994, 15.0, 0.5)
EDGE_DIRECTION = (0.9879, 22.0, 0.8)


def kept_and_present(
    fused: Tensor, sources: list[Tensor], blur: Callable[[Tensor], Tensor]
) -> Tensor:
    """Measure at one scale how much information of each source an observer gets.

    The fused image is taken as gain * source + noise in each window; a negative gain keeps nothing.

    Args:
        fused: (B, 1, H, W), float64.
        sources: two of the same shape.
        blur: takes the weighted mean in the window around each pixel.

    Returns:
        Tensor (2, 2, B): for each source, what comes through the fused image and what it has.
    """

    def covariance(x: Tensor, y: Tensor, mean_x: Tensor, mean_y: Tensor) -> Tensor:
        product = blur(x * y).addcmul_(mean_x, mean_y, value=-1)
        return product.clamp_min_(0).float()  # The small difference is taken in doubles.

    mean_f = blur(fused)
    var_f = covariance(fused, fused, mean_f, mean_f)
    information = []
    for source in sources:
        mean_s = blur(source)
        var_s = covariance(source, source, mean_s, mean_s)
        explained = covariance(source, fused, mean_s, mean_f).square_()
        explained /= var_s + VIF_TINY  # This is gain^2 var_s.
        noise = (var_f - explained).clamp_min_(0).add_(VIF_NOISE)
        kept = explained.div_(noise).log1p_().sum(dim=(1, 2, 3), dtype=torch.float64)
        present = var_s.div_(VIF_NOISE).log1p_().sum(dim=(1, 2, 3), dtype=torch.float64)
        information.append(torch.stack([kept, present]))
    return torch.stack(information)


def visual_information_fidelity(fused: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """VIFF: pixel-domain visual information fidelity to the first plus to the second source.

    The information that an observer gets of a source through the fused image, summed over Gaussian
    windows at four scales, divided by the information in the source itself. Higher is better;
    raised contrast can pass 1 per source. A constant source counts as 1 (nothing to lose); a
    constant fused image gets 0 from a source that is not.

    Args:
        fused, a, b: (B, 1, H, W) in 0 to 255, at least 41x41.

    Returns:
        Tensor (B,), 0 to about 2.

    Raises:
        InputError: see `check_images`.

    Source:
        Sheikh and Bovik, IEEE Trans. Image Processing 15 (2006), pixel version; summed over the
        sources as current fusion papers do under the name VIF(F).

    Example:
        >>> x = torch.arange(64.0).expand(1, 1, 64, 64)
        >>> visual_information_fidelity(x, x, x)
        tensor([2.])
    """
    images = check_images(fused, a, b, smallest=VIF_SMALLEST)
    windows = [gaussian_window(size, size / 5, images[0].double()) for size in VIF_WINDOWS]
    return fidelity_at_scales(images, [partial(blur_by_matmul, window=w) for w in windows])


def fidelity_at_scales(images: list[Tensor], blurs: Sequence[Callable[[Tensor], Tensor]]) -> Tensor:
    """Sum what is kept of the sources over scales, each half the size of the one before.

    Args:
        images: fused, first and second source, (B, 1, H, W).
        blurs: for each scale, what `kept_and_present` takes; before a scale, what is there is
            blurred as well.

    Returns:
        Tensor (B,), the fidelity to the first plus to the second source.
    """
    images = [x.double() for x in images]
    sources = torch.stack(images[1:]).flatten(2)  # (2, B, H W)
    flat = sources.amax(dim=2) - sources.amin(dim=2) < VIF_FLAT
    information = images[0].new_zeros(2, 2, len(images[0]))
    for scale, blur in enumerate(blurs):
        if scale > 0:
            images = [blur(x)[..., ::2, ::2] for x in images]
        information += kept_and_present(images[0], images[1:], blur)
    kept, present = information.unbind(dim=1)  # (2, B) each
    return torch.where(flat, 1.0, kept / present).sum(dim=0).float()


def share(part: Tensor, whole: Tensor) -> Tensor:
    """Return sum(part) / sum(whole) per image, 0 where the whole is 0: (B, 1, H, W) -> (B,)."""
    part, whole = part.sum(dim=(1, 2, 3)), whole.sum(dim=(1, 2, 3))
    return torch.where(whole > 0, part / whole, 0.0)


def edge_strength_and_angle(image: Tensor) -> tuple[Tensor, Tensor]:
    """Return the Sobel magnitude and the angle in [-pi/2, pi/2): two tensors (B, 1, H, W)."""
    dx, dy = sobel(image)
    angle = torch.atan2(dy * dx.sign(), dx.abs())  # This is atan(dy / dx) in half the time.
    return (dx.square() + dy.square()).sqrt(), torch.where(dx == 0, -math.pi / 2, angle)


def sigmoid(x: Tensor, ceiling: float, slope: float, threshold: float) -> Tensor:
    """Map (-inf, inf) to (0, ceiling), with half of it at the threshold."""
    return ceiling * torch.sigmoid(slope * (x - threshold))


def edge_preservation(fused: tuple[Tensor, Tensor], source: tuple[Tensor, Tensor]) -> Tensor:
    """Return how well the fused image keeps each edge of a source, 0 to 1: (B, 1, H, W).

    An edge of unchanged strength s counts as s, not as the ratio 1: so does the reference.
    """
    (strength_f, angle_f), (strength_s, angle_s) = fused, source
    ratio = torch.minimum(strength_f, strength_s) / torch.maximum(strength_f, strength_s)
    ratio = torch.where(strength_f == strength_s, strength_f, ratio)
    alignment = 1 - (angle_s - angle_f).abs() / (math.pi / 2)
    return sigmoid(ratio, *EDGE_STRENGTH) * sigmoid(alignment, *EDGE_DIRECTION)


def edge_transfer(fused: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """Qabf: share of the sources' edges that the fused image keeps, weighted by edge strength.

    Higher is better. Two sources without any edge give 0.

    Args:
        fused, a, b: (B, 1, H, W) in 0 to 255.

    Returns:
        Tensor (B,), 0 to about 0.98.

    Raises:
        InputError: see `check_images`.

    Source:
        Xydeas and Petrovic, Electronics Letters 36 (2000).

    Example:
        >>> x = torch.tensor([0.0, 0.0, 0.0, 255.0, 255.0, 255.0]).expand(1, 1, 6, 6)
        >>> edge_transfer(x, x, x)
        tensor([0.9753])
    """
    edges_f, *edges = (edge_strength_and_angle(x) for x in check_images(fused, a, b))
    kept = [edge_preservation(edges_f, source) * source[0] for source in edges]
    return share(kept[0] + kept[1], edges[0][0] + edges[1][0])
