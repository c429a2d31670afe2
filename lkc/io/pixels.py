"""Operations on arrays of pixels: luma and colour, ranges, turning, rounding to 8 and 16 bits."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from lkc.errors import InputError

MAX_PIXELS = 100_000_000
LUMA_WEIGHTS = np.array([0.299, 0.587, 0.114], dtype=np.float32)  # BT.601
FULL_SCALE = {np.dtype(np.uint8): 255, np.dtype(np.uint16): 65535}
NEARLY_FLAT = 0.5 / 255  # A source that deviates less shows rounding alone.
REGISTERED = "the sources must be registered and have the same size (see lkc fuse --align)"


class TooLargeError(InputError):
    """An image has more pixels than the limit allows."""


def check_pixel_count(width: int, height: int, name: str, limit: int = MAX_PIXELS) -> None:
    """Refuse an image that would not fit, before any pixel is decoded."""
    if width * height > limit:
        raise TooLargeError(
            f"{name} is {width}x{height}: more than the limit of {limit / 1e6:g} megapixels."
        )


def check_same_size(
    a: Sequence[int], b: Sequence[int], names: tuple[str, str], rule: str = REGISTERED
) -> None:
    """Refuse two images that do not lie on one pixel grid.

    Args:
        a, b: the images' shapes, (H, W, ...).
        names: what to call the two in the error.
        rule: what to tell the user, as a sentence without its full stop.

    Raises:
        InputError: the heights or widths differ.

    Example:
        >>> check_same_size((40, 52), (40, 50, 3), ("a.png", "b.png"), "both must agree")
        Traceback (most recent call last):
        ...
        lkc.errors.InputError: a.png is 52x40 but b.png is 50x40: both must agree.
    """
    (height, width), (other_height, other_width) = a[:2], b[:2]
    if (height, width) != (other_height, other_width):
        sizes = f"{names[0]} is {width}x{height} but {names[1]} is {other_width}x{other_height}"
        raise InputError(f"{sizes}: {rule}.")


def turn_upright(pixels: NDArray, orientation: int) -> NDArray:
    """Apply the tag Orientation (1 to 8) of EXIF and TIFF to (H, W) or (H, W, C)."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return np.ascontiguousarray(pixels)


def to_unit_range(pixels: NDArray, name: str) -> NDArray[np.float32]:
    """Scale to [0, 1].

    Args:
        pixels: (H, W) or (H, W, 3); uint8, uint16, bool, or float already in [0, 1].
        name: what to call the image in an error.

    Returns:
        The same shape, float32 in [0, 1].

    Raises:
        InputError: another shape or type, NaN, or floats outside [0, 1].

    Example:
        >>> to_unit_range(np.array([[0, 255]], dtype=np.uint8), "x")
        array([[0., 1.]], dtype=float32)
    """
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[..., 0]
    if pixels.ndim != 2 and not (pixels.ndim == 3 and pixels.shape[2] == 3):
        raise InputError(f"{name} has shape {pixels.shape}: expected (H, W) or (H, W, 3).")
    if pixels.dtype in FULL_SCALE:
        return np.multiply(pixels, np.float32(1 / FULL_SCALE[pixels.dtype]), dtype=np.float32)
    if pixels.dtype == bool:
        return pixels.astype(np.float32)
    if not np.issubdtype(pixels.dtype, np.floating):
        raise InputError(f"{name} has type {pixels.dtype}: expected uint8, uint16 or float.")
    if not np.isfinite(pixels).all():
        raise InputError(f"{name} contains NaN or infinite values.")
    if pixels.size and (pixels.min() < 0 or pixels.max() > 1):
        raise InputError(
            f"{name} has float values from {pixels.min():g} to {pixels.max():g}: scale it to 0..1."
        )
    return pixels.astype(np.float32)


def to_bits(image: NDArray, dtype: type[np.uint8] | type[np.uint16]) -> NDArray:
    """Clip to [0, 1] and round to the nearest value of an integer type; a half is rounded up."""
    scaled = np.clip(image, 0, 1) * np.float32(FULL_SCALE[np.dtype(dtype)]) + np.float32(0.5)
    return scaled.astype(dtype)


def to_8_bits(image: NDArray) -> NDArray[np.uint8]:
    """Map [0, 1] to 0 to 255, rounded to the nearest; what lies outside is clipped.

    >>> to_8_bits(np.array([-0.1, 0.0, 0.5, 1.2], dtype=np.float32)).tolist()
    [0, 0, 128, 255]
    """
    return to_bits(image, np.uint8)


def to_16_bits(image: NDArray) -> NDArray[np.uint16]:
    """Map [0, 1] to 0 to 65535, rounded to the nearest; what lies outside is clipped.

    >>> to_16_bits(np.array([0.0, 0.2, 1.0], dtype=np.float32)).tolist()
    [0, 13107, 65535]
    """
    return to_bits(image, np.uint16)


def luma(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """BT.601 luma: (H, W, 3) or (H, W) in [0, 1] -> (H, W) in [0, 1].

    >>> luma(np.ones((2, 2, 3), dtype=np.float32))[0, 0].round(4)
    np.float32(1.0)
    """
    if pixels.ndim == 2:
        return pixels
    return np.asarray(cv2.transform(pixels, LUMA_WEIGHTS[None]), dtype=np.float32)  # (H, W)


def replace_luma(
    colour: NDArray[np.float32], old: NDArray[np.float32], new: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Give a colour image a new luma and keep its BT.601 full-range Cb and Cr.

    R, G and B are luma plus a combination of Cb and Cr, so the change of luma is added to each.

    Args:
        colour: (H, W, 3) in [0, 1].
        old: its luma (H, W).
        new: the luma it shall have (H, W), in [0, 1].

    Returns:
        (H, W, 3), not clipped: very bright or dark luma may not admit the chroma.

    Example:
        >>> gray = np.full((1, 1, 3), 0.5, dtype=np.float32)
        >>> replace_luma(gray, luma(gray), luma(gray) / 2)[0, 0].round(3)
        array([0.25, 0.25, 0.25], dtype=float32)
    """
    return colour + (new - old)[..., None]  # (H, W, 3)
