"""The pixels of a frame of PyAV's: all bits, full range, upright."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

GRAY_FORMATS = {f"gray{bits}{end}" for bits in (9, 10, 12, 14, 16) for end in ("le", "be")}


def to_pixels(frame: Any) -> NDArray:
    """Return a frame as it is meant to be seen: gray with all bits, or RGB of 8 or 16 bits."""
    parts = frame.format.components
    deep = max(part.bits for part in parts) > 8
    if len(parts) <= 2 and not frame.format.has_palette:
        native = frame.format.name in GRAY_FORMATS
        pixels = frame.to_ndarray(format=None if native else "gray16le" if deep else "gray")
    else:
        pixels = frame.to_ndarray(
            format="rgb48le" if deep else "rgb24",
            src_colorspace=frame.colorspace,
            src_color_range=frame.color_range,
            dst_color_range="JPEG",  # its name for values from 0
        )
    matrix = frame.side_data.get("DISPLAYMATRIX")
    return pixels if matrix is None else turn(pixels, np.frombuffer(matrix, np.int32))


def turn(pixels: NDArray, matrix: NDArray[np.int32]) -> NDArray:
    """Show a frame as its file asks, since phones film sideways and selfies are mirrored.

    Args:
        pixels: (H, W) or (H, W, 3).
        matrix: (9,), FFmpeg's display matrix: column x, row y is shown at (a x + c y, b x + d y).

    Returns:
        The frame, turned by quarters and mirrored.

    Example:
        >>> quarter = np.array([0, -1, 0, 1, 0, 0, 0, 0, 1], np.int32)
        >>> turn(np.array([[1, 2]]), quarter).tolist()
        [[2], [1]]
    """
    a, b, _, c, d = matrix[:5].tolist()
    if abs(b) > abs(a):
        pixels, a, d = pixels.swapaxes(0, 1), c, b
    return pixels[:: -1 if d < 0 else 1, :: -1 if a < 0 else 1]


def value_range(frame: Any) -> tuple[float, float]:
    """Lowest and highest value of what `to_pixels` returns."""
    bits = max(part.bits for part in frame.format.components)
    if frame.format.name in GRAY_FORMATS:
        return 0.0, float(2**bits - 1)
    return 0.0, 65535.0 if bits > 8 else 255.0
