"""`--align mutual-information`: a known turn and shift is found again, or the pair is refused."""

from dataclasses import replace

import nibabel
import numpy as np
import pytest
import SimpleITK as sitk
from scipy.ndimage import gaussian_filter

from lkc.alignment.volumes import align, align_volume
from lkc.errors import InputError
from lkc.fusion import fuse_volumes
from lkc.io import Volume, parse_window
from lkc.model.loading import load_model

SIDES = (44, 50, 30)
GRID = np.diag([-4.0, -4.0, 5.0, 1.0])
GRID[:3, 3] = 86, 98, -70


def head(kind: str) -> Volume:
    """Skin, skull, brain, two ventricles and a tumour as an MRI or a CT shows them."""
    indices = np.stack([*np.indices(SIDES), np.ones(SIDES)])
    x, y, z, _ = np.tensordot(GRID, indices, 1)

    def ball(place, radii):
        return sum(((q - p) / r) ** 2 for q, p, r in zip((x, y, z), place, radii, strict=True)) < 1

    levels = [  # where, and what an MRI and a CT show there
        (ball((0, 0, 0), (68, 82, 62)), 300, 60),
        (ball((0, 0, 0), (62, 76, 56)), 40, 1000),
        (ball((0, 0, 0), (56, 70, 50)), 600, 90),
        (ball((-10, 5, 5), (6, 28, 14)), 150, 20),
        (ball((12, 0, 8), (7, 22, 12)), 150, 20),
        (ball((20, -38, -12), (14, 10, 12)), 900, 130),
        (ball((0, 84, -20), (12, 10, 14)), 300, 60),
    ]
    values = np.zeros(SIDES)
    for where, mri, ct in levels:
        values[where] = mri if kind == "mri" else ct
    noise = np.random.default_rng(len(kind)).normal(0, 8, SIDES)
    values = (gaussian_filter(values, 0.6) + noise).astype(np.float32)
    return Volume(values, GRID, (-50, 1100), kind)


def moved(volume: Volume, degrees: float, shift: tuple[float, float, float]) -> Volume:
    """The volume as if the body had turned and shifted; its values are untouched."""
    turn = sitk.VersorTransform((1, 2, 3), np.deg2rad(degrees))
    motion = np.eye(4)
    motion[:3, :3] = np.reshape(turn.GetMatrix(), (3, 3))
    motion[:3, 3] = shift
    return replace(volume, affine=motion @ volume.affine)


def farthest(affine, expected) -> float:
    """How far the voxels of the head's box lie apart under two affines, in millimetres."""
    corners = np.array(
        [(i, j, k, 1) for i in (5, SIDES[0] - 6) for j in (5, SIDES[1] - 6) for k in (4, 25)]
    ).T
    return float(np.linalg.norm(((affine - expected) @ corners)[:3], axis=0).max())


@pytest.mark.parametrize(("degrees", "shift"), [(9, (12, -8, 6)), (0, (0, 0, 0))])
def test_a_known_motion_is_found_again(degrees, shift):
    mri, ct = head("mri"), moved(head("ct"), degrees, shift)
    back, said = align_volume(ct, mri, "mutual-information")
    left = back.affine[:3, :3] @ np.linalg.inv(GRID[:3, :3])
    assert np.degrees(np.arccos(min(1, (np.trace(left) - 1) / 2))) < 1
    assert farthest(back.affine, GRID) < 1
    assert (back.values == ct.values).all()
    assert float(said.partition("turned by ")[2].split()[0]) == pytest.approx(degrees, abs=1)


@pytest.mark.slow
def test_a_run_finds_what_every_run_finds():
    mri, ct = head("mri"), moved(head("ct"), 9, (12, -8, 6))
    assert (align(ct, mri).matrix == align(ct, mri).matrix).all()


@pytest.mark.slow
def test_what_is_said_is_what_was_found():
    mri = head("mri")
    found = align(moved(head("ct"), 9, (0, 0, 0)), mri)
    assert found.turn == pytest.approx(9, abs=1)
    assert found.after > found.before
    middle = np.append((np.array(SIDES) - 1) / 2, 1)
    there = found.matrix @ GRID @ middle
    assert found.shift == pytest.approx(np.linalg.norm((there - GRID @ middle)[:3]), abs=0.5)


@pytest.mark.slow
def test_frames_of_reference_that_differ_need_no_common_place():
    mri, ct = replace(head("mri"), frame="1.2"), moved(head("ct"), 6, (400, -300, 250))
    back, _ = align_volume(replace(ct, frame="1.3"), mri, "mutual-information")
    assert farthest(back.affine, GRID) < 1
    assert back.frame == "1.2"


@pytest.mark.slow
def test_a_volume_without_a_place_is_warned_of():
    ct = replace(moved(head("ct"), 6, (50, 0, 0)), placed=False)
    with pytest.warns(UserWarning, match="left and right cannot be known"):
        back, _ = align_volume(ct, head("mri"), "mutual-information")
    assert farthest(back.affine, GRID) < 1
    assert back.placed


def strangers():
    rng = np.random.default_rng(5)
    blobs = gaussian_filter(rng.normal(0, 1, SIDES), 3).astype(np.float32)
    bones = np.zeros(SIDES, np.float32)
    bones[8:16, 5:45, 4:26], bones[28:34, 10:30] = 900, 700
    return [
        Volume(values + rng.normal(0, 0.01, SIDES).astype(np.float32), GRID, (0, 1), name)
        for name, values in (("noise", 0 * blobs), ("blobs", blobs), ("bones", bones))
    ]


@pytest.mark.slow
@pytest.mark.parametrize("number", [0, 1, 2])
def test_volumes_that_have_nothing_to_do_with_each_other_are_refused(number):
    with pytest.raises(InputError, match=r"alignment failed: .* may show different bodies"):
        align(strangers()[number], head("mri"))


def test_other_ways_and_small_volumes_are_refused():
    mri = head("mri")
    with pytest.raises(InputError, match="aligned by mutual-information only"):
        align_volume(mri, mri, "ecc")
    small = replace(mri, values=mri.values[:, :, :5])
    with pytest.raises(InputError, match="too small to be aligned"):
        align(small, mri)


@pytest.mark.slow
def test_fused_volumes_are_those_of_the_aligned_pair():
    mri, ct, full = head("mri"), head("ct"), parse_window("0,1000")
    options = ((full, full), "mri-ct", load_model("maximum"))
    expected = fuse_volumes(mri, ct, *options).values.astype(int)
    far = moved(ct, 9, (30, -8, 6))
    with pytest.warns(UserWarning, match=r"voxels of 4\.0 mm .* too coarse for a sure match"):
        found = fuse_volumes(mri, far, *options, align="mutual-information")
    apart = np.abs(found.values.astype(int) - expected)[4:-4, 4:-4, 4:-4]
    crooked = np.abs(fuse_volumes(mri, far, *options).values.astype(int) - expected)[
        4:-4, 4:-4, 4:-4
    ]
    assert apart.mean() < 0.25 * crooked.mean()
    assert found.notes["alignment"].startswith("mutual-information, turned by ")


@pytest.mark.slow
def test_the_command_says_what_was_found_or_writes_nothing(tmp_path, monkeypatch, lkc_command):
    monkeypatch.chdir(tmp_path)
    volumes = {"mri": head("mri"), "ct": moved(head("ct"), 9, (12, -8, 6)), "x": strangers()[1]}
    for name, volume in volumes.items():
        nibabel.save(nibabel.Nifti1Image(volume.values, volume.affine), f"{name}.nii")
    tail = ("-o", "out.nii", "--task", "mri-ct", "--preset", "maximum")
    align_them = ("--align", "mutual-information")
    status, _, err = lkc_command("fuse", "mri.nii", "x.nii", *tail, *align_them)
    assert status == 1
    assert "alignment failed" in err
    assert not (tmp_path / "out.nii").exists()
    status, out, err = lkc_command("fuse", "mri.nii", "ct.nii", *tail, *align_them)
    assert status == 0, err
    assert "alignment: mutual-information, turned by " in out
    assert "degrees and shifted by" in out
    assert np.allclose(nibabel.load("out.nii").affine, GRID)


def slab_of_tracer(blur: float) -> Volume:
    """What a gamma camera of few counts sees of half the brain; `blur` in voxels of 4 mm."""
    mri = head("mri").values
    uptake = gaussian_filter(np.where(mri > 450, 5.0, 0.3), blur)
    counts = np.random.default_rng(0).poisson(uptake)
    slab = gaussian_filter(counts.astype(np.float32), 0.7)[:, :, 4:18]
    affine = GRID.copy()
    affine[:3, 3] += 4 * GRID[:3, 2]
    return Volume(np.ascontiguousarray(slab), affine, (0, 20), "spect")


@pytest.mark.slow
def test_searches_that_end_elsewhere_are_said():
    spect = moved(slab_of_tracer(1.5), -8, (10, 20, -12))
    with pytest.warns(UserWarning, match=r"spect may lie \d+ mm elsewhere on mri"):
        align_volume(spect, head("mri"), "mutual-information")


@pytest.mark.slow
def test_a_volume_without_details_is_refused():
    """Without this check it would be laid 16 mm from its true place."""
    spect = moved(slab_of_tracer(2.5), 12, (20, -15, 10))
    with pytest.raises(InputError, match=r"other searches find as good a match \d+ mm elsewhere"):
        align_volume(spect, head("mri"), "mutual-information")


@pytest.mark.slow
def test_searches_of_a_sharp_pair_end_at_one_place():
    assert align(moved(head("ct"), 9, (12, -8, 6)), head("mri")).spread < 2
