"""Any file through one door: a table of readers, and the window that shows what they read."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from lkc.errors import InputError
from lkc.io.arrays import read_csv, read_npy
from lkc.io.decoding import one_sentence
from lkc.io.dicom import read_dicom
from lkc.io.dicom_series import read_images, read_series
from lkc.io.image_data import ImageData
from lkc.io.itk import read_itk
from lkc.io.kinds import open_file
from lkc.io.nifti import read_nifti
from lkc.io.other_volumes import how_to_convert, read_mgh, refuse_with_advice
from lkc.io.pictures import read_picture
from lkc.io.pixels import FULL_SCALE, MAX_PIXELS, to_8_bits, to_16_bits, to_unit_range
from lkc.io.radiometric_jpeg import read_radiometric
from lkc.io.thermal import refuse_kelvin, to_celsius, without_stuck_pixels
from lkc.io.tiff import read_tiff
from lkc.io.tracer_colours import COLOUR_MAP, TRACERS, colour_tracer
from lkc.io.volume import Volume
from lkc.io.window import (
    EIGHT_BITS,
    Window,
    apply_limits,
    check_preset,
    default_window,
    describe,
    find_limits,
    warn_if_narrow,
)

IMAGE_READERS: Mapping[str, Callable[[BinaryIO, str, int, int], ImageData]] = {
    "picture": read_picture,
    "tiff": read_tiff,
    "dicom": read_dicom,
    "radiometric": read_radiometric,
    "npy": read_npy,
    "table": read_csv,
}
VOLUME_READERS: Mapping[str, Callable[[BinaryIO, str, int | None], Volume]] = {
    "nifti": read_nifti,
    "itk": read_itk,
    "dicom": read_images,
    "mgh": read_mgh,
    "other volume": refuse_with_advice,
}
NOT_IMAGES = {
    **dict.fromkeys(
        ("itk", "nifti", "mgh", "other volume"),
        "is a volume: fuse it into a volume (-o OUT.nii.gz)",
    ),
    "clip": "is a clip: fuse it into a clip (-o OUT.mp4)",
    "flir-sequence": "is a FLIR sequence, which is not read: save its frames as CSV or TIFF in "
    "FLIR's own software",
    "heic": "is HEIC, which is not read: convert it to JPEG or PNG, such as with heif-convert",
    "jpeg-xl": "is JPEG XL, which is not read: convert it to PNG, such as with djxl",
}


def open_image(path: str | PathLike[str], page: int = 0, limit: int = MAX_PIXELS) -> ImageData:
    """Read an image file of any kind, opened once, with its values as stored.

    Args:
        path: TIFF, radiometric JPEG, DICOM, .npy, a table of numbers, or whatever Pillow reads.
        page: which image of a multi-page TIFF or multi-frame DICOM, from 0.
        limit: the most pixels.

    Returns:
        Values (H, W) or (H, W, 3), uint8, uint16 or float32, upright, without alpha, with their
        range and unit.

    Raises:
        InputError: missing, not an image, damaged, or no such page; `TooLargeError` above the
            limit.

    Example:
        >>> open_image("assets/examples/ir-vis/ir/night.png").values.dtype
        dtype('uint8')
    """
    path = Path(path)
    with open_file(path) as (file, kind):
        if kind not in IMAGE_READERS:
            raise InputError(f"{path.name} {NOT_IMAGES[kind]}.")
        return IMAGE_READERS[kind](file, path.name, page, limit)


def read(path: str | PathLike[str], page: int = 0) -> ImageData:
    """Read an image file: values in the file's own units, and the range they can take.

    Args:
        path: TIFF, radiometric JPEG, DICOM, .npy, a table of numbers, or whatever Pillow reads.
        page: which image of a multi-page TIFF or multi-frame DICOM, from 0.

    Returns:
        Values (H, W) or (H, W, 3) as float32, upright, without alpha, with their range and unit.

    Raises:
        InputError: missing, not an image, damaged, too large, or no such page.

    Example:
        >>> data = read("assets/examples/ir-vis/ir/night.png")
        >>> data.values.dtype, data.full_range
        (dtype('float32'), (0.0, 255.0))
    """
    data = open_image(path, page)
    return replace(data, values=data.values.astype(np.float32))


def read_volume(
    path: str | PathLike[str], series: str | None = None, frame: int | None = None
) -> Volume:
    """Read a volume: NIfTI, MGH, NRRD, MetaImage, DICOM of many frames, or a folder of DICOM.

    Args:
        path: file or folder.
        series: number or UID of the DICOM series of a folder of several.
        frame: which volume of a dynamic file or series, counted from 1.

    Returns:
        The volume, in its own units.

    Raises:
        InputError: not a volume, damaged, or one of several and not said which.

    Example:
        >>> read_volume("mri.nii.gz").values.dtype  # doctest: +SKIP
        dtype('float32')
    """
    path = Path(path)
    if path.is_dir():
        with one_sentence(path):
            return read_series(path, series, frame)
    with open_file(path) as (file, kind):
        if kind not in VOLUME_READERS:
            raise InputError(f"{path.name} is not a volume that is read: {how_to_convert(path)}.")
        if series is not None:
            raise InputError(f"{path.name} is not a volume in a folder: a series is picked there.")
        return VOLUME_READERS[kind](file, path.name, frame)


def show(data: ImageData, window: Window | None = None) -> tuple[NDArray, str]:
    """Map an image's window to pixels that `lkc.fuse` takes, keeping more than 8 bits.

    `lkc.fuse` does this with every file that it is given: fusing paths is the same as fusing what
    `show` makes of them.

    Args:
        data: from `read`.
        window: from `parse_window`; None is `lkc.io.window.default_window`: 8 bits as they are,
            more bits in full where much of the range is used, else from percentile 1 to 99.

    Returns:
        (H, W) or (H, W, 3): uint8 where an 8-bit file is shown in full, else uint16; tracers (PET,
        SPECT) from DICOM in colour; and what was shown, in words.

    Raises:
        InputError: the window does not fit the file, or shows none of its values.

    Example:
        >>> from lkc.io.window import parse_window
        >>> ramp = ImageData(np.arange(12.0, dtype=np.float32).reshape(3, 4), (0, 11), "x")
        >>> show(ramp, parse_window("0,6"))[1]
        'fixed: 0 to 6'
    """
    judged = without_stuck_pixels(data)
    if window is None:
        window = default_window(judged.values, data.full_range, data.measured)
    elif window.kind == "full":
        warn_if_narrow(judged.values, data.full_range, data.name)
    if window.unit == "C":
        refuse_kelvin(judged, window)
        data, judged = to_celsius(data, judged), to_celsius(judged)
    check_preset(window, data.unit == "HU", data.name)
    limits = find_limits(window, judged.values, data.full_range, data.presets, data.name)
    said = describe(window, limits, data.unit, data.inverted)
    if data.values.dtype.kind == "f" and not np.isfinite(data.values).all():
        said += ", gaps black"
    if data.origin:
        said += f", {data.origin}"
    pixels = to_pixels(data, limits)
    if data.modality in TRACERS and pixels.ndim == 2:
        coloured = colour_tracer(to_unit_range(pixels, data.name))
        return to_16_bits(coloured), f"{said}, colour map {COLOUR_MAP}"
    return pixels, said


def to_pixels(data: ImageData, limits: tuple[float, float]) -> NDArray:
    """Map limits to the whole range of uint16; gray levels shown in full stay as they are."""
    in_full = limits == data.full_range and not (data.inverted or data.measured)
    if in_full and data.values.dtype in FULL_SCALE:
        return data.values
    round_off = to_8_bits if in_full and limits == EIGHT_BITS else to_16_bits
    return round_off(apply_limits(data.values, limits, data.inverted))


def show_first_page(data: ImageData, window: Window | None = None) -> tuple[NDArray, str]:
    """Show an image as `show` does, and say so where its file holds more."""
    if data.pages == 1:
        return show(data, window)
    page = f"page 1 of {data.pages}"
    pixels, said = show(replace(data, name=f"{data.name} ({page})"), window)
    return pixels, f"{said}, {page}"


def read_pixels(
    path: str | PathLike[str], window: Window | None = None, limit: int = MAX_PIXELS
) -> tuple[NDArray, str]:
    """Read a source as `lkc.fuse` takes it: `open_image`, then `show`.

    Args:
        path: any image file.
        window: as for `show`.
        limit: the most pixels.

    Returns:
        (H, W) or (H, W, 3), uint8 or uint16; and what was shown, in words.

    Raises:
        InputError: unreadable, or a window that does not fit.

    Example:
        >>> pixels, said = read_pixels("assets/examples/ir-vis/ir/night.png")
        >>> pixels.dtype, said
        (dtype('uint8'), 'full: 0 to 255')
    """
    return show_first_page(open_image(path, limit=limit), window)
