"""What is read from one image file: values in its own units, and what they mean."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lkc.errors import InputError
from lkc.io.geotiff import Place
from lkc.io.pixels import FULL_SCALE
from lkc.io.window import UNIT_RANGE, finite_ends


@dataclass(frozen=True)
class ImageData:
    """One image, gray or colour, in its file's own units.

    Attributes:
        values: (H, W) or (H, W, 3), upright, as stored (uint8, uint16 or float32) or as float32;
            NaN where a file has padding or gaps.
        full_range: lowest and highest value that the file can hold; of floats, what they cover.
        name: what to call the file in messages.
        unit: "HU", "C" (degrees Celsius) or "" (gray levels).
        modality: DICOM's code ("CT", "MR", "PT", "NM", ...), or "" where the file has none.
        pages: number of images in the file.
        presets: windows that the file names, by name.
        inverted: whether low values are to be shown white (DICOM's MONOCHROME1).
        measured: whether the values are an instrument's (DICOM, floats beyond [0, 1]) rather than
            gray levels with black at 0 and white at full scale.
        origin: how the values came about, where that must be said with the window.
        place: where the pixels lie on Earth, of a GeoTIFF.
        gaps: (H, W), the pixels that a GeoTIFF says were not measured; None where there are none.
        notes: texts in the file, by keyword; those of a fused PNG say what was shown.
    """

    values: NDArray
    full_range: tuple[float, float]
    name: str
    unit: str = ""
    modality: str = ""
    pages: int = 1
    presets: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    inverted: bool = False
    measured: bool = False
    origin: str = ""
    place: Place | None = None
    gaps: NDArray[np.bool_] | None = None
    notes: Mapping[str, str] = field(default_factory=dict)


def of_pixels(
    pixels: NDArray, name: str, pages: int = 1, notes: Mapping[str, str] | None = None
) -> ImageData:
    """Describe what a picture or a TIFF page holds, by the type of its pixels.

    Integers of 8 and 16 bits are gray levels, and so are floats inside [0, 1]; other values are
    measured in a unit that the file does not tell.
    """
    if pixels.dtype in FULL_SCALE:
        full_range, measured = (0.0, float(FULL_SCALE[pixels.dtype])), False
    else:
        low, high = finite_ends(pixels, name)
        measured = low < 0 or high > 1
        full_range = (low, high) if measured else UNIT_RANGE
    return ImageData(
        pixels, full_range, name, pages=pages, measured=measured, notes=dict(notes or {})
    )


def check_page(page: int, pages: int, name: str) -> None:
    """Refuse a page that the file does not have."""
    if not 0 <= page < pages:
        raise InputError(f"{name} has {pages} page{'s' * (pages != 1)}: there is no page {page}.")
