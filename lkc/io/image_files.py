"""Image files as they are stored: read without a window, and written without losing bits."""

from collections.abc import Mapping
from io import BytesIO
from os import PathLike
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import PngImagePlugin

from lkc.errors import replacing
from lkc.extras import need
from lkc.io.geotiff import Place
from lkc.io.kinds import has_suffix
from lkc.io.pixels import FULL_SCALE
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


def write_tiff(
    path: Path,
    pixels: NDArray,
    notes: Mapping[str, str],
    place: Place | None,
    gaps: NDArray[np.bool_] | None,
) -> None:
    """Write a TIFF with notes as its description, tags that state a place, and gaps as alpha."""
    tags = place.tags if place else {}
    photometric = "rgb" if pixels.ndim == 3 else "minisblack"
    if gaps is not None:
        opaque = np.where(gaps, 0, FULL_SCALE[pixels.dtype]).astype(pixels.dtype)
        pixels = np.dstack([pixels, opaque])  # (H, W, 2) or (H, W, 4)
    need("tifffile", "writing TIFF").imwrite(
        path,
        pixels,
        photometric=photometric,
        planarconfig="contig",
        extrasamples=None if gaps is None else ["unassalpha"],
        compression="zlib",
        description="".join(f"{key}: {text}\n" for key, text in notes.items()).encode(),
        metadata=None,
        extratags=[(tag, kind, len(value), value, True) for tag, (kind, value) in tags.items()],
    )


def write_image(
    path: str | PathLike[str],
    pixels: NDArray,
    notes: Mapping[str, str] | None = None,
    place: Place | None = None,
    gaps: NDArray[np.bool_] | None = None,
) -> None:
    """Write a PNG or TIFF under a temporary name, then rename it: never a partial file.

    Args:
        path: target, a TIFF if it is called so; its folder is made if it is missing.
        pixels: (H, W) or (H, W, 3) RGB, uint8 or uint16.
        notes: texts to store in the file, by keyword.
        place: where it lies on Earth, which only a TIFF keeps.
        gaps: (H, W), pixels that programs for maps shall leave out; only a TIFF keeps them.

    Raises:
        InputError: the folder cannot be written, or a TIFF needs a library that is missing.
    """
    if has_suffix(path, "tiff"):
        with replacing(path) as temporary:
            write_tiff(temporary, pixels, notes or {}, place, gaps)
        return
    bgr = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR) if pixels.ndim == 3 else pixels
    encoded = add_notes(cv2.imencode(".png", bgr)[1].tobytes(), notes or {})
    with replacing(path) as temporary:
        temporary.write_bytes(encoded)
