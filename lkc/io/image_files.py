"""Read and write image files without losing bits, and move between colour and luma.

Files are read with Pillow, which knows what it cannot read; 16-bit colour goes through OpenCV,
because Pillow cuts it to 8 bits.
"""

import os
import tempfile
from collections.abc import Mapping
from contextlib import nullcontext
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, PngImagePlugin, UnidentifiedImageError

from lkc.errors import InputError
from lkc.io.decoding import mute, one_sentence

MAX_PIXELS = 100_000_000
LUMA_WEIGHTS = np.array([0.299, 0.587, 0.114], dtype=np.float32)  # BT.601
PNG_HEADER = 33  # bytes of signature and IHDR
BITS_PER_SAMPLE, PHOTOMETRIC, ORIENTATION, PLANAR_CONFIGURATION = 258, 262, 274, 284  # TIFF tags
WHITE_IS_ZERO = 0  # value of PHOTOMETRIC
FULL_SCALE = {np.dtype(np.uint8): 255, np.dtype(np.uint16): 65535}


def check_pixel_count(width: int, height: int, name: str) -> None:
    """Refuse an image that would not fit, before any pixel is decoded."""
    if width * height > MAX_PIXELS:
        limit = MAX_PIXELS // 1_000_000
        raise InputError(f"{name} is {width}x{height}: more than the limit of {limit} megapixels.")


def has_16_bit_colour(image: Image.Image) -> bool:
    """Whether the file holds 16-bit colour, or gray with alpha, that Pillow would cut to 8 bits."""
    if image.mode not in ("RGB", "RGBA"):
        return False
    decoders = [tile[3] for tile in getattr(image, "tile", [])]
    if image.format == "PPM":
        return any(isinstance(decoder, tuple) and decoder[1] > 255 for decoder in decoders)
    return any(depth in str(decoder) for decoder in decoders for depth in (";16", "16B", "16L"))


def has_16_bit_planes(image: Image.Image) -> bool:
    """Whether it is a TIFF of 16-bit colour in separate planes, which Pillow takes for 8 bits."""
    tags = getattr(image, "tag_v2", {})
    return tags.get(PLANAR_CONFIGURATION) == 2 and 16 in tags.get(BITS_PER_SAMPLE, ())


def turn_upright(pixels: NDArray, orientation: int) -> NDArray:
    """Apply the tag Orientation (1 to 8) of EXIF and TIFF to (H, W) or (H, W, C)."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return np.ascontiguousarray(pixels)


def decode_with_pillow(image: Image.Image) -> NDArray:
    """Decode to uint8, uint16 or float32, gray or RGB, upright, without alpha."""
    container = image.format == "TIFF"  # of real 32-bit values, not of a 16-bit gray PNG
    white_is_zero = getattr(image, "tag_v2", {}).get(PHOTOMETRIC) == WHITE_IS_ZERO
    image = ImageOps.exif_transpose(image)
    if image.mode in ("L", "RGB", "F"):
        return np.asarray(image)
    if image.mode.startswith("I;16"):
        pixels = np.asarray(image, dtype=np.uint16)  # the file may be big-endian
        return 65535 - pixels if white_is_zero else pixels  # Pillow inverts 8 bits only
    if image.mode == "I":
        pixels = np.asarray(image)
        return pixels.astype(np.float32) if container else pixels.clip(0, 65535).astype(np.uint16)
    return np.asarray(image.convert("L" if image.mode in ("1", "LA", "La") else "RGB"))


def decode_16_bit_colour(path: Path, image: Image.Image) -> NDArray:
    """Decode 16-bit colour, or gray with alpha, to uint16 without alpha with OpenCV."""
    pixels = cv2.imdecode(np.fromfile(path, dtype=np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise OSError("damaged file")
    decoder = image.tile[0][3]  # type: ignore[attr-defined]
    if image.format == "PPM":
        pixels = np.rint(pixels * (65535 / decoder[1])).astype(np.uint16)  # as Pillow does gray
    opaque = pixels[..., 0] if str(decoder).startswith("LA") else pixels[..., 2::-1]
    if image.format == "TIFF":
        return opaque  # OpenCV has turned it
    return turn_upright(opaque, image.getexif().get(ORIENTATION, 1))


def decode(path: Path, image: Image.Image) -> NDArray:
    """Decode with the library that keeps every bit."""
    if has_16_bit_planes(image):
        from lkc.io.tiff import read_page  # which imports this module

        return read_page(path, 0)[0]
    if has_16_bit_colour(image):
        with mute():
            return decode_16_bit_colour(path, image)
    with mute() if image.format == "TIFF" else nullcontext():
        return decode_with_pillow(image)


def read_image(path: str | os.PathLike) -> NDArray:
    """Read an image file with all its bits.

    Palettes become RGB, alpha is dropped, EXIF rotation is applied; of an animation or a multi-page
    file the first image is read.

    Args:
        path: PNG, TIFF, JPEG, WebP, BMP or whatever else Pillow reads.

    Returns:
        (H, W) or (H, W, 3), uint8 (0 to 255), uint16 (0 to 65535) or float32 (as stored).

    Raises:
        InputError: missing, not an image, damaged, or above 100 megapixels.

    Example:
        >>> read_image("assets/examples/ir-vis/ir/night.png").dtype  # doctest: +SKIP
        dtype('uint8')
    """
    path = Path(path)
    with one_sentence(path):
        try:
            # By its handle: Pillow maps files that it opens by name, and scrambles turned TIFF.
            with path.open("rb") as file, Image.open(file) as image:
                check_pixel_count(*image.size, name=path.name)
                pixels = decode(path, image)
        except UnidentifiedImageError:
            raise InputError(f"{path.name} is not an image that can be read.") from None
        except Image.DecompressionBombError:
            limit = f"{MAX_PIXELS // 1_000_000} megapixels"
            raise InputError(f"{path.name} has more than the limit of {limit}.") from None
    return pixels


def add_notes(png: bytes, notes: Mapping[str, str]) -> bytes:
    """Put text chunks behind the header of a PNG."""
    chunks = BytesIO()
    for key, text in notes.items():
        PngImagePlugin.putchunk(chunks, b"iTXt", f"{key}\0\0\0\0\0{text}".encode())
    return png[:PNG_HEADER] + chunks.getvalue() + png[PNG_HEADER:]


def write_image(
    path: str | os.PathLike, pixels: NDArray, notes: Mapping[str, str] | None = None
) -> None:
    """Write a PNG under a temporary name, then rename it: never a partial file.

    Args:
        path: target; its folder is made if it is missing.
        pixels: (H, W) or (H, W, 3) RGB, uint8 or uint16.
        notes: texts to store in the file, by keyword.

    Raises:
        InputError: the folder cannot be written.
    """
    path = Path(path)
    bgr = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR) if pixels.ndim == 3 else pixels
    encoded = add_notes(cv2.imencode(".png", bgr)[1].tobytes(), notes or {})
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
            temporary = Path(file.name)
            file.write(encoded)
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise InputError(f"{path} cannot be written: {error.strerror}.") from None


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
