"""The eleven metrics plainly in numpy and scipy, float64: what lkc.metrics is tested against.

Every function takes gray images (H, W) in 0 to 255, the fused image first. Straight from the
formulas, one pair of images at a time; `python -m benchmarks.metric_speed` compares the speed.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import correlate1d, uniform_filter
from scipy.signal import convolve2d

SOBEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])


def entropy(*images: NDArray) -> float:
    """Joint Shannon entropy in bits."""
    values = [np.round(x).ravel() for x in images]
    counts, _ = np.histogramdd(values, bins=256, range=[(0, 256)] * len(values))
    p = counts[counts > 0] / counts.sum()
    return -(p * np.log2(p)).sum()


def mutual_information(f: NDArray, a: NDArray, b: NDArray) -> float:
    """What the fused image tells about each source, in nats."""
    bits = sum(entropy(f) + entropy(x) - entropy(f, x) for x in (a, b))
    return bits * np.log(2)


def gaussian(size: int) -> NDArray:
    """Window of one dimension whose standard deviation is a fifth of its size."""
    x = np.arange(size) - size // 2
    window = np.exp(-(x**2) / (2 * (size / 5) ** 2))
    return window / window.sum()


def window_mean(x: NDArray, size: int) -> NDArray:
    """Gaussian mean of every full window."""
    return convolve2d(x, np.outer(gaussian(size), gaussian(size)), mode="valid")


def separable_window_mean(x: NDArray, size: int) -> NDArray:
    """The same by scipy's one-dimensional filters, as one would write it for speed."""
    half = size // 2
    for axis in (0, 1):
        x = correlate1d(x, gaussian(size), axis)
    return x[half:-half, half:-half]


def vif_one_source(f: NDArray, s: NDArray) -> float:
    """Visual information fidelity of the fused image for one source."""
    kept = present = 0.0
    for scale, size in enumerate((17, 9, 5, 3)):
        if scale > 0:
            f, s = window_mean(f, size)[::2, ::2], window_mean(s, size)[::2, ::2]
        mean_f, mean_s = window_mean(f, size), window_mean(s, size)
        var_f = np.maximum(window_mean(f * f, size) - mean_f**2, 0)
        var_s = np.maximum(window_mean(s * s, size) - mean_s**2, 0)
        covariance = window_mean(f * s, size) - mean_f * mean_s
        gain = covariance / (var_s + 1e-10)
        noise = var_f - gain * covariance
        flat = (var_s < 1e-10) | (var_f < 1e-10)
        gain[flat | (gain < 0)] = 0
        var_s[var_s < 1e-10] = 0
        noise = np.where(gain == 0, var_f, np.maximum(noise, 1e-10))
        kept += np.log10(1 + gain**2 * var_s / (noise + 2)).sum()
        present += np.log10(1 + var_s / 2).sum()
    return kept / present


def visual_information_fidelity(f: NDArray, a: NDArray, b: NDArray) -> float:
    """Sum over both sources."""
    return vif_one_source(f, a) + vif_one_source(f, b)


def edges(x: NDArray) -> tuple[NDArray, NDArray]:
    """Sobel magnitude and angle; a true convolution, so both derivatives change sign."""
    dx, dy = convolve2d(x, SOBEL, mode="same"), convolve2d(x, -SOBEL.T, mode="same")
    angle = np.where(dx == 0, np.pi / 2, np.arctan(dy / np.where(dx == 0, 1, dx)))
    return np.sqrt(dx**2 + dy**2), angle


def edge_transfer(f: NDArray, a: NDArray, b: NDArray) -> float:
    """Share of the sources' edges that the fused image keeps."""
    strength_f, angle_f = edges(f)
    kept = total = 0.0
    for strength, angle in (edges(a), edges(b)):
        smaller, larger = np.minimum(strength, strength_f), np.maximum(strength, strength_f)
        ratio = np.where(smaller == larger, strength_f, smaller / np.where(larger == 0, 1, larger))
        aligned = 1 - np.abs(angle - angle_f) / (np.pi / 2)
        quality = 0.9994 / (1 + np.exp(-15 * (ratio - 0.5)))
        quality *= 0.9879 / (1 + np.exp(-22 * (aligned - 0.8)))
        kept += (quality * strength).sum()
        total += strength.sum()
    return kept / total


def ssim_one_source(f: NDArray, s: NDArray) -> float:
    """Structural similarity with one source, in 7x7 windows."""
    mean_f, mean_s = uniform_filter(f, 7), uniform_filter(s, 7)
    unbiased = 49 / 48
    var_f = unbiased * (uniform_filter(f * f, 7) - mean_f**2)
    var_s = unbiased * (uniform_filter(s * s, 7) - mean_s**2)
    covariance = unbiased * (uniform_filter(f * s, 7) - mean_f * mean_s)
    c1, c2 = 2.55**2, 7.65**2
    similarity = (2 * mean_f * mean_s + c1) * (2 * covariance + c2)
    similarity /= (mean_f**2 + mean_s**2 + c1) * (var_f + var_s + c2)
    return similarity[3:-3, 3:-3].mean()


def structural_similarity(f: NDArray, a: NDArray, b: NDArray) -> float:
    """Sum over both sources."""
    return ssim_one_source(f, a) + ssim_one_source(f, b)


def peak_signal_to_noise(f: NDArray, a: NDArray, b: NDArray) -> float:
    """Relative to the fused image's largest value, in dB."""
    error = (((f - a) ** 2).mean() + ((f - b) ** 2).mean()) / 2
    return 10 * np.log10(f.max() ** 2 / error)


def correlation(x: NDArray, y: NDArray) -> float:
    """Pearson's coefficient."""
    return np.corrcoef(x.ravel(), y.ravel())[0, 1]


def correlation_coefficient(f: NDArray, a: NDArray, b: NDArray) -> float:
    """Mean over both sources."""
    return (correlation(f, a) + correlation(f, b)) / 2


def sum_of_correlations_of_differences(f: NDArray, a: NDArray, b: NDArray) -> float:
    """What the fused image adds to one source, correlated with the other."""
    return correlation(f - b, a) + correlation(f - a, b)


def spatial_frequency(f: NDArray) -> float:
    """Root mean square of the differences between neighbours."""
    return np.sqrt((np.diff(f, axis=0) ** 2).mean() + (np.diff(f, axis=1) ** 2).mean())


def average_gradient(f: NDArray) -> float:
    """Mean length of the gradient."""
    dy, dx = np.gradient(f)
    return np.sqrt((dx**2 + dy**2) / 2).mean()


def evaluate(f: NDArray, a: NDArray, b: NDArray) -> dict[str, float]:
    """All eleven, by key."""
    return {
        "EN": entropy(f),
        "MI": mutual_information(f, a, b),
        "VIFF": visual_information_fidelity(f, a, b),
        "Qabf": edge_transfer(f, a, b),
        "SSIM": structural_similarity(f, a, b),
        "PSNR": peak_signal_to_noise(f, a, b),
        "CC": correlation_coefficient(f, a, b),
        "SCD": sum_of_correlations_of_differences(f, a, b),
        "SD": f.std(),
        "SF": spatial_frequency(f),
        "AG": average_gradient(f),
    }
