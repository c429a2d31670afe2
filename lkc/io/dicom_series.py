"""A DICOM series as a volume: its slices sorted and placed in space."""

import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from lkc.errors import InputError
from lkc.io.dicom import count_frames, functional_group, open_dataset, pydicom, to_image
from lkc.io.itk import read_path
from lkc.io.kinds import open_file
from lkc.io.volume import Volume

RAS_FROM_LPS = np.diag([-1.0, -1.0, 1.0])  # DICOM points left and back, NIfTI right and front
TOLERANCE = 0.01  # of a slice distance
SAME_PLACE = 1e-3  # millimetres
ROUNDING = 0.1  # millimetres, what some scanners round positions to
PLACE = {  # tag: the sequence that holds it in enhanced files
    "ImageOrientationPatient": "PlaneOrientationSequence",
    "ImagePositionPatient": "PlanePositionSequence",
    "PixelSpacing": "PixelMeasuresSequence",
}
MOST_NAMED = 5  # files, in one sentence
NOT_SLICES = ("LOCALIZER", "MOSAIC")  # kinds of image, in the tag ImageType


def slice_affine(dataset: Any, name: str) -> NDArray[np.float64]:
    """Voxel (column, row, 0) of a slice to millimetres, right-anterior-superior: (4, 4)."""
    stated = {tag: functional_group(dataset, 0, group).get(tag) for tag, group in PLACE.items()}
    missing = [tag for tag, value in stated.items() if not value]
    if missing:
        raise InputError(f"{name} states no position in space: it has no {missing[0]}.")
    orientation, position, spacing = stated.values()
    along_row, along_column = np.reshape(orientation, (2, 3)).astype(float)
    row_distance, column_distance = (float(value) for value in spacing)
    affine = np.eye(4)
    affine[:3, 0] = RAS_FROM_LPS @ along_row * column_distance
    affine[:3, 1] = RAS_FROM_LPS @ along_column * row_distance
    normal = RAS_FROM_LPS @ np.cross(along_row, along_column)
    affine[:3, 2] = normal * float(dataset.get("SliceThickness") or 1)
    affine[:3, 3] = RAS_FROM_LPS @ np.asarray(position, dtype=float)
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


@dataclass(frozen=True)
class Slice:
    """One image of a folder.

    Attributes:
        dataset: what its file holds.
        name: of the file.
    """

    dataset: Any
    name: str

    def series(self) -> str:
        return str(self.dataset.get("SeriesInstanceUID", ""))

    def frames(self) -> int:
        return count_frames(self.dataset)

    def kind(self) -> str:
        """What it is if it is no slice of a volume: "localizer" or "mosaic"; else ""."""
        kinds = [str(word).upper() for word in self.dataset.get("ImageType") or []]
        return next((word.lower() for word in NOT_SLICES if word in kinds), "")

    def has_place(self) -> bool:
        return all(functional_group(self.dataset, 0, g).get(tag) for tag, g in PLACE.items())


def list_slices(folder: Path) -> tuple[list[Slice], list[str]]:
    """Open every file of a folder; the images, and what was left out with its reason."""
    slices, left_out = [], []
    for path in sorted(path for path in folder.iterdir() if path.is_file()):
        if path.name.startswith(".") or path.name.upper() == "DICOMDIR":
            continue
        if not path.stat().st_size:
            left_out.append(f"{path.name} is empty")
            continue
        with open_file(path) as (file, kind):
            if kind != "dicom":
                left_out.append(f"{path.name} is not DICOM")
                continue
            dataset = open_dataset(file)
        if is_slice(dataset):
            slices.append(Slice(dataset, path.name))
        else:
            left_out.append(f"{path.name} is not an image")
    return slices, left_out


def choose_series(found: list[Slice], folder: Path) -> tuple[list[Slice], list[str]]:
    """Take the one series that is a volume; what was left out with its reason."""
    groups: dict[str, list[Slice]] = {}
    for each in found:
        groups.setdefault(each.series(), []).append(each)
    if len(groups) == 1:
        return found, []
    volumes = [
        group
        for group in groups.values()
        if len(group) > 1 and all(s.has_place() and not s.kind() and s.frames() == 1 for s in group)
    ]
    if len(volumes) != 1:
        listed = ", ".join(f"{g[0].name} with {len(g) - 1} more" for g in groups.values())
        raise InputError(
            f"{folder} holds several DICOM series ({listed}): give each a folder of its own."
        )
    others = [each for group in groups.values() if group is not volumes[0] for each in group]
    return volumes[0], [f"{each.name} is of another series" for each in others]


def read_frames(file: BinaryIO, name: str) -> Volume:
    """Read a DICOM file of many frames, as SPECT cameras write them, as a volume.

    Args:
        file: opened by `lkc.io.kinds.open_file`.
        name: what to call it in messages.

    Returns:
        The volume, placed by SimpleITK.

    Raises:
        InputError: damaged, or one slice of a series.
    """
    found = Slice(open_dataset(file), name)
    if not is_slice(found.dataset) or found.frames() == 1:
        raise InputError(f"{name} is no volume by itself: give the folder of its series.")
    return place_frames(found, Path(file.name))


def place_frames(found: Slice, path: Path) -> Volume:
    """Read the frames of a file whose other tags are known already."""
    return replace(
        read_path(path, found.name),
        modality=str(found.dataset.get("Modality", "")),
        frame=str(found.dataset.get("FrameOfReferenceUID", "")),
    )


def check_slices(slices: list[Slice]) -> None:
    """Refuse images that are no slices of one volume."""
    for each in slices:
        if each.kind() == "mosaic":
            raise InputError(
                f"{each.name} is a mosaic of many slices in one image: convert it to NIfTI first, "
                "for example with dcm2niix."
            )
        if each.frames() > 1:
            raise InputError(
                f"{each.name} has {each.frames()} frames: convert it to NIfTI first, for example "
                "with dcm2niix."
            )


def say_what_was_left_out(folder: Path, left_out: list[str]) -> None:
    """Name the files of a folder that are not in its volume."""
    if left_out:
        more = f", and {len(left_out) - MOST_NAMED} more" if len(left_out) > MOST_NAMED else ""
        named = ", ".join(left_out[:MOST_NAMED])
        warnings.warn(f"{folder.name}: left out were: {named}{more}.", stacklevel=3)


def read_series(folder: Path) -> Volume:
    """Read the one DICOM series of a folder that is a volume.

    Args:
        folder: files in any order; what is not of the volume is named in a warning.

    Returns:
        The volume, slices sorted by their position.

    Raises:
        InputError: no DICOM, several volumes, uneven or missing slices, or a damaged file.

    Example:
        >>> read_series(Path("CT")).values.shape  # doctest: +SKIP
        (512, 512, 120)
    """
    found, left_out = list_slices(folder)
    if not found:
        raise InputError(f"{folder} holds no DICOM image.")
    chosen, others = choose_series(found, folder)
    if len(chosen) == 1 and chosen[0].frames() > 1:
        say_what_was_left_out(folder, left_out + others)
        return place_frames(chosen[0], folder / chosen[0].name)
    check_slices(chosen)
    placed = [(slice_affine(s.dataset, s.name), to_image(s.dataset, s.name)) for s in chosen]
    say_what_was_left_out(folder, left_out + others)
    normal = placed[0][0][:3, 2]
    placed.sort(key=lambda entry: float(entry[0][:3, 3] @ normal))
    affine = stack_affine([affine for affine, _ in placed], folder.name)
    images = [image for _, image in placed]
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
        frame=str(chosen[0].dataset.get("FrameOfReferenceUID", "")),
    )
