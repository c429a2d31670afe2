"""What is read from one image file: values in its own units, and what they mean."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lkc.errors import InputError
from lkc.io.image_files import FULL_SCALE
from lkc.io.window import finite_ends


@dataclass(frozen=True)
class ImageData:
    """One image, gray or colour, in its file's own units.

    Attributes:
        values: (H, W) or (H, W, 3) float32; NaN where a DICOM file has padding.
        full_range: lowest and highest value that the file can hold; of floats, what they cover.
        name: what to call the file in messages.
        unit: "HU", "C" (degrees Celsius) or "" (gray levels).
        modality: DICOM's code ("CT", "MR", "PT", "NM", ...), or "" where the file has none.
        pages: number of images in the file.
        presets: windows that the file names, by name.
        inverted: whether low values are to be shown white (DICOM's MONOCHROME1).
    """

    values: NDArray[np.float32]
    full_range: tuple[float, float]
    name: str
    unit: str = ""
    modality: str = ""
    pages: int = 1
    presets: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    inverted: bool = False


def full_range_of(pixels: NDArray, name: str) -> tuple[float, float]:
    """Return what an integer type holds, [0, 1] for floats inside it, else what floats cover."""
    if pixels.dtype in FULL_SCALE:
        return 0.0, float(FULL_SCALE[pixels.dtype])
    low, high = finite_ends(pixels, name)
    return (0.0, 1.0) if low >= 0 and high <= 1 else (low, high)


def check_page(page: int, pages: int, name: str) -> None:
    """Refuse a page that the file does not have."""
    if not 0 <= page < pages:
        raise InputError(f"{name} has {pages} page{'s' * (pages != 1)}: there is no page {page}.")
