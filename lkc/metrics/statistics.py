"""Metrics that look at the fused image alone: entropy, contrast and sharpness."""

import math

import torch
from torch import Tensor

from lkc.metrics.inputs import check_images

LEVELS = 256  # An 8-bit image has so many gray levels.
BLACK = 2  # A pixel counts as black up to this gray level.


def histogram(labels: Tensor, bins: int) -> Tensor:
    """Return the share of each integer label per image: (B, ...) in [0, bins) -> (B, bins)."""
    flat = labels.flatten(1)
    batch, pixels = flat.shape
    if batch > 1:
        flat = flat + bins * torch.arange(batch, device=flat.device).unsqueeze(1)
    counts = torch.bincount(flat.flatten(), minlength=batch * bins)
    return counts.view(batch, bins).double() / pixels


def entropy_nats(probability: Tensor) -> Tensor:
    """Return the Shannon entropy in nats of each row, with 0 log 0 = 0: (B, N) -> (B,)."""
    return torch.special.entr(probability).sum(dim=1)


def entropy(fused: Tensor) -> Tensor:
    """EN: Shannon entropy of the gray levels, -sum p log2 p over 256 bins.

    Higher is better by convention; noise raises it too. A constant image has 0 bits.

    Args:
        fused: (B, 1, H, W) in 0 to 255; rounded to whole gray levels.

    Returns:
        Tensor (B,), bits, 0 to 8.

    Raises:
        InputError: see `check_images`.

    Source:
        Roberts, van Aardt and Ahmed, J. Applied Remote Sensing 2 (2008).

    Example:
        >>> entropy(torch.tensor([[[[0.0, 255.0]]]]))
        tensor([1.])
    """
    (fused,) = check_images(fused)
    return entropy_nats(histogram(fused.round().int(), LEVELS)).float() / math.log(2)


def standard_deviation(fused: Tensor) -> Tensor:
    """SD: population standard deviation of the gray levels, the global contrast.

    Higher is better by convention. A constant image has 0.

    Args:
        fused: (B, 1, H, W) in 0 to 255.

    Returns:
        Tensor (B,), gray levels, 0 to 127.5.

    Raises:
        InputError: see `check_images`.

    Source:
        Rao, Measurement Science and Technology 8 (1997).

    Example:
        >>> standard_deviation(torch.tensor([[[[0.0, 2.0]]]]))
        tensor([1.])
    """
    (fused,) = check_images(fused)
    return fused.flatten(1).std(dim=1, unbiased=False)


def spatial_frequency(fused: Tensor) -> Tensor:
    """SF: sqrt(RF^2 + CF^2), the root mean square differences along rows and along columns.

    Higher is better by convention; noise and halos raise it too. A constant image has 0.

    Args:
        fused: (B, 1, H, W) in 0 to 255, at least 2x2.

    Returns:
        Tensor (B,), gray levels, 0 to 361.

    Raises:
        InputError: see `check_images`.

    Source:
        Eskicioglu and Fisher, IEEE Trans. Communications 43 (1995).

    Example:
        >>> spatial_frequency(torch.tensor([[[[0.0, 2.0], [0.0, 2.0]]]]))
        tensor([2.])
    """
    (fused,) = check_images(fused, smallest=2)
    along_rows = fused.diff(dim=3).square().flatten(1).mean(dim=1)
    along_columns = fused.diff(dim=2).square().flatten(1).mean(dim=1)
    return (along_rows + along_columns).sqrt()


def average_gradient(fused: Tensor) -> Tensor:
    """AG: mean of sqrt((dx^2 + dy^2) / 2), central differences, one-sided at the border.

    Higher is better by convention; noise and halos raise it too. A constant image has 0.

    Args:
        fused: (B, 1, H, W) in 0 to 255, at least 2x2.

    Returns:
        Tensor (B,), gray levels per pixel, 0 to 255.

    Raises:
        InputError: see `check_images`.

    Source:
        Cui et al., Optics Communications 341 (2015).

    Example:
        >>> average_gradient(torch.tensor([[[[0.0, 2.0], [0.0, 2.0]]]]))
        tensor([1.4142])
    """
    (fused,) = check_images(fused, smallest=2)
    dy, dx = torch.gradient(fused, dim=(2, 3))
    return ((dx.square() + dy.square()) / 2).sqrt().flatten(1).mean(dim=1)
