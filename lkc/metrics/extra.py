"""Metrics beyond the eleven: artifacts, invented content, features, MS-SSIM.

A learned perceptual measure (LPIPS, DISTS, CLIP-IQA, ARNIQA) is not among them: every one that
torchmetrics and kornia have needs torchvision or weights downloaded at run time.
"""

import torch
from torch import Tensor

from lkc.metrics.comparison import shared_information
from lkc.metrics.inputs import check_images
from lkc.metrics.statistics import BLACK, LEVELS
from lkc.metrics.visual import edge_preservation, edge_strength_and_angle, share

MS_SSIM_SMALLEST = 176  # This leaves the window, 11 pixels, at the coarsest of five scales.
FMI_STEP = 4.0  # Sobel magnitudes reach about 1140; the few above 1020 share the last bin.
VISIBLE = 4  # Above this gray level a pixel on black ground is a visible artifact.


def multi_scale_ssim(fused: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """MS_SSIM: multi-scale structural similarity with the first plus with the second source.

    Five scales, 11x11 Gaussian windows, data range 255, as torchmetrics computes it. Higher is
    better.

    Args:
        fused, a, b: (B, 1, H, W) in 0 to 255, at least 176x176.

    Returns:
        Tensor (B,), 0 to 2.

    Raises:
        InputError: see `check_images`.

    Source:
        Wang, Simoncelli and Bovik, Asilomar Conf. Signals, Systems and Computers (2003).

    Example:
        >>> x = torch.arange(192.0).expand(1, 1, 192, 192)
        >>> multi_scale_ssim(x, x, x)
        tensor([2.])
    """
    from torchmetrics.functional.image import (
        multiscale_structural_similarity_index_measure as ms_ssim,
    )

    fused, a, b = check_images(fused, a, b, smallest=MS_SSIM_SMALLEST)
    both = [ms_ssim(fused, x, data_range=255.0, reduction="none") for x in (a, b)]
    return (both[0] + both[1]).reshape(-1)


def feature_mutual_information(fused: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """FMI: share of the edge information of both sources that the fused image has.

    I(A, F) / (H(A) + H(F)) + I(B, F) / (H(B) + H(F)) on histograms of the Sobel magnitude in steps
    of 4, over the whole image (the original adds up small windows, so its values differ). Higher is
    better. Two flat images share nothing: 0.

    Args:
        fused, a, b: (B, 1, H, W) in 0 to 255.

    Returns:
        Tensor (B,), 0 to 1.

    Raises:
        InputError: see `check_images`.

    Source:
        Haghighat, Aghagolzadeh and Seyedarabi, Computers and Electrical Engineering 37 (2011).

    Example:
        >>> x = torch.arange(64.0).view(1, 1, 8, 8)
        >>> feature_mutual_information(x, x, x)
        tensor([1.])
    """
    strengths = [edge_strength_and_angle(image)[0] for image in check_images(fused, a, b)]
    fused, a, b = ((x / FMI_STEP).round().clamp_max(LEVELS - 1).int() for x in strengths)
    total = torch.zeros(len(fused), dtype=torch.float64, device=fused.device)
    for source in (a, b):
        shared, separate = shared_information(fused, source)
        total += torch.where(separate > 0, shared / separate, 0.0)
    return total.float()


def added_artifacts(fused: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """Nabf: edges of the fused image that neither source has, weighted by the sources' edges.

    Where the fused edge is stronger than both sources', what Qabf counts as lost there, as a share
    of all edge strength of the sources. Lower is better. Two sources without any edge give 0.

    Args:
        fused, a, b: (B, 1, H, W) in 0 to 255.

    Returns:
        Tensor (B,), 0 to 1.

    Raises:
        InputError: see `check_images`.

    Source:
        Shreyamsha Kumar, Signal, Image and Video Processing 7 (2013), after Petrovic and Xydeas,
        ICCV (2005); with the edge model of Qabf.

    Example:
        >>> x = torch.arange(64.0).view(1, 1, 8, 8)
        >>> added_artifacts(x, x, x), added_artifacts(2 * x, x, x) > 0.1
        (tensor([0.]), tensor([True]))
    """
    edges_f, *edges = (edge_strength_and_angle(x) for x in check_images(fused, a, b))
    added = (edges_f[0] > edges[0][0]) & (edges_f[0] > edges[1][0])
    lost = [(1 - edge_preservation(edges_f, source)) * source[0] for source in edges]
    return share(torch.where(added, lost[0] + lost[1], 0.0), edges[0][0] + edges[1][0])


def hallucination(fused: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """Share of the pixels black in both sources (at most 2) that the fused image shows (above 4).

    Lower is better. Sources without a common black pixel give 0.

    Args:
        fused, a, b: (B, 1, H, W) in 0 to 255.

    Returns:
        Tensor (B,), 0 to 1.

    Raises:
        InputError: see `check_images`.

    Source:
        This project; a check for medical pairs, whose background must stay black.

    Example:
        >>> black = torch.tensor([[[[0.0, 0.0, 99.0]]]])
        >>> hallucination(black + torch.tensor([0.0, 9.0, 9.0]), black, black)
        tensor([0.5000])
    """
    fused, a, b = check_images(fused, a, b)
    black = (a <= BLACK) & (b <= BLACK)
    return share((black & (fused > VISIBLE)).float(), black.float())
