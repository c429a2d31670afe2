"""The training objective: brightness, edges and structure from both sources, and terms of ours.

Source: the first three terms with weight 1 are the formula of the authors' release (He et al.,
Pattern Recognition 173 (2026) 112903). The release trains on pixels in [-1, 1], where brightness
and edges count twice as much against SSIM as here, on [0, 1]: `LossWeights(2, 2, 1)` weighs them as
it does. The file of its SSIM term is missing, so ours, over full windows only, could not be
compared with it. Terms of ours are a brightness target of its own, the correlation with both
sources, and edges by their signed differences: a Sobel filter sees neither the sign of an edge nor
a pattern that repeats every two pixels, so a network that shall be sharp in its measure alone draws
combs along edges.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from lkc.filters import blur, gaussian_window, sobel

SSIM_WINDOW, SSIM_SIGMA = 11, 1.5
SSIM_C1, SSIM_C2 = 0.01**2, 0.03**2


@dataclass(frozen=True)
class LossWeights:
    """Weights of the terms; the defaults are the formula of the release.

    Attributes:
        intensity: L1 distance to the target brightness.
        gradient: L1 distance of the Sobel magnitude to the stronger source's.
        ssim: 1 - mean structural similarity with the sources.
        edges: L1 distance of the signed differences between neighbours to the stronger source's.
        correlation: 1 - CC and 2 - SCD, averaged.
        average: share of the sources' mean in the target, which the brighter source gives up.
        gamma: power of the target; below 1 lifts its dark parts and leaves black and white.
        gain: how much brighter the target is then made.
        lights: contrast gain of pixels brighter than the image's mean; 0.3 is 30 % further from it.
        darks: how much further below the image's mean what is darker than it lies in the target.
        detail: factor on the target gradient and on the target edges.
    """

    intensity: float = 1.0
    gradient: float = 1.0
    ssim: float = 1.0
    edges: float = 0.0
    correlation: float = 0.0
    average: float = 0.0
    gamma: float = 1.0
    gain: float = 0.0
    lights: float = 0.0
    darks: float = 0.0
    detail: float = 1.0


def target_intensity(a: Tensor, b: Tensor, weights: LossWeights) -> Tensor:
    """The brighter source, with a share of the average mixed in and its contrast raised.

    Args:
        a, b: sources (B, 1, H, W) in [0, 1].
        weights: `average`, `gamma`, `gain`, `lights` and `darks` are used; their defaults return
            max(a, b).

    Returns:
        Tensor (B, 1, H, W) in [0, 1].

    Example:
        >>> a = torch.tensor([0.25, 0.75]).view(1, 1, 1, 2)
        >>> target_intensity(a, a, LossWeights(lights=0.4, darks=0.2)).flatten()
        tensor([0.2000, 0.8500])
    """
    target = torch.lerp(torch.maximum(a, b), (a + b) / 2, weights.average)
    target = target**weights.gamma * (1 + weights.gain)
    beyond = target - target.mean(dim=(1, 2, 3), keepdim=True)
    target = target + weights.lights * beyond.clamp_min(0) + weights.darks * beyond.clamp_max(0)
    return target.clamp(0, 1)


def distance_to_teacher(fused: Tensor, taught: Tensor) -> Tensor:
    """How far a result is from a teacher's: in brightness, and in differences of neighbours.

    Args:
        fused, taught: results of student and teacher, (B, 1, H, W) in [0, 1].

    Returns:
        Scalar: 4 times the mean distance, plus 12 times that of the neighbour differences.

    Example:
        >>> distance_to_teacher(torch.full((1, 1, 8, 8), 0.5), torch.full((1, 1, 8, 8), 0.25))
        tensor(1.)
    """
    off = fused - taught
    return 4 * off.abs().mean() + 12 * neighbour_differences(off).abs().mean()


def gradient_magnitude(x: Tensor) -> Tensor:
    """|Gx| + |Gy| with zero-padded Sobel kernels: (B, 1, H, W) -> (B, 1, H, W)."""
    dx, dy = sobel(x)
    return dx.abs() + dy.abs()


def neighbour_differences(x: Tensor) -> Tensor:
    """Differences to the right and the lower neighbour: (B, 1, H, W) -> (B, 2, H - 1, W - 1)."""
    corner = x[..., :-1, :-1]
    return torch.cat([x[..., :-1, 1:] - corner, x[..., 1:, :-1] - corner], dim=1)


def stronger_edges(a: Tensor, b: Tensor) -> Tensor:
    """Take, at each pixel, the signed differences of the source with the larger Sobel magnitude.

    Args:
        a, b: sources (B, 1, H, W) in [0, 1].

    Returns:
        Tensor (B, 2, H - 1, W - 1): differences to the right and the lower neighbour.

    Example:
        >>> step = torch.zeros(1, 1, 4, 4)
        >>> step[..., 2:] = 0.5
        >>> stronger_edges(step, 0.1 * step)[0, 0, 1]
        tensor([0.0000, 0.5000, 0.0000])
    """
    is_a = (gradient_magnitude(a) > gradient_magnitude(b))[..., :-1, :-1]
    return torch.where(is_a, neighbour_differences(a), neighbour_differences(b))


def ssim_with_sources(fused: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """Structural similarity of the fused image with each source.

    Args:
        fused, a, b: (B, 1, H, W) in [0, 1], at least 11x11.

    Returns:
        Tensor (2,): mean SSIM with a, with b; 11x11 Gaussian window, sigma 1.5.

    Source:
        Wang et al., IEEE Trans. Image Processing 13 (2004).

    Example:
        >>> x = torch.rand(1, 1, 16, 16)
        >>> ssim_with_sources(x, x, x).round(decimals=3)
        tensor([1., 1.])
    """
    images = torch.cat([fused, a, b], dim=1).float()
    products = torch.cat([images.square(), images[:, :1] * images[:, 1:]], dim=1)
    window = gaussian_window(SSIM_WINDOW, SSIM_SIGMA, images)
    moments = blur(torch.cat([images, products], dim=1), window)  # (B, 8, h, w)
    mean, square, product = moments.split([3, 3, 2], dim=1)
    variance = square - mean.square()
    covariance = product - mean[:, :1] * mean[:, 1:]
    mean_product = mean[:, :1] * mean[:, 1:]
    mean_square = mean[:, :1].square() + mean[:, 1:].square()
    similarity = (2 * mean_product + SSIM_C1) / (mean_square + SSIM_C1)
    similarity = similarity * (2 * covariance + SSIM_C2)
    similarity = similarity / (variance[:, :1] + variance[:, 1:] + SSIM_C2)
    return similarity.mean(dim=(0, 2, 3))  # (2,)


def correlation(x: Tensor, y: Tensor) -> Tensor:
    """Differentiable Pearson correlation per image: (B, 1, H, W) -> (B,), near 0 if one is flat."""
    x = (x - x.mean(dim=(1, 2, 3), keepdim=True)).flatten(1)
    y = (y - y.mean(dim=(1, 2, 3), keepdim=True)).flatten(1)
    variance = x.square().mean(dim=1) * y.square().mean(dim=1)
    return (x * y).mean(dim=1) / (variance + 1e-8).sqrt()


def correlation_loss(fused: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """Mean of 1 - CC and 2 - SCD, which ask for what each source has and the other lacks.

    Args:
        fused, a, b: (B, 1, H, W) in [0, 1].

    Returns:
        Scalar, 0 at best.

    Example:
        >>> x = torch.rand(1, 1, 8, 8)
        >>> bool(correlation_loss(x, x, x) < correlation_loss(1 - x, x, x))
        True
    """
    cc = (correlation(fused, a) + correlation(fused, b)) / 2
    scd = correlation(fused - b, a) + correlation(fused - a, b)
    return ((1 - cc) + (2 - scd)).mean() / 2


def fusion_loss(fused: Tensor, a: Tensor, b: Tensor, weights: LossWeights) -> dict[str, Tensor]:
    """Compute the weighted terms of the objective.

    Args:
        fused: network output (B, 1, H, W), not clamped.
        a, b: the sources (B, 1, H, W) in [0, 1]; their order does not matter.
        weights: which terms count how much.

    Returns:
        The weighted terms by name and their sum as "total"; scalars. Gradient, edges and
        correlation are left out where their weight is 0.

    Example:
        >>> x = torch.rand(1, 1, 16, 16)
        >>> bool(fusion_loss(x, x, x, LossWeights())["total"] < 1e-3)
        True
    """
    target = target_intensity(a, b, weights)
    terms = {
        "intensity": weights.intensity * F.l1_loss(fused, target),
        "ssim": weights.ssim * (1 - ssim_with_sources(fused, a, b).mean()),
    }
    if weights.gradient:
        target_gradient = torch.maximum(gradient_magnitude(a), gradient_magnitude(b))
        distance = F.l1_loss(gradient_magnitude(fused), weights.detail * target_gradient)
        terms["gradient"] = weights.gradient * distance
    if weights.edges:
        target_edges = weights.detail * stronger_edges(a, b)
        terms["edges"] = weights.edges * F.l1_loss(neighbour_differences(fused), target_edges)
    if weights.correlation:
        terms["correlation"] = weights.correlation * correlation_loss(fused, a, b)
    terms["total"] = torch.stack(list(terms.values())).sum()
    return terms
