"""Measure how sparse feature maps are, and how many of them do nothing.

A map is sparse when few of its values carry most of it. Normalization that shares statistics
between samples can smooth such maps; these numbers say whether it did.
"""

import torch
from torch import Tensor

NEVER, ALWAYS = 0.001, 0.999  # A ReLU open at this share of positions counts as off, or as on.


def hoyer_sparsity(features: Tensor) -> Tensor:
    """Measure how few values carry a map's energy.

    (sqrt(n) - |x|_1 / |x|_2) / (sqrt(n) - 1) over the n positions of a map: 0 when all values have
    the same magnitude, 1 when a single one differs from zero. An empty map counts as 1 too.

    Args:
        features: (B, C, H, W), at least two positions.

    Returns:
        Tensor (B, C) in [0, 1].

    Source:
        Hoyer, "Non-negative Matrix Factorization with Sparseness Constraints", JMLR 5 (2004), 3.1.

    Example:
        >>> hoyer_sparsity(torch.ones(1, 1, 4, 4))
        tensor([[0.]])
    """
    flat = features.flatten(2).double()
    root = flat.shape[-1] ** 0.5
    l1, l2 = flat.abs().sum(-1), flat.norm(dim=-1)
    ratio = torch.where(l2 > 0, l1 / l2.clamp_min(torch.finfo(flat.dtype).tiny), 1.0)
    return ((root - ratio) / (root - 1)).clamp(0, 1).to(features.dtype)


def excess_kurtosis(features: Tensor) -> Tensor:
    """Measure how heavy the tails of a map's values are, compared with a normal distribution.

    Args:
        features: (B, C, H, W).

    Returns:
        Tensor (B, C): fourth standardised moment - 3; 0 for normal values, -3 for a constant map.

    Example:
        >>> signs = torch.tensor([-1.0, 1.0]).repeat(8).view(1, 1, 4, 4)
        >>> excess_kurtosis(signs)
        tensor([[-2.]])
    """
    flat = features.flatten(2).double()
    centred = flat - flat.mean(-1, keepdim=True)
    variance = centred.square().mean(-1)
    fourth = centred.pow(4).mean(-1)
    tiny = torch.finfo(flat.dtype).tiny
    return (fourth / variance.square().clamp_min(tiny) - 3).to(features.dtype)


def open_share(features: Tensor) -> Tensor:
    """Return the share of positions at which a following ReLU lets a channel through: (C,)."""
    return (features > 0).float().mean(dim=(0, 2, 3))


def dead_share(features: Tensor) -> float:
    """Return the share of channels that a following ReLU shuts almost everywhere.

    Args:
        features: what goes into the ReLU (B, C, H, W); use several pairs.

    Returns:
        In [0, 1]: channels positive at less than 0.1 % of samples and positions.

    Example:
        >>> dead_share(torch.tensor([-1.0, 1.0]).view(1, 2, 1, 1))
        0.5
    """
    return (open_share(features) < NEVER).float().mean().item()


def saturated_share(features: Tensor) -> float:
    """Return the share of channels that a following ReLU passes unchanged almost everywhere.

    Args:
        features: what goes into the ReLU (B, C, H, W); use several pairs.

    Returns:
        In [0, 1]: channels positive at more than 99.9 % of samples and positions.

    Example:
        >>> saturated_share(torch.tensor([-1.0, 1.0]).view(1, 2, 1, 1))
        0.5
    """
    return (open_share(features) > ALWAYS).float().mean().item()
