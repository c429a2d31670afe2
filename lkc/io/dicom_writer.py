"""Fused images as DICOM secondary captures: a fresh header with the first source's place."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lkc.errors import replacing
from lkc.extras import need
from lkc.io.dicom import functional_group, open_tags
from lkc.io.dicom_stack import PLACE
from lkc.io.kinds import open_file
from lkc.io.pixels import to_8_bits, to_unit_range
from lkc.io.volume import LPS_FROM_RAS, voxel_size

TITLE = "Computed fusion, not for diagnosis"
LONGEST_TEXT = 1022  # characters of a description: DICOM allows 1024, and one may be filled in
UID = re.compile(r"[0-9.]{1,64}")  # so that nothing else travels under its name
EMPTY = (  # tags that must be there, and name someone or something where they are filled
    *("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime"),
    *("AccessionNumber", "ReferringPhysicianName", "StudyID", "Manufacturer"),
)


@dataclass(frozen=True)
class Plane:
    """Where the pixels of an image lie in a body, as DICOM states it.

    Attributes:
        spacing: millimetres from row to row, and from column to column.
        orientation: directions (6,) along a row and along a column; left, back and up count.
        position: (3,) of the first pixel's middle, in millimetres; both are empty where unknown.
        thickness: of the slice in millimetres; None where unknown.
        frame: the UID of the frame of reference; "" where unknown.
    """

    spacing: tuple[float, ...]
    orientation: tuple[float, ...] = ()
    position: tuple[float, ...] = ()
    thickness: float | None = None
    frame: str = ""


def floats(value: Any) -> tuple[float, ...]:
    """The finite numbers of a tag; none where it is missing or damaged."""
    try:
        numbers = tuple(float(each) for each in value or ())
    except (TypeError, ValueError):
        return ()
    return numbers if np.isfinite(numbers).all() else ()


def read_plane(path: str | PathLike[str]) -> Plane | None:
    """Read where the first image of a DICOM file lies.

    Args:
        path: any file.

    Returns:
        Its plane; None where it is no DICOM, or states no distance of its pixels.

    Raises:
        InputError: missing, or its header is damaged.

    Example:
        >>> read_plane("assets/examples/ir-vis/ir/night.png") is None
        True
    """
    with open_file(path) as (file, kind):
        if kind != "dicom":
            return None
        dataset, _ = open_tags(file)
        tags = {tag: functional_group(dataset, 0, group).get(tag) for tag, group in PLACE.items()}
        orientation, position, spacing = map(floats, tags.values())
        measures = functional_group(dataset, 0, PLACE["PixelSpacing"])
        thickness = floats([measures.get("SliceThickness") or 0])
        frame = str(dataset.get("FrameOfReferenceUID") or "")
    if len(spacing) != 2 or min(spacing) <= 0:
        return None
    if (len(orientation), len(position)) != (6, 3):
        return Plane(spacing)
    return Plane(spacing, orientation, position, thickness[0] if any(thickness) else None, frame)


def plane_of(affine: NDArray[np.float64], frame: str = "") -> Plane:
    """State the place of one slice of a volume.

    Args:
        affine: (4, 4), column, row and slice to millimetres, right-anterior-superior; its origin is
            the first pixel of the slice.
        frame: the UID of the frame of reference; "" where unknown.

    Returns:
        The plane.

    Example:
        >>> plane_of(np.diag([-1.0, -2.0, 3.0, 1.0])).orientation
        (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
    """
    lps = LPS_FROM_RAS @ affine + 0.0  # without -0
    size = voxel_size(affine)
    along = (lps[:3, :2] / size[:2]).T.ravel().tolist()
    columns, rows, thickness = size.tolist()
    return Plane((rows, columns), tuple(along), tuple(lps[:3, 3].tolist()), thickness, frame)


def decimals(values: Sequence[float]) -> list[Any]:
    """Numbers as DICOM stores them, in at most 16 characters each."""
    to_text = need("pydicom.valuerep", "writing DICOM").DS
    return [to_text(value, auto_format=True) for value in values]


def place(dataset: Any, plane: Plane) -> None:
    """State where the pixels lie."""
    dataset.PixelSpacing = decimals(plane.spacing)
    if not plane.orientation:
        return
    new_uid = need("pydicom.uid", "writing DICOM").generate_uid(prefix=None)
    dataset.ImageOrientationPatient = decimals(plane.orientation)
    dataset.ImagePositionPatient = decimals(plane.position)
    dataset.SliceThickness = None if plane.thickness is None else decimals([plane.thickness])[0]
    dataset.FrameOfReferenceUID = plane.frame if UID.fullmatch(plane.frame) else new_uid
    dataset.PositionReferenceIndicator = ""


def fill_pixels(dataset: Any, pixels: NDArray) -> None:
    """Store pixels uncompressed, with what a viewer needs to show them in full."""
    bits = 8 * pixels.itemsize
    dataset.Rows, dataset.Columns = pixels.shape[:2]
    dataset.BitsAllocated = dataset.BitsStored = bits
    dataset.HighBit, dataset.PixelRepresentation = bits - 1, 0
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    if pixels.ndim == 3:
        dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 3, "RGB"
        dataset.PlanarConfiguration = 0
    else:
        dataset.WindowCenter, dataset.WindowWidth = 2 ** (bits - 1), 2**bits
    content = pixels.astype(pixels.dtype.newbyteorder("<")).tobytes()
    dataset.add_new("PixelData", "OW" if bits > 8 else "OB", content + b"\0" * (len(content) % 2))


def new_dataset(notes: Mapping[str, str]) -> Any:
    """A header that names nobody, with new UIDs."""
    pydicom, uid = need("pydicom", "writing DICOM"), need("pydicom.uid", "writing DICOM")
    dataset = pydicom.Dataset()
    dataset.file_meta = pydicom.dataset.FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID = uid.SecondaryCaptureImageStorage
    for tag in ("SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID"):
        setattr(dataset, tag, uid.generate_uid(prefix=None))
    for tag in EMPTY:
        setattr(dataset, tag, "")
    dataset.Modality, dataset.ConversionType = "OT", "WSD"  # other, made on a workstation
    dataset.ImageType = ["DERIVED", "SECONDARY"]
    dataset.SeriesNumber = dataset.InstanceNumber = 1
    dataset.SeriesDescription = TITLE
    said = "; ".join(f"{key}: {text}" for key, text in notes.items())
    dataset.DerivationDescription = f"{TITLE}. Made by lkc. {said}"[:LONGEST_TEXT]
    return dataset


def write_dicom(
    path: str | PathLike[str],
    pixels: NDArray,
    notes: Mapping[str, str] | None = None,
    plane: Plane | None = None,
) -> None:
    """Write a fused image as a DICOM secondary capture that names no patient.

    Nothing of the sources' headers is copied but the plane. Study, series and image get new UIDs.

    Args:
        path: target; its folder is made if it is missing.
        pixels: (H, W) or (H, W, 3) RGB, uint8 or uint16; colour is stored in 8 bits, which is all
            that most viewers show.
        notes: how it was made, by keyword, for the derivation description.
        plane: where the pixels lie; None leaves it open.

    Raises:
        InputError: it cannot be written, or pydicom is missing.

    Example:
        >>> write_dicom("fused.dcm", fused, {"task": "mri-ct"})  # doctest: +SKIP
    """
    if pixels.ndim == 3:
        pixels = pixels if pixels.itemsize == 1 else to_8_bits(to_unit_range(pixels, "image"))
    dataset = new_dataset(notes or {})
    if plane is not None:
        place(dataset, plane)
    if plane is None or not plane.orientation:
        dataset.PatientOrientation = ""
    fill_pixels(dataset, pixels)
    with replacing(Path(path)) as temporary:
        dataset.save_as(temporary, enforce_file_format=True)
