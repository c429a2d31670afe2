"""Dynamic NIfTI, MGH, and volumes that are not read, against nibabel."""

import shutil
import subprocess
import sys
from pathlib import Path

import nibabel
import numpy as np
import pytest

from lkc.errors import InputError
from lkc.io import read_volume

RNG = np.random.default_rng(0)
AFFINE = np.array([[0, 1.5, 0, -4], [-1.5, 0, 0, 40], [0, 0, 2, -3], [0, 0, 0, 1.0]])
MOVING = RNG.integers(0, 900, (12, 10, 8, 3)).astype(np.int16)


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
def test_frames_of_nifti(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    nibabel.save(nibabel.Nifti1Image(MOVING, AFFINE), path)
    with pytest.raises(InputError, match="3 frames: pick one with --frame N, counted from 1 to 3"):
        read_volume(path)
    for frame in (1, 2, 3):
        volume = read_volume(path, frame=frame)
        assert (volume.values == nibabel.load(path).slicer[..., frame - 1].get_fdata()).all()
        assert np.allclose(volume.affine, AFFINE)
    for wrong in (0, 4, -1):
        with pytest.raises(InputError, match=f"has no frame {wrong}"):
            read_volume(path, frame=wrong)


def test_one_frame_has_no_second(tmp_path):
    path = tmp_path / "a.nii"
    nibabel.save(nibabel.Nifti1Image(MOVING[..., :1], AFFINE), path)
    assert (read_volume(path, frame=1).values == MOVING[..., 0]).all()
    with pytest.raises(InputError, match="holds one frame only, so it has no frame 2"):
        read_volume(path, frame=2)


@pytest.mark.parametrize("suffix", [".mgh", ".mgz"])
def test_mgh_lies_where_nibabel_places_it(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    nibabel.save(nibabel.MGHImage(MOVING, AFFINE), path)
    volume = read_volume(path, frame=2)
    assert (volume.values == MOVING[..., 1]).all()
    assert np.allclose(volume.affine, AFFINE)
    assert volume.placed
    nibabel.save(nibabel.MGHImage(MOVING[..., 0].astype(np.float32), AFFINE), path)
    assert (read_volume(path).values == MOVING[..., 0]).all()
    content = bytearray(path.read_bytes())
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(InputError, match=r"a\.mg"):
        read_volume(path)


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (nibabel.Nifti1Pair, "half of a NIfTI pair"),
        (nibabel.AnalyzeImage, "Analyze, which does not tell left from right"),
    ],
)
def test_pairs_say_a_command_that_converts_them(tmp_path, monkeypatch, kind, sentence):
    monkeypatch.chdir(tmp_path)
    nibabel.save(kind(MOVING[..., 0], np.diag([2.0, 2, 2, 1])), "a.img")
    with pytest.raises(InputError, match=sentence) as refused:
        read_volume("a.hdr")
    with pytest.raises(InputError, match=r"belongs to a\.hdr"):
        read_volume("a.img")
    words = str(refused.value).partition("convert it with ")[2].rstrip(".").split(",")[0].split()
    assert words[0] == "nib-convert"
    program = shutil.which("nib-convert", path=str(Path(sys.executable).parent))
    subprocess.run([program, *words[1:]], check=True)
    assert (read_volume("a.nii.gz").values == MOVING[..., 0]).all()


@pytest.mark.parametrize(
    ("name", "start", "sentence"),
    [
        ("a.mnc", b"CDF\x01", "mnc2nii a.mnc a.nii"),
        ("b.mnc", b"\x89HDF\r\n\x1a\n", "mnc2nii b.mnc b.nii"),
        ("a.v", b"MATRIX72v", "medcon -f a.v -c nifti"),
    ],
)
def test_minc_and_ecat_say_how_to_convert_them(tmp_path, name, start, sentence):
    (tmp_path / name).write_bytes(start + bytes(600))
    with pytest.raises(InputError) as refused:
        read_volume(tmp_path / name)
    assert sentence in str(refused.value)
