"""Volumes with their place in space, and a common grid for two of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lkc.errors import InputError
from lkc.extras import need
from lkc.io.window import finite_ends

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


def check_affine(affine: NDArray, name: str) -> None:
    """Refuse a place in space that cannot be."""
    if not np.isfinite(affine).all() or abs(np.linalg.det(affine[:3, :3])) < 1e-12:
        raise InputError(f"{name} has no usable geometry: its affine is singular.")


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
