"""A comparison sheet: pictures side by side as they are, pixel for pixel, with words."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import ceil, sqrt

import cv2
import numpy as np
from matplotlib.font_manager import FontEntry, fontManager
from matplotlib.ft2font import FT2Font
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from lkc.errors import InputError
from lkc.viz.grids import Picture, as_picture

MOST_PIXELS = 40_000_000  # of all pictures; beyond, they are reduced
FAMILIES = (  # the first that draws all of a text is taken; matplotlib brings the first of all
    *("DejaVu Sans", "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Microsoft YaHei"),
    *("PingFang SC", "Hiragino Sans GB", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "SimHei"),
    *("Noto Sans CJK JP", "Droid Sans Fallback", "Noto Serif CJK SC", "SimSun"),
)
SIZES = (15, 40)  # pixels of the smallest and the largest letters
PAPER, INK = "white", "black"


@lru_cache(maxsize=1)
def fonts() -> list[FontEntry]:
    """The fonts of this machine in the order in which they are tried."""
    known = [
        font for font in fontManager.ttflist if font.name in FAMILIES and font.style == "normal"
    ]
    return sorted(known, key=lambda f: (FAMILIES.index(f.name), abs(int(f.weight) - 400)))


@lru_cache(maxsize=16)
def letters(path: str) -> frozenset[int]:
    """The characters that a font has."""
    return frozenset(FT2Font(path).get_charmap())


@lru_cache(maxsize=16)
def find_font(text: str) -> FontEntry | None:
    """The first font that has every letter of a text; None where no font does."""
    needed = {ord(letter) for letter in text if not letter.isspace()}
    return next((font for font in fonts() if needed <= letters(font.fname)), None)


def can_draw(text: str) -> bool:
    """Whether a font of this machine has every letter of a text.

    Args:
        text: in any script.

    Returns:
        Whether `comparison_sheet` takes it.

    Example:
        >>> can_draw("fused")
        True
    """
    return find_font(text) is not None


def reduced(picture: NDArray[np.uint8], factor: int) -> NDArray[np.uint8]:
    """Average squares of so many pixels, (H, W, 3); what is left over at the edges is cut off."""
    height, width = (max(side // factor, 1) for side in picture.shape[:2])
    whole = picture[: height * factor, : width * factor]
    small = cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA)
    return small.astype(np.uint8, copy=False)


def as_colour(image: Picture) -> NDArray[np.uint8]:
    """An image as (H, W, 3) of 8 bits."""
    if isinstance(image, np.ndarray) and image.dtype == np.uint8 and image.shape[2:] == (3,):
        return image  # at once, since floats of many megapixels take seconds
    pixels = np.rint(255 * as_picture(image)).astype(np.uint8)
    return np.dstack([pixels] * 3) if pixels.ndim == 2 else pixels


def comparison_sheet(
    images: Mapping[str, Picture],
    lines: Sequence[str] = (),
    columns: int = 3,
    reduced_line: str = "pictures reduced to 1/{factor}",
) -> NDArray[np.uint8]:
    """Lay pictures side by side, unscaled, with a label above each and lines of text below.

    Args:
        images: label -> image, see `as_picture`; their sizes may differ.
        lines: of text, such as what was done and with which version.
        columns: of the grid.
        reduced_line: says how far huge pictures, of 40 megapixels in all, were reduced.

    Returns:
        The sheet, (H, W, 3).

    Raises:
        InputError: no image, one of another shape, or letters that no font of this machine has.

    Example:
        >>> comparison_sheet({"dark": np.zeros((40, 90)), "bright": np.ones((40, 90))}).shape[2]
        3
    """
    if not images:
        raise InputError("a sheet needs at least one picture.")
    pictures = {label: as_colour(image) for label, image in images.items()}
    factor = ceil(sqrt(sum(p.shape[0] * p.shape[1] for p in pictures.values()) / MOST_PIXELS))
    if factor > 1:
        pictures = {label: reduced(picture, factor) for label, picture in pictures.items()}
        lines = [*lines, reduced_line.format(factor=factor)]
    text = "".join([*pictures, *lines])
    found = find_font(text)
    if found is None:
        raise InputError(f"no font of this machine draws {text!r}: install Noto Sans CJK.")
    widest = max(picture.shape[1] for picture in pictures.values())
    size = int(np.clip(widest / 28, *SIZES))
    font = ImageFont.truetype(found.fname, size, index=getattr(found, "index", 0))
    return draw(pictures, lines, min(columns, len(pictures)), font, size)


def draw(
    pictures: Mapping[str, NDArray[np.uint8]],
    lines: Sequence[str],
    columns: int,
    font: ImageFont.FreeTypeFont,
    size: int,
) -> NDArray[np.uint8]:
    """Draw the sheet; see `comparison_sheet`."""
    gap, line = size, round(1.6 * size)
    cell = ceil(
        max(*(p.shape[1] for p in pictures.values()), *(font.getlength(name) for name in pictures))
    )
    tall = max(picture.shape[0] for picture in pictures.values())
    rows = -(-len(pictures) // columns)
    width = max(
        columns * (cell + gap) + gap, *(2 * gap + ceil(font.getlength(t)) for t in lines), 1
    )
    height = rows * (line + tall + gap) + gap // 2 + line * len(lines) + gap // 2
    sheet = Image.new("RGB", (width, height), PAPER)
    pen = ImageDraw.Draw(sheet)
    for number, (label, picture) in enumerate(pictures.items()):
        left = gap + number % columns * (cell + gap)
        top = gap // 2 + number // columns * (line + tall + gap)
        pen.text((left, top + line // 2), label, INK, font, anchor="lm")
        sheet.paste(Image.fromarray(picture), (left, top + line))
    for number, words in enumerate(lines):
        middle = gap // 2 + rows * (line + tall + gap) + number * line + line // 2
        pen.text((gap, middle), words, INK, font, anchor="lm")
    return np.asarray(sheet)
