"""The slices of a DICOM series as a volume: sorted by place, split by time, filled file by file."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lkc.errors import InputError
from lkc.io.dicom import count_frames, functional_group, open_dataset, to_image
from lkc.io.frames import choose_frame, frame_name
from lkc.io.image_data import ImageData
from lkc.io.kinds import open_file
from lkc.io.nifti import check_voxel_count
from lkc.io.volume import LPS_FROM_RAS, SAME_PLACE, Volume, check_affine

RAS_FROM_LPS = LPS_FROM_RAS[:3, :3]  # DICOM points left and back; the matrix is its own inverse.
TOLERANCE = 0.01  # of a slice distance
ROUNDING = 0.1  # millimetres, what some scanners round positions to
PLACE = {  # tag: the sequence that holds it in enhanced files
    "ImageOrientationPatient": "PlaneOrientationSequence",
    "ImagePositionPatient": "PlanePositionSequence",
    "PixelSpacing": "PixelMeasuresSequence",
}
FRAME_TAGS = {  # The first tag that splits a series into whole volumes is believed, as in PLACE.
    "TemporalPositionIndex": "FrameContentSequence",
    "TemporalPositionIdentifier": "FrameContentSequence",
    "FrameReferenceTime": "FrameContentSequence",
    "NominalCardiacTriggerDelayTime": "CardiacSynchronizationSequence",
    "TriggerTime": "FrameContentSequence",
    "EffectiveEchoTime": "MREchoSequence",
    "EchoTime": "FrameContentSequence",
    "DiffusionBValue": "MRDiffusionSequence",
    "FrameAcquisitionDateTime": "FrameContentSequence",
    "AcquisitionDateTime": "FrameContentSequence",
    "AcquisitionTime": "FrameContentSequence",
    "AcquisitionNumber": "FrameContentSequence",
}
NOT_SLICES = ("LOCALIZER", "MOSAIC")  # kinds of image, in the tag ImageType


@dataclass(frozen=True)
class Slice:
    """One image of a file.

    Attributes:
        dataset: the tags of its file, without the pixels.
        path: of the file.
        page: which image of the file it is, from 0.
    """

    dataset: Any
    path: Path
    page: int = 0

    @property
    def name(self) -> str:
        """Its file's name."""
        return self.path.name

    def images(self) -> int:
        """How many images its file holds."""
        return count_frames(self.dataset)

    def kind(self) -> str:
        """What it is if it is no slice of a volume: "localizer" or "mosaic"; else ""."""
        kinds = [str(word).upper() for word in self.dataset.get("ImageType") or []]
        return next((word.lower() for word in NOT_SLICES if word in kinds), "")

    def tag(self, tag: str, group: str) -> Any:
        """A tag of this image, which enhanced files keep in a group."""
        return functional_group(self.dataset, self.page, group).get(tag)

    def has_place(self) -> bool:
        """Whether it says where it lies."""
        return all(self.tag(tag, group) for tag, group in PLACE.items())

    def places_its_images(self) -> bool:
        """Whether every image of its file has a place of its own, as enhanced files state."""
        groups = self.dataset.get("PerFrameFunctionalGroupsSequence") or []
        return len(groups) == self.images() and all(g.get("PlanePositionSequence") for g in groups)

    def each_image(self) -> list["Slice"]:
        """A slice for each image of the file."""
        return [replace(self, page=page) for page in range(self.images())]


def slice_affine(each: Slice) -> NDArray[np.float64]:
    """Voxel (column, row, 0) of a slice to millimetres, right-anterior-superior: (4, 4)."""
    stated = {tag: each.tag(tag, group) for tag, group in PLACE.items()}
    missing = [tag for tag, value in stated.items() if not value]
    if missing:
        raise InputError(f"{each.name} states no position in space: it has no {missing[0]}.")
    orientation, position, spacing = stated.values()
    if (len(orientation), len(position), len(spacing)) != (6, 3, 2):
        raise InputError(f"{each.name} is damaged: it states no usable position in space.")
    along_row, along_column = np.reshape(orientation, (2, 3)).astype(float)
    row_distance, column_distance = (float(value) for value in spacing)
    thickness = each.tag("SliceThickness", "PixelMeasuresSequence")
    affine = np.eye(4)
    affine[:3, 0] = RAS_FROM_LPS @ along_row * column_distance
    affine[:3, 1] = RAS_FROM_LPS @ along_column * row_distance
    normal = RAS_FROM_LPS @ np.cross(along_row, along_column)
    affine[:3, 2] = normal * float(thickness or 1)
    affine[:3, 3] = RAS_FROM_LPS @ np.asarray(position, dtype=float)
    check_affine(affine, each.name)
    return affine


Placed = tuple[NDArray[np.float64], Slice]


def stack_affine(placed: Sequence[Placed], name: str) -> NDArray[np.float64]:
    """Check that slices lie evenly behind one another; the affine of their stack."""
    affines = [affine for affine, _ in placed]
    first = affines[0].copy()
    if any(not np.allclose(affine[:3, :2], first[:3, :2], atol=1e-3) for affine in affines):
        raise InputError(f"{name} holds slices of different direction or pixel size.")
    if len(affines) == 1:
        return first
    steps = np.diff([affine[:3, 3] for affine in affines], axis=0)  # (Z - 1, 3)
    step = steps.mean(axis=0)
    distance = float(np.linalg.norm(step))
    if np.abs(steps - step).max() > max(TOLERANCE * distance, min(ROUNDING, distance / 4)):
        raise InputError(f"{name} misses slices, or its slices are not evenly spaced.")
    first[:3, 2] = step
    return first


def group_by_place(placed: Sequence[Placed]) -> list[list[Placed]]:
    """Sort slices along their normal; those at one place form a group."""
    normal = np.cross(placed[0][0][:3, 0], placed[0][0][:3, 1])
    normal /= np.linalg.norm(normal)
    ordered = sorted(placed, key=lambda entry: float(entry[0][:3, 3] @ normal))
    groups = [[ordered[0]]]
    for before, entry in pairwise(ordered):
        if np.abs(entry[0][:3, 3] - before[0][:3, 3]).max() < SAME_PLACE:
            groups[-1].append(entry)
        else:
            groups.append([entry])
    return groups


def split_frames(groups: list[list[Placed]], name: str) -> tuple[list[list[Placed]], str]:
    """Split slices, several of which lie at each place, into volumes.

    Returns:
        Volumes in the order of the tag that sets them apart, and that tag.
    """
    count = len(groups[0])
    for tag, sequence in FRAME_TAGS.items() if all(len(g) == count for g in groups) else ():
        keys = [[str(entry.tag(tag, sequence) or "") for _, entry in group] for group in groups]
        known = set(keys[0])
        if len(known) == count and all(set(k) == known for k in keys) and "" not in known:
            order = sorted(known, key=lambda key: (float(key) if is_number(key) else 0.0, key))
            return [
                [group[k.index(key)] for group, k in zip(groups, keys, strict=True)]
                for key in order
            ], tag
    raise InputError(
        f"{name} holds several slices at one place: give every time, echo or copy a folder of its "
        "own."
    )


def is_number(text: str) -> bool:
    """Whether a tag's value is a number, by which volumes can be sorted."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def check_slices(slices: Sequence[Slice]) -> None:
    """Refuse images that are no slices of one volume."""
    for each in slices:
        if each.kind() == "mosaic":
            raise InputError(
                f"{each.name} is a mosaic of many slices in one image: convert it to NIfTI first, "
                "for example with dcm2niix."
            )
        if each.images() > 1 and not each.places_its_images():
            raise InputError(
                f"{each.name} has {each.images()} images that state no places of their own, and "
                "does not stand alone: convert it to NIfTI first, for example with dcm2niix."
            )


def fill(placed: Sequence[Placed], name: str) -> tuple[NDArray[np.float32], list[ImageData]]:
    """Read the pixels of slices in their order, one file after another.

    Returns:
        (X, Y, Z), and what is known of each image, without its pixels.
    """
    stack, known = np.empty((0, 0, 0), np.float32), []
    entries = sorted(enumerate(each for _, each in placed), key=lambda entry: entry[1].path)
    for path, group in groupby(entries, key=lambda entry: entry[1].path):
        with open_file(path) as (file, _):
            dataset = open_dataset(file)
            for index, each in group:
                image = to_image(dataset, each.name, each.page)
                if not stack.size:
                    check_voxel_count(image.values.size * len(placed), name)
                    stack = np.empty((*image.values.T.shape[-2:], len(placed)), np.float32)
                if image.values.T.shape != stack.shape[:2]:
                    raise InputError(f"{name} holds slices of different size, or colour.")
                stack[..., index] = image.values.T
                known.append(replace(image, values=image.values[:0]))
    return stack, known


def stack_slices(slices: Sequence[Slice], name: str, frame: int | None) -> Volume:
    """Read slices of one series as a volume.

    Args:
        slices: one for each file.
        name: what to call the series in messages.
        frame: which volume of a series of several, counted from 1.

    Returns:
        The volume, its slices sorted by their position over all files.

    Raises:
        InputError: uneven or missing slices, several volumes, or a damaged file.
    """
    check_slices(slices)
    images = [image for each in slices for image in each.each_image()]
    groups = group_by_place([(slice_affine(image), image) for image in images])
    frames, tag = [[entry for group in groups for entry in group]], ""
    if len(groups) < len(images):
        frames, tag = split_frames(groups, name)
    index = choose_frame(frame, len(frames), name, f" set apart by {tag}" if tag else "")
    name = frame_name(name, index, len(frames))
    affine = stack_affine(frames[index], name)
    values, known = fill(frames[index], name)
    first = known[0]
    return Volume(
        values=values,
        affine=affine,
        full_range=(min(i.full_range[0] for i in known), max(i.full_range[1] for i in known)),
        name=name,
        unit=first.unit,
        modality=first.modality,
        presets=first.presets,
        inverted=first.inverted,
        frame=str(images[0].dataset.get("FrameOfReferenceUID", "")),
        frames=len(frames),
    )
