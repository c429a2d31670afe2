"""Any image file as float32 values with the range that they can take."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lkc.errors import InputError
from lkc.images import FULL_SCALE, MAX_PIXELS, read_image, to_unit_range
from lkc.io.colour import COLOUR_MAP, colour_tracer
from lkc.io.window import Window, apply_limits, describe, find_limits, parse_window
from lkc.optional import need, one_sentence

KELVIN = 273.15
SHOWN_IN_FULL = ((0, 1), (0, 255), (0, 65535))
PLAIN_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")  # always gray levels, one image
TRACERS = ("PT", "NM")  # DICOM's codes of PET and SPECT
SAMPLE_FORMAT, SIGNED = 339, 2  # TIFF tag and value
TIFF_SUFFIXES = (".tif", ".tiff")
LOSSLESS_MODES = ("1", "L", "P", "LA", "RGB", "RGBA", "CMYK", "F")  # of TIFF, in Pillow


@dataclass(frozen=True)
class ImageData:
    """One image, gray or colour, in its file's own units.

    Attributes:
        values: (H, W) or (H, W, 3) float32.
        full_range: lowest and highest value that the file can hold; of floats, what they cover.
        name: what to call the file in messages.
        unit: "HU", "C" (degrees Celsius) or "" (gray levels).
        modality: DICOM's code ("CT", "MR", "PT", "NM", ...), or "" where the file has none.
        pages: number of images in the file.
        presets: windows that the file names, by name.
    """

    values: NDArray[np.float32]
    full_range: tuple[float, float]
    name: str
    unit: str = ""
    modality: str = ""
    pages: int = 1
    presets: Mapping[str, tuple[float, float]] = field(default_factory=dict)


def full_range_of(pixels: NDArray) -> tuple[float, float]:
    """Return what an integer type holds, [0, 1] for floats inside it, else what floats cover."""
    if pixels.dtype in FULL_SCALE:
        return 0.0, float(FULL_SCALE[pixels.dtype])
    finite = pixels[np.isfinite(pixels)]
    if not finite.size:
        return 0.0, 0.0
    low, high = float(finite.min()), float(finite.max())
    return (0.0, 1.0) if low >= 0 and high <= 1 else (low, high)


def check_page(page: int, pages: int, name: str) -> None:
    """Refuse a page that the file does not have."""
    if not 0 <= page < pages:
        raise InputError(f"{name} has {pages} page{'s' * (pages != 1)}: there is no page {page}.")


def read_page(path: Path, page: int) -> tuple[NDArray, int]:
    """Read a TIFF page with tifffile, which knows what Pillow does not (float colour, int32)."""
    tifffile = need("tifffile", f"reading {path.name}")
    with one_sentence(path), tifffile.TiffFile(path) as file:
        pages = len(file.pages)
        check_page(page, pages, path.name)
        wanted = file.pages[page]
        if wanted.size > 4 * MAX_PIXELS:
            raise InputError(f"{path.name} is larger than {MAX_PIXELS // 1_000_000} megapixels.")
        pixels = wanted.asarray()
        planar = pixels.ndim == 3 and pixels.shape[0] in (3, 4) and pixels.shape[2] not in (3, 4)
        pixels = np.moveaxis(pixels, 0, 2) if planar else pixels  # (H, W, C)
        if pixels.ndim == 3:
            pixels = pixels[..., :3] if pixels.shape[2] >= 3 else pixels[..., 0]
        if (pixels.ndim != 2 and pixels.shape[2:] != (3,)) or not pixels.size:
            raise InputError(f"{path.name} has shape {pixels.shape}: expected gray or colour.")
        pixels = pixels if pixels.dtype in FULL_SCALE else pixels.astype(np.float32)
    return pixels, pages


def read_tiff(path: Path, page: int) -> tuple[NDArray, int]:
    """Read a page with Pillow where it keeps every bit, else with tifffile."""
    try:
        with one_sentence(path), Image.open(path) as image:
            tags = getattr(image, "tag_v2", {})  # none where the suffix is wrong
            signed = SIGNED in tags.get(SAMPLE_FORMAT, ()) if image.mode == "L" else False
            known = image.mode.startswith("I;16") or (image.mode in LOSSLESS_MODES and not signed)
            pages = getattr(image, "n_frames", 1)
    except InputError:
        return read_page(path, page)  # float64 or float colour, or damaged
    return (read_image(path), pages) if known and page == 0 else read_page(path, page)


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
    if path.suffix.lower() in TIFF_SUFFIXES and path.is_file():
        pixels, pages = read_tiff(path, page)
    else:
        pixels, pages = read_image(path), 1
        check_page(page, pages, name)
    return ImageData(pixels.astype(np.float32), full_range_of(pixels), name, pages=pages)


def is_dicom(path: Path) -> bool:
    """Whether the file carries DICOM's mark after its preamble, or the suffix."""
    if not path.is_file():
        return False
    with one_sentence(path), path.open("rb") as file:
        return path.suffix.lower() == ".dcm" or file.read(132)[128:] == b"DICM"


def to_celsius(data: ImageData, kelvin_per_count: float = 0.01) -> ImageData:
    """Turn a radiometric thermal file into degrees Celsius.

    Cameras write counts of 0.01 kelvin (FLIR's TLinear, most radiometric TIFF); float files hold
    degrees Celsius already.

    Args:
        data: a gray image of 16-bit counts, or of floats.
        kelvin_per_count: 0.01, or 0.04 or 0.1 for the high range of some cameras.

    Returns:
        The same image in degrees Celsius.

    Raises:
        InputError: colour, 8 bits, or temperatures that no thermal camera measures.

    Source:
        "TLinear" mode of FLIR's core manuals: temperature in kelvin = counts * 0.01 or 0.1.

    Example:
        >>> counts = ImageData(np.full((2, 2), 29315, dtype=np.float32), (0, 65535), "x.tif")
        >>> to_celsius(counts).values[0, 0].round(2)
        np.float32(20.0)
    """
    if data.values.ndim == 3 or data.full_range == (0, 255):
        raise InputError(f"{data.name} is not radiometric: it has 8 bits or colour.")
    values = data.values
    if data.full_range == (0, 65535):
        values = values * np.float32(kelvin_per_count) - np.float32(KELVIN)
    median = float(np.nanmedian(values))
    if not -80 <= median <= 1500:
        raise InputError(
            f"{data.name} is not radiometric, or of another scale: its median would be "
            f"{median:.0f} degrees Celsius."
        )
    limits = float(np.nanmin(values)), float(np.nanmax(values))
    return ImageData(values, limits, data.name, "C", data.modality, data.pages)


def show(data: ImageData, window: Window) -> tuple[NDArray, str]:
    """Map an image's window to pixels that `lkc.fuse` takes, keeping more than 8 bits.

    Args:
        data: from `read`.
        window: from `parse_window`.

    Returns:
        (H, W) or (H, W, 3): uint8 where an 8-bit file is shown in full, else uint16; and what was
        shown, in words.

    Raises:
        InputError: the window does not fit the file.

    Example:
        >>> from lkc.io.window import parse_window
        >>> ramp = ImageData(np.arange(12.0, dtype=np.float32).reshape(3, 4), (0, 11), "x")
        >>> show(ramp, parse_window("0,6"))[1]
        'fixed: 0 to 6'
    """
    if window.unit == "C":
        data = to_celsius(data)
    limits = find_limits(window, data.values, data.full_range, data.presets, data.name)
    said = describe(window, limits, data.unit)
    if limits == data.full_range == (0, 255):
        return data.values.astype(np.uint8), said
    scaled = apply_limits(data.values, limits) * np.float32(65535) + np.float32(0.5)
    return scaled.astype(np.uint16), said


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
    if window is None and not dicom and path.suffix.lower() in PLAIN_SUFFIXES:
        pixels = read_image(path)
        return pixels, f"full: 0 to {FULL_SCALE.get(pixels.dtype, 1)}"
    data = read(path)
    if window is None and not dicom and data.full_range not in SHOWN_IN_FULL:
        low, high = data.full_range
        raise InputError(
            f"{data.name} has values from {low:g} to {high:g}: choose what to show, such as "
            "--window percentile."
        )
    if window is None and data.full_range == (0, 1):
        return data.values, "full: 0 to 1"
    pixels, said = show(data, window or parse_window("percentile" if dicom else "full"))
    said += f", page 1 of {data.pages}" if data.pages > 1 else ""
    if data.modality in TRACERS and pixels.ndim == 2:
        return colour_tracer(to_unit_range(pixels, data.name)), f"{said}, colour map {COLOUR_MAP}"
    return pixels, said
