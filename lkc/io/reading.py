"""Any image file as float32 values with the range that they can take."""

from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lkc.errors import InputError
from lkc.io.decoding import one_sentence
from lkc.io.image_data import ImageData, check_page, full_range_of
from lkc.io.image_files import FULL_SCALE, read_image, to_unit_range
from lkc.io.thermal import refuse_kelvin, to_celsius
from lkc.io.tiff import is_tiff, read_tiff
from lkc.io.tracer_colours import COLOUR_MAP, TRACERS, colour_tracer
from lkc.io.window import (
    Window,
    apply_limits,
    check_preset,
    describe,
    find_limits,
    parse_window,
    warn_if_narrow,
)

SHOWN_IN_FULL = ((0, 1), (0, 255), (0, 65535))


def read(path: str | PathLike, page: int = 0) -> ImageData:
    """Read an image file: values in the file's own units, and the range they can take.

    Args:
        path: PNG, TIFF (integer or float), JPEG, WebP, BMP, DICOM or whatever else Pillow reads.
        page: which image of a multi-page TIFF or multi-frame DICOM, from 0.

    Returns:
        Values (H, W) or (H, W, 3), upright, without alpha, with their range and unit.

    Raises:
        InputError: missing, not an image, damaged, too large, or no such page.

    Example:
        >>> data = read("assets/examples/ir-vis/ir/night.png")
        >>> data.values.dtype, data.full_range
        (dtype('float32'), (0.0, 255.0))
    """
    path = Path(path)
    name = path.name
    if name.lower().endswith((".nii", ".nii.gz")):
        raise InputError(f"{name} is a volume: fuse it into a volume (-o OUT.nii.gz).")
    if is_dicom(path):
        from lkc.io.dicom import read_dicom

        return read_dicom(path, page)
    if is_tiff(path):
        pixels, pages = read_tiff(path, page)
    else:
        pixels, pages = read_image(path), 1
        check_page(page, pages, name)
    return ImageData(pixels.astype(np.float32), full_range_of(pixels, name), name, pages=pages)


def is_dicom(path: Path) -> bool:
    """Whether the file carries DICOM's mark after its preamble, or the suffix."""
    if not path.is_file():
        return False
    with one_sentence(path), path.open("rb") as file:
        return path.suffix.lower() == ".dcm" or file.read(132)[128:] == b"DICM"


def show(data: ImageData, window: Window) -> tuple[NDArray, str]:
    """Map an image's window to pixels that `lkc.fuse` takes, keeping more than 8 bits.

    Args:
        data: from `read`.
        window: from `parse_window`.

    Returns:
        (H, W) or (H, W, 3): uint8 where an 8-bit file is shown in full, else uint16; and what was
        shown, in words.

    Raises:
        InputError: the window does not fit the file, or shows none of its values.

    Example:
        >>> from lkc.io.window import parse_window
        >>> ramp = ImageData(np.arange(12.0, dtype=np.float32).reshape(3, 4), (0, 11), "x")
        >>> show(ramp, parse_window("0,6"))[1]
        'fixed: 0 to 6'
    """
    if window.unit == "C":
        refuse_kelvin(data, window)
        data = to_celsius(data)
    check_preset(window, data.unit == "HU", data.name)
    limits = find_limits(window, data.values, data.full_range, data.presets, data.name)
    said = describe(window, limits, data.unit, data.inverted)
    if window.kind == "full":
        warn_if_narrow(data.values, data.full_range, data.name)
    if limits == data.full_range == (0, 255) and not data.inverted:
        return data.values.astype(np.uint8), said
    shown = apply_limits(data.values, limits, data.inverted)
    return (shown * np.float32(65535) + np.float32(0.5)).astype(np.uint16), said


def read_pixels(path: str | PathLike, window: Window | None = None) -> tuple[NDArray, str]:
    """Read an image file as pixels that `lkc.fuse` takes.

    Args:
        path: any image file.
        window: from `parse_window`; None shows all that 8 and 16 bits or floats in [0, 1] hold, and
            percentiles 1 and 99 of DICOM.

    Returns:
        (H, W) or (H, W, 3): uint8, uint16 or float in [0, 1]; tracers (PET, SPECT) from DICOM in
        colour; and what was shown, in words.

    Raises:
        InputError: unreadable, or values that need a window and none is given.

    Example:
        >>> pixels, said = read_pixels("assets/examples/ir-vis/ir/night.png")
        >>> pixels.dtype, said
        (dtype('uint8'), 'full: 0 to 255')
    """
    path = Path(path)
    dicom = is_dicom(path)
    if window is None and not dicom and not is_tiff(path):
        pixels = read_image(path)  # as it is, without a detour over float32
        if pixels.dtype in FULL_SCALE:
            top = FULL_SCALE[pixels.dtype]
            warn_if_narrow(pixels, (0, top), path.name)
            return pixels, f"full: 0 to {top}"
    data = read(path)
    if window is None and not dicom and data.full_range not in SHOWN_IN_FULL:
        low, high = data.full_range
        raise InputError(
            f"{data.name} has values from {low:g} to {high:g}: choose what to show, such as "
            "--window percentile."
        )
    if window is None and data.full_range == (0, 1):
        if not np.isfinite(data.values).all():
            raise InputError(
                f"{data.name} contains NaN or infinite values: --window percentile shows the rest."
            )
        return data.values, "full: 0 to 1"
    pixels, said = show(data, window or parse_window("percentile" if dicom else "full"))
    said += f", page 1 of {data.pages}" if data.pages > 1 else ""
    if data.modality in TRACERS and pixels.ndim == 2:
        return colour_tracer(to_unit_range(pixels, data.name)), f"{said}, colour map {COLOUR_MAP}"
    return pixels, said
