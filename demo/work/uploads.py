"""Uploads made visible: 16-bit and floating-point files through a window that is stated."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lkc.errors import InputError

from .fuse_files import read_source
from .results import save, shown_by_browsers

FULL = 65535


def find_window(image: NDArray) -> tuple[float, float]:
    """The range of values to show: what the sensor's bits hold, or what floats cover.

    Args:
        image: (H, W) or (H, W, 3), uint16 or float without NaN.

    Returns:
        Lowest and highest value; (0, 65535) or (0, 1) where the full range is used.
    """
    if image.dtype == np.uint16:
        bits = int(image.max()).bit_length()
        return 0, 2**bits - 1 if bits else FULL
    low, high = float(image.min()), float(image.max())
    return (0, 1) if low >= 0 and high <= 1 else (low, high)


def stretch(image: NDArray, window: tuple[float, float]) -> NDArray[np.uint16]:
    """Map a window to the full 16 bits."""
    low, high = window
    scaled = (image.astype(np.float64) - low) * (FULL / max(high - low, 1e-12))
    return np.rint(scaled.clip(0, FULL)).astype(np.uint16)


def prepare_upload(path: str) -> tuple[str, tuple[float, float] | None]:
    """Make an uploaded file one that a browser shows, with all its bits.

    Args:
        path: any file.

    Returns:
        The file itself, or a PNG in its place; and the window, if it is not the full range. What
        cannot be read is returned as it is: fusing it will say why.
    """
    name = Path(path).stem
    try:
        image = read_source(path, name)
    except InputError:
        return path, None
    if image.dtype == np.uint8:
        return (path if shown_by_browsers(path) else save(image, name)), None
    if not np.isfinite(image).all():
        return path, None
    window = find_window(image)
    full = window in ((0, FULL), (0, 1))
    if full and image.dtype == np.uint16 and shown_by_browsers(path):
        return path, None
    return save(stretch(image, window), name), None if full else window
