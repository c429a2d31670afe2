"""The lines that the page hands out make the very result that it shows."""

import shlex
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from demo.work import fuse_files, results, uploads
from demo.work.recipe import Recipe, as_markdown, command, python_lines, recipe_of
from lkc.io.image_files import read_image
from tests.demo.steps import write

OUT = "ir-fused.png"


@pytest.fixture
def given(tmp_path, monkeypatch) -> tuple[str, str]:
    """A thermal image of counts and a visible one, in the present folder."""
    monkeypatch.chdir(tmp_path)
    chance = np.random.default_rng(0)
    counts = chance.integers(7800, 8600, (40, 48)).astype(np.uint16)
    colours = chance.integers(0, 256, (40, 48, 3), np.uint8)
    return write(tmp_path / "ir.tif", counts), write(tmp_path / "vis.png", colours)


@pytest.mark.parametrize(
    ("windows", "options"),
    [
        (("", ""), ("lite", 1.0, "keep")),
        (("7900,8300", ""), ("nano", 1.5, "gray")),
        (("", "percentile"), ("maximum", 0.0, "heat")),
    ],
)
def test_command_and_python_make_what_the_page_makes(given, lkc_command, windows, options):
    pair = [uploads.prepare_upload(*each)[0] for each in zip(given, windows, strict=True)]
    fusion = fuse_files.fuse_files(*pair, "ir-vis", *options)
    result, _ = results.save_result(fusion, "ir-vis", *pair)
    assert Path(result.fused).name == OUT
    method, detail, colour = options
    recipe = recipe_of(*pair, "ir-vis", method, detail, colour)

    status, _, said = lkc_command(*shlex.split(command(recipe))[1:])
    assert status == 0, said
    assert np.array_equal(read_image(OUT), fusion.fused)
    Path(OUT).unlink()
    exec(python_lines(recipe), {})
    assert np.array_equal(read_image(OUT), fusion.fused)


def test_a_file_is_fused_with_the_window_that_was_chosen_for_it(given):
    counts = read_image(given[0]).astype(float)
    prepared, limits = uploads.prepare_upload(given[0], "8000,8400")
    assert limits == (8000, 8400)
    pixels = fuse_files.read_source(prepared, "infrared") / 65535
    assert np.allclose(pixels, ((counts - 8000) / 400).clip(0, 1), atol=1e-4)
    in_full, limits = uploads.prepare_upload(given[0], "full")
    assert limits is None
    assert np.array_equal(fuse_files.read_source(in_full, "infrared"), read_image(given[0]))


def test_only_what_is_not_the_default_is_said():
    recipe = Recipe(("a.png", "b.png"), ("", ""), "ir-vis")
    assert command(recipe) == "lkc fuse a.png b.png -o a-fused.png"
    assert python_lines(recipe).splitlines()[-2] == "fused = lkc.fuse('a.png', 'b.png')"
    assert recipe_of("x/a.png", "y/b.png", "mri-ct", "lite", 1, "heat").colour == "keep"


def test_files_of_one_name_lie_in_folders():
    recipe = recipe_of("x/night.png", "y/night.png", "ir-vis", "lite", 1, "keep")
    assert recipe.files == ("ir/night.png", "vis/night.png")


def test_odd_names_stay_arguments_and_end_no_block_of_code(given, lkc_command):
    names = ("-o ```.png", "b'$(x).png")
    for name in names:
        Image.fromarray(np.full((20, 20), 90, np.uint8)).save(name)
    recipe = Recipe(names, ("", ""), "mri-ct")
    status, _, said = lkc_command(*shlex.split(command(recipe))[1:])
    assert status == 0, said
    assert Path("-o ```-fused.png").exists()
    exec(python_lines(recipe), {})
    assert as_markdown(recipe).startswith("`" * 5)
