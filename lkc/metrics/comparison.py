"""Metrics that compare the fused image with both sources pixel by pixel or window by window."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from lkc.metrics.statistics import entropy_bits, histogram

LN2 = math.log(2.0)
SSIM_WINDOW = 7
SSIM_C1, SSIM_C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


def mutual_information(fused: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """MI: information shared with the first plus with the second source, in nats.

    I(A, F) + I(B, F) with I(X, F) = H(X) + H(F) - H(X, F) on 256-bin histograms. Higher is better;
    copying one source raises it. A constant fused image has 0.

    Args:
        fused, a, b: (B, 1, H, W) in 0 to 255; rounded to whole gray levels.

    Returns:
        Tensor (B,), nats, 0 to 11.1.

    Source:
        Qu, Zhang and Yan, Electronics Letters 38 (2002); in nats as current fusion papers report it.

    Example:
        >>> x = torch.tensor([[[[0.0, 255.0]]]])
        >>> mutual_information(x, x, x)  # 2 ln 2
        tensor([1.3863], dtype=torch.float64)
    """
    levels = torch.cat([fused, a, b], dim=1).round().long()  # (B, 3, H, W)
    h_fused, h_a, h_b = (entropy_bits(histogram(levels[:, i], 256)) for i in range(3))
    joint_a = entropy_bits(histogram(levels[:, 0] * 256 + levels[:, 1], 256 * 256))
    joint_b = entropy_bits(histogram(levels[:, 0] * 256 + levels[:, 2], 256 * 256))
    return (2 * h_fused + h_a + h_b - joint_a - joint_b).clamp_min(0) * LN2


def peak_signal_to_noise(fused: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """PSNR: 10 log10(max(F)^2 / MSE), with the mean of both sources' squared errors.

    The peak is the brightest fused pixel, not 255, as in the reference evaluator. Higher is better;
    the average of the sources is the best possible image. Identical images give inf, a black
    fused image -inf.

    Args:
        fused, a, b: (B, 1, H, W) in 0 to 255.

    Returns:
        Tensor (B,), decibel.

    Source:
        Jagalingam and Hegde, Aquatic Procedia 4 (2015).

    Example:
        >>> x = torch.tensor([[[[0.0, 100.0]]]])
        >>> peak_signal_to_noise(x, x, x + 10)
        tensor([23.0103])
    """
    error = ((fused - a).square() + (fused - b).square()).flatten(1).mean(dim=1) / 2
    peak = fused.flatten(1).amax(dim=1)
    return 10 * torch.where(error == 0, torch.inf, torch.log10(peak.square() / error))


def correlation(x: Tensor, y: Tensor) -> Tensor:
    """Return the Pearson correlation per image, 0 where either is constant: (B, 1, H, W) -> (B,)."""
    x = (x - x.mean(dim=(1, 2, 3), keepdim=True)).flatten(1)
    y = (y - y.mean(dim=(1, 2, 3), keepdim=True)).flatten(1)
    covariance = (x * y).sum(dim=1)
    scale = x.norm(dim=1) * y.norm(dim=1)
    return torch.where(scale > 0, covariance / scale.clamp_min(1e-12), 0.0)


def correlation_coefficient(fused: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """CC: mean Pearson correlation of the fused image with the two sources.

    Higher is better. The correlation with a constant image is defined as 0.

    Args:
        fused, a, b: (B, 1, H, W) in 0 to 255.

    Returns:
        Tensor (B,), -1 to 1.

    Source:
        Deshmukh and Bhosale, Int. J. Image Processing 4 (2010).

    Example:
        >>> x = torch.tensor([[[[0.0, 1.0, 2.0]]]])
        >>> correlation_coefficient(x, x, -x)
        tensor([0.])
    """
    return (correlation(fused, a) + correlation(fused, b)) / 2


def sum_of_correlations_of_differences(fused: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """SCD: corr(F - B, A) + corr(F - A, B); what is left of F without one source is the other.

    Higher is better. The correlation with a constant image is defined as 0.

    Args:
        fused, a, b: (B, 1, H, W) in 0 to 255.

    Returns:
        Tensor (B,), -2 to 2.

    Source:
        Aslantas and Bendes, AEU Int. J. Electronics and Communications 69 (2015).

    Example:
        >>> a, b = torch.tensor([[[[0.0, 1.0, 0.0]]]]), torch.tensor([[[[3.0, 0.0, 0.0]]]])
        >>> sum_of_correlations_of_differences(a + b, a, b)
        tensor([2.])
    """
    return correlation(fused - b, a) + correlation(fused - a, b)


def box_mean(x: Tensor, size: int) -> Tensor:
    """Mean of every full size x size window: (B, C, H, W) -> (B, C, H - size + 1, W - size + 1)."""
    return F.avg_pool2d(F.avg_pool2d(x, (size, 1), stride=1), (1, size), stride=1)


def structural_similarity(fused: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """SSIM: sum of the structural similarity with the first and with the second source.

    7x7 uniform windows with the unbiased covariance, data range 255, only windows that lie in the
    image (scikit-image's default). Higher is better. Constant images are compared by brightness.

    Args:
        fused, a, b: (B, 1, H, W) in 0 to 255, H and W at least 7.

    Returns:
        Tensor (B,), -2 to 2.

    Source:
        Wang et al., IEEE Trans. Image Processing 13 (2004); summed over the sources as in the field.

    Example:
        >>> x = torch.arange(49.0).view(1, 1, 7, 7)
        >>> structural_similarity(x, x, x)
        tensor([2.])
    """
    if min(fused.shape[-2:]) < SSIM_WINDOW:
        raise ValueError(f"SSIM needs at least 7x7 pixels, got {tuple(fused.shape[-2:])}")
    images = torch.cat([fused, a, b], dim=1) - 128  # centred: squares keep their digits in float32
    products = torch.cat([images.square(), images[:, :1] * images[:, 1:]], dim=1)
    mean = box_mean(images, SSIM_WINDOW)
    unbiased = SSIM_WINDOW**2 / (SSIM_WINDOW**2 - 1)
    moments = box_mean(products, SSIM_WINDOW)  # F^2, A^2, B^2, F A, F B
    variance = unbiased * (moments[:, :3] - mean.square())
    covariance = unbiased * (moments[:, 3:] - mean[:, :1] * mean[:, 1:])
    mean = mean + 128
    luminance = (2 * mean[:, :1] * mean[:, 1:] + SSIM_C1) / (
        mean[:, :1].square() + mean[:, 1:].square() + SSIM_C1
    )
    structure = (2 * covariance + SSIM_C2) / (variance[:, :1] + variance[:, 1:] + SSIM_C2)
    return (luminance * structure).mean(dim=(2, 3)).sum(dim=1)
