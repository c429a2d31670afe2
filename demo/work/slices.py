"""One slice of a volume as an image: the pair lies on the grid of its first volume."""

from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lkc.errors import InputError
from lkc.extras import need
from lkc.fusion.volumes import AXES, check_places, choose_limits
from lkc.io.dicom import count_frames, pydicom
from lkc.io.dicom_writer import Plane, plane_of
from lkc.io.kinds import kind_of
from lkc.io.nifti import most_voxels
from lkc.io.pixels import to_16_bits
from lkc.io.reading import VOLUME_READERS, read_volume
from lkc.io.tracer_colours import colour_tracer
from lkc.io.volume import Volume, check_affine, resample_onto, same_grid, without_shear
from lkc.io.window import apply_limits, parse_window

from .prepared import Given, Slice

MAX_VOXELS = 64_000_000  # of a volume that is shown: small files can hold many zeros


def is_volume(file: str) -> bool:
    """Whether a file, or a folder of DICOM, is a volume rather than one image."""
    try:
        kind = kind_of(file)
        if kind == "dicom":
            header = pydicom().dcmread(file, stop_before_pixels=True, force=True)
            return count_frames(header) > 1
    except (InputError, ValueError):
        return False
    return kind == "folder" or kind in VOLUME_READERS


@lru_cache(maxsize=2)
def read_cached(file: str) -> Volume:
    """Read a volume once for all its slices."""
    before = most_voxels.set(MAX_VOXELS)
    try:
        volume = read_volume(file)
    finally:
        most_voxels.reset(before)
    check_affine(volume.affine, volume.name)
    return volume


@lru_cache(maxsize=2)
def read_upright(file: str, grid: str) -> Volume:
    """A volume on the grid of another or its own, its axes to the right, the front and the head."""
    fixed = without_shear(read_cached(grid))
    volume = fixed
    if file != grid:
        volume = read_cached(file)
        if not same_grid(fixed, volume):
            check_places(fixed, volume)
            volume = resample_onto(volume, fixed)
    turn = need("nibabel", "showing slices").orientations
    how = turn.io_orientation(volume.affine)
    affine = volume.affine @ turn.inv_ornt_aff(how, volume.values.shape)
    return Volume(
        np.ascontiguousarray(turn.apply_orientation(volume.values, how)), affine,
        volume.full_range, volume.name, volume.unit, volume.modality, inverted=volume.inverted,
    )  # fmt: skip


def count_slices(grid: str, axis: str) -> int:
    """How many slices a volume has in a direction."""
    return read_upright(grid, grid).values.shape[AXES[axis]]


def millimetres(of: Slice) -> float:
    """Where a slice lies: its middle, to the right, the front or the head."""
    volume, across = read_upright(of.grid, of.grid), AXES[of.axis]
    middle = (np.array(volume.values.shape) - 1) / 2
    middle[across] = of.index
    return float((volume.affine @ np.append(middle, 1))[across])


def plane_of_slice(at: Slice) -> Plane | None:
    """Where a slice lies as it is seen on the screen; None where its file does not say."""
    known = read_cached(at.grid)
    if not known.placed:
        return None
    volume, across = read_upright(at.grid, at.grid), AXES[at.axis]
    columns, rows = (axis for axis in range(3) if axis != across)
    seen = volume.affine[:, [columns, rows, across, 3]].copy()
    seen[:, :2] *= -1  # see `read_slice`
    corner = np.array(volume.values.shape) - 1
    corner[across] = at.index
    seen[:, 3] = volume.affine @ np.append(corner, 1)
    return plane_of(seen, known.frame)


def read_slice(given: Given) -> NDArray[np.float32]:
    """The values (H, W) of a slice as doctors look at it: from below, in front or the left."""
    assert given.slice is not None
    volume = read_upright(given.file, given.slice.grid)
    plane = np.take(volume.values, given.slice.index, AXES[given.slice.axis])
    return np.ascontiguousarray(plane.T[::-1, ::-1])


def show_slice(given: Given) -> tuple[NDArray[np.uint16], str]:
    """The pixels of a slice as they are fused, and what is shown, in words.

    The window is found in the whole volume, before it meets the other one's grid.
    """
    assert given.slice is not None
    volume = read_cached(given.file)
    limits, said = choose_limits(volume, parse_window(given.window) if given.window else None)
    pixels = apply_limits(read_slice(given), limits, volume.inverted)
    return to_16_bits(colour_tracer(pixels) if given.slice.is_tracer else pixels), said


def as_folder(files: list[str], folder: Path) -> str:
    """Put the files of a series into a folder of their own."""
    folder.mkdir()
    for number, file in enumerate(files):
        (folder / f"{number:05d}").hardlink_to(file)
    return str(folder)
