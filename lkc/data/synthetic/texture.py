"""Noise with structure at many scales, the raw material of every surface."""

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]


def fractal_noise(
    rng: np.random.Generator, height: int, width: int, cell: int, octaves: int = 4
) -> Image:
    """Sum smooth random fields whose cells halve and whose amplitudes halve.

    Args:
        rng: source of randomness.
        height, width: size in pixels.
        cell: size of the coarsest cells in pixels.
        octaves: number of fields.

    Returns:
        (H, W) float32, mean about 0, range about -1 to 1.

    Example:
        >>> fractal_noise(np.random.default_rng(0), 8, 12, 4).shape
        (8, 12)
    """
    total = np.zeros((height, width), dtype=np.float32)
    for octave in range(octaves):
        size = max(cell >> octave, 1)
        rows, columns = height // size + 3, width // size + 3
        grid = rng.standard_normal((rows, columns), dtype=np.float32)
        fine = cv2.resize(grid, (columns * size, rows * size), interpolation=cv2.INTER_CUBIC)
        total += fine[size : size + height, size : size + width] / 2**octave
    return total / 2
