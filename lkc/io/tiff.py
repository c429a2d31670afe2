"""TIFF pages with all their bits: Pillow where it keeps them, else tifffile."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lkc.errors import InputError
from lkc.extras import need
from lkc.io.decoding import one_sentence
from lkc.io.image_data import check_page
from lkc.io.image_files import (
    FULL_SCALE,
    MAX_PIXELS,
    ORIENTATION,
    PHOTOMETRIC,
    WHITE_IS_ZERO,
    read_image,
    turn_upright,
)

MARKS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")  # with + BigTIFF
SAMPLE_FORMAT, SIGNED = 339, 2  # tag and value
LOSSLESS_MODES = ("1", "L", "P", "LA", "RGB", "RGBA", "CMYK", "F")  # of TIFF, in Pillow


def is_tiff(path: Path) -> bool:
    """Whether a file starts as TIFF does, whatever its suffix."""
    if not path.is_file():
        return False
    with one_sentence(path), path.open("rb") as file:
        return file.read(4) in MARKS


def decode_page(page: Any, name: str) -> NDArray:
    """Decode a page of tifffile's, or say what a compressed one needs."""
    try:
        return page.asarray()
    except ValueError as error:
        if "imagecodecs" in str(error):
            need("imagecodecs", f"reading {name} ({page.compression.name})")
        raise


def to_gray_or_colour(pixels: NDArray, axes: str, name: str) -> NDArray:
    """Bring a page to (H, W) or (H, W, 3), without alpha."""
    if np.iscomplexobj(pixels):
        raise InputError(f"{name} holds complex numbers: gray or colour is needed.")
    if axes == "SYX":  # colours in separate planes
        pixels = np.moveaxis(pixels, 0, 2)  # (H, W, C)
    elif pixels.ndim != 2 and axes != "YXS":
        raise InputError(f"{name} has shape {pixels.shape}: gray or colour is needed.")
    if pixels.ndim == 2:
        return pixels
    if pixels.shape[2] > 4:
        raise InputError(f"{name} has {pixels.shape[2]} bands: gray or colour is needed.")
    return pixels[..., :3] if pixels.shape[2] >= 3 else pixels[..., 0]


def read_page(path: Path, page: int) -> tuple[NDArray, int]:
    """Read a page with tifffile, which knows what Pillow does not (float colour, int32, planes).

    Args:
        path: the file.
        page: from 0.

    Returns:
        (H, W) or (H, W, 3), uint8, uint16 or float32, upright; and the number of pages.

    Raises:
        InputError: damaged, too large, another kind of picture, no such page, or a library is
            missing.

    Example:
        >>> read_page(Path("stack.tif"), 1)[0].dtype  # doctest: +SKIP
        dtype('uint16')
    """
    tifffile = need("tifffile", f"reading {path.name}")
    with one_sentence(path), tifffile.TiffFile(path) as file:
        pages = len(file.pages)
        if not pages:
            raise InputError(f"{path.name} is damaged: it holds no image.")
        check_page(page, pages, path.name)
        wanted = file.pages[page]
        if wanted.size > 4 * MAX_PIXELS:
            raise InputError(f"{path.name} is larger than {MAX_PIXELS // 1_000_000} megapixels.")
        pixels = to_gray_or_colour(decode_page(wanted, path.name), wanted.axes, path.name)
        if not pixels.size:
            raise InputError(f"{path.name} is damaged: it holds no pixels.")
        if pixels.dtype not in FULL_SCALE:
            pixels = pixels.astype(np.float32)
        elif wanted.tags.valueof(PHOTOMETRIC) == WHITE_IS_ZERO:
            pixels = FULL_SCALE[pixels.dtype] - pixels
        return turn_upright(pixels, wanted.tags.valueof(ORIENTATION, 1)), pages


def read_tiff(path: Path, page: int) -> tuple[NDArray, int]:
    """Read a page as `read_page` does, with Pillow where it keeps every bit."""
    try:
        with one_sentence(path), Image.open(path) as image:
            tags = getattr(image, "tag_v2", {})
            signed = SIGNED in tags.get(SAMPLE_FORMAT, ()) if image.mode == "L" else False
            known = image.mode.startswith("I;16") or (image.mode in LOSSLESS_MODES and not signed)
            pages = getattr(image, "n_frames", 1)
    except InputError:
        return read_page(path, page)  # float64 or float colour, or damaged
    return (read_image(path), pages) if known and page == 0 else read_page(path, page)
