"""DICOM slices and series: values after slope and intercept, windows, geometry; no patient tags.

Only what an image needs is taken from a file: nothing that names a patient, a place or a date is
kept, so that nothing of it can reach an output.
"""

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lkc.errors import InputError
from lkc.images import MAX_PIXELS, check_pixel_count
from lkc.io.reading import ImageData, check_page
from lkc.io.volume import Volume
from lkc.optional import need, one_sentence

COLOUR = ("RGB", "YBR", "PALETTE")  # starts of PhotometricInterpretation
RAS_FROM_LPS = np.diag([-1.0, -1.0, 1.0])  # DICOM points left and back, NIfTI right and front
TOLERANCE = 0.01  # of a slice distance


def pydicom() -> ModuleType:
    """Import pydicom and its pixel functions."""
    need("pydicom.pixels", "reading DICOM")
    return need("pydicom", "reading DICOM")


def window_presets(dataset: Any) -> dict[str, tuple[float, float]]:
    """The windows that a file names: centre and width as lowest and highest value."""

    def as_list(value: Any) -> list:
        return [] if value is None else list(value) if hasattr(value, "__iter__") else [value]

    centres = as_list(dataset.get("WindowCenter"))
    widths = as_list(dataset.get("WindowWidth"))
    pairs = [(float(c), float(w)) for c, w in zip(centres, widths, strict=False) if float(w) > 0]
    return {f"file {n}": (c - w / 2, c + w / 2) for n, (c, w) in enumerate(pairs)}


def decode(dataset: Any, name: str) -> NDArray:
    """Decode pixels, or say what a compressed file needs."""
    check_pixel_count(int(dataset.Columns), int(dataset.Rows), name)
    if int(dataset.get("NumberOfFrames", 1) or 1) * dataset.Rows * dataset.Columns > 4 * MAX_PIXELS:
        raise InputError(f"{name} has more than {4 * MAX_PIXELS // 1_000_000} million values.")
    syntax = dataset.file_meta.TransferSyntaxUID
    try:
        return dataset.pixel_array
    except (RuntimeError, NotImplementedError):
        if not syntax.is_compressed:
            raise
        raise InputError(
            f"{name} is damaged, or its compression ({syntax.name}) needs a plugin: "
            "pip install pylibjpeg pylibjpeg-libjpeg pylibjpeg-openjpeg."
        ) from None


def stored_range(dataset: Any, slope: float, intercept: float) -> tuple[float, float]:
    """What the stored bits can hold, after slope and intercept."""
    bits, signed = int(dataset.BitsStored), int(dataset.get("PixelRepresentation", 0))
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    ends = low * slope + intercept, high * slope + intercept
    return min(ends), max(ends)


def to_image(dataset: Any, name: str, page: int = 0) -> ImageData:
    """Take values, range and windows from a dataset that is open."""
    if "PixelData" not in dataset:
        raise InputError(f"{name} is DICOM without an image.")
    pixels, kind = decode(dataset, name), str(dataset.get("PhotometricInterpretation", ""))
    pages = int(dataset.get("NumberOfFrames", 1) or 1)
    check_page(page, pages, name)
    pixels = pixels[page] if pages > 1 else pixels
    modality = str(dataset.get("Modality", ""))
    if kind.startswith(COLOUR):
        if kind.startswith("PALETTE"):
            pixels = pydicom().pixels.apply_color_lut(pixels, dataset)
        top = 255.0 if pixels.dtype == np.uint8 else 65535.0
        return ImageData(pixels.astype(np.float32), (0.0, top), name, "", modality, pages)
    slope, intercept = float(dataset.get("RescaleSlope", 1) or 1), dataset.get("RescaleIntercept")
    values = pydicom().pixels.apply_rescale(pixels, dataset).astype(np.float32)
    limits = stored_range(dataset, slope, float(intercept or 0))
    presets = window_presets(dataset)
    if kind == "MONOCHROME1":  # low values are white
        total = sum(limits)
        values = np.float32(total) - values
        presets = {key: (total - high, total - low) for key, (low, high) in presets.items()}
    unit = "HU" if modality == "CT" else ""
    return ImageData(values, limits, name, unit, modality, pages, presets)


def read_dicom(path: Path, page: int = 0) -> ImageData:
    """Read one DICOM file.

    Args:
        path: the file; compressed transfer syntaxes through pydicom's plugins.
        page: the frame of a multi-frame file, from 0.

    Returns:
        Values (H, W) or (H, W, 3) after slope and intercept.

    Raises:
        InputError: not DICOM, damaged, without an image, or a plugin is missing.

    Example:
        >>> read_dicom(Path("slice.dcm")).unit  # doctest: +SKIP
        'HU'
    """
    dcmread = pydicom().dcmread
    with one_sentence(path):
        return to_image(dcmread(path), path.name, page)


def slice_affine(dataset: Any) -> NDArray[np.float64]:
    """Voxel (column, row, 0) of a slice to millimetres, right-anterior-superior: (4, 4)."""
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
    step = steps.mean(axis=0)
    if np.abs(steps - step).max() > TOLERANCE * max(float(np.linalg.norm(step)), 1e-6):
        raise InputError(f"{name} misses slices, or its slices are not evenly spaced.")
    first[:3, 2] = step
    return first


def read_series(folder: Path) -> Volume:
    """Read the one DICOM series of a folder as a volume.

    Args:
        folder: files of one series, in any order; other files are passed over.

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
        with one_sentence(path), path.open("rb") as file:
            if file.read(132)[128:] != b"DICM":
                continue
            dataset = dcmread(path)
            if int(dataset.get("NumberOfFrames", 1) or 1) > 1:
                raise InputError(f"{path.name} has several frames: convert it to NIfTI first.")
            series = str(dataset.get("SeriesInstanceUID", ""))
            found.append((series, slice_affine(dataset), to_image(dataset, path.name)))
    if not found:
        raise InputError(f"{folder} holds no DICOM file.")
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
    return Volume(values, affine, limits, folder.name, first.unit, first.modality, first.presets)
