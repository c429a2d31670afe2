"""`lkc info`: every line against what other code finds in the file."""

import nibabel
import numpy as np
import pytest
import tifffile

from lkc.tutorial.examples import SHIPPED
from tests.fixtures.medical_files import write_dicom


def test_a_picture(lkc_command):
    status, out, _ = lkc_command("info", str(SHIPPED / "ir-vis" / "ir" / "night.png"))
    assert status == 0
    assert "night.png: picture" in out
    assert "gray" in out
    assert "unit: gray levels" in out
    assert "window without --window: full: 0 to 255" in out
    assert len(out.splitlines()) <= 10


def test_values_and_gaps_of_a_thermal_file(lkc_command, tmp_path):
    values = np.linspace(10, 40, 1200, dtype=np.float32).reshape(30, 40)
    values[:3] = -9999
    tifffile.imwrite(tmp_path / "a.tif", values)
    _, out, _ = lkc_command("info", str(tmp_path / "a.tif"))
    kept = values[3:]
    assert f"values: float32, from {kept.min():g} to {kept.max():g}" in out
    assert f"percentiles 1, 50, 99: {np.percentile(kept, 1):g}, {np.median(kept):g}" in out
    assert "gaps: 10.0% of all values" in out
    assert "unit: not stated" in out


@pytest.mark.parametrize("placed", [True, False])
def test_a_volume(lkc_command, tmp_path, placed):
    affine = np.diag([2.0, 3, 4, 1])
    affine[:3, 3] = -7, 8, 9
    image = nibabel.Nifti1Image(np.arange(6000, dtype=np.int16).reshape(30, 20, 10), affine)
    if not placed:
        image.set_sform(None, code=0)
        image.set_qform(None, code=0)
    nibabel.save(image, tmp_path / "a.nii.gz")
    _, out, _ = lkc_command("info", str(tmp_path / "a.nii.gz"))
    assert "30x20x10 voxels of 2x3x4 mm" in out
    place = "-7 mm right, 8 mm front, 9 mm up" if placed else "the file states no place"
    assert f"first voxel: {place}" in out


def test_folders(lkc_command, tmp_path):
    _, out, _ = lkc_command("info", str(SHIPPED / "ir-vis" / "ir"))
    assert "ir: folder" in out
    assert "images: " in out
    for number in range(3):
        write_dicom(tmp_path / f"{number}.dcm", ImagePositionPatient=[0, 0, 5 * number])
    (tmp_path / "notes.txt").write_text("hello")
    _, out, errors = lkc_command("info", str(tmp_path))
    assert "x3 voxels" in out
    assert "unit: HU" in out
    assert "notes.txt is not DICOM" in errors


def test_what_is_not_there_is_one_sentence(lkc_command):
    status, out, errors = lkc_command("info", "missing.png")
    assert status > 0
    assert out == ""
    assert errors.count("\n") == 1


def test_a_folder_above_the_images_says_what_lies_below(lkc_command, tmp_path):
    for number in range(3):
        place = [0, 0, 5 * number]
        (tmp_path / "scan" / "ST0" / "CT").mkdir(parents=True, exist_ok=True)
        path = tmp_path / "scan" / "ST0" / "CT" / f"{number}.dcm"
        write_dicom(path, ImagePositionPatient=place, SeriesNumber=5)
    _, out, _ = lkc_command("info", str(tmp_path / "scan"))
    assert f"series in its folders: 5 (CT, 30x20, 3 images) in {path.parent}" in unwrapped(out)
    (tmp_path / "data" / "ir" / "train").mkdir(parents=True)
    (tmp_path / "data" / "ir" / "train" / "1.PNG").touch()
    (tmp_path / "data" / "mri.nii.gz").touch()
    _, out, _ = lkc_command("info", str(tmp_path / "data"))
    assert "images: 0\n" in out
    assert "other files: mri.nii.gz\n" in out
    assert "folder in it: ir, with images: 1\n" in out


def unwrapped(text):
    return " ".join(text.split())


def test_the_place_of_a_geotiff(lkc_command, tmp_path):
    keys = (1, 1, 0, 1, 3072, 0, 1, 32633)
    tags = [
        (33550, 12, 3, (0.5, 0.5, 0.0), True),
        (33922, 12, 6, (0.0, 0, 0, 500000.25, 5000000, 0), True),
        (34735, 3, 8, keys, True),
    ]
    values = np.arange(1200, dtype=np.float32).reshape(30, 40)
    for name, extra, said in (("a", tags, "EPSG:32633"), ("b", tags[:2], "no system stated")):
        tifffile.imwrite(tmp_path / f"{name}.tif", values, extratags=extra, metadata=None)
        _, out, _ = lkc_command("info", str(tmp_path / f"{name}.tif"))
        assert f"place on Earth: 500000.25 5000000 to 500020.25 4999985, {said}\n" in out
