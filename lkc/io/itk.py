"""Volumes that SimpleITK reads: NRRD, MetaImage, and DICOM files of many frames."""

from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from lkc.errors import InputError
from lkc.extras import need
from lkc.io.nifti import MAX_VOXELS
from lkc.io.volume import LPS_FROM_RAS, Volume, check_affine
from lkc.io.window import finite_ends


def read_checked(path: Path) -> Any:
    """Read a file with SimpleITK, after its header has been believed to fit into memory."""
    sitk = need("SimpleITK", f"reading {path.name}")
    reader = sitk.ImageFileReader()
    reader.SetFileName(str(path))
    try:
        reader.ReadImageInformation()
        if np.prod([int(side) for side in reader.GetSize()], dtype=object) > MAX_VOXELS:
            raise InputError(f"{path.name} has more than {MAX_VOXELS // 1_000_000} million voxels.")
        return reader.Execute()
    except RuntimeError:
        raise InputError(f"{path.name} is damaged, or of a kind that is not read.") from None


def read_itk(file: BinaryIO, name: str) -> Volume:
    """Read a volume with SimpleITK.

    Args:
        file: opened by `lkc.io.kinds.open_file`; SimpleITK opens it again by its name.
        name: what to call it in messages.

    Returns:
        The volume, in its own units.

    Raises:
        InputError: damaged, colour, another number of dimensions, or no finite value.
    """
    sitk = need("SimpleITK", f"reading {name}")
    image = read_checked(Path(file.name))
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
