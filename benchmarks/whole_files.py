"""Small whole files of every format that is read, for `benchmarks.damaged_files` to damage."""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import nibabel
import numpy as np
import SimpleITK as sitk
import tifffile
from numpy.typing import NDArray
from PIL import Image
from pydicom import Dataset, uid
from pydicom.dataset import FileMetaDataset

from lkc.io.clip_writer import ClipWriter

RNG = np.random.default_rng(0)
GRAY, COLOUR = (RNG.integers(0, 256, (20, 30, *c), dtype=np.uint8) for c in ((), (3,)))
DEEP = RNG.integers(0, 65536, (20, 30), dtype=np.uint16)
CELSIUS = RNG.uniform(10, 40, (20, 30)).astype(np.float32)
VOXELS = RNG.integers(1, 900, (6, 16, 18)).astype(np.int16)  # (Z, Y, X)
PLACE = [(33550, 12, 3, (0.1, 0.1, 0.0), True), (33922, 12, 6, (0.0, 0, 0, 5e5, 5e6, 0), True)]


@dataclass(frozen=True)
class Format:
    """A kind of file to damage.

    Attributes:
        suffix: of its files.
        write: writes a whole file to a path.
        checked: whether a checksum protects every value.
        comparable: whether a file that is cut off can be told from a whole one.
    """

    suffix: str
    write: Callable[[Path], Any]
    checked: bool = False
    comparable: bool = True


def save(path: Path, pixels: NDArray, kind: str | None = None, **options: Any) -> None:
    """Write a picture with Pillow."""
    Image.fromarray(pixels).save(path, kind, **options)


def write_dicom(path: Path, frames: int = 1, syntax: str = uid.ExplicitVRLittleEndian) -> None:
    """Write a CT image, or many frames, each with a place of its own."""
    pixels = VOXELS.astype(np.uint16)[:frames]
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
    dataset.SOPClassUID, dataset.SOPInstanceUID = uid.CTImageStorage, "1.2.3"
    dataset.SeriesInstanceUID, dataset.Modality, dataset.NumberOfFrames = "1.2", "CT", frames
    dataset.Rows, dataset.Columns = pixels.shape[1:]
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 12, 11
    dataset.PixelRepresentation = 0
    dataset.RescaleSlope, dataset.RescaleIntercept = 2, -1024
    dataset.WindowCenter, dataset.WindowWidth = 40, 80
    dataset.ImageOrientationPatient, dataset.PixelSpacing = [1, 0, 0, 0, 1, 0], [0.5, 0.75]
    dataset.ImagePositionPatient, dataset.SliceThickness = [-10, -20, 5], 3
    groups = []
    for z in range(frames if frames > 1 else 0):
        group, position = Dataset(), Dataset()
        position.ImagePositionPatient = [0, 0, 2.5 * z]
        group.PlanePositionSequence = [position]
        groups.append(group)
    if groups:
        dataset.PerFrameFunctionalGroupsSequence = groups
    dataset.PixelData = pixels.tobytes()
    if syntax != uid.ExplicitVRLittleEndian:
        dataset.compress(syntax)
    dataset.save_as(path, enforce_file_format=True)


def write_flir(path: Path) -> None:
    """Write a radiometric JPEG in FLIR's layout, with raw counts and the camera's constants."""
    counts = np.rint(13_000 + 40 * CELSIUS).astype("<u2")
    camera = bytearray(1000)
    struct.pack_into("<H", camera, 0, 2)
    struct.pack_into("<6f", camera, 32, 0.95, 1.0, 293.15, 293.15, 293.15, 1.0)
    struct.pack_into("<f", camera, 60, 0.5)
    struct.pack_into("<3f", camera, 88, 21106.77, 1501.0, 1.0)
    struct.pack_into("<5f", camera, 112, 0.006569, 0.01262, -0.002276, -0.00667, 1.9)
    struct.pack_into("<if", camera, 776, -7340, 0.012545258)
    image = struct.pack("<HHH26x", 2, *counts.shape[::-1]) + counts.tobytes()
    directory, records, start = b"", b"", 64 + 2 * 32
    for kind, record in ((1, image), (32, bytes(camera))):
        place = start + len(records), len(record)
        directory += struct.pack("<HHIIIIIII", kind, 3, 100, 1, *place, 0, 0, 0)
        records += record
    header = b"FFF\0" + b"TEST".ljust(16, b"\0") + struct.pack("<III", 100, 64, 2)
    content = b"FLIR\0\1\0\0" + header.ljust(64, b"\0") + directory + records
    stream = BytesIO()
    Image.fromarray(COLOUR).save(stream, "JPEG")
    jpeg = stream.getvalue()
    path.write_bytes(jpeg[:2] + struct.pack(">HH", 0xFFE1, len(content) + 2) + content + jpeg[2:])


def write_nifti(path: Path) -> None:
    """Write a NIfTI volume with a slope."""
    image = nibabel.Nifti1Image(VOXELS.T, np.diag([2.0, 2, 3, 1]))
    image.header.set_slope_inter(0.5, -10)
    nibabel.save(image, path)


def write_itk(path: Path, compressed: bool) -> None:
    """Write NRRD or MetaImage with SimpleITK."""
    sitk.WriteImage(sitk.GetImageFromArray(VOXELS), str(path), useCompression=compressed)


def write_mgh(path: Path) -> None:
    """Write a volume of FreeSurfer."""
    nibabel.save(nibabel.MGHImage(VOXELS.T, np.diag([2.0, 2, 3, 1])), path)


def write_film(path: Path) -> None:
    """Write a clip of six frames."""
    with ClipWriter(path, Fraction(25), Fraction(1, 1000), {}) as writer:
        for number in range(6):
            frame = np.roll(cv2.resize(GRAY, (60, 40)), number, axis=1)
            writer.write(np.asarray(frame, np.uint8), Fraction(number, 25))


FORMATS = {
    "PNG, 8 bits": Format(".png", partial(save, pixels=COLOUR), checked=True),
    "PNG, 16 bits": Format(".png", partial(save, pixels=DEEP), checked=True),
    "PNG, 16 bits, colour": Format(
        ".png", lambda path: cv2.imwrite(str(path), np.dstack([DEEP] * 3)), checked=True
    ),
    "JPEG": Format(".jpg", partial(save, pixels=COLOUR)),
    "WebP": Format(".webp", partial(save, pixels=COLOUR)),
    "BMP": Format(".bmp", partial(save, pixels=COLOUR)),
    "GIF": Format(".gif", partial(save, pixels=GRAY)),
    "JPEG 2000": Format(".jp2", partial(save, pixels=DEEP)),
    "PGM, 16 bits": Format(
        ".pgm", lambda path: path.write_bytes(b"P5 30 20 65535\n" + DEEP.astype(">u2").tobytes())
    ),
    "TIFF, 8 bits": Format(".tif", partial(save, pixels=COLOUR, compression="tiff_lzw")),
    "TIFF, 16 bits": Format(".tif", lambda path: tifffile.imwrite(path, DEEP, compression="zlib")),
    "GeoTIFF, floats": Format(
        ".tif", lambda path: tifffile.imwrite(path, CELSIUS, extratags=PLACE, metadata=None)
    ),
    "npy": Format(".npy", lambda path: np.save(path, CELSIUS)),
    "csv": Format(
        ".csv", lambda path: np.savetxt(path, CELSIUS, "%.3f", delimiter=","), comparable=False
    ),
    "radiometric JPEG": Format(".jpg", write_flir),
    "clip, MKV": Format(".mkv", write_film, comparable=False),
    "clip, MP4": Format(".mp4", write_film, comparable=False),
    "DICOM": Format(".dcm", write_dicom),
    "DICOM, RLE": Format(".dcm", partial(write_dicom, syntax=uid.RLELossless)),
    "DICOM, many frames": Format(".dcm", partial(write_dicom, frames=6)),
    "NIfTI": Format(".nii", write_nifti),
    "NIfTI, gzip": Format(".nii.gz", write_nifti, checked=True),
    "NRRD": Format(".nrrd", partial(write_itk, compressed=False)),
    "NRRD, gzip": Format(".nrrd", partial(write_itk, compressed=True)),
    "MetaImage": Format(".mha", partial(write_itk, compressed=False)),
    "MetaImage, zlib": Format(".mha", partial(write_itk, compressed=True)),
    "MGH": Format(".mgh", write_mgh),
    "MGH, gzip": Format(".mgz", write_mgh, checked=True),
}
