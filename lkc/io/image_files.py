"""Image files as they are stored: read without a window, and written without losing bits."""

from collections.abc import Mapping
from io import BytesIO
from os import PathLike

import cv2
from numpy.typing import NDArray
from PIL import PngImagePlugin

from lkc.errors import replacing
from lkc.io.reading import open_image

PNG_HEADER = 33  # bytes of signature and IHDR


def read_image(path: str | PathLike[str]) -> NDArray:
    """Read an image file with all its bits, as stored: no window is applied.

    This is for results, labels and measurements; sources of a fusion are read by
    `lkc.io.reading.read_pixels`, which shows what has more than 8 bits through a window.

    Args:
        path: PNG, TIFF, JPEG, WebP, BMP, DICOM or whatever else Pillow reads.

    Returns:
        (H, W) or (H, W, 3), uint8 (0 to 255), uint16 (0 to 65535) or float32 (as stored).

    Raises:
        InputError: missing, not an image, damaged, or above 100 megapixels.

    Example:
        >>> read_image("assets/examples/ir-vis/ir/night.png").dtype
        dtype('uint8')
    """
    return open_image(path).values


def add_notes(png: bytes, notes: Mapping[str, str]) -> bytes:
    """Put text chunks behind the header of a PNG."""
    chunks = BytesIO()
    for key, text in notes.items():
        PngImagePlugin.putchunk(chunks, b"iTXt", f"{key}\0\0\0\0\0{text}".encode())
    return png[:PNG_HEADER] + chunks.getvalue() + png[PNG_HEADER:]


def write_image(
    path: str | PathLike[str], pixels: NDArray, notes: Mapping[str, str] | None = None
) -> None:
    """Write a PNG under a temporary name, then rename it: never a partial file.

    Args:
        path: target; its folder is made if it is missing.
        pixels: (H, W) or (H, W, 3) RGB, uint8 or uint16.
        notes: texts to store in the file, by keyword.

    Raises:
        InputError: the folder cannot be written.
    """
    bgr = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR) if pixels.ndim == 3 else pixels
    encoded = add_notes(cv2.imencode(".png", bgr)[1].tobytes(), notes or {})
    with replacing(path) as temporary:
        temporary.write_bytes(encoded)
