"""Plain numbers as image files: NumPy's .npy, and tables as thermal software exports them."""

from io import StringIO
from math import prod
from typing import BinaryIO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from lkc.errors import InputError
from lkc.io.image_data import ImageData, check_page, of_pixels
from lkc.io.nodata import leave_out_nodata
from lkc.io.pictures import warn_if_bytes_are_swapped
from lkc.io.pixels import FULL_SCALE, TooLargeError, check_pixel_count

BYTES_PER_NUMBER = 32  # in a table; longer ones are not written by any program
DELIMITERS = (";", "\t", ",")  # The first that is there; commas are decimal ones with the others.


def check_shape(shape: tuple[int, ...], name: str, limit: int) -> None:
    """Refuse what is not one image, before any pixel is read."""
    is_colour = len(shape) == 3 and shape[2] in (3, 4)
    if len(shape) != 2 and not is_colour:
        raise InputError(
            f"{name} holds an array of shape {shape}: save one image of it as (H, W), such as "
            "array[0]."
        )
    check_pixel_count(shape[1], shape[0], name, limit)


def read_npy(file: BinaryIO, name: str, page: int, limit: int) -> ImageData:
    """Read an image that NumPy saved, in its own units.

    Args:
        file: opened by `lkc.io.kinds.open_file`.
        name: what to call it in messages.
        page: from 0; there is one.
        limit: the most pixels.

    Returns:
        Values (H, W) or (H, W, 3): uint8 and uint16 as stored, others as float32.

    Raises:
        InputError: not numbers, not one image, damaged, or too large.
    """
    check_page(page, 1, name)
    version = npy.read_magic(file)
    read_header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, _, dtype = read_header(file)
    if dtype.kind not in "biuf":
        raise InputError(f"{name} holds {dtype.name} values: numbers are needed.")
    check_shape(shape, name, limit)
    start, end = file.tell(), file.seek(0, 2)
    if not prod(shape) or end - start < prod(shape) * dtype.itemsize:
        raise InputError(f"{name} is damaged: it holds fewer values than it says.")
    file.seek(0)
    values = np.load(file, allow_pickle=False)
    warn_if_bytes_are_swapped(values, name)
    return leave_out_nodata(of_pixels(to_pixels(values), name))


def to_pixels(values: NDArray) -> NDArray:
    """Bring numbers to uint8, uint16 or float32, without alpha."""
    native = values.astype(values.dtype.newbyteorder("="), copy=False)
    if native.dtype not in FULL_SCALE:
        native = native.astype(np.float32)
    return np.ascontiguousarray(native[..., :3] if native.ndim == 3 else native)


def read_csv(file: BinaryIO, name: str, page: int, limit: int) -> ImageData:
    """Read a table of numbers, a line for each row of the image; nothing else may be in it.

    Args:
        file: opened by `lkc.io.kinds.open_file`; parted by commas, tabs or semicolons. With the
            last two, a comma is a decimal one.
        name: what to call it in messages.
        page: from 0; there is one.
        limit: the most pixels.

    Returns:
        Values (H, W), float32.

    Raises:
        InputError: not a rectangular table of numbers, or too large.
    """
    check_page(page, 1, name)
    if file.seek(0, 2) > limit * BYTES_PER_NUMBER:
        raise TooLargeError(f"{name} has more than the limit of {limit / 1e6:g} megapixels.")
    file.seek(0)
    try:
        text = file.read().decode("utf-8-sig")
        delimiter = next(part for part in DELIMITERS if part in text.partition("\n")[0])
        if delimiter != ",":
            text = text.replace(",", ".")
        lines = (line.rstrip().removesuffix(delimiter) for line in StringIO(text))
        values = np.loadtxt(lines, np.float64, comments=None, delimiter=delimiter, ndmin=2)
    except (ValueError, StopIteration):
        raise InputError(
            f"{name} is not a rectangular table of numbers: remove its headings, or save the "
            "temperatures as TIFF or .npy."
        ) from None
    check_shape(values.shape, name, limit)
    return leave_out_nodata(of_pixels(values.astype(np.float32), name))
