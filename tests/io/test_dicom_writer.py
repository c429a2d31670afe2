"""Fused images as DICOM: equal pixels, the first source's place, and nobody's name."""

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from pydicom import uid

import lkc
from lkc.io.dicom_writer import Plane, plane_of, read_plane, write_dicom
from lkc.io.image_files import read_image, write_image
from lkc.io.volume import LPS_FROM_RAS
from tests.fixtures.medical_files import NAME
from tests.fixtures.medical_files import write_dicom as write_source

CHANCE = np.random.default_rng(0)
OBLIQUE = (0.8, 0.6, 0.0, -0.36, 0.48, 0.8)


@pytest.mark.parametrize("shape", [(33, 21), (33, 21, 3)])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_pixels_are_read_back_by_us_and_by_others(tmp_path, shape, kind):
    pixels = CHANCE.integers(0, np.iinfo(kind).max, shape, endpoint=True).astype(kind)
    write_dicom(tmp_path / "a.dcm", pixels)
    if len(shape) == 3:
        pixels = np.rint(pixels / np.iinfo(kind).max * 255)
    assert np.array_equal(read_image(tmp_path / "a.dcm"), pixels)
    read = sitk.GetArrayFromImage(sitk.ReadImage(tmp_path / "a.dcm"))
    assert np.array_equal(read[0], pixels)
    assert pydicom.dcmread(tmp_path / "a.dcm").BitsStored == (
        8 if len(shape) == 3 else 8 * pixels.itemsize
    )


def test_the_place_of_a_plane_is_stored(tmp_path):
    plane = Plane((0.5, 0.75), OBLIQUE, (-10.25, 1 / 3, 5.0), 2.5, "1.2.3.4")
    write_dicom(tmp_path / "a.dcm", np.zeros((20, 30), np.uint8), plane=plane)
    read = read_plane(tmp_path / "a.dcm")
    assert read.position == pytest.approx(plane.position, abs=1e-9)
    assert read.frame == plane.frame
    image = sitk.ReadImage(tmp_path / "a.dcm")
    assert image.GetSpacing()[:2] == pytest.approx((0.75, 0.5))  # column by column first
    assert image.GetOrigin() == pytest.approx(plane.position)
    assert np.reshape(image.GetDirection(), (3, 3))[:, :2].T.ravel() == pytest.approx(OBLIQUE)


def test_a_slice_of_a_volume_lies_where_its_affine_says():
    affine = np.array([[0, -2, 0, 7.0], [-3, 0, 0, 8], [0, 0, 4, 9], [0, 0, 0, 1]])
    plane = plane_of(affine, "1.2")
    assert plane.spacing == (2, 3)  # from row to row, then from column to column
    column, row = 5, 6
    along = np.reshape(plane.orientation, (2, 3))
    here = plane.position + column * 3 * along[0] + row * 2 * along[1]
    assert here == pytest.approx((LPS_FROM_RAS @ affine @ (column, row, 0, 1))[:3])


@pytest.mark.parametrize(
    "tags",
    [{"PixelSpacing": None}, {"PixelSpacing": [0, 1]}, {"PixelSpacing": [1]}],
)
def test_a_file_without_a_distance_of_pixels_has_no_plane(tmp_path, tags):
    assert read_plane(write_source(tmp_path / "a.dcm", **tags)) is None


def test_a_place_that_is_not_whole_is_left_out(tmp_path):
    file = write_source(tmp_path / "a.dcm", ImagePositionPatient=[1, 2])
    assert read_plane(file) == Plane((0.5, 0.75))
    write_dicom(tmp_path / "b.dcm", np.zeros((20, 30), np.uint8), plane=read_plane(file))
    assert "ImageOrientationPatient" not in pydicom.dcmread(tmp_path / "b.dcm")


def test_what_is_no_uid_does_not_travel_as_a_frame_of_reference(tmp_path):
    file = write_source(tmp_path / "a.dcm", FrameOfReferenceUID=NAME)
    write_dicom(
        tmp_path / "b.dcm", np.zeros((20, 30), np.uint8), {"": "x" * 2000}, read_plane(file)
    )
    written = pydicom.dcmread(tmp_path / "b.dcm")
    assert written.FrameOfReferenceUID.is_valid
    assert len(written.DerivationDescription) <= 1024


def test_the_command_line_writes_it_with_the_place_of_the_first_source(tmp_path, lkc_command):
    place = {"ImageOrientationPatient": [*OBLIQUE], "FrameOfReferenceUID": "1.2.3.4.5"}
    identity = {
        "StudyInstanceUID": "1.2.777", "StudyDate": "20260102", "InstitutionName": "Charity",
        "AccessionNumber": "A777", "StudyDescription": "Knee777", "ReferringPhysicianName": "Roe",
        "PatientBirthDate": "19610203", "OperatorsName": "Smith", "DeviceSerialNumber": "S777",
    }  # fmt: skip
    mri = write_source(tmp_path / "mri777.dcm", Modality="MR", **place, **identity)
    ct = write_source(tmp_path / "ct777.dcm", np.roll(read_image(mri), 5).astype(np.uint16))
    out = tmp_path / "fused.dcm"
    status, _, said = lkc_command("fuse", mri, ct, "-o", out, "--task", "mri-ct")
    assert status == 0, said
    assert np.array_equal(read_image(out), lkc.fuse(mri, ct, "mri-ct"))
    source, fused = pydicom.dcmread(mri), pydicom.dcmread(out)
    for tag in ("PixelSpacing", "ImagePositionPatient", "SliceThickness", "FrameOfReferenceUID"):
        assert fused[tag].value == source[tag].value, tag
    assert fused.ImageOrientationPatient == pytest.approx(OBLIQUE)
    assert fused.SOPClassUID == uid.SecondaryCaptureImageStorage
    assert "not for diagnosis" in fused.DerivationDescription
    assert "window of first: percentile 1,99" in fused.DerivationDescription
    assert not any((fused.PatientName, fused.PatientID, fused.StudyDate))
    content = out.read_bytes()
    for element in (*fused.file_meta, *fused):
        if element.VR == "UI":  # new ones are drawn, and may have any digits
            content = content.replace(str(element.value).encode(), b"")
    assert not [
        mark for mark in (b"777", b"Doe", b"4711", b"Roe", b"Smith", b"Charity") if mark in content
    ]
    for tag in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"):
        assert fused[tag].value != source[tag].value, tag


def test_where_the_grid_is_not_that_of_the_first_its_place_is_not_kept(tmp_path, lkc_command):
    ct = write_source(tmp_path / "ct.dcm")
    write_image(tmp_path / "mri.png", np.full((20, 30), 90, np.uint8))
    status, _, said = lkc_command(
        "fuse", tmp_path / "mri.png", ct, "-o", tmp_path / "a.dcm", "--task", "mri-ct"
    )
    assert status == 0, said
    assert read_plane(tmp_path / "a.dcm") is None
    assert NAME not in str(pydicom.dcmread(tmp_path / "a.dcm"))


def test_folders_of_slices_are_sent_to_nifti(tmp_path, lkc_command):
    for name in ("mri", "ct"):
        (tmp_path / name).mkdir()
        write_source(tmp_path / name / "1.dcm")
    status, _, said = lkc_command(
        "fuse", tmp_path / "mri", tmp_path / "ct", "-o", tmp_path / "a.dcm", "--task", "mri-ct"
    )
    assert status == 1
    assert "name the output a.nii.gz" in said
