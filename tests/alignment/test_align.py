"""Known shifts, turns, scales and sizes are found; what does not fit is said."""

import numpy as np
import pytest

from lkc.alignment.align import align, checkerboard, edge_overlay
from lkc.alignment.geometry import edge_agreement, judge, scaling, warp
from lkc.alignment.one_grid import align_sources
from lkc.errors import InputError
from lkc.io.image_files import read_image
from lkc.io.pixels import luma, to_unit_range

MARGIN = 40
EXAMPLES = "assets/examples/"
PAIRS = {
    "street": ("ir-vis/ir/night.png", "ir-vis/vis/night.png"),
    "head": ("mri-ct/ct/head-1.png", "mri-ct/mri/head-1.png"),
}


def load(name):
    return luma(to_unit_range(read_image(EXAMPLES + name), name))


def displaced(scene, size, degrees=0.0, scale=1.0, shift=(0, 0), moving_scale=1.0):
    """What a second camera sees: the image, and the matrix fixed pixel -> moving pixel."""
    height, width = size
    centre = np.eye(3)
    centre[:2, 2] = -(width - 1) / 2, -(height - 1) / 2
    angle = np.radians(degrees)
    turn = np.eye(3)
    turn[:2, :2] = scale * np.array(
        [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    )
    move = np.eye(3)
    move[:2, 2] = shift
    known = scaling(moving_scale, moving_scale) @ np.linalg.inv(centre) @ move @ turn @ centre
    origin = np.eye(3)
    origin[:2, 2] = MARGIN
    moving_size = round(height * moving_scale), round(width * moving_scale)
    return warp(scene, origin @ np.linalg.inv(known), moving_size), known


def largest_error(found, known, size):
    """Distance of the two matrices' images of the corners, in pixels of the moving image."""
    right, bottom = size[1] - 1, size[0] - 1
    corners = np.array([[0, 0, 1], [right, 0, 1], [0, bottom, 1], [right, bottom, 1]]).T
    places = [matrix @ corners for matrix in (found, known)]
    return np.abs(places[0][:2] / places[0][2] - places[1][:2] / places[1][2]).max()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pair", "method", "tolerance"),
    [("street", "ecc", 2.0), ("head", "ecc", 2.0), ("head", "mutual-information", 2.0)],
)
@pytest.mark.parametrize(
    "motion",
    [
        {"shift": (9, -6)},
        {"degrees": 4, "scale": 1.05, "shift": (5, 8)},
        {"degrees": -7, "shift": (-6, 4), "moving_scale": 0.75},
    ],
    ids=["shift", "turn", "smaller"],
)
def test_known_motion_between_modalities(pair, method, tolerance, motion):
    scene, fixed = (load(name) for name in PAIRS[pair])
    fixed = fixed[MARGIN:-MARGIN, MARGIN:-MARGIN].copy()
    moving, known = displaced(scene, fixed.shape, **motion)
    found = align(moving, fixed, method)
    assert largest_error(found.matrix, known, fixed.shape) < tolerance
    assert found.agreement > 0.3
    assert "good" in found.sentence


def test_homography_between_images_of_one_kind():
    scene = load(PAIRS["street"][1])
    fixed = scene[MARGIN:-MARGIN, MARGIN:-MARGIN].copy()
    moving, known = displaced(scene, fixed.shape, degrees=15, scale=1.1, shift=(20, -15))
    tilt = np.eye(3)
    tilt[2, :2] = 1e-4, -5e-5
    moving, known = warp(moving, np.linalg.inv(tilt), moving.shape), tilt @ known
    found = align(moving, fixed, "homography")
    assert largest_error(found.matrix, known / known[2, 2], fixed.shape) < 2
    assert found.agreement > 0.8


@pytest.mark.slow
@pytest.mark.parametrize("method", ["ecc", "homography", "mutual-information"])
def test_different_scenes_fail_in_a_sentence(method):
    noise = np.random.default_rng(0).random((200, 260), dtype=np.float32)
    street = load(PAIRS["street"][1])[:200, :260].copy()
    with pytest.raises(InputError, match="alignment failed"):
        align(noise, street, method)


@pytest.mark.parametrize("method", ["ecc", "homography", "mutual-information"])
def test_empty_image_fails_in_a_sentence(method):
    with pytest.raises(InputError, match="alignment failed"):
        align(np.zeros((64, 64), np.float32), load(PAIRS["head"][1]), method)


@pytest.mark.parametrize("method", ["ecc", "homography", "mutual-information"])
def test_a_flat_image_has_no_edges_to_align_by(method):
    ramp = np.tile(np.linspace(0, 1, 96, dtype=np.float32), (64, 1))
    flat = np.full((64, 96), 0.5, np.float32)
    for pair in ((flat, ramp), (ramp, flat)):
        with pytest.raises(InputError, match="nearly flat and shows no edges"):
            align(*pair, method)


def test_bad_arguments():
    small = np.zeros((20, 64), np.float32)
    with pytest.raises(InputError, match="at least 32x32"):
        align(small, small, "ecc")
    with pytest.raises(InputError, match="unknown way to align 'magic'"):
        align(small, small, "magic")


def test_edge_agreement_is_blind_to_contrast_and_sees_shifts():
    infrared, visible = (load(name) for name in PAIRS["street"])
    everywhere = np.ones(visible.shape, bool)
    assert edge_agreement(visible, 1 - visible, everywhere) > 0.99
    aligned = edge_agreement(infrared, visible, everywhere)
    shifted = edge_agreement(np.roll(infrared, 20, axis=1), visible, everywhere)
    assert aligned > 0.3 > 0.1 > shifted


def test_judge_wants_overlap():
    image = load(PAIRS["head"][1])
    far = np.eye(3)
    far[0, 2] = 0.9 * image.shape[1]
    assert judge(image, image, np.eye(3)) > 0.99
    assert judge(image, image, far) == 0


@pytest.mark.slow
def test_infrared_moves_and_visible_stands_in_outside():
    infrared, visible = (read_image(EXAMPLES + name) for name in PAIRS["street"])
    narrow = infrared[60:-60, 80:-80].copy()  # a longer lens
    a, b, found = align_sources(narrow, visible, "ecc", "ir-vis")
    assert b is visible
    assert a.shape == visible.shape[:2]
    assert a.dtype == infrared.dtype
    inside = (slice(80, -80), slice(100, -100))
    assert np.abs(a[inside].astype(int) - infrared[inside]).mean() < 6
    assert (a[:40] == (luma(to_unit_range(visible, "b"))[:40] * 255).astype(np.uint8)).all()
    assert found.overlap == pytest.approx(narrow.size / infrared.size, abs=0.05)


@pytest.mark.slow
def test_second_source_moves_onto_mri():
    ct, mri = (read_image(EXAMPLES + name) for name in PAIRS["head"])
    a, b, _ = align_sources(mri, np.roll(ct, 6, axis=1), "mutual-information", "mri-ct")
    assert a is mri
    gray = luma(to_unit_range(b, "b"))
    assert np.abs(gray - load(PAIRS["head"][0])).mean() < 0.025


def test_views():
    a, b = load(PAIRS["head"][0]), load(PAIRS["head"][1])
    board = checkerboard(a, b, squares=4)
    assert (board[:64, :64] == np.rint(a[:64, :64] * 255)).all()
    assert (board[:64, 64:128] == np.rint(b[:64, 64:128] * 255)).all()
    overlay = edge_overlay(a, b)
    orange = (overlay == (255, 140, 0)).all(axis=-1)
    assert 0.01 < orange.mean() < 0.11
    assert (overlay[~orange][:, 0] == np.rint(b[~orange] * 255)).all()
