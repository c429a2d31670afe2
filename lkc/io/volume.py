"""Volumes with their place in space: NIfTI in and out, and a common grid for two of them."""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lkc.errors import InputError
from lkc.extras import need
from lkc.io.decoding import one_sentence
from lkc.io.window import finite_ends

MAX_VOXELS = 1_000_000_000
GZIP_RATIO = 1100  # no gzip stream can be shorter than its content by more
NIFTI_SUFFIXES = (".nii", ".nii.gz")
LPS_FROM_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])
MIN_OVERLAP = 0.05


@dataclass(frozen=True)
class Volume:
    """Values on a regular grid in space.

    Attributes:
        values: (X, Y, Z) float32 in the file's own units; NaN where nothing was measured.
        affine: (4, 4), voxel indices to millimetres, right-anterior-superior.
        full_range: lowest and highest value of what the file can hold.
        name: what to call it in messages.
        unit: "HU" or "".
        modality: DICOM's code, or "".
        presets: windows that the file names.
        inverted: whether low values are to be shown white (DICOM's MONOCHROME1).
    """

    values: NDArray[np.float32]
    affine: NDArray[np.float64]
    full_range: tuple[float, float]
    name: str
    unit: str = ""
    modality: str = ""
    presets: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    inverted: bool = False

    @property
    def spacing(self) -> NDArray[np.float64]:
        """Voxel size (3,) in millimetres."""
        return np.linalg.norm(self.affine[:3, :3], axis=0)

    def __str__(self) -> str:
        size = "x".join(str(side) for side in self.values.shape)
        return f"{self.name} ({size} voxels of {'x'.join(f'{s:.3g}' for s in self.spacing)} mm)"


def is_nifti(path: Path) -> bool:
    """Whether a path names a NIfTI file.

    >>> is_nifti(Path("a.nii.gz")), is_nifti(Path("a.png"))
    (True, False)
    """
    return path.name.lower().endswith(NIFTI_SUFFIXES)


def check_promise(image: Any, path: Path) -> None:
    """Refuse a header that promises more than the file can hold, before memory is taken."""
    voxels = int(np.prod([int(side) for side in image.shape], dtype=object))
    if voxels == 0:
        raise InputError(f"{path.name} holds no voxels.")
    if voxels > MAX_VOXELS:
        raise InputError(f"{path.name} has more than {MAX_VOXELS // 1_000_000} million voxels.")
    size = path.stat().st_size * (GZIP_RATIO if path.suffix.lower() == ".gz" else 1)
    if voxels * image.get_data_dtype().itemsize > size:
        raise InputError(f"{path.name} is cut off: its header promises more than it holds.")


def check_affine(affine: NDArray, name: str) -> None:
    """Refuse a place in space that cannot be."""
    if not np.isfinite(affine).all() or abs(np.linalg.det(affine[:3, :3])) < 1e-12:
        raise InputError(f"{name} has no usable geometry: its affine is singular.")


def read_nifti(path: Path) -> Volume:
    """Read a NIfTI file.

    Args:
        path: .nii or .nii.gz with one gray volume.

    Returns:
        The volume, scaled by the slope and intercept of its header.

    Raises:
        InputError: damaged, cut off, colour, a series of volumes, or no finite value.

    Example:
        >>> read_nifti(Path("mri.nii.gz")).spacing  # doctest: +SKIP
        array([1., 1., 1.])
    """
    nibabel = need("nibabel", "reading NIfTI")
    with one_sentence(path):
        image = nibabel.load(path)
        if image.get_data_dtype().fields is not None:
            raise InputError(f"{path.name} holds colour: gray volumes are needed.")
        check_promise(image, path)
        shape = [side for side in image.shape[3:] if side != 1]
        if len(image.shape) < 3 or shape:
            raise InputError(f"{path.name} has shape {image.shape}: one volume is needed.")
        if np.issubdtype(image.get_data_dtype(), np.complexfloating):
            raise InputError(f"{path.name} holds complex numbers.")
        values = np.asarray(image.dataobj, dtype=np.float32).reshape(image.shape[:3])
        affine = np.asarray(image.affine, dtype=np.float64)
    check_affine(affine, path.name)
    values[np.isinf(values)] = np.nan
    return Volume(values, affine, finite_ends(values, path.name), path.name)


def read_volume(path: str | PathLike) -> Volume:
    """Read a volume: a NIfTI file, or a folder with the slices of one DICOM series.

    Args:
        path: file or folder.

    Returns:
        The volume, in its own units.

    Raises:
        InputError: neither of both, or damaged.

    Example:
        >>> read_volume("mri.nii.gz").values.dtype  # doctest: +SKIP
        dtype('float32')
    """
    path = Path(path)
    if path.is_dir():
        from lkc.io.dicom_series import read_series

        return read_series(path)
    if not path.exists():
        raise InputError(f"{path} does not exist.")
    if is_nifti(path):
        return read_nifti(path)
    raise InputError(f"{path.name} is not a volume: give NIfTI, or a folder of DICOM slices.")


def to_sitk(volume: Volume) -> Any:
    """Hand a volume to SimpleITK."""
    sitk = need("SimpleITK", "bringing volumes onto one grid")
    image = sitk.GetImageFromArray(volume.values.T)  # (Z, Y, X)
    affine = LPS_FROM_RAS @ volume.affine
    direction = affine[:3, :3] / volume.spacing
    if not np.allclose(direction.T @ direction, np.eye(3), atol=1e-3):
        raise InputError(f"{volume.name} has a sheared grid: resample it first.")
    image.SetSpacing(volume.spacing.tolist())
    image.SetDirection(direction.ravel().tolist())
    image.SetOrigin(affine[:3, 3].tolist())
    return image


def same_grid(a: Volume, b: Volume) -> bool:
    """Whether two volumes share size and place, to a thousandth of a millimetre."""
    return a.values.shape == b.values.shape and np.allclose(a.affine, b.affine, atol=1e-3)


def resample_onto(moving: Volume, fixed: Volume) -> Volume:
    """Bring a volume onto another's grid by the places that both files state.

    Args:
        moving: the volume to resample (linear; its lowest value where it has none).
        fixed: the volume whose grid is kept.

    Returns:
        The moving volume on the fixed grid.

    Raises:
        InputError: the two hardly overlap, or a grid is sheared.

    Example:
        >>> grid = np.diag([1.0, 1.0, 1.0, 1.0])
        >>> small = Volume(np.ones((4, 4, 4), np.float32), np.diag([2.0, 2, 2, 1]), (0, 1), "a")
        >>> fine = Volume(np.ones((7, 7, 7), np.float32), grid, (0, 1), "b")
        >>> resample_onto(small, fine).values.shape
        (7, 7, 7)
    """
    sitk = need("SimpleITK", "bringing volumes onto one grid")
    lowest = finite_ends(moving.values, moving.name)[0]
    filled = replace(moving, values=np.nan_to_num(moving.values, nan=lowest))
    source, grid = to_sitk(filled), to_sitk(fixed)
    inside = sitk.Resample(source * 0 + 1, grid, sitk.Transform(), sitk.sitkNearestNeighbor, 0.0)
    overlap = float(sitk.GetArrayViewFromImage(inside).mean())
    if overlap < MIN_OVERLAP:
        raise InputError(
            f"{moving.name} covers {overlap:.0%} of {fixed.name}: they do not lie in one space."
        )
    result = sitk.Resample(source, grid, sitk.Transform(), sitk.sitkLinear, lowest)
    values = np.ascontiguousarray(sitk.GetArrayFromImage(result).T)  # (X, Y, Z)
    return replace(moving, values=values, affine=fixed.affine)


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
    image.header["descrip"] = b"fused by lkc; not for diagnosis"
    image.header.set_xyzt_units("mm")
    if fused.dtype == np.uint16:
        image.header.set_slope_inter(1 / 65535, 0)
    note = nibabel.nifti1.Nifti1Extension("comment", json.dumps(dict(notes)).encode())
    image.header.extensions.append(note)
    suffix = ".nii.gz" if path.name.lower().endswith(".gz") else ".nii"
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=suffix, delete=False) as file:
            temporary = Path(file.name)
        nibabel.save(image, temporary)
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}.") from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
