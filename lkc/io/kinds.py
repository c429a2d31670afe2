"""The one door for files: what kind each is, seen from its first bytes when it is opened.

A new kind of file needs a line in KINDS and a reader in `lkc.io.reading`; folders, the command line
and the page then know it as well.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import BinaryIO

from lkc.io.decoding import one_sentence
from lkc.io.jpeg_segments import JPEG, holds_flir

START = 512  # bytes; the latest mark is that of NIfTI, at 344
TIFF_MARKS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")  # with + BigTIFF
AVIF_BRANDS = (b"avif", b"avis")  # stills in MP4's wrapping, as those below
HEIC_BRANDS = (b"heic", b"heix", b"heif", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
STILL_BRANDS = (*HEIC_BRANDS, *AVIF_BRANDS)
JPEG_XL = (b"\xff\x0a", b"\0\0\0\x0cJXL \r\n")  # bare, and in a container


@dataclass(frozen=True)
class Kind:
    """A kind of file.

    Attributes:
        suffixes: what its files are called; folders are searched for them.
        starts: whether the first bytes of a file are those of this kind.
        holds: whether the file, which is looked into further, holds what makes it one.
        by_suffix: whether the name alone is believed, so that a damaged file is called damaged.
    """

    suffixes: tuple[str, ...]
    starts: Callable[[bytes], bool]
    holds: Callable[[BinaryIO], bool] = lambda file: True
    by_suffix: bool = False


def starts_as_nifti(start: bytes) -> bool:
    """Whether the magic word of NIfTI-1 or NIfTI-2 is there (compressed files hide theirs)."""
    return start[344:347] == b"n+1" or start[4:7] == b"n+2"


def starts_as_heic(start: bytes) -> bool:
    """Whether it is what phones write; a general mark may stand first, but not one of AVIF."""
    brands = {start[at : at + 4] for at in range(8, min(start[3], 64), 4)} if start[3:] else set()
    return start[4:8] == b"ftyp" and bool(brands & {*HEIC_BRANDS}) and not brands & {*AVIF_BRANDS}


def starts_as_clip(start: bytes) -> bool:
    """Whether it is MP4 or MOV (but no still picture in their wrapping), Matroska, WebM or AVI."""
    if start[4:8] == b"ftyp":
        return start[8:12] not in STILL_BRANDS
    return start.startswith(b"\x1aE\xdf\xa3") or (start[:4] == b"RIFF" and start[8:12] == b"AVI ")


def starts_as_dicom(start: bytes) -> bool:
    """Whether the mark of DICOM is there, or the first tag, of group 8, without any mark."""
    first_tag = start[:2] == b"\x08\0" and start[3:4] == b"\0" and len(start) > 8
    return start[128:132] == b"DICM" or (
        first_tag and (start[4:6].isalpha() or not any(start[6:8]))
    )


def starts_as_other_volume(start: bytes) -> bool:
    """Whether it is a header of Analyze or of a NIfTI pair, MINC, or ECAT."""
    length = start[:4]
    header = length in (b"\x5c\x01\0\0", b"\0\0\x01\x5c") and len(start) > 347  # 348
    return header or start[4:7] == b"ni2" or start.startswith((b"CDF\x01", b"\x89HDF", b"MATRIX"))


KINDS = {  # the first that fits is taken
    "dicom": Kind((".dcm",), starts_as_dicom, by_suffix=True),
    "nifti": Kind((".nii", ".nii.gz"), starts_as_nifti, by_suffix=True),
    "itk": Kind(
        (".nrrd", ".nhdr", ".mha", ".mhd"),
        lambda start: start.startswith((b"NRRD000", b"ObjectType")),
        by_suffix=True,
    ),
    "mgh": Kind((".mgh", ".mgz"), lambda start: False, by_suffix=True),
    "other volume": Kind((".hdr", ".mnc", ".v"), starts_as_other_volume),
    "tiff": Kind((".tif", ".tiff"), lambda start: start.startswith(TIFF_MARKS)),
    "clip": Kind((".mp4", ".mkv", ".mov", ".avi", ".webm"), starts_as_clip),
    "npy": Kind((".npy",), lambda start: start.startswith(b"\x93NUMPY"), by_suffix=True),
    "table": Kind((".csv",), lambda start: False, by_suffix=True),
    "flir-sequence": Kind(
        (".seq", ".csq"), lambda start: start.startswith((b"FFF\0", b"AFF\0")), by_suffix=True
    ),
    "heic": Kind((".heic", ".heif", ".hif"), starts_as_heic),
    "jpeg-xl": Kind((".jxl",), lambda start: start.startswith(JPEG_XL)),
    "radiometric": Kind((".rjpg",), lambda start: start.startswith(JPEG), holds_flir),
    "picture": Kind(  # whatever else Pillow reads
        (
            *(".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".bmp", ".gif"),
            *(".pgm", ".ppm", ".pbm", ".pnm", ".jp2", ".avif"),
        ),
        lambda start: True,
    ),
}
IMAGE_KINDS = ("picture", "tiff", "dicom", "radiometric", "npy", "table")
IN_FOLDERS = ("picture", "tiff", "dicom", "radiometric", "npy", "heic", "jpeg-xl")  # no tables,
# which lie beside images more often than they are some; what is not read is named there at least
IMAGE_SUFFIXES = frozenset(suffix for kind in IN_FOLDERS for suffix in KINDS[kind].suffixes)


def has_suffix(path: str | PathLike[str], kind: str) -> bool:
    """Whether a file, which need not exist, is named as one of a kind.

    >>> has_suffix("a.NII.gz", "nifti"), has_suffix("a.png", "nifti")
    (True, False)
    """
    return Path(path).name.lower().endswith(KINDS[kind].suffixes)


@contextmanager
def open_file(path: str | PathLike[str]) -> Iterator[tuple[BinaryIO, str]]:
    """Open a file for its reader, once, and see what kind it is.

    Args:
        path: any file.

    Yields:
        The file at its first byte, and a key of KINDS.

    Raises:
        InputError: missing, a folder, or whatever the reader inside the block stumbles over.

    Example:
        >>> with open_file("assets/examples/ir-vis/ir/night.png") as (file, kind):
        ...     print(kind, file.read(4)[1:])
        picture b'PNG'
    """
    path = Path(path)
    with one_sentence(path), path.open("rb") as file:
        start = file.read(START)
        named = (name for name, kind in KINDS.items() if kind.by_suffix and has_suffix(path, name))
        found = (name for name, kind in KINDS.items() if kind.starts(start) and kind.holds(file))
        kind = next(named, None) or next(found)
        file.seek(0)
        yield file, kind


def kind_of(path: str | PathLike[str]) -> str:
    """Tell what kind a file is, for those who do not read it.

    Args:
        path: a file or a folder.

    Returns:
        A key of KINDS, or "folder".

    Raises:
        InputError: missing or not to be opened.

    Example:
        >>> kind_of("assets/examples/ir-vis/ir/night.png"), kind_of("assets")
        ('picture', 'folder')
    """
    if Path(path).is_dir():
        return "folder"
    with open_file(path) as (_, kind):
        return kind


def looks_like_dicom(path: Path) -> bool:
    """Whether a path is a DICOM file; one named as a picture is not opened for that.

    >>> looks_like_dicom(Path("assets/examples/ir-vis/ir/night.png"))
    False
    """
    if has_suffix(path, "dicom"):
        return True
    return path.is_file() and path.suffix.lower() not in IMAGE_SUFFIXES and kind_of(path) == "dicom"
