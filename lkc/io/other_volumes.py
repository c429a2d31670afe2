"""Volumes of other programs: MGH is read, the rest is told how to become NIfTI."""

from pathlib import Path
from typing import BinaryIO

import numpy as np

from lkc.errors import InputError
from lkc.extras import need
from lkc.io.nifti import check_promise, read_values, undo_gzip
from lkc.io.volume import Volume, check_affine
from lkc.io.window import finite_ends

PAIR_MAGIC = (b"ni1", b"ni2")  # of a NIfTI header whose values lie in a second file
HELD_BY_PAIR = slice(344, 347), slice(4, 7)  # where NIfTI-1 and NIfTI-2 keep it


def read_mgh(file: BinaryIO, name: str, frame: int | None = None) -> Volume:
    """Read a volume of FreeSurfer.

    Args:
        file: opened by `lkc.io.kinds.open_file`; .mgh or .mgz.
        name: what to call it in messages.
        frame: which volume of a file of several, counted from 1.

    Returns:
        The volume; without a place where its header has none.

    Raises:
        InputError: damaged, cut off, no such frame, or no finite value.
    """
    nibabel = need("nibabel", "reading MGH")
    content, most = undo_gzip(file)
    files = nibabel.MGHImage.make_file_map({"image": content})
    image = nibabel.MGHImage.from_file_map(files, mmap=False)
    check_promise(image, most, name)
    affine = np.asarray(image.affine, dtype=np.float64)
    check_affine(affine, name)
    values, name, frames = read_values(image, content, name, frame)
    placed = bool(image.header["goodRASFlag"])
    return Volume(values, affine, finite_ends(values, name), name, placed=placed, frames=frames)


def refuse_with_advice(file: BinaryIO, name: str, frame: int | None = None) -> Volume:
    """Refuse a volume that is not read, and say how it becomes NIfTI.

    Args:
        file: opened by `lkc.io.kinds.open_file`; a header of a pair of files, MINC or ECAT.
        name: what to call it in messages.
        frame: does not matter.

    Raises:
        InputError: always.
    """
    start = file.read(512)
    stem = Path(name).stem
    convert = f"convert it with nib-convert {name} {stem}.nii.gz"
    if start.startswith((b"CDF", b"\x89HDF")):
        raise InputError(
            f"{name} is MINC or another file of netCDF or HDF5, which is not read: convert MINC "
            f"with mnc2nii {name} {stem}.nii."
        )
    if start.startswith(b"MATRIX"):
        raise InputError(
            f"{name} is ECAT, which is not read: convert it, for example with XMedCon: medcon -f "
            f"{name} -c nifti."
        )
    if any(start[place] in PAIR_MAGIC for place in HELD_BY_PAIR):
        raise InputError(f"{name} is half of a NIfTI pair, which is not read: {convert}.")
    raise InputError(
        f"{name} is Analyze, which does not tell left from right: {convert}, and check its sides."
    )


def how_to_convert(path: Path) -> str:
    """What to do with a file that no reader knows, as a part of a sentence."""
    header = path.with_suffix(".hdr")
    if path.suffix.lower() == ".img" and header.exists():
        return f"it belongs to {header.name}, which says how to convert both"
    return "give NIfTI, MGH, NRRD, MetaImage, or a folder of DICOM slices"
