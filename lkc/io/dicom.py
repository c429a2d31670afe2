"""DICOM images: values after slope and intercept, windows; no patient tags.

Only what an image needs is taken from a file: nothing that names a patient, a place or a date is
kept, so that nothing of it can reach an output.
"""

from types import ModuleType
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from lkc.errors import InputError
from lkc.extras import need
from lkc.io.image_data import ImageData, check_page
from lkc.io.pixels import MAX_PIXELS, TooLargeError, check_pixel_count
from lkc.io.tracer_colours import TRACERS
from lkc.io.window import EIGHT_BITS

LOSSLESS = {  # transfer syntax: imagecodecs' function
    "1.2.840.10008.1.2.4.57": "ljpeg_decode",
    "1.2.840.10008.1.2.4.70": "ljpeg_decode",
    "1.2.840.10008.1.2.4.80": "jpegls_decode",
    "1.2.840.10008.1.2.4.81": "jpegls_decode",
}
UNDEFINED_LENGTH = 0xFFFFFFFF  # of an element that ends with a mark instead
FRAGMENT_HEADER = 8  # bytes before each piece of compressed pixels; the last 4 are its length
COLOUR = ("RGB", "YBR", "PALETTE")  # starts of PhotometricInterpretation
PIXEL_DATA = 0x7FE00010  # the tag that holds the pixels


def pydicom() -> ModuleType:
    """Import pydicom and its pixel functions."""
    need("pydicom.pixels", "reading DICOM")
    return need("pydicom", "reading DICOM")


def functional_group(dataset: Any, page: int, name: str) -> Any:
    """Find the dataset that holds a frame's attribute: of the frame, of all frames, or the file.

    Args:
        dataset: the file's.
        page: the frame, from 0.
        name: of the sequence that holds it in enhanced files.
    """
    of_frames = dataset.get("PerFrameFunctionalGroupsSequence") or []
    of_all = dataset.get("SharedFunctionalGroupsSequence") or []
    groups = [*of_frames[page : page + 1], *of_all[:1]]
    return next((group[name][0] for group in groups if group.get(name)), dataset)


def count_frames(dataset: Any) -> int:
    """How many images a file holds, which it need not state if there is one."""
    return int(dataset.get("NumberOfFrames", 1) or 1)


def standard_type(tag: int) -> str:
    """The type that DICOM gives a tag, which a file need not repeat; "" for a private tag."""
    known = pydicom().datadict
    return known.dictionary_VR(tag) if known.dictionary_has_tag(tag) else ""


def check_elements(dataset: Any, name: str, nested: bool = False) -> None:
    """Refuse elements that state more bytes than there are, or no type that DICOM knows.

    Args:
        dataset: none of whose elements was looked at yet, since pydicom then forgets their lengths.
        name: what to call the file in messages.
        nested: whether it lies in a sequence, where some scanners leave out the types.
    """
    types = pydicom().valuerep.EXPLICIT_VR_LENGTH_16 | pydicom().valuerep.EXPLICIT_VR_LENGTH_32
    for tag in list(dataset.keys()):
        element = dataset.get_item(tag)
        if element.is_raw:
            short = len(element.value or b"") < element.length != UNDEFINED_LENGTH
            known = nested or element.is_implicit_VR or element.VR in types
            if short or not known:
                raise InputError(f"{name} is damaged: its element {tag} is cut off or unreadable.")
        if (element.VR or standard_type(tag)) == "SQ":
            for item in dataset[tag].value:
                check_elements(item, name, nested=True)


def count_fragments(content: bytes, name: str) -> int:
    """How many pieces compressed pixels are stored in; every image takes one at least."""
    encaps = need("pydicom.encaps", "reading DICOM")
    try:
        count, starts = encaps.parse_fragments(content)
    except ValueError:
        count, starts = 0, []
    begin = starts[-1] + FRAGMENT_HEADER if starts else 0
    length = int.from_bytes(content[begin - 4 : begin], "little")
    if not starts or begin + length > len(content):
        raise InputError(f"{name} is damaged: its compressed pixels are no whole pieces.")
    return count - 1  # The first is a table of where the others begin.


def window_presets(dataset: Any) -> dict[str, tuple[float, float]]:
    """The windows that a file names: centre and width as lowest and highest value."""

    def as_list(value: Any) -> list:
        return [] if value is None else list(value) if hasattr(value, "__iter__") else [value]

    centres = as_list(dataset.get("WindowCenter"))
    widths = as_list(dataset.get("WindowWidth"))
    pairs = [(float(c), float(w)) for c, w in zip(centres, widths, strict=False) if float(w) > 0]
    return {f"file {n}": (c - w / 2, c + w / 2) for n, (c, w) in enumerate(pairs)}


def decode_lossless(dataset: Any, name: str) -> NDArray:
    """Decode one frame of a syntax for which pydicom needs a plugin."""
    codecs = need("imagecodecs", f"reading {name}")
    decoder = getattr(codecs, LOSSLESS[dataset.file_meta.TransferSyntaxUID])
    try:
        content = need("pydicom.encaps", "reading DICOM").get_frame(
            dataset.PixelData, 0, number_of_frames=1
        )
        pixels = decoder(content)
    except (RuntimeError, ValueError):
        raise InputError(f"{name} is damaged.") from None
    if pixels.shape[:2] != (dataset.Rows, dataset.Columns):
        raise InputError(f"{name} is damaged.")
    if int(dataset.get("PixelRepresentation", 0)):
        pixels = pixels.view(f"i{pixels.dtype.itemsize}")
    return pixels


def decode(dataset: Any, name: str, limit: int) -> NDArray:
    """Decode pixels, or say what a compressed file needs."""
    check_pixel_count(int(dataset.Columns), int(dataset.Rows), name, limit)
    if count_frames(dataset) * dataset.Rows * dataset.Columns > 4 * limit:
        raise TooLargeError(f"{name} has more than {4 * limit / 1e6:g} million values.")
    syntax = dataset.file_meta.TransferSyntaxUID
    try:
        if syntax in LOSSLESS and count_frames(dataset) == 1:
            return decode_lossless(dataset, name)
        return dataset.pixel_array
    except (RuntimeError, NotImplementedError):
        if not syntax.is_compressed:
            raise
        raise InputError(
            f"{name} is damaged, or its compression ({syntax.name}) needs a plugin: "
            "pip install pylibjpeg pylibjpeg-libjpeg pylibjpeg-openjpeg."
        ) from None


def rescale(stored: NDArray, scale: Any) -> NDArray:
    """Apply a modality LUT, or slope and intercept, which may be there but empty."""
    if scale.get("ModalityLUTSequence"):
        return pydicom().pixels.apply_modality_lut(stored, scale)
    slope, intercept = scale.get("RescaleSlope"), scale.get("RescaleIntercept")
    return stored * float(slope or 1) + float(intercept or 0)


def stored_range(dataset: Any, scale: Any) -> tuple[float, float]:
    """What the stored bits can hold, as values."""
    bits, signed = int(dataset.BitsStored), int(dataset.get("PixelRepresentation", 0))
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    stored = np.array([low, high])
    if scale.get("ModalityLUTSequence"):  # which need not be monotonic, and has 16 bits at most
        stored = np.arange(low, min(high, 65535) + 1)
    ends = rescale(stored, scale)
    return float(ends.min()), float(ends.max())


def is_padding(pixels: NDArray, dataset: Any) -> NDArray[np.bool_] | None:
    """Which stored values only fill the frame around what was measured; None where none do."""
    padding = dataset.get("PixelPaddingValue")
    if padding is None:
        return None
    limit = dataset.get("PixelPaddingRangeLimit")
    ends = sorted((padding, padding if limit is None else limit))
    return (pixels >= ends[0]) & (pixels <= ends[1])


def to_image(dataset: Any, name: str, page: int = 0, limit: int = MAX_PIXELS) -> ImageData:
    """Take values, range and windows from a dataset that is open."""
    if "PixelData" not in dataset:
        raise InputError(f"{name} is DICOM without an image.")
    pixels, kind = decode(dataset, name, limit), str(dataset.get("PhotometricInterpretation", ""))
    pages = count_frames(dataset)
    check_page(page, pages, name)
    pixels = pixels[page] if pages > 1 else pixels
    modality = str(dataset.get("Modality", ""))
    if kind.startswith(COLOUR):
        if kind.startswith("PALETTE"):
            pixels = pydicom().pixels.apply_color_lut(pixels, dataset)
        top = 255.0 if pixels.dtype == np.uint8 else 65535.0
        return ImageData(pixels.astype(np.float32), (0.0, top), name, "", modality, pages)
    scale = functional_group(dataset, page, "PixelValueTransformationSequence")
    values = rescale(pixels, scale).astype(np.float32)
    padding = is_padding(pixels, dataset)
    if padding is not None:
        values[padding] = np.nan
    full_range = stored_range(dataset, scale)
    return ImageData(
        values=values,
        full_range=full_range,
        name=name,
        unit="HU" if modality == "CT" else "",
        modality=modality,
        pages=pages,
        presets=window_presets(functional_group(dataset, page, "FrameVOILUTSequence")),
        inverted=kind == "MONOCHROME1" and modality not in TRACERS,  # uptake is to be bright
        measured=full_range != EIGHT_BITS,
    )


class WithinFile:
    """A file that is never read past its end: Python would take memory for what is not there."""

    def __init__(self, file: BinaryIO) -> None:
        self.seek, self.tell = file.seek, file.tell
        self.file, self.size = file, file.seek(0, 2)
        file.seek(0)

    def read(self, size: int = -1) -> bytes:
        """Read so many bytes, or what is left."""
        left = max(self.size - self.tell(), 0)
        return self.file.read(min(size, left) if size >= 0 else left)


def state_syntax(dataset: Any) -> Any:
    """Add the syntax, of which old scanners say nothing, to a dataset that was just read."""
    if "TransferSyntaxUID" not in dataset.file_meta:
        implicit = dataset.original_encoding[0]
        uid = pydicom().uid
        dataset.file_meta.TransferSyntaxUID = (
            uid.ImplicitVRLittleEndian if implicit else uid.ExplicitVRLittleEndian
        )
    return dataset


def open_dataset(file: BinaryIO) -> Any:
    """Read what a file holds; old scanners leave out the preamble."""
    return state_syntax(pydicom().dcmread(WithinFile(file), force=True))


def open_tags(file: BinaryIO) -> tuple[Any, bool]:
    """Read the tags of a file up to its pixels, and whether there are any."""
    met: list[int] = []

    def is_pixels(tag: int, vr: str | None, length: int) -> bool:
        if tag == PIXEL_DATA:
            met.append(tag)
        return tag == PIXEL_DATA

    reader = need("pydicom.filereader", "reading DICOM")
    return state_syntax(reader.read_partial(WithinFile(file), is_pixels, force=True)), bool(met)


def read_dicom(file: BinaryIO, name: str, page: int, limit: int) -> ImageData:
    """Read one DICOM file.

    Args:
        file: opened by `lkc.io.kinds.open_file`; compressed transfer syntaxes are read through
            pydicom's plugins.
        name: what to call it in messages.
        page: the frame of a multi-frame file, from 0.
        limit: the most pixels.

    Returns:
        Values (H, W) or (H, W, 3) after slope and intercept.

    Raises:
        InputError: not DICOM, damaged, without an image, too large, or a plugin is missing.
    """
    return to_image(open_dataset(file), name, page, limit)
