"""DICOM and NIfTI files with a patient's name in them, written for tests."""

import nibabel
import numpy as np
import pydicom
from pydicom import uid

SLICE = np.random.default_rng(0).integers(0, 4096, (20, 30), dtype=np.uint16)
NAME = "Doe^Jane"


def write_dicom(path, pixels=SLICE, syntax=uid.ExplicitVRLittleEndian, series="1.2.3", **tags):
    """A CT slice (slope 2, intercept -1024) with a patient's name."""
    dataset = pydicom.Dataset()
    dataset.file_meta = pydicom.dataset.FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = uid.CTImageStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID = uid.generate_uid()
    dataset.SOPClassUID, dataset.SeriesInstanceUID = uid.CTImageStorage, series
    dataset.PatientName, dataset.PatientID, dataset.Modality = NAME, "4711", "CT"
    dataset.Rows, dataset.Columns = pixels.shape[-2:] if pixels.shape[-1] != 3 else pixels.shape[:2]
    dataset.SamplesPerPixel = 3 if pixels.shape[-1] == 3 else 1
    dataset.PhotometricInterpretation = "RGB" if pixels.shape[-1] == 3 else "MONOCHROME2"
    dataset.PlanarConfiguration = 0
    dataset.BitsAllocated = 8 * pixels.dtype.itemsize
    dataset.BitsStored = min(12, dataset.BitsAllocated)
    dataset.HighBit, dataset.PixelRepresentation = dataset.BitsStored - 1, 0
    dataset.RescaleSlope, dataset.RescaleIntercept = 2, -1024
    dataset.WindowCenter, dataset.WindowWidth = [40, 400], [80, 1000]
    dataset.PixelSpacing, dataset.SliceThickness = [0.5, 0.75], 3
    dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    dataset.ImagePositionPatient = [-10, -20, 5]
    dataset.PixelData = pixels.tobytes()
    for tag, value in tags.items():
        setattr(dataset, tag, value)
    if syntax != uid.ExplicitVRLittleEndian:
        dataset.compress(syntax)
    dataset.save_as(path, enforce_file_format=True)
    return path


def write_volume(path, values, affine, **header):
    image = nibabel.Nifti1Image(values, affine)
    for key, value in header.items():
        image.header[key] = value
    nibabel.save(image, path)
    return path
