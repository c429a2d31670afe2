"""Which window of a source the page offers, shows and takes, in a browser as well."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from demo.work import windows
from demo.work.prepared import Given
from lkc.io.image_files import read_image
from lkc.io.window import CT_PRESETS
from tests.demo.steps import NIGHT, choose, number, say, upload, wait_for_answer, write
from tests.fixtures.medical_files import write_dicom

pytest.importorskip("gradio")


def counts_file(folder) -> tuple[str, np.ndarray]:
    counts = np.random.default_rng(0).integers(7800, 8600, (60, 80)).astype(np.uint16)
    return write(folder / "ir.tif", counts), counts


def test_the_histogram_counts_every_value_between_the_ends(tmp_path):
    file, counts = counts_file(tmp_path)
    shown = windows.find_shown(Given(file))
    assert sum(shown.counts) == counts.size
    assert shown.ends == (counts.min(), counts.max())
    assert shown.limits == pytest.approx(np.percentile(counts, [1, 99]))
    assert (shown.chosen, shown.choices) == ("percentile", ("percentile", "full"))
    assert windows.find_shown(Given(file, "full")).limits == (0, 65535)


def test_what_has_8_bits_or_is_no_image_has_no_window(tmp_path):
    (tmp_path / "notes.png").write_text("hello")
    for file in (NIGHT[0], NIGHT[1], str(tmp_path / "notes.png")):
        assert windows.find_shown(Given(file)) is None


def test_a_ct_is_offered_the_presets_of_consoles(tmp_path):
    file = tmp_path / "slice"
    values = np.arange(64 * 64, dtype=np.int16).reshape(64, 64) % 2000
    write_dicom(file, values, Modality="CT", RescaleSlope=1, RescaleIntercept=-1000)
    shown = windows.find_shown(Given(str(file), "brain"))
    assert set(CT_PRESETS) < set(shown.choices)
    assert (shown.limits, shown.unit) == ((0, 80), "HU")


@pytest.fixture
def thermal(opened, tmp_path):
    """The page with a pair of which the first has counts, and these counts."""
    file, counts = counts_file(tmp_path)
    page = opened()
    upload(page, "#first", file)
    say(page, "#status", "Waiting for the visible image")
    upload(page, "#second", write(tmp_path / "vis.png", (counts % 256).astype(np.uint8)))
    say(page, "#status", "80 × 60 pixels")
    return page, counts


def black_and_white(page) -> list[float]:
    ends = page.locator("#window-first input[type=number]")
    return [float(end.input_value()) for end in ends.all()]


def shown_pixels(page) -> np.ndarray:
    """The first source as the page shows it, in [0, 1]."""
    file = page.locator("#first img").get_attribute("src").split("file=")[-1]
    return read_image(file) / 65535


@pytest.mark.page
def test_a_window_that_is_typed_picked_or_dragged_is_shown_and_fused(thermal):
    page, counts = thermal
    window = page.locator("#window-first")
    expect(window.locator("fieldset")).to_have_attribute("aria-label", "Infrared: what is shown")
    expect(page.locator("#window-second")).to_have_count(0)
    assert black_and_white(page) == pytest.approx(np.percentile(counts, [1, 99]))

    before = number(page, "pair")
    window.get_by_label("black").fill("8000")
    window.get_by_label("white").fill("8400")
    say(page, "#first", "shown from 8000 to 8400")
    wait_for_answer(page, "pair", before)
    expected = ((counts - 8000.0) / 400).clip(0, 1)
    assert np.allclose(shown_pixels(page), expected, atol=1e-4)
    page.get_by_text("Take it away").click()
    say(page, "#recipe", "--window 8000,8400 --window full")

    window.locator("select").select_option("full")
    expect(page.locator("#first")).not_to_contain_text("shown from")
    assert np.allclose(shown_pixels(page), counts / 65535, atol=1e-4)
    say(page, "#recipe", "--window full --window full")
    window.locator("select").select_option("percentile")
    say(page, "#first", f"shown from {np.percentile(counts, 1):g}")

    box = window.locator("canvas").bounding_box()
    page.mouse.move(box["x"] + 3, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 30, steps=5)
    page.mouse.up()
    middle = (int(counts.min()) + int(counts.max())) / 2
    assert black_and_white(page)[0] == pytest.approx(middle, abs=12)
    say(page, "#first", re.compile(f"from {black_and_white(page)[0]:g} to"))


@pytest.mark.page
def test_a_window_that_cannot_be_is_one_sentence_and_the_one_before_stays(thermal):
    page, counts = thermal
    window = page.locator("#window-first")
    before = black_and_white(page)
    window.get_by_label("white").fill("5")
    expect(window.locator(".complaint")).to_have_text("White must be the larger value.")
    window.get_by_label("black").fill("1")
    said = f"ir.tif has no value in the window from 1 to 5: its values lie between {counts.min()}"
    expect(window.locator(".complaint")).to_contain_text(said)
    assert black_and_white(page) == before
    say(page, "#first", f"shown from {np.percentile(counts, 1):g}")
    page.wait_for_selector("#fused img")


@pytest.mark.page
def test_another_pair_and_another_task_take_their_own_windows(thermal):
    page, _ = thermal
    choose(page, "#task", 1)
    fieldset = page.locator("#window-first fieldset")
    expect(fieldset).to_have_attribute("aria-label", "MRI: what is shown")
    page.locator("#examples button.thumbnail-item").first.click()
    expect(fieldset).to_have_count(0)
