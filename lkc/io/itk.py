"""Volumes that SimpleITK reads: NRRD, MetaImage, and DICOM files of many frames."""

import math
import re
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from lkc.errors import InputError
from lkc.extras import need
from lkc.io.decoding import mute
from lkc.io.frames import choose_frame
from lkc.io.nifti import CHUNK, GZIP, check_voxel_count
from lkc.io.volume import LPS_FROM_RAS, Volume, check_affine
from lkc.io.window import finite_ends

DICOM, NRRD, META_IMAGE = "GDCMImageIO", "NrrdImageIO", "MetaImageIO"  # SimpleITK's readers
SEPARATOR = re.compile("[:=]=?")  # between a field and its value
DATA_FILE = ("elementdatafile", "data file", "datafile")  # where values lie, unless in the header's
SKIPS = ("headersize", "byte skip", "byteskip")  # bytes before them; -1: as many as there are
LINE_SKIPS = ("line skip", "lineskip")
ZLIB_OR_GZIP = 47  # zlib's number for finding out which of the two a stream is


def read_header(file: BinaryIO) -> dict[str, str]:
    """Read the fields of a MetaImage or NRRD, in lower case, up to where values can begin."""
    fields: dict[str, str] = {}
    nrrd = False
    for line in iter(file.readline, b""):
        key, _, value = SEPARATOR.sub("\0", line.decode("latin-1"), count=1).partition("\0")
        nrrd = nrrd or line.startswith(b"NRRD")
        fields[key.strip().lower()] = value.strip()
        if "elementdatafile" in fields or (nrrd and not line.strip()):
            break
    return fields


def inflated_size(file: BinaryIO, most: int) -> int:
    """Count what a zlib or gzip stream holds, up to just past `most` bytes.

    Raises:
        zlib.error: its end is missing, or its content does not fit its checksum.
    """
    size, rest, stream = 0, b"", zlib.decompressobj(ZLIB_OR_GZIP)
    while size <= most and (content := rest or file.read(CHUNK)):
        if stream.eof:
            if not content.startswith(GZIP):
                break
            stream = zlib.decompressobj(ZLIB_OR_GZIP)
        size += len(stream.decompress(content, CHUNK))
        rest = stream.unused_data if stream.eof else stream.unconsumed_tail
    if not stream.eof and size <= most:
        raise zlib.error("the stream is cut off")
    return size


def check_size(name: str, held: float, asked: float) -> None:
    """Refuse values that are fewer or more than a header asks for."""
    if held < asked:
        raise InputError(f"{name} is cut off: its header promises more than it holds.")
    if held > asked:
        raise InputError(f"{name} is damaged: it holds more values than its header asks for.")


def check_text(file: BinaryIO, name: str, voxels: int) -> None:
    """Refuse values as text that are no numbers, fewer or more than promised."""
    words = file.read().split()
    try:
        np.array(words, dtype=np.float64)
    except ValueError:
        raise InputError(f"{name} is damaged: its values are no numbers.") from None
    check_size(name, len(words), voxels)


def check_compressed(file: BinaryIO, name: str, size: int) -> None:
    """Refuse compressed values that are damaged, or not of the promised size."""
    try:
        held = inflated_size(file, size)
    except zlib.error:
        raise InputError(f"{name} is damaged: its compressed values are broken.") from None
    if held != size:
        raise InputError(f"{name} is damaged: its header and its values differ in size.")


def find_encoding(fields: Mapping[str, str]) -> str:
    """How values are stored, as NRRD calls it; "ascii" is text."""
    if fields.get("binarydata", "T")[:1] in ("F", "f", "0"):
        return "ascii"
    compressed = fields.get("compresseddata", "")[:1] in ("T", "t", "1")
    named = fields.get("encoding", "gzip" if compressed else "raw").lower()
    return {"gz": "gzip", "txt": "ascii", "text": "ascii"}.get(named, named)


def check_stored(path: Path, name: str, voxels: int, size: int) -> None:
    """Compare what a header promises with what is stored, which ITK does in part only.

    Args:
        path: of a MetaImage or NRRD.
        name: what to call it in messages.
        voxels: how many numbers it promises.
        size: bytes of all of them.

    Raises:
        InputError: it promises more or less than it holds, the values are damaged, or they lie
            where this cannot be compared.
    """
    with path.open("rb") as file:
        fields, start = read_header(file), file.tell()
    named = next((fields[key] for key in DATA_FILE if key in fields), "LOCAL")
    source = path if named.upper() == "LOCAL" else path.parent / named
    encoding = find_encoding(fields)
    skip = next((fields[key] for key in SKIPS if key in fields), "0")
    line_skip = any(fields.get(key, "0") != "0" for key in LINE_SKIPS)
    known_skip = skip == "-1" or (source != path and skip.isdigit())
    comparable = skip == "0" or (encoding == "raw" and known_skip)
    if not source.is_file() or line_skip or not comparable:
        raise InputError(
            f"{name} keeps its values in several files, in one that is missing, or behind "
            "something else, which is not read: convert it to NIfTI first."
        )
    start *= source == path
    if encoding == "raw":
        held = source.stat().st_size - start
        check_size(name, min(held, size) if skip == "-1" else held - int(skip), size)
        return
    with source.open("rb") as file:
        file.seek(start)
        if encoding == "gzip":
            check_compressed(file, name, size)
        elif encoding == "ascii":
            check_text(file, name, voxels)


def read_checked(path: Path, name: str, reader_name: str) -> Any:
    """Read a file with SimpleITK, after its header has been believed to fit into memory."""
    sitk = need("SimpleITK", f"reading {name}")
    reader = sitk.ImageFileReader()
    reader.SetImageIO(reader_name)
    reader.SetFileName(str(path))
    try:
        with mute():
            reader.ReadImageInformation()
            if reader.GetDimension() != 3 or reader.GetNumberOfComponents() != 1:
                raise InputError(f"{name} is not one gray volume: convert it to NIfTI first.")
            voxels = math.prod(reader.GetSize())
            check_voxel_count(voxels, name)
            if reader_name != DICOM:
                one = sitk.Image([1, 1], reader.GetPixelID())
                check_stored(path, name, voxels, voxels * one.GetSizeOfPixelComponent())
            return reader.Execute()
    except RuntimeError:
        raise InputError(f"{name} is damaged, or of a kind that is not read.") from None


def read_itk(file: BinaryIO, name: str, frame: int | None = None) -> Volume:
    """Read a volume that was opened by `lkc.io.kinds.open_file`, see `read_path`."""
    choose_frame(frame, 1, name)
    return read_path(Path(file.name), name, NRRD if file.read(4) == b"NRRD" else META_IMAGE)


def read_path(path: Path, name: str, reader_name: str) -> Volume:
    """Read a volume with SimpleITK, which opens files by their paths only.

    Args:
        path: of the file.
        name: what to call it in messages.
        reader_name: DICOM, NRRD or META_IMAGE; whoever hands over DICOM has compared its header
            with its content.

    Returns:
        The volume, in its own units.

    Raises:
        InputError: damaged, colour, another number of dimensions, or no finite value.
    """
    sitk = need("SimpleITK", f"reading {name}")
    image = read_checked(path, name, reader_name)
    values = sitk.GetArrayFromImage(image).T.astype(np.float32, order="C")  # (X, Y, Z)
    affine = np.eye(4)
    affine[:3, :3] = np.reshape(image.GetDirection(), (3, 3)) * image.GetSpacing()
    affine[:3, 3] = image.GetOrigin()
    affine = LPS_FROM_RAS @ affine  # its own inverse
    check_affine(affine, name)
    values[np.isinf(values)] = np.nan
    return Volume(values, affine, finite_ends(values, name), name)
