"""One source moved onto the grid of the other: the functions, and the lines that make the same."""

import json
import shlex
from pathlib import Path

import cv2
import numpy as np
import pytest

from demo.work import fuse_files, one_grid, own_values, results, uploads
from demo.work.prepared import given_for
from demo.work.recipe import command, python_lines, recipe_of
from lkc.errors import InputError
from lkc.io.image_files import read_image
from tests.demo.steps import write
from tests.fixtures.two_cameras import THERMAL, VISIBLE, true_matrix, write_pair


@pytest.fixture
def cameras(tmp_path, monkeypatch) -> tuple[str, str]:
    """Counts of a thermal camera and a colour picture of a wider field, in the present folder."""
    monkeypatch.chdir(tmp_path)
    return write_pair(tmp_path)


def prepared(files, windows=("", "")) -> tuple[str, str]:
    first, second = (uploads.prepare_upload(*each)[0] for each in zip(files, windows, strict=True))
    return first, second


def moved(placed: one_grid.Placed) -> str:
    """The picture of the source that was moved."""
    return uploads.prepare(one_grid.moved_onto(placed.moved))[0]


def check_recipe(pair, task: str, options: tuple, transform: str, lkc_command) -> None:
    """The command and the lines make what the page makes, from the files and the transform."""
    fusion = fuse_files.fuse_files(*pair, task, *options)
    result, _ = results.save_result(fusion, task, *pair)
    recipe = recipe_of(result.first, result.second, task, *options)
    out = Path(recipe.out)
    Path(Path(transform).name).write_bytes(Path(transform).read_bytes())
    status, _, said = lkc_command(*shlex.split(command(recipe))[1:])
    assert status == 0, said
    assert np.array_equal(read_image(out), fusion.fused)
    out.unlink()
    exec(python_lines(recipe), {})
    assert np.array_equal(read_image(out), fusion.fused)


def test_two_cameras_are_found_and_command_and_python_make_the_same(cameras, lkc_command):
    pictures = prepared(cameras)
    placed = one_grid.find(pictures, "ir-vis")
    corners = np.array([[150, 150, 1], [900, 150, 1], [500, 650, 1]]).T
    error = (placed.found.matrix - true_matrix()) @ corners
    assert np.abs(error).max() < 0.5  # thermal pixels
    assert (placed.moving_size, placed.fixed_size) == (THERMAL, VISIBLE)
    pair = moved(placed), pictures[1]
    assert read_image(pair[0]).shape == VISIBLE
    options = ("lite", 1.0, "keep")
    check_recipe(pair, "ir-vis", options, placed.moved.transform, lkc_command)


@pytest.mark.parametrize(
    ("windows", "options"),
    [(("", ""), ("maximum", 1.0, "gray")), (("8000,8400", ""), ("average", 1.5, "keep"))],
)
def test_what_was_moved_by_hand_is_made_by_command_and_python(
    cameras, lkc_command, windows, options
):
    pictures = prepared(cameras, windows)
    shift = np.array([[1, 0, -7], [0, 1, 3.5], [0, 0, 1]])
    placed = one_grid.place(pictures, "ir-vis", true_matrix() @ shift)
    stored = json.loads(Path(placed.moved.transform).read_text())
    assert stored["found_by"].startswith("by hand")
    assert (stored["moving_size"], stored["fixed_size"]) == ("640x480", "1024x768")
    pair = moved(placed), pictures[1]
    check_recipe(pair, "ir-vis", options, placed.moved.transform, lkc_command)


def test_of_mri_and_ct_the_ct_moves(tmp_path, monkeypatch, lkc_command):
    monkeypatch.chdir(tmp_path)
    chance = np.random.default_rng(0)
    sizes = {"mri.png": (64, 80), "ct.png": (50, 48)}
    files = [write(tmp_path / n, chance.integers(0, 256, s, np.uint8)) for n, s in sizes.items()]
    pictures = prepared(files)
    placed = one_grid.place(pictures, "mri-ct")
    pair = pictures[0], moved(placed)
    assert read_image(pair[1]).shape == (64, 80)
    assert Path(placed.moved.transform).name == "ct-align.json"
    check_recipe(pair, "mri-ct", ("maximum", 1.0, "keep"), placed.moved.transform, lkc_command)


def test_by_hand_a_source_starts_in_the_middle_as_large_as_fits(cameras):
    placed = one_grid.place(prepared(cameras), "ir-vis")
    matrix = placed.found.matrix
    scale = THERMAL[0] / VISIBLE[0]
    assert matrix[:2, :2] == pytest.approx(scale * np.eye(2))
    middle = matrix @ [(VISIBLE[1] - 1) / 2, (VISIBLE[0] - 1) / 2, 1]
    assert middle[:2] == pytest.approx([(THERMAL[1] - 1) / 2, (THERMAL[0] - 1) / 2])


def test_a_file_for_other_sizes_and_what_is_no_file_are_refused(cameras, tmp_path):
    pictures = prepared(cameras)
    transform = one_grid.place(pictures, "ir-vis").moved.transform
    used = one_grid.use_file(pictures, "ir-vis", transform)
    assert np.array_equal(used.found.matrix, one_grid.place(pictures, "ir-vis").found.matrix)
    small = write(tmp_path / "small.png", np.zeros((40, 60), np.uint8))
    with pytest.raises(InputError, match=r"ir-align\.json moves 640x480 onto 1024x768"):
        one_grid.use_file((pictures[0], small), "ir-vis", transform)
    (tmp_path / "notes.json").write_text("hello")
    with pytest.raises(InputError, match="is no stored alignment"):
        one_grid.use_file(pictures, "ir-vis", str(tmp_path / "notes.json"))


@pytest.mark.parametrize("sent", [None, "abc", [1] * 8, [0] * 9, [float("nan")] * 9, ["1"] * 9])
def test_what_is_no_matrix_is_refused(sent):
    with pytest.raises(InputError, match="9 numbers"):
        one_grid.parse_matrix(sent)


def test_a_moved_source_keeps_the_values_of_its_file(cameras):
    pictures = prepared(cameras)
    placed = one_grid.place(pictures, "ir-vis", true_matrix())
    own = own_values.source_values(moved(placed))
    values = np.fromfile(own.file, "<f4").reshape(VISIBLE)
    x, y = 500, 400
    column, row, _ = true_matrix() @ [x, y, 1]
    counts = read_image(cameras[0]).astype(np.float32)
    expected = cv2.getRectSubPix(counts, (1, 1), (float(column), float(row)))[0, 0]
    assert values[y, x] == pytest.approx(expected, abs=3)
    assert np.isnan(values[0, 0])  # where the thermal camera does not look
    assert own.full_range is None


def test_edges_are_drawn_on_nothing(tmp_path):
    pixels = np.zeros((60, 80), np.uint8)
    pixels[:, 40:] = 200
    drawn = cv2.imread(one_grid.draw_edges(write(tmp_path / "a.png", pixels)), cv2.IMREAD_UNCHANGED)
    assert drawn.shape == (60, 80, 4)
    assert drawn[30, 40, 3] == 255
    assert drawn[30, 10, 3] == 0


def test_sizes_are_compared_where_both_can_be_read(cameras, tmp_path):
    assert one_grid.differ_in_size(prepared(cameras), "ir-vis")
    assert not one_grid.differ_in_size((cameras[1], cameras[1]), "ir-vis")
    (tmp_path / "broken.png").write_text("hello")
    assert not one_grid.differ_in_size((str(tmp_path / "broken.png"), cameras[1]), "ir-vis")


def test_the_picture_before_is_kept(cameras):
    pictures = prepared(cameras)
    picture = moved(one_grid.place(pictures, "ir-vis"))
    assert given_for(picture).moved.before == pictures[0]
    assert given_for(picture).moved.onto == pictures[1]
