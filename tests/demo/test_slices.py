"""DICOM, NIfTI and arrays on the first tab: slices on one grid, as the command line fuses them."""

import re
import shlex

import numpy as np
import pytest
from playwright.sync_api import expect

from demo.work import fuse_files, slices, uploads
from demo.work.prepared import Given, Slice
from demo.work.recipe import command, python_lines, recipe_of
from demo.work.slices import count_slices, is_volume, millimetres, read_slice, show_slice
from lkc.errors import InputError
from lkc.io import read_volume
from lkc.io.tracer_colours import colour_tracer
from tests.demo.steps import NIGHT, choose, number, say, upload, wait_for_answer
from tests.fixtures.medical_files import write_dicom, write_volume

pytest.importorskip("gradio")
GRID = np.diag([2.0, 2, 3, 1])


def head(shape=(24, 28, 20)) -> np.ndarray:
    """A ball with one bright voxel far to the right, the front and the head."""
    where = np.stack(np.meshgrid(*(np.linspace(-1, 1, n) for n in shape), indexing="ij"))
    values = 100.0 * (np.linalg.norm(where, axis=0) < 0.9)
    values[18, 21, 15] = 900
    return values.astype(np.float32)


@pytest.fixture
def pair(tmp_path, monkeypatch) -> tuple[str, str]:
    """An MRI, and a CT of the same head on a coarser grid that is turned round."""
    monkeypatch.chdir(tmp_path)
    mri = write_volume(tmp_path / "mri.nii.gz", head(), GRID)
    turned = np.diag([-4.0, 4, 3, 1])
    turned[0, 3] = 2.0 * 22
    write_volume(tmp_path / "ct.nii.gz", head()[22::-2, ::2] * 2, turned)
    return str(mri), str(tmp_path / "ct.nii.gz")


def test_slices_stand_upright_with_the_right_of_the_patient_on_the_left(pair):
    places = {"axial": (15, (6, 5)), "coronal": (21, (4, 5)), "sagittal": (18, (4, 6))}
    for axis, (index, (row, column)) in places.items():
        values = read_slice(Given(pair[0], slice=Slice(axis, index, pair[0])))
        assert np.unravel_index(values.argmax(), values.shape) == (row, column), axis


def test_where_a_slice_lies_is_said_in_millimetres(pair):
    assert [count_slices(pair[0], axis) for axis in ("sagittal", "coronal", "axial")] == [
        24,
        28,
        20,
    ]
    assert millimetres(Slice("axial", 15, pair[0])) == pytest.approx(45)
    assert millimetres(Slice("sagittal", 3, pair[1])) == pytest.approx(12)  # from the left


def test_the_second_lies_on_the_grid_of_the_first(pair):
    first, second = (read_slice(Given(file, slice=Slice("axial", 10, pair[0]))) for file in pair)
    assert first.shape == second.shape == (28, 24)
    both = np.isfinite(second) & (first == 100)
    assert np.median(second[both]) == 200


def test_uptake_is_coloured_before_it_is_fused(pair):
    at = Slice("axial", 10, pair[0], is_tracer=True)
    pixels, said = show_slice(Given(pair[1], "0,400", at))
    values = read_slice(Given(pair[1], slice=at))
    expected = colour_tracer(np.nan_to_num(values / 400).clip(0, 1))
    assert np.abs(pixels / 65535 - expected).max() < 0.02  # one of 256 colours
    assert said == "fixed: 0 to 400"


@pytest.mark.parametrize("windows", [("", ""), ("0,300", "")])
def test_command_and_python_fuse_the_slice_that_is_shown(pair, lkc_command, windows):
    at = Slice("axial", 10, pair[0])
    shown = [
        uploads.prepare(Given(file, window, at))[0]
        for file, window in zip(pair, windows, strict=True)
    ]
    fused = fuse_files.fuse_files(*shown, "mri-ct", "maximum").fused  # the same either way up
    recipe = recipe_of(*shown, "mri-ct", "maximum", 1.0, "keep")
    assert recipe.out == "mri-fused.nii.gz"
    status, _, said = lkc_command(*shlex.split(command(recipe))[1:])
    assert status == 0, said
    exec(python_lines(recipe).replace("mri-fused", "python"), {})
    for out in ("mri-fused.nii.gz", "python.nii.gz"):
        whole = read_volume(out).values[:, :, 10].T[::-1, ::-1] * 65535
        assert np.abs(whole - fused).max() <= 1


def test_what_is_a_volume_is_told_from_an_image(pair, tmp_path):
    assert is_volume(pair[0])
    assert is_volume(str(tmp_path))
    assert not is_volume(NIGHT[0])
    assert not is_volume(str(write_dicom(tmp_path / "slice.dcm")))
    frames = np.zeros((3, 20, 30), np.uint16)
    assert is_volume(str(write_dicom(tmp_path / "frames.dcm", frames, NumberOfFrames=3)))
    assert not is_volume(str(tmp_path / "gone.nii.gz"))


def open_empty(page, task: int = 1, name: str = "mri-ct") -> None:
    """Choose a task, and take its example away."""
    choose(page, "#task", task)
    for place in ("#first", "#second"):
        page.wait_for_selector(f"{place} img[src*='{name}']")
    for place in ("#first", "#second"):
        page.locator(f"{place} button[aria-label='Remove Image']").click()
        page.wait_for_selector(f"{place} img", state="detached")
    say(page, "#status", "Waiting for a pair")


def test_a_volume_that_would_fill_the_server_is_refused(pair, monkeypatch):
    monkeypatch.setattr(slices, "MAX_VOXELS", 1_000_000)
    large = write_volume("large.nii.gz", np.zeros((101, 100, 100), np.uint8), GRID)
    with pytest.raises(InputError, match="more than 1 million voxels"):
        slices.read_cached(str(large))
    assert read_volume(large).values.shape == (101, 100, 100)


def give(page, place: str, files) -> None:
    """Choose files as a visitor does whose chooser offers all kinds."""
    page.locator(f"{place} input[type=file]").first.evaluate("input => input.click()")
    upload(page, place, files)


@pytest.mark.page
def test_two_volumes_are_seen_slice_by_slice(opened, pair):
    page = opened()
    open_empty(page)
    for place, file in zip(("#first", "#second"), pair, strict=True):
        give(page, place, file)  # the second while the first is still being read
    say(page, "#status", "24 × 28 pixels, 16 bit")
    say(page, "#slice", "Slice 11 of 20, at 30.0 mm")
    before = number(page, "pair")
    page.locator("#slice input[type=range]").focus()
    page.keyboard.press("ArrowRight")
    say(page, "#slice", "Slice 12 of 20, at 33.0 mm")
    wait_for_answer(page, "pair", before)
    expect(page.locator("#first img")).to_have_attribute("src", re.compile("mri-axial-12.png"))
    expect(page.locator("#fused img")).to_have_attribute("src", re.compile("mri-axial-12-fused"))
    choose(page, "#axis", 1)
    say(page, "#slice", "Slice 15 of 28")
    say(page, "#status", "24 × 20 pixels")
    page.locator("#window-second select").select_option("brain")
    say(page, "#second", "shown from 0 to 80")
    page.get_by_text("Take it away").click()
    say(page, "#recipe", "--window percentile --window brain --task mri-ct --axis coronal")
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator("#examples button.thumbnail-item").first.click()
    expect(page.locator("#slice")).to_have_count(0)


@pytest.mark.page
def test_one_image_that_browsers_do_not_know_is_dropped_onto_its_place(opened, tmp_path):
    page = opened()
    np.save(tmp_path / "hot.npy", np.linspace(20, 40, 32 * 40).reshape(32, 40))
    drop = """(picture, bytes) => {
        const moved = new DataTransfer();
        moved.items.add(new File([Uint8Array.from(bytes)], "hot.npy"));
        picture.dispatchEvent(new DragEvent("drop", {dataTransfer: moved, bubbles: true}));
    }"""
    content = list((tmp_path / "hot.npy").read_bytes())
    page.locator("#first img").evaluate(drop, content)
    say(page, "#first", "shown from 20.2")
    say(page, "#status", "Waiting for the visible image")


@pytest.mark.page
def test_volumes_that_do_not_meet_are_one_sentence(opened, pair, tmp_path):
    page = opened()
    open_empty(page)
    away = GRID.copy()
    away[0, 3] = 5000
    far = write_volume(tmp_path / "far.nii.gz", head(), away)
    for place, file in zip(("#first", "#second"), (pair[0], far), strict=True):
        give(page, place, file)
    say(page, "#status", "far.nii.gz covers 0% of mri.nii.gz: they do not lie in one space.")
    assert not page.locator(".toast-body").count()
