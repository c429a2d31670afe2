"""A transform is found once, kept in a file, and places every pair of the same cameras."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from lkc.alignment.one_grid import (
    OneGrid,
    align_sources,
    find_grid,
    read_transform,
    write_transform,
)
from lkc.errors import InputError
from lkc.io.image_files import read_image

EXAMPLES = "assets/examples/ir-vis/{}/{}.png"
SHRINK = np.array([[0.5, 0, -40.25], [0, 0.5, -30.25], [0, 0, 1]])


def pair(name):
    """An infrared camera of half the resolution that sees the middle of the visible image."""
    infrared, visible = (read_image(EXAMPLES.format(kind, name)) for kind in ("ir", "vis"))
    small = cv2.resize(infrared[60:-60, 80:-80], (240, 180), interpolation=cv2.INTER_AREA)
    return infrared, small, visible


def store(path, **changes):
    rig = {"matrix": SHRINK.tolist(), "moving_size": "240x180", "fixed_size": "640x480"}
    path.write_text(json.dumps(rig | changes))
    return str(path)


@pytest.mark.slow
def test_a_stored_transform_places_another_pair_of_the_same_cameras(tmp_path):
    _, small, visible = pair("fog")
    found = find_grid(small, visible, "ecc", "ir-vis")
    write_transform(tmp_path / "rig.json", found, "ecc")
    infrared, small, visible = pair("night")
    a, b, judged = align_sources(small, visible, str(tmp_path / "rig.json"), "ir-vis")
    assert b is visible
    inner = np.s_[80:-80, 100:-100]
    assert (
        np.abs(a[inner].astype(int) - infrared[inner]).mean() < 6
    )  # half the resolution loses its noise
    assert np.array_equal(judged.matrix, found.found.matrix)
    assert judged.agreement > 0.2


def test_the_matrix_of_a_calibration_is_taken_as_it_is(tmp_path):
    infrared, small, visible = pair("glare")
    a, _, judged = align_sources(small, visible, store(tmp_path / "rig.json"), "ir-vis")
    inner = np.s_[70:-70, 90:-90]
    assert np.abs(a[inner].astype(int) - infrared[inner]).mean() < 4
    assert judged.overlap == pytest.approx(0.75 * 0.75, abs=0.02)


def test_medical_sources_move_onto_the_mri_and_end_in_black(tmp_path):
    mri = np.full((64, 64), 90, np.uint8)
    ct = np.full((32, 32), 200, np.uint8)
    matrix = [[1, 0, -16], [0, 1, -16], [0, 0, 1]]
    rig = store(tmp_path / "a.json", matrix=matrix, moving_size="32x32", fixed_size="64x64")
    a, b, _ = align_sources(mri, ct, rig, "mri-ct")
    assert a is mri
    assert b[17:47, 17:47].min() == 200
    assert b[:16].max() == b[:, 48:].max() == 0


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"moving_size": "640x512"},
            "moves 640x512 onto 640x480, but this pair would move 240x180",
        ),
        ({"matrix": [[1, 0], [0, 1]]}, "is no transform"),
        ({"matrix": [[0] * 3] * 3}, "is no transform"),
        ({"matrix": [[1, 0, "x"]] * 3}, "is no transform"),
        ({"matrix": [[1, 0, float("nan")], [0, 1, 0], [0, 0, 1]]}, "is no transform"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(tmp_path, changes, sentence):
    with pytest.raises(InputError, match=sentence):
        read_transform(Path(store(tmp_path / "rig.json", **changes)), ((180, 240), (480, 640)))


@pytest.mark.parametrize("text", ["", "[]", "{}", "\x00\xff", '{"matrix": 1}'])
def test_a_file_of_something_else_is_refused(tmp_path, text):
    (tmp_path / "rig.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match="no stored alignment"):
        read_transform(tmp_path / "rig.json", ((180, 240), (480, 640)))
    with pytest.raises(InputError, match=r"gone\.json cannot be read"):
        read_transform(tmp_path / "gone.json", ((180, 240), (480, 640)))


def test_deep_and_coloured_infrared_keep_their_type(tmp_path):
    _, small, visible = pair("fog")
    deep = np.repeat(small[..., None].astype(np.uint16) * 257, 3, axis=2)
    grid = find_grid(deep, visible, store(tmp_path / "rig.json"), "ir-vis")
    assert isinstance(grid, OneGrid)
    a, b = grid.place(deep, visible)
    assert a.dtype == np.uint16
    assert a.shape == b.shape == visible.shape
    gray = cv2.cvtColor(visible, cv2.COLOR_RGB2GRAY).astype(int)
    assert np.abs(a[0, :, 0] / 257 - gray[0]).max() <= 1.5  # the visible image's luma stands in
