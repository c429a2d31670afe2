"""Metrics of the field's surveys that the eleven do not hold: CE, NCIE, Qy, Qcv and Qcb.

Liu et al., "Objective Assessment of Multiresolution Image Fusion Algorithms for Context Enhancement
in Night Vision" (IEEE TPAMI 34, 2012) compares them, and VIFB (Zhang et al., CVPR Workshops 2020)
made them usual for infrared and visible images. Where the code that these papers share differs from
the original formula, the docstring says so and the code's variant is taken, since it gave the
published values.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from lkc.filters import blur_by_matmul, gaussian_window, sobel
from lkc.metrics.comparison import SSIM_WINDOW, shared_information
from lkc.metrics.inputs import check_images
from lkc.metrics.statistics import LEVELS, entropy_nats, histogram
from lkc.metrics.visual import share

# Above this similarity of the sources, Qy compares with both; below, with the nearer one.
SIMILAR = 0.75
QY_TINY = 2e-16  # This keeps windows without structure defined.
QCV_BLOCK = 16  # The regions of Qcv have this side in pixels.
QCV_SALIENCY = 5  # This is the exponent of the Sobel magnitude in a region's weight.
# The band pass of Qcb has these outer and inner radius, and this inner weight.
QCB_BAND = (15.3870, 1.3456, 0.7622)
QCB_SIGMAS = (2.0, 4.0)  # A contrast is the ratio of two Gaussian means of these pixels, less 1.
QCB_WINDOW = 31  # Both Gaussians have so many taps.
QCB_MASKING = (3, 2, 1e-4)  # These are exponents and constant of contrast masking.


def stretch(image: Tensor) -> Tensor:
    """Stretch each image to 0 to 1 as the surveys' code does; a constant image stays as it is."""
    low, high = image.amin(dim=(1, 2, 3), keepdim=True), image.amax(dim=(1, 2, 3), keepdim=True)
    return torch.where(high > low, (image - low) / (high - low).clamp_min(1e-12), image / 255)


def radial_frequencies(image: Tensor, divisor: float) -> Tensor:
    """Return the radius of each frequency of `torch.fft.fft2`: (H, W), H / divisor at Nyquist.

    The unit is that of the surveys' code: cycles per image over the divisor's half.
    """
    height, width = image.shape[-2:]
    rows, columns = (
        2 * size / divisor * torch.fft.fftfreq(size, device=image.device, dtype=image.dtype)
        for size in (height, width)
    )
    return torch.hypot(rows[:, None], columns[None])  # (H, W)


def filter_frequencies(image: Tensor, gain: Tensor) -> Tensor:
    """Multiply the spectrum of (B, 1, H, W) by a gain (H, W)."""
    return torch.fft.ifft2(torch.fft.fft2(image) * gain).real


def cross_entropy(fused: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """CE: mean over the sources of sum p log2(p / q) between their and the fused histogram.

    Lower is better; copying the histograms is enough. Gray levels that either image lacks are left
    out, as in the surveys' code, so the value can be below 0.

    Args:
        fused, a, b: (B, 1, H, W) in 0 to 255; rounded to whole gray levels.

    Returns:
        Tensor (B,), bits.

    Raises:
        InputError: see `check_images`.

    Source:
        Bulanon, Burks and Alchanatis, Biosystems Engineering 103 (2009).

    Example:
        >>> x = torch.tensor([[[[0.0, 255.0]]]])
        >>> cross_entropy(x, x, x)
        tensor([0.])
    """
    images = [image.round().int() for image in check_images(fused, a, b)]
    q, *sources = (histogram(image, LEVELS) for image in images)  # (B, 256)
    total = torch.zeros(len(q), dtype=q.dtype, device=q.device)
    for p in sources:
        common = (p > 0) & (q > 0)
        ratio = torch.where(common, p, 1.0) / torch.where(common, q, 1.0)
        total += (p * torch.log2(ratio)).sum(dim=1)
    return (total / 2).float()


def nonlinear_correlation(fused: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """NCIE: nonlinear correlation information entropy of the two sources and the fused image.

    With R the 3x3 matrix of H(x) + H(y) - H(x, y) in units of log 256 and ones on its diagonal,
    1 + sum l/3 log256(l/3) over the eigenvalues l of R. Higher is better; three unrelated images
    have 0.802, and values differ from the third digit on.

    Args:
        fused, a, b: (B, 1, H, W) in 0 to 255; rounded to whole gray levels.

    Returns:
        Tensor (B,), 0 to 1.

    Raises:
        InputError: see `check_images`.

    Source:
        Wang, Shen and Zhang, "A nonlinear correlation measure for multivariable data set",
        Physica D 200 (2005); as a fusion metric in Wang, Shen and Jin, in "Image Fusion:
        Algorithms and Applications" (2008).

    Example:
        >>> x = torch.zeros(1, 1, 4, 4)
        >>> nonlinear_correlation(x, x, x)
        tensor([0.8019])
    """
    images = [image.round().int() for image in check_images(fused, a, b)]
    matrix = torch.eye(3, dtype=torch.float64, device=fused.device).repeat(len(fused), 1, 1)
    for i, j in ((0, 1), (0, 2), (1, 2)):
        matrix[:, i, j] = matrix[:, j, i] = shared_information(images[i], images[j])[0]
    matrix[:, [0, 0, 1, 1, 2, 2], [1, 2, 0, 2, 0, 1]] /= math.log(LEVELS)
    eigenvalues = torch.linalg.eigvalsh(matrix).clamp_min(0)  # (B, 3)
    return (1 - entropy_nats(eigenvalues / 3) / math.log(LEVELS)).float()


def local_structure(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Measure 7x7 windows: the similarity of x with y, and the variance of y.

    Args:
        x, y: (B, 1, H, W), float64.

    Returns:
        Two tensors (B, 1, H - 6, W - 6).
    """
    window, pixels = x.new_ones(SSIM_WINDOW), SSIM_WINDOW**2
    sum_x, sum_y = blur_by_matmul(x, window), blur_by_matmul(y, window)

    def covariance(p: Tensor, q: Tensor, sum_p: Tensor, sum_q: Tensor) -> Tensor:
        return (pixels * blur_by_matmul(p * q, window) - sum_p * sum_q) / pixels**2

    mean_x, mean_y = sum_x / pixels, sum_y / pixels
    var_y = covariance(y, y, sum_y, sum_y)
    luminance = (2 * mean_x * mean_y + QY_TINY) / (mean_x**2 + mean_y**2 + QY_TINY)
    structure = (2 * covariance(x, y, sum_x, sum_y) + QY_TINY) / (
        covariance(x, x, sum_x, sum_x) + var_y + QY_TINY
    )
    return luminance * structure, var_y


def similarity_where_sources_agree(fused: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """Qy: structural similarity with both sources where they agree, with the nearer where not.

    In each 7x7 window, the mean of SSIM(A, F) and SSIM(B, F) weighted by the sources' variances if
    SSIM(A, B) is at least 0.75, else the greater of the two; SSIM without its constants. Higher is
    better.

    Args:
        fused, a, b: (B, 1, H, W) in 0 to 255, at least 7x7; rounded to whole gray levels, so that
            windows without structure are recognised.

    Returns:
        Tensor (B,), -1 to 1.

    Raises:
        InputError: see `check_images`.

    Source:
        Yang, Zhang, Wang and Liu, "A novel similarity based quality metric for image fusion",
        Information Fusion 9 (2008).

    Example:
        >>> x = torch.arange(49.0).view(1, 1, 7, 7)
        >>> similarity_where_sources_agree(x, x, 48 - x)
        tensor([1.])
    """
    images = check_images(fused, a, b, smallest=SSIM_WINDOW)
    fused, a, b = (image.round().double() for image in images)
    with_a, var_a = local_structure(fused, a)
    with_b, var_b = local_structure(fused, b)
    agree, _ = local_structure(a, b)
    total = var_a + var_b
    weight = torch.where(total > 0, var_a / total.clamp_min(QY_TINY), 0.5)
    both = weight * with_a + (1 - weight) * with_b
    return (
        torch.where(agree >= SIMILAR, both, torch.maximum(with_a, with_b)).mean((1, 2, 3)).float()
    )


def visible_difference(fused: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """Qcv: squared difference from the sources as an eye would see it, where they have edges.

    Each image is stretched to 0 to 255; differences are filtered by the contrast sensitivity of
    Mannos and Sakrison (with 0.144 for the printed 0.114, as in the surveys' code), squared and
    averaged over 16x16 regions, each weighted by the sum of its fifth powers of Sobel magnitudes.
    What is left of the image below and right of whole regions is not looked at. Lower is better.
    Two sources without any edge give 0.

    Args:
        fused, a, b: (B, 1, H, W) in 0 to 255, at least 16x16.

    Returns:
        Tensor (B,), gray levels squared, at least 0.

    Raises:
        InputError: see `check_images`.

    Source:
        Chen and Varshney, "A human perception inspired quality metric for image fusion based on
        regional information", Information Fusion 8 (2007).

    Example:
        >>> x = torch.arange(256.0).view(1, 1, 16, 16)
        >>> visible_difference(x, x, x)
        tensor([0.])
    """
    images = check_images(fused, a, b, smallest=QCV_BLOCK)
    fused, *sources = (255 * stretch(image.double()) for image in images)
    radius = 0.144 * radial_frequencies(fused, divisor=8)
    sensitivity = 2.6 * (0.0192 + radius) * torch.exp(-(radius**1.1))
    seen, weights = [], []
    for source in sources:
        dx, dy = sobel(source)
        saliency = (dx.square() + dy.square()).sqrt() ** QCV_SALIENCY
        weights.append(F.avg_pool2d(saliency, QCV_BLOCK))  # (B, 1, H / 16, W / 16)
        difference = filter_frequencies(source - fused, sensitivity)
        seen.append(F.avg_pool2d(difference.square(), QCV_BLOCK))
    distortion = seen[0] * weights[0] + seen[1] * weights[1]
    return share(distortion, weights[0] + weights[1]).float()


def masked_contrast(image: Tensor) -> Tensor:
    """Model how an eye responds to the local contrast of (B, 1, H, W) in 0 to 1; same shape."""
    outer, inner, weight = QCB_BAND
    radius = radial_frequencies(image, divisor=30)
    band = torch.exp(-((radius / outer) ** 2)) - weight * torch.exp(-((radius / inner) ** 2))
    filtered = filter_frequencies(image, band)
    padded = F.pad(filtered, [QCB_WINDOW // 2] * 4)
    fine, coarse = (
        blur_by_matmul(padded, gaussian_window(QCB_WINDOW, sigma, padded)) for sigma in QCB_SIGMAS
    )
    contrast = torch.where(coarse == 0, 0.0, fine / coarse - 1).abs()
    numerator, denominator, constant = QCB_MASKING
    return contrast**numerator / (contrast**denominator + constant)


def kept_contrast_of_vision(fused: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """Qcb: share of the sources' visible contrast that the fused image keeps.

    Each image is stretched, filtered by a model of contrast sensitivity, turned into local contrast
    and masked; per pixel the smaller over the greater contrast of fused image and source counts,
    weighted by the sources' squared contrast. Higher is better.

    Args:
        fused, a, b: (B, 1, H, W) in 0 to 255.

    Returns:
        Tensor (B,), 0 to 1.

    Raises:
        InputError: see `check_images`.

    Source:
        Chen and Blum, "A new automated quality assessment algorithm for image fusion", Image and
        Vision Computing 27 (2009).

    Example:
        >>> x = torch.arange(256.0).view(1, 1, 16, 16)
        >>> kept_contrast_of_vision(x, x, x)
        tensor([1.])
    """
    images = check_images(fused, a, b)
    fused, *sources = (masked_contrast(stretch(image.double())) for image in images)
    kept = []
    for source in sources:
        greater = torch.maximum(fused, source)
        kept.append(torch.where(greater > 0, torch.minimum(fused, source) / greater, 1.0))
    energy = [source.square() for source in sources]
    total = energy[0] + energy[1]
    weight = torch.where(total > 0, energy[0] / total.clamp_min(1e-300), 0.5)
    return (weight * kept[0] + (1 - weight) * kept[1]).mean(dim=(1, 2, 3)).float()
