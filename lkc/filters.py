"""Small linear filters shared by losses, metrics and baselines."""

import torch
import torch.nn.functional as F
from torch import Tensor


def gaussian_window(size: int, sigma: float, like: Tensor) -> Tensor:
    """Return a normalised 1-D Gaussian.

    Args:
        size: number of taps.
        sigma: standard deviation in pixels.
        like: a tensor whose device and dtype the window takes.

    Returns:
        Tensor (size,) that sums to one.

    Example:
        >>> gaussian_window(3, 1.0, torch.zeros(1)).sum()
        tensor(1.)
    """
    offsets = torch.arange(size, device=like.device, dtype=like.dtype) - (size - 1) / 2
    window = torch.exp(-(offsets**2) / (2 * sigma**2))
    return window / window.sum()


def blur(x: Tensor, window: Tensor) -> Tensor:
    """Filter every channel with a separable window, keeping only full overlaps ("valid").

    Args:
        x: (B, C, H, W).
        window: (K,), applied along rows and columns.

    Returns:
        Tensor (B, C, H - K + 1, W - K + 1).

    Example:
        >>> blur(torch.ones(1, 1, 5, 5), gaussian_window(3, 1.0, torch.ones(1))).shape
        torch.Size([1, 1, 3, 3])
    """
    batch, channels, height, width = x.shape
    planes = x.reshape(batch * channels, 1, height, width)  # one plane at a time: a plain conv is
    planes = F.conv2d(planes, window.view(1, 1, -1, 1))  # faster than a depthwise one
    planes = F.conv2d(planes, window.view(1, 1, 1, -1))
    return planes.reshape(batch, channels, *planes.shape[-2:])


def sobel(x: Tensor) -> tuple[Tensor, Tensor]:
    """Return the horizontal and vertical Sobel derivative, zero padded.

    Args:
        x: (B, 1, H, W).

    Returns:
        Two tensors (B, 1, H, W): d/dx (columns) and d/dy (rows), eight times the slope.

    Example:
        >>> ramp = torch.arange(5.0).expand(1, 1, 5, 5)
        >>> sobel(ramp)[0][0, 0, 2, 2]
        tensor(8.)
    """
    smooth, slope = x.new_tensor([1.0, 2.0, 1.0]), x.new_tensor([-1.0, 0.0, 1.0])
    kernels = torch.stack([torch.outer(smooth, slope), torch.outer(slope, smooth)])
    gradient = F.conv2d(x, kernels.unsqueeze(1), padding=1)  # (B, 2, H, W)
    return gradient[:, :1], gradient[:, 1:]
