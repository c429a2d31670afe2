"""Metrics as published evaluators define them, where these differ from the ones of this package.

`lkc.metrics.profiles` says which evaluator has which. Each function takes (fused, a, b), or (fused)
alone, as `lkc.metrics.Metric` says: tensors (B, 1, H, W) in 0 to 255, and returns a tensor (B,).
"""

import math
from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from lkc.filters import blur_by_matmul, gaussian_window
from lkc.metrics.comparison import (
    SSIM_K1,
    SSIM_K2,
    mean_squared_error,
    mutual_information,
)
from lkc.metrics.inputs import check_images
from lkc.metrics.statistics import average_gradient
from lkc.metrics.visual import VIF_SMALLEST, VIF_WINDOWS, fidelity_at_scales

GAUSSIAN, SIGMA = 11, 1.5  # window of the original SSIM, in pixels


def information_in_bits(fused: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """MI in bits: the value in nats divided by ln 2.

    >>> x = torch.tensor([[[[0.0, 255.0]]]])
    >>> information_in_bits(x, x, x)
    tensor([2.])
    """
    return mutual_information(fused, a, b) / math.log(2)


def stretch(image: Tensor) -> Tensor:
    """Stretch each image to 0 to 255 and round; a constant one becomes black."""
    flat = image.flatten(1)
    low, high = (x.view(-1, 1, 1, 1) for x in flat.aminmax(dim=1))
    span = torch.where(high > low, high - low, 1.0)
    return ((image - low) / span * 255 + 0.5).floor()


def information_of_stretched(fused: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """MI in nats of images that were each stretched to the full range first.

    Stretching moves gray levels apart and joins none, so that only rounding changes the value.

    >>> x = torch.tensor([[[[0.0, 100.0]]]])
    >>> information_of_stretched(x, x, x)
    tensor([1.3863])
    """
    return mutual_information(*map(stretch, check_images(fused, a, b)))


def gaussian_similarity(fused: Tensor, a: Tensor, b: Tensor, data_range: float = 255) -> Tensor:
    """SSIM with the first plus with the second source, in 11x11 Gaussian windows.

    Args:
        fused, a, b: (B, 1, H, W) in 0 to 255, at least 11x11.
        data_range: which the two constants of the formula are shares of.

    Returns:
        Tensor (B,), -2 to 2.

    Raises:
        InputError: see `check_images`.

    Source:
        Wang et al., IEEE Trans. Image Processing 13 (2004).

    Example:
        >>> x = torch.arange(121.0).view(1, 1, 11, 11)
        >>> gaussian_similarity(x, x, x)
        tensor([2.])
    """
    fused, a, b = (x.double() for x in check_images(fused, a, b, smallest=GAUSSIAN))
    blur = partial(blur_by_matmul, window=gaussian_window(GAUSSIAN, SIGMA, fused))
    c1, c2 = (SSIM_K1 * data_range) ** 2, (SSIM_K2 * data_range) ** 2
    mean_f, square_f = blur(fused), blur(fused * fused)
    total = torch.zeros(len(fused), dtype=torch.float64, device=fused.device)
    for source in (a, b):
        mean_s = blur(source)
        variances = square_f - mean_f.square() + blur(source * source) - mean_s.square()
        covariance = blur(fused * source) - mean_f * mean_s
        likeness = (2 * mean_f * mean_s + c1) / (mean_f.square() + mean_s.square() + c1)
        likeness *= (2 * covariance + c2) / (variances + c2)
        total += likeness.mean(dim=(1, 2, 3))
    return total.float()


def ratio_of_norms(fused: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """PSNR as VIFB has it: the error's norm over the number of pixels in place of its mean square.

    20 log10(255 / sqrt(E)), where E is the mean over both sources of ||F - X|| / (H W). It grows
    with the size of the images: values of different data sets do not compare.

    >>> x = torch.full((1, 1, 4, 4), 100.0)  # an error of 16 has the norm 64, and E is 4
    >>> ratio_of_norms(x, x + 16, x + 16)
    tensor([42.1102])
    """
    fused, a, b = check_images(fused, a, b)
    norms = [(fused - source).flatten(1).norm(dim=1) for source in (a, b)]
    error = (norms[0] + norms[1]) / 2 / fused[0].numel()
    return 20 * torch.log10(255 / error.sqrt())


def ratio_with_two_scales(fused: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """PSNR as IVIF_ZOO has it: peak 255, but errors of images in 0 to 1: 48.13 dB too much.

    >>> x = torch.full((1, 1, 4, 4), 100.0)
    >>> ratio_with_two_scales(x, x + 255 / 10, x + 255 / 10)  # 20 dB in the usual way
    tensor([68.1308])
    """
    error = mean_squared_error(*check_images(fused, a, b)) / 255**2
    return 10 * torch.log10(255**2 / error)


def frequency_over_all_pixels(fused: Tensor) -> Tensor:
    """SF with both sums of squares divided by H W, though there are fewer differences.

    >>> frequency_over_all_pixels(torch.tensor([[[[0.0, 2.0], [0.0, 2.0]]]]))  # sqrt(8 / 4)
    tensor([1.4142])
    """
    (fused,) = check_images(fused, smallest=2)
    squares = [fused.diff(dim=axis).square().sum(dim=(1, 2, 3)) for axis in (2, 3)]
    return ((squares[0] + squares[1]) / fused[0].numel()).sqrt()


def gradient_over_inner_pixels(fused: Tensor) -> Tensor:
    """AG with the sum over all H W pixels divided by (H - 1)(W - 1).

    >>> gradient_over_inner_pixels(torch.tensor([[[[0.0, 2.0], [0.0, 2.0]]]]))  # 4 sqrt(2)
    tensor([5.6569])
    """
    height, width = fused.shape[-2:]
    return average_gradient(fused) * (height * width / ((height - 1) * (width - 1)))


def skewed_window(size: int, like: Tensor) -> Tensor:
    """A Gaussian that lies half a pixel off its middle, as IVIF_ZOO's rounding makes it.

    >>> skewed_window(3, torch.zeros(1)).round(decimals=3)
    tensor([0.0040, 0.7360, 0.2600])
    """
    places = torch.linspace(-(size + 1) // 2, size // 2, size, dtype=like.dtype, device=like.device)
    window = torch.exp(-places.square() / (2 * (size / 5) ** 2))
    return window / window.sum()


def blur_to_same_size(x: Tensor, window: Tensor) -> Tensor:
    """Blur as if there were black around the image: (B, 1, H, W) -> the same shape."""
    half = len(window) // 2
    return blur_by_matmul(F.pad(x, (half, half, half, half)), window)


def fidelity_with_black_around(fused: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """VIF as IVIF_ZOO has it: skewed Gaussians, and windows that reach over the border into black.

    Args:
        fused, a, b: (B, 1, H, W) in 0 to 255, at least 41x41.

    Returns:
        Tensor (B,), 0 to about 2: the sum over both sources.

    Raises:
        InputError: see `check_images`.

    Example:
        >>> x = torch.arange(64.0).expand(1, 1, 64, 64)
        >>> fidelity_with_black_around(x, x, x)
        tensor([2.0000])
    """
    images = check_images(fused, a, b, smallest=VIF_SMALLEST)
    windows = [skewed_window(size, images[0].double()) for size in VIF_WINDOWS]
    blurs: list[Callable[[Tensor], Tensor]] = [
        partial(blur_to_same_size, window=window) for window in windows
    ]
    return fidelity_at_scales(images, blurs)
