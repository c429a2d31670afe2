"""Metrics built on models of seeing: visual information fidelity and transferred edges."""

import math

import torch
from torch import Tensor

from lkc.filters import blur, gaussian_window, sobel

VIF_NOISE = 2.0  # variance of the visual noise, gray levels squared
VIF_WINDOWS = (17, 9, 5, 3)  # Gaussian sizes of the four scales, fine to coarse; sigma = size / 5
VIF_TINY = 1e-10

# Sigmoid constants of Xydeas and Petrovic: ceiling, slope and threshold.
EDGE_STRENGTH = (0.9994, -15.0, 0.5)
EDGE_DIRECTION = (0.9879, -22.0, 0.8)


def vif_terms(fused: Tensor, sources: Tensor, window: Tensor) -> tuple[Tensor, Tensor]:
    """Return information kept and information there is, per source: two (B, 2) tensors, one scale."""
    moments = torch.cat([sources, fused, sources.square(), fused.square(), sources * fused], dim=1)
    moments = blur(moments, window)  # (B, 8, h, w), all local means of one scale in one call
    mean_s, mean_f, square_s, square_f, product = moments.split([2, 1, 2, 1, 2], dim=1)
    var_s = (square_s - mean_s.square()).clamp_min(0)
    var_f = (square_f - mean_f.square()).clamp_min(0)
    covariance = product - mean_s * mean_f
    gain = covariance / (var_s + VIF_TINY)
    residual = var_f - gain * covariance

    flat_source, flat_fused = var_s < VIF_TINY, var_f < VIF_TINY
    residual = torch.where(flat_source | (gain < 0), var_f, residual)
    residual = torch.where(flat_fused, 0.0, residual).clamp_min(VIF_TINY)
    gain = torch.where(flat_source | flat_fused, 0.0, gain).clamp_min(0)
    kept = torch.log1p(gain.square() * var_s / (residual + VIF_NOISE)).sum(dim=(2, 3))
    present = torch.log1p(var_s / VIF_NOISE).sum(dim=(2, 3))
    return kept, present


def visual_information_fidelity(fused: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """VIFF: pixel-domain visual information fidelity to the first plus to the second source.

    Four scales; at each, a source's windows are Gaussian with local gain to the fused image, and the
    information an observer gets from the fused image is divided by what the source itself gives.
    Higher is better; raised contrast can pass 1 per source. A constant source counts as 1 (nothing
    to lose).

    Args:
        fused, a, b: (B, 1, H, W) in 0 to 255, H and W at least 41.

    Returns:
        Tensor (B,), 0 to about 2.

    Source:
        Sheikh and Bovik, IEEE Trans. Image Processing 15 (2006), pixel version; summed over the
        sources as current fusion papers do under the name VIF(F).

    Example:
        >>> x = torch.arange(64.0).expand(1, 1, 64, 64)
        >>> visual_information_fidelity(x, x, x).round(decimals=3)
        tensor([2.])
    """
    if min(fused.shape[-2:]) < 41:
        raise ValueError(f"VIFF needs at least 41x41 pixels, got {tuple(fused.shape[-2:])}")
    images = torch.cat([a, b, fused], dim=1) - 128  # centred: squares keep their digits in float32
    kept = present = images.new_zeros(())
    for scale, size in enumerate(VIF_WINDOWS):
        window = gaussian_window(size, size / 5, images)
        if scale > 0:
            images = blur(images, window)[..., ::2, ::2]
        terms = vif_terms(images[:, 2:], images[:, :2], window)
        kept, present = kept + terms[0], present + terms[1]
    return torch.where(present > 0, kept / present.clamp_min(VIF_TINY), 1.0).sum(dim=1)


def edge_strength_and_direction(image: Tensor) -> tuple[Tensor, Tensor]:
    """Return the Sobel magnitude and the angle in (-pi/2, pi/2]: two (B, 1, H, W) tensors."""
    dx, dy = sobel(image)
    angle = torch.where(dx == 0, math.pi / 2, torch.atan(dy / torch.where(dx == 0, 1.0, dx)))
    return torch.sqrt(dx.square() + dy.square()), angle


def sigmoid(x: Tensor, ceiling: float, slope: float, threshold: float) -> Tensor:
    return ceiling / (1 + torch.exp(slope * (x - threshold)))


def edge_preservation(fused: tuple[Tensor, Tensor], source: tuple[Tensor, Tensor]) -> Tensor:
    """Return how well each source edge lives on in the fused image, 0 to 1: (B, 1, H, W)."""
    (strength_f, angle_f), (strength_s, angle_s) = fused, source
    larger = torch.maximum(strength_f, strength_s)
    ratio = torch.minimum(strength_f, strength_s) / torch.where(larger == 0, 1.0, larger)
    alignment = 1 - (angle_s - angle_f).abs() / (math.pi / 2)
    return sigmoid(ratio, *EDGE_STRENGTH) * sigmoid(alignment, *EDGE_DIRECTION)


def edge_transfer(fused: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """Qabf: share of the sources' edges that the fused image keeps, weighted by edge strength.

    Higher is better. Two sources without any edge give 0.

    Args:
        fused, a, b: (B, 1, H, W) in 0 to 255.

    Returns:
        Tensor (B,), 0 to about 0.98.

    Source:
        Xydeas and Petrovic, Electronics Letters 36 (2000).

    Example:
        >>> x = torch.tensor([0.0, 0.0, 0.0, 255.0, 255.0, 255.0]).expand(1, 1, 6, 6)
        >>> bool(edge_transfer(x, x, x) > 0.97)
        True
    """
    edges_f, edges_a, edges_b = (edge_strength_and_direction(x) for x in (fused, a, b))
    kept = edge_preservation(edges_f, edges_a) * edges_a[0]
    kept = kept + edge_preservation(edges_f, edges_b) * edges_b[0]
    total = (edges_a[0] + edges_b[0]).sum(dim=(1, 2, 3))
    return torch.where(total > 0, kept.sum(dim=(1, 2, 3)) / total.clamp_min(1e-12), 0.0)
