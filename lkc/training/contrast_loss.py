"""An objective that keeps contrast instead of brightness.

Towards the target image of `lkc.training.target_image`, with the likeness to both sources that the
field measures, headroom near white, and a price on contrast that vanishes beside a bright partner.
"""

from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor

from lkc.filters import blur, gaussian_window
from lkc.metrics.kept_contrast import BRIGHTER, FAINT, bands, mean_of_windows
from lkc.metrics.visual import VIF_NOISE, VIF_WINDOWS
from lkc.training.losses import (
    LossWeights,
    correlation_loss,
    fusion_loss,
    neighbour_differences,
    ssim_with_sources,
)
from lkc.training.target_image import TargetImage, make_target

LEVELS = 255.0  # The constants of the measures are in gray levels.
BINS = 48
ENOUGH = 0.7  # A source that keeps this share of its contrast counts as kept.
CEILING = 0.97  # Pixels above this cost something, so that highlights do not burn out.


@dataclass(frozen=True)
class ContrastWeights:
    """Weights of the terms; the defaults are those of the first look at such objectives.

    Attributes:
        image: L1 distance to the target image.
        edges: L1 distance of the signed differences between neighbours to the target image's.
        ssim: 1 - mean structural similarity with the sources.
        correlation: 1 - CC and 2 - SCD, averaged.
        fidelity: 1 - mean visual information fidelity to the sources.
        information: minus the mutual information with both sources, in nats.
        kept: contrast of a source that is missing where the other source is brighter.
        outside: what lies below black or above the ceiling.
        target: how the target image is made.
    """

    image: float = 4.0
    edges: float = 12.0
    ssim: float = 0.8
    correlation: float = 0.1
    fidelity: float = 0.0
    information: float = 0.0
    kept: float = 0.0
    outside: float = 4.0
    target: TargetImage = field(default_factory=TargetImage)


def fidelity_to_sources(fused: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """Visual information fidelity, differentiable: what `lkc.metrics` measures, halved.

    Args:
        fused, a, b: (B, 1, H, W) in [0, 1], at least 41x41.

    Returns:
        Tensor (B,): mean over both sources; 1 for two equal images.

    Source:
        Sheikh and Bovik, IEEE Trans. Image Processing 15 (2006), pixel version.

    Example:
        >>> x = torch.rand(1, 1, 64, 64)
        >>> fidelity_to_sources(x, x, x).round(decimals=2)
        tensor([1.])
    """
    images = LEVELS * (torch.cat([fused, a, b], dim=1) - 0.5)  # (B, 3, H, W)
    kept = present = images.new_zeros(len(images), 2)
    for scale, size in enumerate(VIF_WINDOWS):
        window = gaussian_window(size, size / 5, images)
        if scale:
            images = blur(images, window)[..., ::2, ::2]
        products = torch.cat([images.square(), images[:, :1] * images[:, 1:]], dim=1)
        moments = blur(torch.cat([images, products], dim=1), window)  # (B, 8, h, w)
        mean, square, product = moments.split([3, 3, 2], dim=1)
        variance = (square - mean.square()).clamp_min(0)
        covariance = (product - mean[:, :1] * mean[:, 1:]).clamp_min(0)
        explained = covariance.square() / (variance[:, 1:] + 1e-2)
        noise = (variance[:, :1] - explained).clamp_min(0) + VIF_NOISE
        kept = kept + (explained / noise).log1p().sum(dim=(2, 3))
        present = present + (variance[:, 1:] / VIF_NOISE).log1p().sum(dim=(2, 3))
    return (kept / present.clamp_min(1e-3)).mean(dim=1)


def soft_bins(x: Tensor) -> Tensor:
    """Share each pixel between the two nearest of 48 levels: (B, 1, H, W) -> (B, H W, 48)."""
    position = x.clamp(0, 1).flatten(1).unsqueeze(2) * (BINS - 1)
    levels = torch.arange(BINS, device=x.device, dtype=x.dtype)
    return (1 - (position - levels).abs()).clamp_min(0)


def information_of_sources(fused: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """Mutual information with both sources on soft histograms of 48 levels, differentiable.

    Args:
        fused, a, b: (B, 1, H, W) in [0, 1].

    Returns:
        Tensor (B,): I(F, A) + I(F, B) in nats.

    Example:
        >>> x = (torch.arange(4096) % 2).float().view(1, 1, 64, 64)
        >>> information_of_sources(x, x, 0 * x)
        tensor([0.6931])
    """
    bins_fused = soft_bins(fused)
    total = fused.new_zeros(len(fused))
    for source in (a, b):
        joint = bins_fused.mT @ soft_bins(source) / bins_fused.shape[1]  # (B, 48, 48)
        apart = joint.sum(dim=2, keepdim=True) * joint.sum(dim=1, keepdim=True)
        total = total + (joint * ((joint + 1e-8) / (apart + 1e-8)).log()).sum(dim=(1, 2))
    return total


def missing_contrast(fused: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """Contrast of a source that is not kept where the other source is brighter.

    Args:
        fused, a, b: (B, 1, H, W) in [0, 1], at least 32x32.

    Returns:
        Scalar, 0 at best and 0.7 at worst: mean over scales and sources, weighted by contrast.

    Example:
        >>> x = 0.5 * torch.rand(1, 1, 64, 64)
        >>> white = torch.ones(1, 1, 64, 64)
        >>> missing_contrast(white, x, white), missing_contrast(0.2 + x, x, white)
        (tensor(0.7000), tensor(0.))
    """
    total = weights = fused.new_zeros(())
    for detail, image in zip(*bands(LEVELS * torch.cat([fused, a, b], dim=1)), strict=True):
        detail = detail - mean_of_windows(detail)
        level = mean_of_windows(image)
        for source, partner in ((1, 2), (2, 1)):
            mine = detail[:, source : source + 1]
            strength = mean_of_windows(mine.square()).sqrt()
            brighter = level[:, partner] > level[:, source] + BRIGHTER
            weight = torch.where(brighter[:, None] & (strength >= FAINT), strength, 0.0)
            product = mean_of_windows(detail[:, :1] * mine)
            slope = product / strength.square().clamp_min(FAINT**2)
            total = total + (weight * (ENOUGH - slope.clamp_min(0)).clamp_min(0)).sum()
            weights = weights + weight.sum()
    return total / weights.clamp_min(1)


def contrast_loss(
    fused: Tensor, a: Tensor, b: Tensor, weights: ContrastWeights
) -> dict[str, Tensor]:
    """Compute the weighted terms of the objective.

    Args:
        fused: network output (B, 1, H, W), not clamped.
        a, b: the sources (B, 1, H, W) in [0, 1]; their order does not matter.
        weights: which terms count how much.

    Returns:
        The weighted terms by name and their sum as "total"; scalars. Terms of weight 0 are left
        out.

    Example:
        >>> x = 0.2 + 0.5 * torch.rand(1, 1, 48, 48)
        >>> sorted(contrast_loss(x, x, x, ContrastWeights(correlation=0)))
        ['edges', 'image', 'outside', 'ssim', 'total']
    """
    target = make_target(a, b, weights.target)
    outside = (fused - CEILING).clamp_min(0) + (-fused).clamp_min(0)
    terms = {
        "image": weights.image * F.l1_loss(fused, target),
        "edges": weights.edges
        * F.l1_loss(neighbour_differences(fused), neighbour_differences(target)),
        "ssim": weights.ssim * (1 - ssim_with_sources(fused, a, b).mean()),
        "outside": weights.outside * outside.mean(),
    }
    if weights.correlation:
        terms["correlation"] = weights.correlation * correlation_loss(fused, a, b)
    if weights.fidelity:
        terms["fidelity"] = weights.fidelity * (1 - fidelity_to_sources(fused, a, b).mean())
    if weights.information:
        terms["information"] = -weights.information * information_of_sources(fused, a, b).mean()
    if weights.kept:
        terms["kept"] = weights.kept * missing_contrast(fused, a, b)
    terms["total"] = torch.stack(list(terms.values())).sum()
    return terms


def objective_terms(
    fused: Tensor, a: Tensor, b: Tensor, weights: LossWeights | ContrastWeights
) -> dict[str, Tensor]:
    """Compute the objective that the weights are of, `contrast_loss` or `fusion_loss`.

    Args:
        fused: network output (B, 1, H, W), not clamped.
        a, b: the sources (B, 1, H, W) in [0, 1].
        weights: which objective, and which terms count how much.

    Returns:
        The weighted terms by name and their sum as "total"; scalars.

    Example:
        >>> x = torch.rand(1, 1, 48, 48)
        >>> "intensity" in objective_terms(x, x, x, LossWeights())
        True
    """
    if isinstance(weights, ContrastWeights):
        return contrast_loss(fused, a, b, weights)
    return fusion_loss(fused, a, b, weights)
