"""Where volumes lie: what headers state and leave open, and what other programs make of it."""

import gzip
import warnings

import nibabel
import numpy as np
import pytest
import SimpleITK as sitk

from lkc.errors import InputError
from lkc.fusion.volumes import fuse_volumes
from lkc.io.nifti import write_nifti
from lkc.io.reading import read_volume
from lkc.io.volume import Volume, resample_onto, without_shear
from lkc.io.window import find_percentiles, parse_window
from lkc.model.loading import load_model

RNG = np.random.default_rng(0)
FULL = parse_window("full")


def smooth(shape, affine, name="x", **more) -> Volume:
    """A volume whose values say where they lie: x + 2 y + 3 z in millimetres."""
    indices = np.stack([*np.indices(shape), np.ones(shape)])
    x, y, z, _ = np.tensordot(affine, indices, 1)
    values = (x + 2 * y + 3 * z).astype(np.float32)
    return Volume(values, affine, (float(values.min()), float(values.max())), name, **more)


def fuse(first, second, task="mri-ct", windows=(FULL, FULL)):
    return fuse_volumes(first, second, windows, task, load_model("maximum"))


@pytest.mark.parametrize("shape", [(512, 512, 32), (1024, 1024, 5), (300, 200, 77)])
def test_percentiles_of_large_volumes_see_every_slice(shape):
    values = RNG.random(shape, dtype=np.float32) + np.arange(shape[2], dtype=np.float32) % 5
    expected = np.percentile(values, [1, 50, 99])
    found = [*find_percentiles(values, 1, 50), find_percentiles(values, 1, 99)[1]]
    assert found == pytest.approx(expected, abs=0.02)
    assert find_percentiles(values, 0, 100) == (values.min(), values.max())


@pytest.mark.parametrize(("unit", "length"), [("meter", 1e-3), ("micron", 1e3), ("mm", 1)])
def test_units_of_nifti_are_honoured(tmp_path, unit, length):
    affine = np.diag([2.0, 3, 5, 1])
    affine[:3, 3] = -7, 8, 9
    stated = affine.copy()
    stated[:3] *= length
    image = nibabel.Nifti1Image(RNG.random((20, 20, 20), dtype=np.float32), stated)
    image.header.set_xyzt_units(unit)
    nibabel.save(image, tmp_path / "a.nii")
    assert np.allclose(read_volume(tmp_path / "a.nii").affine, affine, rtol=1e-5)


def test_a_place_that_is_not_stated_is_not_believed(tmp_path):
    image = nibabel.Nifti1Image(RNG.random((20, 20, 20), dtype=np.float32), np.eye(4))
    image.set_sform(None, code=0)
    image.set_qform(None, code=0)
    nibabel.save(image, tmp_path / "a.nii")
    volume = read_volume(tmp_path / "a.nii")
    assert fuse(volume, volume).values.shape == (20, 20, 20)  # no place is needed
    with pytest.raises(InputError, match=r"a\.nii states no position"):
        fuse(smooth((24, 24, 24), np.eye(4)), volume)


def test_two_places_in_one_header_are_told(tmp_path):
    image = nibabel.Nifti1Image(RNG.random((20, 20, 20), dtype=np.float32), np.eye(4))
    moved = np.eye(4)
    moved[2, 3] = 30
    image.set_sform(moved, code=1)
    image.set_qform(np.eye(4), code=1)
    nibabel.save(image, tmp_path / "a.nii")
    with pytest.warns(UserWarning, match="two places that lie 30 mm apart"):
        assert np.allclose(read_volume(tmp_path / "a.nii").affine, moved)


def test_flipped_bits_of_a_compressed_file_are_noticed(tmp_path):
    image = nibabel.Nifti1Image(RNG.integers(0, 900, (24, 24, 9)).astype(np.int16), np.eye(4))
    nibabel.save(image, tmp_path / "whole.nii.gz")
    whole = (tmp_path / "whole.nii.gz").read_bytes()
    right = gzip.decompress(whole)
    read = 0
    for bit in np.random.default_rng(1).integers(8 * 10, 8 * len(whole), 60):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        (tmp_path / "a.nii.gz").write_bytes(damaged)
        try:
            read_volume(tmp_path / "a.nii.gz")
        except InputError:
            continue
        read += 1
        assert gzip.decompress(bytes(damaged)) == right  # the bit carried nothing
    assert read < 6


def test_gaps_do_not_reach_the_values_beside_them():
    values = np.full((20, 20, 20), 5, np.float32)
    values[8:12, 8:12, 8:12] = np.nan
    moved = resample_onto(
        Volume(values, np.eye(4), (0, 5), "PET"), smooth((40, 40, 40), np.diag([0.7, 0.7, 0.7, 1]))
    ).values
    assert np.abs(moved[np.isfinite(moved)] - 5).max() < 1e-5
    assert np.isnan(moved[14, 14, 14])  # in the gap
    assert np.isnan(moved[39, 39, 39])  # outside


@pytest.mark.parametrize("inverted", [False, True])
def test_what_lies_outside_is_black_and_no_part_of_the_window(inverted):
    second = smooth((20, 20, 20), np.eye(4), "PET", inverted=inverted)
    said, by_percentile = [], (FULL, parse_window("percentile:5,95"))
    for side in (24, 60):
        fused = fuse(smooth((side, side, 24), np.eye(4)), second, windows=by_percentile)
        said.append(fused.notes["window of second"])
    assert said[0] == said[1]
    black = Volume(np.zeros((40, 40, 24), np.float32), np.eye(4), (0, 1), "MRI")
    assert fuse(black, second).values[30:].max() == 0


def test_a_small_volume_inside_a_large_one_is_fused():
    affine = np.diag([1.0, 1, 1, 1])
    affine[:3, 3] = 40
    second = smooth((17, 17, 17), affine)
    assert fuse(smooth((100, 100, 100), np.eye(4)), second).values[48, 48, 48] > 0
    affine = affine.copy()
    affine[:3, 3] = 400
    with pytest.raises(InputError, match="do not lie in one space"):
        fuse(smooth((100, 100, 100), np.eye(4)), smooth((17, 17, 17), affine))


@pytest.mark.parametrize("shear", [4e-4, 0.3])
def test_other_programs_open_what_is_written(tmp_path, shear):
    affine = np.diag([2.0, 2, 5, 1])
    affine[1, 2] = shear * 5  # a gantry that is tilted, or a direction that was rounded
    fused = fuse(smooth((30, 30, 16), affine), smooth((40, 40, 20), np.diag([1.5, 2, 5, 1])))
    write_nifti(tmp_path / "a.nii.gz", fused.values, fused.affine, fused.notes)
    image = sitk.ReadImage(str(tmp_path / "a.nii.gz"))
    assert image.GetSize() == fused.values.shape
    for point in ((0, 0, 0), (5, 9, 11)):
        x, y, z = image.TransformIndexToPhysicalPoint(point)
        assert (-x, -y, z) == pytest.approx((fused.affine @ [*point, 1])[:3], abs=1e-3)


def test_a_tilted_grid_is_made_upright_and_keeps_its_values():
    affine = np.diag([2.0, 2, 5, 1])
    affine[1, 2] = 1.4
    upright = without_shear(smooth((30, 30, 16), affine))
    here = smooth(upright.values.shape, upright.affine).values
    indices = np.stack([*np.indices(here.shape), np.ones(here.shape)])
    among = np.tensordot(np.linalg.inv(affine) @ upright.affine, indices, 1)[:3]  # (3, X, Y, Z)
    among -= np.reshape((29, 29, 15), (3, 1, 1, 1)) / 2
    inside = (np.abs(among) <= np.reshape((14.5, 14.5, 7.5), (3, 1, 1, 1)) - 1e-6).all(axis=0)
    assert inside.mean() > 0.4
    assert np.abs(upright.values - here)[inside].max() < 0.01


def test_frames_of_reference_and_modalities_are_told():
    first = smooth((20, 20, 20), np.eye(4), "MR", modality="MR", frame="1.2")
    second = smooth((24, 24, 24), np.eye(4), "CT", modality="CT", frame="1.3")
    with pytest.warns(UserWarning, match="different frames of reference"):
        fuse(first, second)
    with pytest.warns(UserWarning, match="CT says that it is CT, where mri-ct expects MR"):
        fuse(second, second)
    with pytest.warns(UserWarning, match="MR says that it is MR, which ir-vis is not for"):
        fuse(first, first, "ir-vis")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fuse(first, Volume(second.values, second.affine, (0, 1), "CT", modality="CT", frame="1.2"))


@pytest.mark.parametrize("suffix", [".nrrd", ".mha", ".mhd"])
def test_nrrd_and_metaimage_lie_where_nifti_does(tmp_path, suffix):
    image = sitk.GetImageFromArray(RNG.random((7, 8, 9), dtype=np.float32))
    image.SetSpacing((1.5, 2, 4))
    image.SetOrigin((-3, 5, 7))
    image.SetDirection((0, 1, 0, 1, 0, 0, 0, 0, -1))
    volumes = []
    for name in (f"a{suffix}", "a.nii"):
        sitk.WriteImage(image, str(tmp_path / name))
        volumes.append(read_volume(tmp_path / name))
    assert (volumes[0].values == volumes[1].values).all()
    assert np.allclose(volumes[0].affine, volumes[1].affine, atol=1e-5)
    (tmp_path / f"a{suffix}").write_bytes((tmp_path / f"a{suffix}").read_bytes()[:60])
    with pytest.raises(InputError, match=f"a{suffix} is damaged"):
        read_volume(tmp_path / f"a{suffix}")
