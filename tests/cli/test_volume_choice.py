"""`lkc fuse --series` and `--frame`: which volume of a source of several is meant."""

import nibabel
import numpy as np
import pytest

from tests.fixtures.medical_files import write_dicom, write_volume

RNG = np.random.default_rng(0)
GRID = np.diag([-0.75, -0.5, 2.5, 1])
GRID[:3, 3] = 10, 20, 0
FULL = ("--window", "0,1000", "--preset", "maximum")


@pytest.fixture
def sources(tmp_path, monkeypatch):
    """An MRI, a dynamic PET, and a study of two DICOM series, all on one grid."""
    monkeypatch.chdir(tmp_path)
    head = (RNG.random((30, 20, 4)) * 500).astype(np.float32)
    write_volume("mri.nii.gz", head, GRID)
    frames = np.stack([head * 0, head * 0 + 250, head * 0 + 1000], axis=3)
    write_volume("pet.nii.gz", frames, GRID)
    (tmp_path / "study").mkdir()
    for number, modality, level in ((2, "MR", 700), (5, "CT", 900)):
        for z in range(4):
            pixels = np.full((20, 30), level, np.uint16)
            write_dicom(
                tmp_path / "study" / f"{number}-{z}.dcm", pixels, series=f"1.{number}",
                Modality=modality, SeriesNumber=number, ImagePositionPatient=[-10, -20, 2.5 * z],
            )  # fmt: skip
    return tmp_path


def fused(path="out.nii.gz"):
    return nibabel.load(path).get_fdata()


def test_each_source_has_a_series_of_its_own(sources, lkc_command):
    common = ("fuse", "study", "study", "-o", "out.nii.gz", "--task", "mri-ct", *FULL)
    status, _, err = lkc_command(*common)
    assert status == 1
    assert "pick one with --series NUMBER: 2 (MR" in err.replace("\n", " ")
    status, out, err = lkc_command(*common, "--series", "2", "--series", "5")
    assert status == 0, err
    assert "left out" not in err
    assert "first: study, series 2 (30x20x4" in out
    assert "second: study, series 5 (30x20x4" in out
    assert fused() == pytest.approx((900 * 2 - 1024) / 1000, abs=1e-4)


def test_one_series_is_that_of_the_folder(sources, lkc_command):
    common = ("-o", "out.nii.gz", "--task", "mri-ct", *FULL, "--series", "5")
    status, out, err = lkc_command("fuse", "mri.nii.gz", "study", *common)
    assert status == 0, err
    assert "second: study, series 5" in out
    status, _, err = lkc_command("fuse", "mri.nii.gz", "mri.nii.gz", *common)
    assert status == 1
    assert "neither source is one" in err
    status, _, err = lkc_command("fuse", "mri.nii.gz", "study", *common, "--series", "2")
    assert status == 1
    assert "a series is picked there" in err


def test_a_frame_is_that_of_the_source_of_several(sources, lkc_command):
    common = ("fuse", "mri.nii.gz", "pet.nii.gz", "-o", "out.nii.gz", "--task", "mri-ct", *FULL)
    status, _, err = lkc_command(*common)
    assert status == 1
    assert "pet.nii.gz holds 3 frames: pick one with --frame N" in err
    for frame in (("--frame", "3"), ("--frame", "1", "--frame", "3")):
        status, out, err = lkc_command(*common, *frame)
        assert status == 0, err
        assert "second: pet.nii.gz, frame 3 of 3 (30x20x4" in out
        assert fused().min() == pytest.approx(1)
    status, _, err = lkc_command(*common, "--frame", "2", "--frame", "2")
    assert status == 1
    assert "mri.nii.gz holds one frame only" in err


def test_a_frame_that_neither_source_has(sources, lkc_command):
    status, _, err = lkc_command(
        "fuse", "mri.nii.gz", "mri.nii.gz", "-o", "out.nii.gz", *FULL, "--frame", "2"
    )
    assert status == 1
    assert "neither source has a frame 2" in err
