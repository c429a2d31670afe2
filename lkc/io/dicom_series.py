"""A DICOM series as a volume: its slices sorted and placed in space."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lkc.errors import InputError
from lkc.io.dicom import pydicom, to_image
from lkc.io.kinds import open_file
from lkc.io.volume import Volume

RAS_FROM_LPS = np.diag([-1.0, -1.0, 1.0])  # DICOM points left and back, NIfTI right and front
TOLERANCE = 0.01  # of a slice distance
SAME_PLACE = 1e-3  # millimetres
ROUNDING = 0.1  # millimetres, what some scanners round positions to
PLACE = ("ImageOrientationPatient", "ImagePositionPatient", "PixelSpacing")


def slice_affine(dataset: Any, name: str) -> NDArray[np.float64]:
    """Voxel (column, row, 0) of a slice to millimetres, right-anterior-superior: (4, 4)."""
    missing = [tag for tag in PLACE if not dataset.get(tag)]
    if missing:
        raise InputError(f"{name} states no position in space: it has no {missing[0]}.")
    along_row, along_column = np.reshape(dataset.ImageOrientationPatient, (2, 3)).astype(float)
    row_distance, column_distance = (float(value) for value in dataset.PixelSpacing)
    affine = np.eye(4)
    affine[:3, 0] = RAS_FROM_LPS @ along_row * column_distance
    affine[:3, 1] = RAS_FROM_LPS @ along_column * row_distance
    normal = RAS_FROM_LPS @ np.cross(along_row, along_column)
    affine[:3, 2] = normal * float(dataset.get("SliceThickness") or 1)
    affine[:3, 3] = RAS_FROM_LPS @ np.asarray(dataset.ImagePositionPatient, dtype=float)
    return affine


def stack_affine(affines: list[NDArray[np.float64]], name: str) -> NDArray[np.float64]:
    """Check that slices lie evenly behind one another; the affine of their stack."""
    first = affines[0].copy()
    if any(not np.allclose(affine[:3, :2], first[:3, :2], atol=1e-3) for affine in affines):
        raise InputError(f"{name} holds slices of different direction or pixel size.")
    if len(affines) == 1:
        return first
    steps = np.diff([affine[:3, 3] for affine in affines], axis=0)  # (Z - 1, 3)
    if np.abs(steps).max(axis=1).min() < SAME_PLACE:
        raise InputError(
            f"{name} holds several slices at one place: give every time, echo or copy a folder of "
            "its own."
        )
    step = steps.mean(axis=0)
    distance = float(np.linalg.norm(step))
    if np.abs(steps - step).max() > max(TOLERANCE * distance, min(ROUNDING, distance / 4)):
        raise InputError(f"{name} misses slices, or its slices are not evenly spaced.")
    first[:3, 2] = step
    return first


def is_slice(dataset: Any) -> bool:
    """Whether a dataset is an image rather than an index or a report.

    An image that was cut off before its pixels counts: it still says of which kind it is.
    """
    kind = dataset.file_meta.get("MediaStorageSOPClassUID", "")
    return "PixelData" in dataset or "Image Storage" in pydicom().uid.UID(kind).name


def read_series(folder: Path) -> Volume:
    """Read the one DICOM series of a folder as a volume.

    Args:
        folder: files of one series, in any order; indices, reports and files that are not DICOM
            are passed over.

    Returns:
        The volume, slices sorted by their position.

    Raises:
        InputError: no DICOM, several series, uneven or missing slices, or a damaged file.

    Example:
        >>> read_series(Path("CT")).values.shape  # doctest: +SKIP
        (512, 512, 120)
    """
    dcmread, found = pydicom().dcmread, []
    for path in sorted(path for path in folder.iterdir() if path.is_file()):
        with open_file(path) as (file, kind):
            if kind != "dicom":
                continue
            dataset = dcmread(file)
            if not is_slice(dataset):
                continue
            if int(dataset.get("NumberOfFrames", 1) or 1) > 1:
                raise InputError(f"{path.name} has several frames: convert it to NIfTI first.")
            series = str(dataset.get("SeriesInstanceUID", ""))
            image = to_image(dataset, path.name)
            found.append((series, slice_affine(dataset, path.name), image))
    if not found:
        raise InputError(f"{folder} holds no DICOM image.")
    if len({series for series, *_ in found}) > 1:
        raise InputError(f"{folder} holds several DICOM series: give each a folder of its own.")
    normal = found[0][1][:3, 2]
    found.sort(key=lambda entry: float(entry[1][:3, 3] @ normal))
    affine = stack_affine([affine for _, affine, _ in found], folder.name)
    images = [image for *_, image in found]
    if len({image.values.shape for image in images}) > 1 or images[0].values.ndim != 2:
        raise InputError(f"{folder} holds slices of different size, or colour.")
    values = np.stack([image.values.T for image in images], axis=2)  # (X, Y, Z)
    first = images[0]
    limits = min(i.full_range[0] for i in images), max(i.full_range[1] for i in images)
    return Volume(
        values=values,
        affine=affine,
        full_range=limits,
        name=folder.name,
        unit=first.unit,
        modality=first.modality,
        presets=first.presets,
        inverted=first.inverted,
    )
