"""Pictures as cameras and programs write them: PNG, JPEG and whatever else Pillow reads.

Pillow knows what it cannot read; 16-bit colour goes through OpenCV, because Pillow cuts it to
8 bits.
"""

import warnings
from contextlib import nullcontext
from typing import BinaryIO

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from lkc.errors import InputError
from lkc.io.decoding import mute
from lkc.io.image_data import ImageData, check_page, of_pixels
from lkc.io.jpeg_segments import holds_dji
from lkc.io.pixels import TooLargeError, check_pixel_count, turn_upright

SWAPPED = 16  # times as rough as with the bytes in the other order
SAMPLED_ROWS = 64  # These are enough to tell an image from noise.
PHOTOMETRIC, ORIENTATION = 262, 274  # tags of TIFF and EXIF
WHITE_IS_ZERO = 0  # value of PHOTOMETRIC
CODESTREAM = b"\xff\x4f\xff\x51"  # where the size and depth of a JPEG 2000 stand
COMPONENTS, DEPTHS = 40, 42  # bytes after it: how many there are, and three bytes for each


def has_16_bit_colour(image: Image.Image) -> bool:
    """Whether the file holds 16-bit colour, or gray with alpha, that Pillow would cut to 8 bits."""
    if image.mode not in ("RGB", "RGBA"):
        return False
    decoders = [tile[3] for tile in getattr(image, "tile", [])]
    if image.format == "PPM":
        return any(isinstance(decoder, tuple) and decoder[1] > 255 for decoder in decoders)
    return any(depth in str(decoder) for decoder in decoders for depth in (";16", "16B", "16L"))


def bits_of_jpeg_2000(file: BinaryIO, name: str) -> int:
    """The most bits of a value in a JPEG 2000: Pillow cuts or scales values of more than 8 bits."""
    file.seek(0)
    start = file.read(65536)
    at = start.find(CODESTREAM)
    count = int.from_bytes(start[at + COMPONENTS : at + DEPTHS], "big")
    depths = start[at + DEPTHS : at + DEPTHS + 3 * count : 3]
    if at < 0 or not depths:
        return 8
    bits = max(depth & 127 for depth in depths) + 1
    if bits > 16 or (bits > 8 and max(depths) > 127):
        raise InputError(f"{name} has signed values, or more than 16 bits: save it as TIFF.")
    return bits


def largest_value(image: Image.Image) -> int:
    """The largest value that a portable pixmap of more than 8 bits says it can hold."""
    decoders = [tile[3] for tile in getattr(image, "tile", [])] if image.format == "PPM" else []
    return next((d[1] for d in decoders if isinstance(d, tuple) and d[1] > 255), 65535)


def decode_with_pillow(image: Image.Image) -> NDArray:
    """Decode to uint8, uint16 or float32, gray or RGB, upright, without alpha."""
    container = image.format == "TIFF"  # of real 32-bit values, not of a 16-bit gray PNG
    white_is_zero = getattr(image, "tag_v2", {}).get(PHOTOMETRIC) == WHITE_IS_ZERO
    largest = largest_value(image)
    image = ImageOps.exif_transpose(image)
    if image.mode in ("L", "RGB", "F"):
        return np.asarray(image)
    if image.mode.startswith("I;16"):
        pixels = np.asarray(image, dtype=np.uint16)  # the file may be big-endian
        return 65535 - pixels if white_is_zero else pixels  # Pillow inverts 8 bits only
    if image.mode == "I":
        pixels = np.asarray(image)
        if container:
            return pixels.astype(np.float32)
        stored = np.rint(pixels * (largest / 65535))  # Pillow scales to 16 bits
        return stored.clip(0, 65535).astype(np.uint16)
    return np.asarray(image.convert("L" if image.mode in ("1", "LA", "La") else "RGB"))


def decode_16_bit_colour(file: BinaryIO, image: Image.Image) -> NDArray:
    """Decode 16-bit colour, or gray with alpha, to uint16 without alpha with OpenCV."""
    decoder = image.tile[0][3]  # type: ignore[attr-defined]
    upright = image.format == "TIFF"  # OpenCV turns it
    orientation = 1 if upright else image.getexif().get(ORIENTATION, 1)  # read from here, not later
    file.seek(0)
    pixels = cv2.imdecode(np.frombuffer(file.read(), dtype=np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise OSError("damaged file")
    opaque = pixels[..., 0] if str(decoder).startswith("LA") else pixels[..., 2::-1]
    return turn_upright(opaque, orientation)


def roughness(pixels: NDArray) -> float:
    """How much neighbours in a row differ, from a sample of the rows.

    >>> roughness(np.array([[0, 2, 4]], dtype=np.uint16))
    2.0
    """
    rows = pixels[:: 1 + len(pixels) // SAMPLED_ROWS].astype(np.int32)
    return float(np.abs(np.diff(rows)).mean()) if rows.shape[1] > 1 else 0.0


def warn_if_bytes_are_swapped(pixels: NDArray, name: str) -> None:
    """Say that values of 16 bits would be smooth if the two bytes of each were in the other order.

    The raw picture inside of a radiometric JPEG is often stored so.
    """
    if pixels.dtype.kind not in "iu" or pixels.dtype.itemsize != 2 or pixels.ndim != 2:
        return
    rows = pixels[:: 1 + len(pixels) // SAMPLED_ROWS]
    rows = rows.astype(rows.dtype.newbyteorder("="), copy=False)
    swapped = rows.byteswap()
    if not np.ptp(rows & 255) or not np.ptp(swapped & 255):
        return  # 8 bits in a file of 16
    if roughness(rows) > SWAPPED * roughness(swapped):
        warnings.warn(
            f"{name} looks like noise, but not with the bytes of each value swapped: swap them "
            "before you fuse it, for example with numpy's byteswap.",
            stacklevel=3,
        )


def warn_if_dji(file: BinaryIO, name: str) -> None:
    """Say what gives the temperatures of a DJI camera, which keeps their formula to itself."""
    if holds_dji(file):
        warnings.warn(
            f"{name} looks like a DJI R-JPEG, whose temperatures only DJI's Thermal SDK reads: its "
            "picture is used; for temperatures, convert it with dji_irp and save them as TIFF or "
            ".npy.",
            stacklevel=3,
        )


def read_picture(file: BinaryIO, name: str, page: int, limit: int) -> ImageData:
    """Read a picture with all its bits.

    Palettes become RGB, alpha is dropped, EXIF rotation is applied; of an animation or a multi-page
    file the first image is read.

    Args:
        file: opened by `lkc.io.kinds.open_file`.
        name: what to call it in messages.
        page: from 0; there is one.
        limit: the most pixels.

    Returns:
        Values (H, W) or (H, W, 3): uint8, uint16 or float32.

    Raises:
        InputError: not a picture, damaged, or too large.

    Example:
        >>> from lkc.io.kinds import open_file
        >>> with open_file("assets/examples/ir-vis/ir/night.png") as (file, _):
        ...     read_picture(file, "night.png", 0, 1_000_000).values.dtype
        dtype('uint8')
    """
    check_page(page, 1, name)
    try:
        # By its handle: Pillow maps files that it opens by name, and scrambles turned TIFF.
        with Image.open(file) as image:
            check_pixel_count(*image.size, name=name, limit=limit)
            notes = {str(key): text for key, text in image.info.items() if isinstance(text, str)}
            jpeg_2000 = image.format == "JPEG2000"
            bits = bits_of_jpeg_2000(file, name) if jpeg_2000 else 8
            if bits > 8 and image.mode == "LA":  # OpenCV cannot read it, and Pillow cuts it.
                raise InputError(f"{name} has more than 8 bits and transparency: save it without.")
            deep = has_16_bit_colour(image) or (bits > 8 and not image.mode.startswith("I"))
            with mute() if deep or image.format == "TIFF" else nullcontext():
                pixels = decode_16_bit_colour(file, image) if deep else decode_with_pillow(image)
            if bits > 8 and not deep:
                pixels = pixels >> (16 - bits)  # Pillow scales to 16 bits.
            if image.format in ("JPEG", "MPO"):
                warn_if_dji(file, name)
    except UnidentifiedImageError:
        raise InputError(f"{name} is not an image that can be read.") from None
    except Image.DecompressionBombError:
        raise TooLargeError(
            f"{name} has more than the limit of {limit / 1e6:g} megapixels."
        ) from None
    warn_if_bytes_are_swapped(pixels, name)
    return of_pixels(pixels, name, notes=notes)
