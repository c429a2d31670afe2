"""`lkc fuse` on volumes and DICOM slices: geometry kept, windows said, nothing of a patient."""

import json

import nibabel
import numpy as np
import pytest
from PIL import Image

from lkc.io.image_files import read_image, write_image
from tests.fixtures.medical_files import NAME, write_dicom, write_volume

RNG = np.random.default_rng(0)
GRID = np.array([[0, 1.5, 0, -4], [-1.5, 0, 0, 40], [0, 0, 2, -3], [0, 0, 0, 1.0]])
HEAD = (RNG.random((20, 24, 6)) * 500).astype(np.float32)


@pytest.fixture
def volumes(tmp_path, monkeypatch):
    """An MRI and a CT on one grid, and a PET on a coarser one."""
    monkeypatch.chdir(tmp_path)
    names = {"descrip": b"Jane Doe", "db_name": b"Doe", "aux_file": b"4711"}
    write_volume("mri.nii.gz", HEAD, GRID, **names)
    write_volume("ct.nii", (HEAD[::-1] * 4 - 1000).astype(np.int16), GRID)
    coarse = GRID.copy()
    coarse[:3, :3] *= 2
    write_volume("pet.nii.gz", HEAD[::2, ::2, ::2] * 100, coarse)
    return tmp_path


def test_volumes_keep_geometry_and_say_windows(volumes, lkc_command):
    status, out, err = lkc_command(
        *("fuse", "mri.nii.gz", "ct.nii", "-o", "new/out.nii.gz", "--task", "mri-ct"),
        *("--window", "percentile:2,98", "--window", "bone"),
    )
    assert status == 0, err
    assert "window of first: percentile 2,98: " in out
    assert "window of second: preset bone: -450 to 1050" in out
    assert "mri.nii.gz (20x24x6 voxels of 1.5x1.5x2 mm)" in out
    fused = nibabel.load("new/out.nii.gz")
    assert fused.shape == HEAD.shape
    assert np.allclose(fused.affine, GRID)
    values = fused.get_fdata()
    assert 0 <= values.min() < 0.1
    assert 0.9 < values.max() <= 1.0001
    notes = json.loads(fused.header.extensions[0].get_content())
    assert notes["window of second"] == "preset bone: -450 to 1050"
    assert "second source" not in notes


def test_volume_slices_are_those_of_the_axis(volumes, lkc_command):
    common = ("fuse", "mri.nii.gz", "mri.nii.gz", "--task", "mri-ct", "--preset", "maximum")
    assert lkc_command(*common, "-o", "out.nii", "--window", "0,500")[0] == 0
    fused = nibabel.load("out.nii").get_fdata()
    assert np.abs(fused - HEAD / 500).max() < 1e-3
    status, _, err = lkc_command(*common, "-o", "out.nii", "--axis", "coronal")
    assert status == 1
    assert "at least 16x16 pixels" in err


def test_tracer_gets_colour_and_the_grid_of_the_mri(volumes, lkc_command):
    status, out, err = lkc_command(
        "fuse", "mri.nii.gz", "pet.nii.gz", "-o", "out.nii.gz", "--task", "mri-pet"
    )
    assert status == 0, err
    assert "second source: resampled (linear) from" in out
    fused = nibabel.load("out.nii.gz")
    assert fused.get_data_dtype().names == ("R", "G", "B")
    assert fused.shape == HEAD.shape
    assert np.allclose(fused.affine, GRID)
    colour = np.asarray(fused.dataobj)
    assert (colour["R"] >= colour["B"]).mean() > 0.9  # black, red, yellow, white


def test_nothing_of_a_patient_reaches_an_output(volumes, lkc_command):
    folder = volumes / "series"
    folder.mkdir()
    for z in range(3):
        pixels = RNG.integers(0, 4096, (24, 20), dtype=np.uint16)
        place = [-10, -20, 2.5 * z]
        write_dicom(folder / f"{z}.dcm", pixels, ImagePositionPatient=place)
    common = ("--task", "mri-ct", "-o")
    assert lkc_command("fuse", "series", "series", *common, "dicom.nii")[0] == 0
    assert lkc_command("fuse", "mri.nii.gz", "mri.nii.gz", *common, "nifti.nii")[0] == 0
    assert lkc_command("fuse", "series/0.dcm", "series/1.dcm", *common, "slice.png")[0] == 0
    assert nibabel.load("dicom.nii").shape == (20, 24, 3)
    for name in ("dicom.nii", "nifti.nii", "slice.png"):
        content = (volumes / name).read_bytes()
        for secret in (NAME, "Doe", "Jane", "4711"):
            assert secret.encode() not in content


@pytest.mark.parametrize("out", ["mri.nii.gz", "ct.nii"])
def test_volumes_are_never_overwritten(volumes, lkc_command, out):
    before = (volumes / out).read_bytes()
    status, _, err = lkc_command(
        "fuse", "mri.nii.gz", "ct.nii", "-o", out, "--task", "mri-ct", "--preset", "maximum"
    )
    assert status == 1
    assert f"{out} is one of the sources" in err
    assert (volumes / out).read_bytes() == before


def test_folders_of_slices_without_a_suffix_get_a_hint(volumes, lkc_command):
    for folder, numbers in (("MRI", "12"), ("CT", "12"), ("PET", "34")):
        (volumes / folder).mkdir()
        for number in numbers:
            write_dicom(volumes / folder / f"{number}.dcm")
    hint = "for one volume, name the output out.nii.gz"
    status, _, err = lkc_command("fuse", "MRI", "CT", "-o", "new/out", "--preset", "maximum")
    assert status == 0
    assert hint in err
    status, _, err = lkc_command("fuse", "MRI", "PET", "-o", "new/out", "--preset", "maximum")
    assert status == 1
    assert hint in err
    assert "have no file name in common" in err


def test_dicom_slices_say_their_window(volumes, lkc_command):
    for name in "ab":
        write_dicom(volumes / f"{name}.dcm")
    arguments = ("fuse", "a.dcm", "b.dcm", "-o", "out.png", "--task", "mri-ct")
    assert lkc_command(*arguments, "--window", "percentile", "--window", "file")[0] == 0
    with Image.open("out.png") as image:
        assert image.text["window of first"].startswith("percentile 1,99: ")
        assert image.text["window of second"] == "file: 0 to 80 HU"
    assert read_image("out.png").dtype == np.uint16


def test_pet_slice_from_dicom_is_coloured(volumes, lkc_command):
    write_dicom(volumes / "mr.dcm", Modality="MR")
    write_dicom(volumes / "pt.dcm", Modality="PT")
    status, out, _ = lkc_command("fuse", "mr.dcm", "pt.dcm", "-o", "out.png", "--task", "mri-pet")
    assert status == 0
    assert "colour map hot" in out
    assert read_image("out.png").shape == (20, 30, 3)


def test_thermal_window_in_celsius(volumes, lkc_command):
    celsius = np.linspace(10, 50, 600).reshape(20, 30)
    counts = np.rint((celsius + 273.15) * 100).astype(np.uint16)
    Image.fromarray(counts).save("ir.tif")
    write_image("vis.png", np.zeros((20, 30), np.uint8))
    arguments = ("fuse", "ir.tif", "vis.png", "-o", "out.png", "--preset", "maximum")
    status, out, err = lkc_command(*arguments, "--window", "20C,40C", "--window", "full")
    assert status == 0, err
    assert "window of first: fixed: 20 to 40 C" in out
    assert np.abs(read_image("out.png") / 255 - ((celsius - 20) / 20).clip(0, 1)).max() < 0.005


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (("mri.nii.gz", "ct.nii", "-o", "out.png"), 1, "name the output out.nii.gz"),
        (("mri.nii.gz", "gone.nii", "-o", "out.nii"), 1, "gone.nii does not exist"),
        (("mri.nii.gz", "note.txt", "-o", "out.nii"), 1, "note.txt is not a volume"),
        (("mri.nii.gz", "far.nii", "-o", "out.nii"), 1, "far.nii covers 0% of mri.nii.gz"),
        (("mri.nii.gz", "empty.nii", "-o", "out.nii"), 1, "empty.nii has one value everywhere"),
        (("mri.nii.gz", "ct.nii", "-o", "out.nii", "--window", "file"), 1, "names no window"),
        (("mri.nii.gz", "ct.nii", "-o", "out.nii", "--window", "huge"), 2, "unknown window"),
        (("mri.nii.gz", "ct.nii", "-o", "out.nii", "--axis", "up"), 2, "unknown axis 'up'"),
        (("flat.tif", "flat.tif", "-o", "out.png"), 1, "flat.tif has one value everywhere (1500)"),
        (("a.png", "a.png", "-o", "out.png", *("--window", "full") * 3), 2, "at most twice"),
    ],
)
def test_bad_input(volumes, lkc_command, arguments, status, sentence):
    (volumes / "note.txt").write_text("hello")
    far = GRID.copy()
    far[:3, 3] = 900
    write_volume("far.nii", HEAD, far)
    write_volume("empty.nii", HEAD * 0, GRID)
    Image.fromarray(np.full((20, 24), 1500, np.float32)).save("flat.tif")
    write_image("a.png", np.zeros((20, 24), np.uint8))
    before = sorted(volumes.iterdir())
    ended, _, err = lkc_command("fuse", *arguments)
    assert sentence in err
    assert ended == status
    assert sorted(volumes.iterdir()) == before
