"""NIfTI files: a volume with its place in space, in and out."""

import gzip
import json
import warnings
from collections.abc import Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from lkc.errors import InputError, replacing
from lkc.extras import need
from lkc.io.frames import choose_frame, frame_name
from lkc.io.kinds import has_suffix
from lkc.io.volume import SAME_PLACE, Volume, check_affine, voxel_size
from lkc.io.window import finite_ends

most_voxels = ContextVar("most_voxels", default=1_000_000_000)
"""The largest volume that is read; a server lowers it, as small files can hold many zeros."""

CHUNK = 1 << 20  # bytes
GZIP, GZIP_RATIO = b"\x1f\x8b", 1100  # no gzip stream can be shorter than its content by more
MILLIMETRES = {"meter": 1000.0, "micron": 0.001}  # of a unit of length
SECOND_HEADER = 540  # bytes of NIfTI-2's header, and the first number in it


def is_nifti(path: Path) -> bool:
    """Whether a path, which need not exist, names a NIfTI file.

    >>> is_nifti(Path("a.nii.gz")), is_nifti(Path("a.png"))
    (True, False)
    """
    return has_suffix(path, "nifti")


def check_voxel_count(voxels: int, name: str) -> None:
    """Refuse a volume that would not fit, before memory is taken."""
    most = most_voxels.get()
    if voxels > most:
        raise InputError(f"{name} has more than {most // 1_000_000} million voxels.")


def check_promise(image: Any, size: int, name: str) -> None:
    """Refuse a header that promises more than `size` bytes can hold, before memory is taken."""
    voxels = int(np.prod([int(side) for side in image.shape], dtype=object))
    if voxels == 0:
        raise InputError(f"{name} holds no voxels.")
    check_voxel_count(voxels, name)
    if voxels * image.get_data_dtype().itemsize > size:
        raise InputError(f"{name} is cut off: its header promises more than it holds.")


def undo_gzip(file: BinaryIO) -> tuple[BinaryIO | gzip.GzipFile, int]:
    """The content of a file that gzip may have compressed, and the most bytes that it can hold."""
    size = file.seek(0, 2)
    file.seek(0)
    compressed = file.read(2) == GZIP
    file.seek(0)
    return (gzip.GzipFile(fileobj=file), size * GZIP_RATIO) if compressed else (file, size)


def read_values(
    image: Any, content: BinaryIO | gzip.GzipFile, name: str, frame: int | None
) -> tuple[NDArray[np.float32], str, int]:
    """Read one volume of an image that nibabel has opened.

    Args:
        image: of nibabel.
        content: the stream that it reads from; gzip compares its checksum at the end of it.
        name: what to call the file in messages.
        frame: which volume of several, counted from 1.

    Returns:
        Values (X, Y, Z) with NaN for what is not finite, what to call them, and how many volumes
        there are.
    """
    frames = int(image.shape[3]) if len(image.shape) > 3 else 1
    index = choose_frame(frame, frames, name)
    stored = image.dataobj[:, :, :, index] if len(image.shape) > 3 else np.asarray(image.dataobj)
    values = np.require(stored, np.float32, ["C", "W"]).reshape(image.shape[:3])
    while content.read(CHUNK):
        pass
    values[np.isinf(values)] = np.nan
    return values, frame_name(name, index, frames), frames


def open_nifti(file: BinaryIO, name: str) -> tuple[Any, BinaryIO | gzip.GzipFile]:
    """Read the header of a file that is open, and check it against its size.

    Returns:
        nibabel's image, and the stream that it reads from, which undoes the compression.
    """
    nibabel = need("nibabel", "reading NIfTI")
    content, most = undo_gzip(file)
    start = content.read(4)
    content.seek(0)
    second = SECOND_HEADER in (int.from_bytes(start, order) for order in ("little", "big"))
    kind = nibabel.Nifti2Image if second else nibabel.Nifti1Image
    image = kind.from_stream(content)
    if image.get_data_dtype().fields is not None:
        raise InputError(f"{name} holds colour: gray volumes are needed.")
    check_promise(image, most, name)
    return image, content


def place(image: Any, name: str) -> tuple[NDArray[np.float64], bool]:
    """Where a volume lies: voxels to millimetres (4, 4), and whether its header states that."""
    unit = image.header.get_xyzt_units()[0]
    affine = np.asarray(image.affine, dtype=np.float64).copy()
    affine[:3] *= MILLIMETRES.get(unit, 1.0)
    check_affine(affine, name)
    (qform, q_code), (sform, s_code) = (
        image.header.get_qform(coded=True), image.header.get_sform(coded=True)
    )  # fmt: skip
    if q_code and s_code:
        middle = np.append(np.array(image.shape[:3]) / 2, 1)
        apart = np.linalg.norm((sform - qform) @ middle) * MILLIMETRES.get(unit, 1.0)
        if apart > max(SAME_PLACE, voxel_size(affine).min()):
            warnings.warn(
                f"{name} states two places that lie {apart:.3g} mm apart: its sform is taken, its "
                "qform is not.",
                stacklevel=2,
            )
    return affine, bool(q_code or s_code)


def read_nifti(file: BinaryIO, name: str, frame: int | None = None) -> Volume:
    """Read a NIfTI file.

    Args:
        file: opened by `lkc.io.kinds.open_file`; .nii or .nii.gz with gray volumes.
        name: what to call it in messages.
        frame: which volume of a file of several, counted from 1.

    Returns:
        The volume, scaled by the slope and intercept of its header.

    Raises:
        InputError: damaged, cut off, colour, no such frame, or no finite value.
    """
    image, content = open_nifti(file, name)
    if len(image.shape) < 3 or any(side != 1 for side in image.shape[4:]):
        raise InputError(f"{name} has shape {image.shape}: one volume is needed.")
    if np.issubdtype(image.get_data_dtype(), np.complexfloating):
        raise InputError(f"{name} holds complex numbers.")
    affine, placed = place(image, name)
    values, name, frames = read_values(image, content, name, frame)
    return Volume(values, affine, finite_ends(values, name), name, placed=placed, frames=frames)


def write_nifti(path: Path, fused: NDArray, affine: NDArray, notes: Mapping[str, str]) -> None:
    """Write a fused volume under a temporary name, then rename it: never a partial file.

    The header is a fresh one: nothing of the sources' headers, where names hide, is copied.

    Args:
        path: .nii or .nii.gz; its folder is made if it is missing.
        fused: (X, Y, Z) uint16, read back as 0 to 1, or (X, Y, Z, 3) uint8 RGB.
        affine: (4, 4), voxels to millimetres.
        notes: what to say about the volume; stored as JSON in an extension of the header.

    Raises:
        InputError: the folder cannot be written.

    Example:
        >>> write_nifti(Path("out.nii.gz"), fused, affine, {})  # doctest: +SKIP
    """
    nibabel = need("nibabel", "writing NIfTI")
    if fused.ndim == 4:
        colour = np.dtype([("R", "u1"), ("G", "u1"), ("B", "u1")])
        fused = np.ascontiguousarray(fused).view(colour)[..., 0]  # (X, Y, Z)
    image = nibabel.Nifti1Image(fused, affine)
    image.set_sform(affine, code="scanner")
    image.set_qform(affine, code="scanner")
    image.header["descrip"] = b"fused by lkc; not for diagnosis"
    image.header.set_xyzt_units("mm")
    if fused.dtype == np.uint16:
        image.header.set_slope_inter(1 / 65535, 0)
    note = nibabel.nifti1.Nifti1Extension("comment", json.dumps(dict(notes)).encode())
    image.header.extensions.append(note)
    with replacing(path) as temporary:
        nibabel.save(image, temporary)
