"""Volumes that SimpleITK reads: NRRD, MetaImage, and DICOM files of many frames."""

import math
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from lkc.errors import InputError
from lkc.extras import need
from lkc.io.decoding import mute
from lkc.io.frames import choose_frame
from lkc.io.nifti import check_voxel_count
from lkc.io.volume import LPS_FROM_RAS, Volume, check_affine
from lkc.io.window import finite_ends


def read_checked(path: Path) -> Any:
    """Read a file with SimpleITK, after its header has been believed to fit into memory."""
    sitk = need("SimpleITK", f"reading {path.name}")
    reader = sitk.ImageFileReader()
    reader.SetFileName(str(path))
    try:
        with mute():
            reader.ReadImageInformation()
            check_voxel_count(math.prod(reader.GetSize()), path.name)
            return reader.Execute()
    except RuntimeError:
        raise InputError(f"{path.name} is damaged, or of a kind that is not read.") from None


def read_itk(file: BinaryIO, name: str, frame: int | None = None) -> Volume:
    """Read a volume that was opened by `lkc.io.kinds.open_file`, see `read_path`."""
    choose_frame(frame, 1, name)
    return read_path(Path(file.name), name)


def read_path(path: Path, name: str) -> Volume:
    """Read a volume with SimpleITK, which opens files by their paths only.

    Args:
        path: of the file.
        name: what to call it in messages.

    Returns:
        The volume, in its own units.

    Raises:
        InputError: damaged, colour, another number of dimensions, or no finite value.
    """
    sitk = need("SimpleITK", f"reading {name}")
    image = read_checked(path)
    if image.GetDimension() != 3 or image.GetNumberOfComponentsPerPixel() != 1:
        raise InputError(f"{name} is not one gray volume: convert it to NIfTI first.")
    values = sitk.GetArrayFromImage(image).T.astype(np.float32, order="C")  # (X, Y, Z)
    affine = np.eye(4)
    affine[:3, :3] = np.reshape(image.GetDirection(), (3, 3)) * image.GetSpacing()
    affine[:3, 3] = image.GetOrigin()
    affine = LPS_FROM_RAS @ affine  # its own inverse
    check_affine(affine, name)
    values[np.isinf(values)] = np.nan
    return Volume(values, affine, finite_ends(values, name), name)
