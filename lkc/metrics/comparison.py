"""Metrics that compare the fused image with both sources pixel by pixel or window by window."""

import torch
from torch import Tensor

from lkc.filters import blur_by_matmul
from lkc.metrics.inputs import check_images
from lkc.metrics.statistics import LEVELS, entropy_nats, histogram

FLAT = 1e-9  # A variance below this is what rounding leaves of a constant image.
SSIM_WINDOW = 7
SSIM_K1, SSIM_K2 = 0.01, 0.03  # shares of the data range that keep quotients of nothing at 1


def shared_information(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Measure the mutual information of two images of integer levels, in nats.

    Args:
        x, y: (B, ...) integers in [0, 256).

    Returns:
        Two tensors (B,): the mutual information H(x) + H(y) - H(x, y) and H(x) + H(y), in nats.
    """
    joint = histogram(x * LEVELS + y, LEVELS * LEVELS).view(-1, LEVELS, LEVELS)
    separate = entropy_nats(joint.sum(dim=1)) + entropy_nats(joint.sum(dim=2))
    return (separate - entropy_nats(joint.flatten(1))).clamp_min(0), separate


def mutual_information(fused: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """MI: information shared with the first plus with the second source, in nats.

    I(A, F) + I(B, F) with I(X, F) = H(X) + H(F) - H(X, F) on 256-bin histograms. Higher is better;
    copying one source raises it. A constant fused image has 0.

    Args:
        fused, a, b: (B, 1, H, W) in 0 to 255; rounded to whole gray levels.

    Returns:
        Tensor (B,), nats, 0 to 11.1.

    Raises:
        InputError: see `check_images`.

    Source:
        Qu, Zhang and Yan, Electronics Letters 38 (2002); in nats as current papers report it.

    Example:
        >>> x = torch.tensor([[[[0.0, 255.0]]]])
        >>> mutual_information(x, x, x)  # 2 ln 2
        tensor([1.3863])
    """
    fused, a, b = (image.round().int() for image in check_images(fused, a, b))
    return (shared_information(fused, a)[0] + shared_information(fused, b)[0]).float()


def mean_squared_error(fused: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """Average the squared differences from both sources: (B, 1, H, W) each -> (B,)."""
    return ((fused - a).square() + (fused - b).square()).flatten(1).mean(dim=1) / 2


def peak_signal_to_noise(fused: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """PSNR: 10 log10(max(F)^2 / MSE), with the mean of both sources' squared errors.

    The peak is the brightest fused pixel, not 255, as in the reference evaluator. Higher is better;
    the average of the sources is the best possible image. Identical images give inf, a black
    fused image of sources that are not black -inf.

    Args:
        fused, a, b: (B, 1, H, W) in 0 to 255.

    Returns:
        Tensor (B,), decibel.

    Raises:
        InputError: see `check_images`.

    Source:
        Jagalingam and Hegde, Aquatic Procedia 4 (2015).

    Example:
        >>> x = torch.tensor([[[[0.0, 100.0]]]])
        >>> peak_signal_to_noise(x, x, x + 10)
        tensor([23.0103])
    """
    fused, a, b = check_images(fused, a, b)
    error = mean_squared_error(fused, a, b)
    peak = fused.flatten(1).amax(dim=1)
    return torch.where(error == 0, torch.inf, 10 * torch.log10(peak.square() / error))


def covariances(fused: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """Return the covariance of every two of three images: (B, 1, H, W) each -> (B, 3, 3)."""
    images = torch.cat([fused, a, b], dim=1).flatten(2).double()  # (B, 3, H W)
    images -= images.mean(dim=2, keepdim=True)
    return images @ images.mT / images.shape[2]


def correlation(covariance: Tensor, variance_x: Tensor, variance_y: Tensor) -> Tensor:
    """Return Pearson's correlation of x and y, 0 where either is constant: (B,) each -> (B,)."""
    varied = torch.minimum(variance_x, variance_y) > FLAT
    return torch.where(varied, covariance / (variance_x * variance_y).sqrt(), 0.0)


def correlation_coefficient(fused: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """CC: mean Pearson correlation of the fused image with the two sources.

    Higher is better. The correlation with a constant image is defined as 0.

    Args:
        fused, a, b: (B, 1, H, W) in 0 to 255.

    Returns:
        Tensor (B,), -1 to 1.

    Raises:
        InputError: see `check_images`.

    Source:
        Deshmukh and Bhosale, Int. J. Image Processing 4 (2010).

    Example:
        >>> x = torch.tensor([[[[0.0, 1.0, 2.0]]]])
        >>> correlation_coefficient(x, x, 2 - x)
        tensor([0.])
    """
    cov = covariances(*check_images(fused, a, b))
    both = [correlation(cov[:, 0, i], cov[:, 0, 0], cov[:, i, i]) for i in (1, 2)]
    return ((both[0] + both[1]) / 2).float()


def sum_of_correlations_of_differences(fused: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """SCD: corr(F - B, A) + corr(F - A, B), as F without one source should be the other.

    Higher is better. The correlation with a constant image is defined as 0, so a fused image that
    equals a source gets nothing from the other half.

    Args:
        fused, a, b: (B, 1, H, W) in 0 to 255.

    Returns:
        Tensor (B,), -2 to 2.

    Raises:
        InputError: see `check_images`.

    Source:
        Aslantas and Bendes, AEU Int. J. Electronics and Communications 69 (2015).

    Example:
        >>> a, b = torch.tensor([[[[0.0, 2.0, 0.0]]]]), torch.tensor([[[[3.0, 0.0, 0.0]]]])
        >>> sum_of_correlations_of_differences(a + b, a, b)
        tensor([2.])
    """
    cov = covariances(*check_images(fused, a, b))
    total = torch.zeros_like(cov[:, 0, 0])
    for source, other in ((1, 2), (2, 1)):  # Covariances give corr(F - other, source).
        difference = cov[:, 0, 0] - 2 * cov[:, 0, other] + cov[:, other, other]
        shared = cov[:, 0, source] - cov[:, other, source]
        total += correlation(shared, difference, cov[:, source, source])
    return total.float()


def structural_similarity(fused: Tensor, a: Tensor, b: Tensor, data_range: float = 255) -> Tensor:
    """SSIM: sum of the structural similarity with the first and with the second source.

    7x7 uniform windows with the unbiased covariance, only windows that lie in the image
    (scikit-image's default). Higher is better. Constant images are compared by brightness.

    Args:
        fused, a, b: (B, 1, H, W) in 0 to 255, at least 7x7.
        data_range: which the two constants of the formula are shares of; with a small one, faint
            noise counts as structure. Some published evaluators have it wrong: see
            `lkc.metrics.profiles`.

    Returns:
        Tensor (B,), -2 to 2.

    Raises:
        InputError: see `check_images`.

    Source:
        Wang et al., IEEE Trans. Image Processing 13 (2004); summed over the sources.

    Example:
        >>> x = torch.arange(49.0).view(1, 1, 7, 7)
        >>> structural_similarity(x, x, x)
        tensor([2.])
    """
    # Around 128, sums of 49 whole squares are exact in float32; their difference needs all digits,
    # and beside small constants more of them.
    dtype = torch.float32 if data_range == 255 else torch.float64
    images = check_images(fused, a, b, smallest=SSIM_WINDOW)
    fused, a, b = (image.to(dtype) - 128 for image in images)
    c1, c2 = (SSIM_K1 * data_range) ** 2, (SSIM_K2 * data_range) ** 2
    window, pixels = fused.new_ones(SSIM_WINDOW), SSIM_WINDOW**2

    def covariance(x: Tensor, y: Tensor, sum_x: Tensor, mean_y: Tensor) -> Tensor:
        return blur_by_matmul(x * y, window).addcmul_(sum_x, mean_y, value=-1).div_(pixels - 1)

    def similarity(source: Tensor) -> Tensor:
        total = blur_by_matmul(source, window)
        mean = total / pixels
        structure = covariance(fused, source, fused_total, mean).mul_(2).add_(c2)
        structure /= covariance(source, source, total, mean).add_(fused_variance).add_(c2)
        mean += 128
        luminance = (fused_mean * mean).mul_(2).add_(c1)
        luminance /= mean.square_().add_(fused_mean.square()).add_(c1)
        return luminance.mul_(structure).mean(dim=(1, 2, 3))

    fused_total = blur_by_matmul(fused, window)
    fused_mean = fused_total / pixels
    fused_variance = covariance(fused, fused, fused_total, fused_mean)
    fused_mean += 128
    return (similarity(a) + similarity(b)).float()
