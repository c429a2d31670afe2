"""Simulate the four scanners of a head: from the signal of each tissue to an image."""

import cv2
import numpy as np

from lkc.data.synthetic.noise import fractal_noise


def _soften(image: np.ndarray, sigma: float) -> np.ndarray:
    """Blur by `sigma` pixels of a 256-pixel slice."""
    return cv2.GaussianBlur(image, (0, 0), sigma * image.shape[0] / 256)


def scan_mri(signal: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a magnetic resonance image: uneven coil sensitivity and Rician noise.

    Args:
        signal: (size, size) in [0, 1].
        rng: source of randomness.

    Returns:
        (size, size) uint8.
    """
    size = signal.shape[0]
    fibres = 1 + 0.20 * (fractal_noise(rng, signal.shape, 9 * size / 256, 4, 0.7) - 0.5)
    coil = 0.86 + 0.30 * fractal_noise(rng, signal.shape, size / 2, 2)
    image = _soften(signal * fibres, 0.5) * coil
    real, imaginary = (rng.standard_normal(signal.shape, np.float32) * 0.022 for _ in range(2))
    image = np.hypot(image + real, imaginary) * 1.02 - 0.012
    return np.round(np.clip(image, 0, 1) * 255).astype(np.uint8)


def scan_ct(density: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a computed tomogram in the brain window, with the table under the head.

    Brain near the skull is brighter, as beam hardening makes it; the noise is correlated.

    Args:
        density: (size, size); brain about 0.5, bone above 1.
        rng: source of randomness.

    Returns:
        (size, size) uint8.
    """
    size = density.shape[0]
    sharp = _soften(density, 0.9)
    hardening = 0.10 * _soften(np.minimum(density, 1.6), 9) * (sharp > 0.2)
    noise = _soften(rng.standard_normal(density.shape, np.float32), 0.8) * 0.055 * size / 256
    image = sharp + hardening + noise * (_soften(density, 2) > 0.05)
    image = np.round(np.clip((image - 0.08) / 0.92, 0, 1) * 255).astype(np.uint8)
    table = np.zeros_like(image)
    centre, axes = (size // 2, int(0.30 * size)), (int(0.56 * size), int(0.67 * size))
    cv2.ellipse(table, centre, axes, 0, 20, 160, 235, max(size // 170, 1), cv2.LINE_AA)
    return np.maximum(image, table)


def scan_uptake(
    uptake: np.ndarray, rng: np.random.Generator, blur: float, blotches: float
) -> np.ndarray:
    """Return a map of tracer uptake that varies between regions, seen through a wide blur.

    Args:
        uptake: (size, size); cortex about 0.9.
        rng: source of randomness.
        blur: of the scanner, pixels of a 256-pixel slice.
        blotches: how much counting noise is left.

    Returns:
        (size, size) float32, about [0, 1].
    """
    unit = uptake.shape[0] / 256
    regions = 0.88 + 0.26 * fractal_noise(rng, uptake.shape, 60 * unit, 2)
    counts = 1 + blotches * (fractal_noise(rng, uptake.shape, 11 * unit, 2) - 0.5)
    return _soften(uptake * regions * counts, blur)
