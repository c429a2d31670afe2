"""Small linear filters shared by losses, metrics and baselines."""

import torch
import torch.nn.functional as F
from torch import Tensor

BAND_ROWS = 8  # More rows waste products with zeros, and fewer read each pixel more often.


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
    channels = x.shape[1]
    x = F.conv2d(x, window.view(1, 1, -1, 1).expand(channels, 1, -1, 1), groups=channels)
    return F.conv2d(x, window.view(1, 1, 1, -1).expand(channels, 1, 1, -1), groups=channels)


def filter_rows(x: Tensor, band: Tensor) -> Tensor:
    """Filter along the height by a band matrix (R, R + K - 1): (B, C, H, W) -> (B, C, H-K+1, W)."""
    step, rows = band.shape
    height = x.shape[-2] - (rows - step)
    if height % step:
        x = F.pad(x, (0, 0, 0, -height % step))
    blocks = x.unfold(-2, rows, step).mT  # (B, C, H / R, R + K - 1, W), overlapping views
    return (band @ blocks).flatten(2, 3)[:, :, :height]


def blur_by_matmul(x: Tensor, window: Tensor) -> Tensor:
    """Do what `blur` does by matrix products: for float64, and where no gradient is needed.

    Convolution libraries have no fast float64 kernels for CPUs: `blur` takes 50 times as long.

    Args:
        x: (B, C, H, W).
        window: (K,), applied along rows and columns; dtype and device of x.

    Returns:
        Tensor (B, C, H - K + 1, W - K + 1).

    Example:
        >>> x = torch.rand(1, 1, 5, 6, dtype=torch.float64)
        >>> window = gaussian_window(3, 1.0, x)
        >>> torch.allclose(blur_by_matmul(x, window), blur(x, window))
        True
    """
    columns = BAND_ROWS + len(window) - 1
    band = F.pad(window, (0, BAND_ROWS)).repeat(BAND_ROWS)  # each row one further right
    band = band[: BAND_ROWS * columns].view(BAND_ROWS, columns)
    return filter_rows(filter_rows(x, band).mT, band).mT


def sobel(x: Tensor) -> tuple[Tensor, Tensor]:
    """Return the horizontal and vertical Sobel derivative, zero padded; exact for whole numbers.

    Args:
        x: (B, 1, H, W).

    Returns:
        Two tensors (B, 1, H, W): d/dx (columns) and d/dy (rows), eight times the slope.

    Example:
        >>> ramp = torch.arange(5.0).expand(1, 1, 5, 5)
        >>> sobel(ramp)[0][0, 0, 2, 2]
        tensor(8.)
    """
    x = F.pad(x, (1, 1, 1, 1))
    smooth = x[..., :-2, :] + 2 * x[..., 1:-1, :] + x[..., 2:, :]  # (B, 1, H, W + 2)
    slope = x[..., 2:, :] - x[..., :-2, :]
    dx = smooth[..., 2:] - smooth[..., :-2]  # (B, 1, H, W)
    dy = slope[..., :-2] + 2 * slope[..., 1:-1] + slope[..., 2:]
    return dx, dy
