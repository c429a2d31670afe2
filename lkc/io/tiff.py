"""TIFF pages with all their bits: Pillow where it keeps them, else tifffile."""

from dataclasses import replace
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lkc.errors import InputError
from lkc.extras import need
from lkc.io.decoding import one_sentence
from lkc.io.geotiff import TAGS, find_place
from lkc.io.image_data import ImageData, check_page, of_pixels
from lkc.io.nodata import find_gaps, leave_out_nodata
from lkc.io.pictures import (
    ORIENTATION,
    PHOTOMETRIC,
    WHITE_IS_ZERO,
    read_picture,
    warn_if_bytes_are_swapped,
)
from lkc.io.pixels import FULL_SCALE, TooLargeError, turn_upright

BITS_PER_SAMPLE, PLANAR_CONFIGURATION, SAMPLE_FORMAT = 258, 284, 339  # tags
SIGNED, IN_PLANES = 2, 2  # values of SAMPLE_FORMAT and PLANAR_CONFIGURATION
DESCRIPTION = 270  # the tag in which fused TIFF keep their notes, a line each
NODATA = 42113  # the tag in which GDAL writes the value of what was not measured
ALPHA = (1, 2)  # kinds of extra bands that say what is transparent
LOSSLESS_MODES = ("1", "L", "P", "LA", "RGB", "RGBA", "CMYK", "F")  # of TIFF, in Pillow


def decode_page(page: Any, name: str) -> NDArray:
    """Decode a page of tifffile's, or say what a compressed one needs."""
    try:
        return page.asarray()
    except ValueError as error:
        if "imagecodecs" in str(error):
            need("imagecodecs", f"reading {name} ({page.compression.name})")
        raise


def holds_alpha(page: Any) -> bool:
    """Whether the last band of a page of tifffile's says what is transparent."""
    kinds = page.extrasamples
    return page.axes == "YXS" and bool(kinds) and int(kinds[-1]) in ALPHA


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


def read_page(file: BinaryIO, name: str, page: int, limit: int) -> ImageData:
    """Read a page with tifffile, which knows what Pillow does not (float colour, int32, planes).

    Args:
        file: opened by `lkc.io.kinds.open_file`.
        name: what to call it in messages.
        page: from 0.
        limit: the most pixels.

    Returns:
        Values (H, W) or (H, W, 3), uint8, uint16 or float32, upright.

    Raises:
        InputError: damaged, too large, another kind of picture, no such page, or a library is
            missing.
    """
    tifffile = need("tifffile", f"reading {name}")
    file.seek(0)
    with tifffile.TiffFile(file) as opened:
        pages = len(opened.pages)
        if not pages:
            raise InputError(f"{name} is damaged: it holds no image.")
        check_page(page, pages, name)
        wanted = opened.pages[page]
        if wanted.size > 4 * limit:
            raise TooLargeError(f"{name} has more than the limit of {limit / 1e6:g} megapixels.")
        decoded = decode_page(wanted, name)
        pixels = to_gray_or_colour(decoded, wanted.axes, name)
        warn_if_bytes_are_swapped(pixels, name)
        if not pixels.size:
            raise InputError(f"{name} is damaged: it holds no pixels.")
        if pixels.dtype not in FULL_SCALE:
            pixels = pixels.astype(np.float32)
        elif wanted.tags.valueof(PHOTOMETRIC) == WHITE_IS_ZERO:
            pixels = FULL_SCALE[pixels.dtype] - pixels
        pixels = turn_upright(pixels, wanted.tags.valueof(ORIENTATION, 1))
        alpha = decoded[..., -1] if holds_alpha(wanted) else None
        nodata = wanted.tags.valueof(NODATA)
        notes = notes_in(wanted.tags.valueof(DESCRIPTION))
        stated = {tag.code: (tag.dtype, tag.value) for tag in wanted.tags if tag.code in TAGS}
        place = find_place(name, stated, wanted.tags.valueof(ORIENTATION, 1) != 1)
    data = replace(of_pixels(pixels, name, pages, notes), place=place)
    return find_gaps(leave_out_nodata(data, nodata), nodata, alpha)


def notes_in(description: object) -> dict[str, str]:
    """The notes of a fused TIFF; other descriptions give lines that nobody asks for."""
    lines = str(description or "").strip("\0").splitlines()
    return {key: text for key, colon, text in (line.partition(": ") for line in lines) if colon}


def is_kept_by_pillow(image: Image.Image) -> bool:
    """Whether Pillow keeps every bit of a TIFF: not of signed values, nor of 16 bits in planes."""
    tags = getattr(image, "tag_v2", {})
    if image.mode.startswith("I;16"):
        return True
    if tags.get(PLANAR_CONFIGURATION) == IN_PLANES and 16 in tags.get(BITS_PER_SAMPLE, ()):
        return False
    signed = image.mode == "L" and SIGNED in tags.get(SAMPLE_FORMAT, ())
    return image.mode in LOSSLESS_MODES and not signed


def read_tiff(file: BinaryIO, name: str, page: int, limit: int) -> ImageData:
    """Read a page as `read_page` does, with Pillow where it keeps every bit."""
    try:
        with one_sentence(name), Image.open(file) as image:
            kept, pages = is_kept_by_pillow(image), getattr(image, "n_frames", 1)
            tags: Any = getattr(image, "tag_v2", {})
            nodata, notes = tags.get(NODATA), notes_in(tags.get(DESCRIPTION))
            stated = {tag: (tags.tagtype[tag], tags[tag]) for tag in TAGS if tag in tags}
            place = find_place(name, stated, tags.get(ORIENTATION, 1) != 1)
            alpha = None
            if kept and place and page == 0 and image.mode in ("LA", "RGBA"):
                alpha = np.asarray(image.getchannel("A"))
    except InputError:  # float64 or float colour, or damaged
        kept = False
    if not kept or page != 0:
        return read_page(file, name, page, limit)
    file.seek(0)
    data = read_picture(file, name, 0, limit)
    data = leave_out_nodata(replace(data, pages=pages, notes=notes, place=place), nodata)
    return find_gaps(data, nodata, alpha)
