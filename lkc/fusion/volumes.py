"""Fuse two volumes slice by slice: windows, one grid, colour maps for tracers, progress."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import nn

from lkc.alignment.volumes import VOLUME_METHOD, align_volume
from lkc.errors import InputError
from lkc.fusion.images import cached_model, fuse
from lkc.fusion.modalities import check_modalities
from lkc.io.pixels import to_16_bits
from lkc.io.tracer_colours import COLOUR_MAP, colour_tracer
from lkc.io.volume import (
    Volume,
    check_affine,
    resample_onto,
    same_grid,
    voxel_size,
    without_shear,
)
from lkc.io.window import (
    NOTES,
    Window,
    apply_limits,
    check_preset,
    default_window,
    describe,
    find_limits,
)
from lkc.model.steady_network import with_memory
from lkc.tasks import get_task

GATHERED = 32  # The statistics of a volume come from so many of its slices at most.
AXES = {"sagittal": 0, "coronal": 1, "axial": 2}  # of right-anterior-superior space


@dataclass(frozen=True)
class FusedVolume:
    """A fused volume on the first source's grid.

    Attributes:
        values: (X, Y, Z) uint16, or (X, Y, Z, 3) uint8 where the second source brings colour.
        affine: (4, 4), that of the first source.
        notes: windows, axis and resampling in words, for the output's metadata.
    """

    values: NDArray
    affine: NDArray[np.float64]
    notes: Mapping[str, str]


def slice_axis(affine: NDArray[np.float64], axis: str) -> int:
    """The array axis that runs most nearly across slices of the named direction.

    >>> slice_axis(np.eye(4), "coronal")
    1
    """
    if axis not in AXES:
        raise InputError(f"unknown axis {axis!r}: choose one of {', '.join(AXES)}.")
    directions = np.abs(affine[:3, :3]) / voxel_size(affine)
    return int(directions[AXES[axis]].argmax())


def choose_limits(volume: Volume, window: Window | None) -> tuple[tuple[float, float], str]:
    """Find the values of a volume that become black and white, and say so."""
    if window is None:
        window = default_window(volume.values, volume.full_range, measured=True)
    check_preset(window, volume.unit == "HU" or not volume.modality, volume.name)  # NIfTI: no unit
    limits = find_limits(window, volume.values, volume.full_range, volume.presets, volume.name)
    return limits, describe(window, limits, volume.unit, volume.inverted)


def check_places(first: Volume, second: Volume) -> None:
    """Refuse, or warn of, volumes of which the files do not say how they lie to one another."""
    for volume in (first, second):
        if not volume.placed:
            raise InputError(
                f"{volume.name} states no position in space, so it cannot be laid on the other "
                f"volume: try --align {VOLUME_METHOD}, or register the two first."
            )
    if first.frame and second.frame and first.frame != second.frame:
        warnings.warn(
            f"{first.name} and {second.name} have different frames of reference, so their "
            f"positions need not agree: check the result, or try --align {VOLUME_METHOD}.",
            stacklevel=3,
        )


def as_fused(first: NDArray, second: NDArray, task: str) -> tuple[NDArray, NDArray]:
    """Two slices (H, W) in [0, 1] as they are fused: 16 bits, or with the colours of a tracer."""
    if get_task(task).second_is_tracer:
        return first, colour_tracer(second)
    return to_16_bits(first), to_16_bits(second)


def with_statistics_of(
    pairs: Sequence[tuple[NDArray, NDArray]], model: nn.Module, task: str
) -> nn.Module:
    """A model whose norms take their statistics from a whole volume instead of each slice.

    Args:
        pairs: slices (H, W) of both sources in [0, 1]. Empty ones do not count, and of many, evenly
            spaced ones are looked at.
        model: from `load_model`; it stays as it is. One without statistics is returned.
        task: as in `lkc.fuse`.

    Returns:
        A copy that shares the weights.
    """
    steady, pace = with_memory(model)
    if not pace.memories:
        return model
    shown = [pair for pair in pairs if any(image.any() for image in pair)]
    for number, pair in enumerate(shown[:: -(-len(shown) // GATHERED) or 1], start=1):
        pace.set(1 / number)  # so that each counts alike in the end
        fuse(*as_fused(*pair, task), task, steady)
    pace.set(0.0)
    return steady


def fuse_volumes(
    first: Volume,
    second: Volume,
    windows: tuple[Window | None, Window | None] = (None, None),
    task: str = "mri-ct",
    model: nn.Module | None = None,
    detail: float = 1.0,
    axis: str = "axial",
    align: str | None = None,
    steady: bool = True,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> FusedVolume:
    """Fuse two volumes slice by slice on the grid of the first.

    The window is found once for the whole volume, so that slices keep their relation. PET and SPECT
    get a colour map before fusion, and the result is RGB.

    Args:
        first, second: the sources in the order of the task's name; the second is resampled onto the
            first's grid where they differ.
        windows: what to show of each; None takes percentile 1 to 99 of the volume.
        task: "mri-ct", "mri-pet", "mri-spect" or "ir-vis".
        model: from `load_model`; None takes the shipped weights.
        detail: as in `lkc.fuse`.
        axis: "axial", "coronal" or "sagittal": the direction of the slices.
        align: "mutual-information" turns and shifts the second volume onto the first; None believes
            the positions that both files state.
        steady: whether norms take their statistics from the whole volume, so that gray values are
            consistent from slice to slice. False fuses each slice as an image of its own.
        progress: called with the slices done and their number.

    Returns:
        The fused volume with the geometry of the first.

    Raises:
        InputError: the volumes do not overlap, are smaller than 16 voxels in a slice, or cannot be
            aligned.

    Example:
        >>> box = np.zeros((16, 16, 2), np.float32)
        >>> box[4:9, 4:9] = 1
        >>> volume = Volume(box, np.eye(4), (0, 1), "box")
        >>> fuse_volumes(volume, volume).values.shape
        (16, 16, 2)
    """
    get_task(task)
    for volume in (first, second):
        check_affine(volume.affine, volume.name)
    check_modalities(first, second, task)
    limits, shown = [], []
    for volume, window in zip((first, second), windows, strict=True):
        found, said = choose_limits(volume, window)  # before it meets the other one's grid
        limits.append(found)
        shown.append(said)
    first = without_shear(first)
    across = slice_axis(first.affine, axis)
    notes = {"task": task, "axis": axis, "grid": "that of the first source"}
    if align is not None:
        second, notes["alignment"] = align_volume(second, first, align)
    if not same_grid(first, second):
        notes["second source"] = f"resampled (linear) from {second.spacing.round(3).tolist()} mm"
        check_places(first, second)
        second = resample_onto(second, first)
    notes |= zip(NOTES, shown, strict=True)
    a, b = (
        apply_limits(volume.values, ends, volume.inverted)
        for volume, ends in zip((first, second), limits, strict=True)
    )
    tracer = get_task(task).second_is_tracer
    if tracer:
        notes["colour map of second"] = COLOUR_MAP
    fused = np.empty(a.shape + (3,) * tracer, dtype=np.uint8 if tracer else np.uint16)
    slices, count = np.moveaxis(fused, across, 0), a.shape[across]
    pairs = list(zip(np.moveaxis(a, across, 0), np.moveaxis(b, across, 0), strict=True))
    model = model if model is not None else cached_model("lite", task)
    if steady:
        model = with_statistics_of(pairs, model, task)
    for index, pair in enumerate(pairs):
        slices[index] = fuse(*as_fused(*pair, task), task, model, detail)
        progress(index + 1, count)
    return FusedVolume(fused, first.affine, notes)
