"""Smooth random fields for the texture of asphalt, leaves, clouds, cloth and tissue."""

from collections.abc import Sequence

import cv2
import numpy as np


def smoothstep(low: float, high: float, x: np.ndarray) -> np.ndarray:
    """Return the cubic ramp from 0 at `low` to 1 at `high`.

    Args:
        low: where the ramp starts.
        high: where the ramp ends; smaller than `low` for a falling ramp.
        x: values, any shape.

    Returns:
        Values in [0, 1], shape of `x`.

    >>> smoothstep(0, 2, np.array([-1.0, 1.0, 3.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def value_noise(rng: np.random.Generator, shape: Sequence[int], cell: float) -> np.ndarray:
    """Return one octave of smooth noise, about [0, 1].

    Args:
        rng: source of randomness.
        shape: rows and columns.
        cell: distance between independent values, pixels.

    Returns:
        (rows, columns) float32.

    >>> value_noise(np.random.default_rng(0), (8, 12), 4).shape
    (8, 12)
    """
    height, width = shape
    cell = max(cell, 1.0)
    rows, columns = int(np.ceil(height / cell)) + 2, int(np.ceil(width / cell)) + 2
    grid = rng.random((rows, columns), dtype=np.float32)
    if cell == 1.0:
        return grid[:height, :width]
    size = (int(np.ceil(columns * cell)), int(np.ceil(rows * cell)))
    return cv2.resize(grid, size, interpolation=cv2.INTER_CUBIC)[:height, :width]


def fractal_noise(
    rng: np.random.Generator,
    shape: Sequence[int],
    cell: float,
    octaves: int = 4,
    persistence: float = 0.5,
) -> np.ndarray:
    """Return a sum of octaves of smooth noise, about [0, 1] with mean 0.5.

    Args:
        rng: source of randomness.
        shape: rows and columns.
        cell: distance between independent values in the coarsest octave, pixels.
        octaves: number of octaves, each at half the cell of the one before; those finer than
            a pixel are left out.
        persistence: amplitude of an octave relative to the one before.

    Returns:
        (rows, columns) float32.

    >>> field = fractal_noise(np.random.default_rng(0), (64, 64), 16)
    >>> bool(0.4 < field.mean() < 0.6)
    True
    """
    field = np.zeros((shape[0], shape[1]), np.float32)
    amplitude, total = 1.0, 0.0
    for _ in range(octaves):
        field += amplitude * value_noise(rng, shape, cell)
        total += amplitude
        amplitude *= persistence
        cell /= 2
        if cell < 1:
            break
    return field / total


def tiled_noise(rng: np.random.Generator, size: int, octaves: int) -> np.ndarray:
    """Return fractal noise that repeats without a seam, about [0, 1].

    Args:
        rng: source of randomness.
        size: side of the tile, pixels.
        octaves: number of octaves; the coarsest has cells of a quarter of the tile.

    Returns:
        (size, size) float32.

    >>> tiled_noise(np.random.default_rng(0), 64, 3).shape
    (64, 64)
    """
    tile = np.zeros((size, size), np.float32)
    for octave in range(octaves):
        cells = 4 << octave
        grid = np.pad(rng.random((cells, cells), dtype=np.float32), 2, mode="wrap")
        factor = size // cells
        field = cv2.resize(grid, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
        inside = slice(2 * factor, 2 * factor + size)
        tile += field[inside, inside] / 2**octave
    return tile / (2 - 2.0 ** (1 - octaves))
