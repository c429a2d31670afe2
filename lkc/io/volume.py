"""Volumes with their place in space, and a common grid for two of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lkc.errors import InputError
from lkc.extras import need

LPS_FROM_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])
MIN_OVERLAP = 0.05  # of the one volume or of the other
SAME_PLACE = 1e-3  # millimetres
ROUNDED = 0.25  # Directions are rounded, not sheared, if no corner moves by more of a voxel.


def voxel_size(affine: NDArray[np.float64]) -> NDArray[np.float64]:
    """Lengths (3,) of a voxel's edges in millimetres."""
    return np.linalg.norm(affine[:3, :3], axis=0)


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
        placed: whether the file states where it lies.
        frame: DICOM's frame of reference; positions in two of them cannot be compared.
        frames: how many volumes its file or series holds.
    """

    values: NDArray[np.float32]
    affine: NDArray[np.float64]
    full_range: tuple[float, float]
    name: str
    unit: str = ""
    modality: str = ""
    presets: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    inverted: bool = False
    placed: bool = True
    frame: str = ""
    frames: int = 1

    @property
    def spacing(self) -> NDArray[np.float64]:
        """Voxel size (3,) in millimetres."""
        return voxel_size(self.affine)

    def __str__(self) -> str:
        size = "x".join(str(side) for side in self.values.shape)
        return f"{self.name} ({size} voxels of {'x'.join(f'{s:.3g}' for s in self.spacing)} mm)"


def check_affine(affine: NDArray, name: str) -> None:
    """Refuse a place in space that cannot be."""
    if not np.isfinite(affine).all() or abs(np.linalg.det(affine[:3, :3])) < 1e-12:
        raise InputError(f"{name} has no usable geometry: its affine is singular.")


def nearest_rigid(affine: NDArray, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """The affine without shear that moves a grid least; its middle and its spacing stay."""
    spacing = voxel_size(affine)
    left, _, right = np.linalg.svd(affine[:3, :3] / spacing)
    rigid = affine.copy()
    rigid[:3, :3] = left @ right * spacing
    middle = np.append((np.array(shape) - 1) / 2, 1)
    rigid[:3, 3] += (affine @ middle - rigid @ middle)[:3]
    return rigid


def without_shear(volume: Volume) -> Volume:
    """Bring a volume onto a grid that ITK, and with it most viewers, can open.

    Directions that were rounded when they were written are made exact. A grid that is really
    sheared, such as that of a CT with a tilted gantry, is resampled.

    Args:
        volume: with any invertible affine.

    Returns:
        The volume on a grid whose axes are at right angles; NaN where it has no values.

    Example:
        >>> rounded = np.eye(4)
        >>> rounded[0, 1] = 1e-4
        >>> volume = Volume(np.ones((4, 4, 4), np.float32), rounded, (0, 1), "a")
        >>> without_shear(volume).affine[:2, :2].round(6)
        array([[ 1.e+00,  5.e-05],
               [-5.e-05,  1.e+00]])
    """
    shape = volume.values.shape
    rigid = nearest_rigid(volume.affine, shape)
    corners = np.array([(*c, 1) for c in product(*((0, side - 1) for side in shape))]).T  # (4, 8)
    shift = np.linalg.norm((volume.affine - rigid) @ corners, axis=0).max()
    if shift < SAME_PLACE and np.allclose(volume.affine, rigid, atol=1e-9):
        return volume
    if shift < max(SAME_PLACE, ROUNDED * volume.spacing.min()):
        return replace(volume, affine=rigid)
    inside = np.linalg.solve(rigid, volume.affine @ corners)[:3]  # (3, 8)
    low, high = np.floor(inside.min(axis=1)), np.ceil(inside.max(axis=1))
    rigid[:3, 3] = (rigid @ np.append(low, 1))[:3]
    grid = np.zeros((high - low + 1).astype(int), np.float32)
    return resample_onto(volume, Volume(grid, rigid, volume.full_range, volume.name))


def to_sitk(values: NDArray[np.float32], affine: NDArray[np.float64]) -> Any:
    """Hand values with their place, sheared or not, to SimpleITK."""
    image = need("SimpleITK", "bringing volumes onto one grid").GetImageFromArray(values.T)
    affine = LPS_FROM_RAS @ affine
    spacing = voxel_size(affine)
    image.SetSpacing(spacing.tolist())
    image.SetDirection((affine[:3, :3] / spacing).ravel().tolist())
    image.SetOrigin(affine[:3, 3].tolist())
    return image


def same_grid(a: Volume, b: Volume) -> bool:
    """Whether two volumes share size and place, to a thousandth of a millimetre."""
    return a.values.shape == b.values.shape and np.allclose(a.affine, b.affine, atol=SAME_PLACE)


def resample_onto(moving: Volume, fixed: Volume) -> Volume:
    """Bring a volume onto another's grid by the places that both files state.

    Padding and what lies outside of the volume never enter the values beside them.

    Args:
        moving: the volume to resample, linearly.
        fixed: the volume whose grid is kept.

    Returns:
        The moving volume on the fixed grid; NaN where nothing was measured.

    Raises:
        InputError: the two hardly overlap.

    Example:
        >>> grid = np.diag([1.0, 1.0, 1.0, 1.0])
        >>> small = Volume(np.ones((4, 4, 4), np.float32), np.diag([2.0, 2, 2, 1]), (0, 1), "a")
        >>> fine = Volume(np.ones((7, 7, 7), np.float32), grid, (0, 1), "b")
        >>> resample_onto(small, fine).values.shape
        (7, 7, 7)
    """
    sitk = need("SimpleITK", "bringing volumes onto one grid")
    grid = to_sitk(fixed.values, fixed.affine)

    def resample(values: NDArray[np.float32]) -> NDArray[np.float32]:
        source = to_sitk(values, moving.affine)
        result = sitk.Resample(source, grid, sitk.Transform(), sitk.sitkLinear, 0.0)
        return sitk.GetArrayFromImage(result).T  # (X, Y, Z)

    measured = np.isfinite(moving.values)
    share = resample(measured.astype(np.float32))  # of what was measured, from 0 to 1
    covered = share > 0.5
    size = np.abs(np.linalg.det(fixed.affine[:3, :3]) / np.linalg.det(moving.affine[:3, :3]))
    overlap = covered.mean(), covered.sum() * size / moving.values.size
    if max(overlap) < MIN_OVERLAP:
        raise InputError(
            f"{moving.name} covers {overlap[0]:.0%} of {fixed.name}: they do not lie in one space."
        )
    values = resample(np.where(measured, moving.values, np.float32(0)))
    with np.errstate(all="ignore"):
        values = np.where(covered, values / share, np.float32(np.nan))
    return replace(moving, values=np.ascontiguousarray(values), affine=fixed.affine)
