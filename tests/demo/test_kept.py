"""A reload, another language and the button Back lose nothing of what a visitor has chosen."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from demo.tabs.kept import Kept, parse_kept
from tests.demo.steps import choose, open_tab, say, upload, wait_until_fused, write
from tests.fixtures.medical_files import write_volume

gr = pytest.importorskip("gradio")
SENT = ["mri-ct", "compare", "nano", 1.5, "gray", "fp32", None, {"path": "a.png"}]


def test_what_was_kept_is_taken_if_the_page_offers_it():
    expected = Kept("mri-ct", ("compare", "nano", 1.5, "gray", "fp32"), (None, {"path": "a.png"}))
    assert parse_kept(SENT) == expected
    for place, wrong in enumerate(("x", "slider", "huge", 9, "red", "int4")):
        assert parse_kept([*SENT[:place], wrong, *SENT[place + 1 :]]) is None
    for nothing in (None, {}, "text", SENT[1:], [[]] * 8):
        assert parse_kept(nothing) is None


def check_pair(page, detail: str, window: str) -> None:
    """Assert that the pair, the task and the controls are those of the test below."""
    expect(page.locator("#task input:checked")).to_have_value("mri-ct")
    expect(page.locator("#view input:checked")).to_have_value("compare")
    expect(page.locator("#detail input[type=number]")).to_have_value(detail)
    expect(page.locator("#first img")).to_have_attribute("src", re.compile("/mine.png$"))
    say(page, "#first", window)
    page.wait_for_selector("#viewer canvas[aria-label]")
    wait_until_fused(page)


@pytest.mark.page
def test_the_other_language_and_a_reload_keep_pair_task_view_controls_and_window(opened, tmp_path):
    page = opened()
    counts = np.random.default_rng(0).integers(100, 900, (2, 60, 80)).astype(np.uint16)
    choose(page, "#task", 1)
    page.wait_for_selector("#first img[src*='mri-ct']")
    upload(page, "#first", write(tmp_path / "mine.tif", counts[0]))
    say(page, "#status", "Waiting for the CT image")
    upload(page, "#second", write(tmp_path / "other.tif", counts[1]))
    say(page, "#status", "80 × 60 pixels")
    page.locator("#window-first").get_by_label("white").fill("500")
    say(page, "#first", "to 500")
    choose(page, "#view", 1)
    page.get_by_label("range slider for Detail").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("sessionStorage.getItem('lkc-pair').includes('1.1')")
    page.wait_for_selector("#viewer canvas[aria-label]")
    wait_until_fused(page)
    page.get_by_text("中文").click()
    page.wait_for_url("**/zh*")
    say(page, "#status", "80 × 60 像素")
    check_pair(page, "1.1", "到 500")
    page.reload()
    say(page, "#status", "80 × 60 像素")
    check_pair(page, "1.1", "到 500")


@pytest.mark.page
def test_an_example_is_kept_as_one(opened):
    page = opened()
    choose(page, "#task", 3)
    page.wait_for_selector("#first img[src*='mri-spect']")
    page.locator("#examples button.thumbnail-item").nth(1).click()
    shown = page.locator("#first img")
    page.wait_for_function("document.querySelector('#first img')?.src.includes('head-1')")
    wait_until_fused(page)
    page.reload()
    page.wait_for_function("document.querySelector('#first img')?.src.includes('mri-spect')")
    expect(shown).to_have_attribute("src", re.compile("head-1"))
    choose(page, "#task", 1)  # an example gives way to one of the new task
    page.wait_for_selector("#second img[src*='mri-ct']")


@pytest.mark.page
def test_the_slice_of_a_volume_is_kept(opened, tmp_path):
    page = opened()
    choose(page, "#task", 1)
    page.wait_for_selector("#second img[src*='mri-ct']")
    values = np.random.default_rng(0).random((20, 24, 9)).astype(np.float32)
    upload(page, "#first", write_volume(tmp_path / "mri.nii.gz", values, np.eye(4)))
    say(page, "#slice", "Slice 5 of 9")
    page.locator("#slice input[type=range]").focus()
    page.keyboard.press("ArrowRight")
    say(page, "#slice", "Slice 6 of 9")
    expect(page.locator("#first img")).to_have_attribute("src", re.compile("axial-6"))
    say(page, "#status", "Waiting for the CT image")
    page.reload()
    say(page, "#slice", "Slice 6 of 9")
    say(page, "#status", "Waiting for the CT image")


@pytest.mark.page
def test_files_that_were_deleted_meanwhile_give_way_to_an_example(opened):
    page = opened()
    wait_until_fused(page)
    gone = ["mri-ct", "fused", "lite", 1, "keep", "fp32", {"path": "/gone.png"}, None]
    page.evaluate("kept => sessionStorage.setItem('lkc-pair', JSON.stringify(kept))", gone)
    page.evaluate("window.hasReadPair = false")
    page.reload()
    page.wait_for_selector("#first img[src*='ir-vis']")
    wait_until_fused(page)


@pytest.mark.page
@pytest.mark.parametrize(
    ("width", "language", "names"),
    [(1280, "", ("Video", "About")), (360, "zh", ("视频", "关于"))],
)
def test_back_leads_to_the_tab_before_and_a_reload_to_the_same(opened, language, names, width):
    page = opened(language, width)
    page.wait_for_selector("#download:not([disabled])")
    for name in names:
        open_tab(page, name)
    selected = page.locator("[role=tab][aria-selected=true]:visible")
    expect(selected).to_have_text(names[1])
    page.wait_for_function("location.hash === '#about'")
    page.go_back()
    expect(selected).to_have_text(names[0])
    assert page.url.endswith(f"/{language}#video")
    page.reload()
    expect(selected).to_have_text(names[0])
    page.go_back()
    page.wait_for_selector("#fused img")
    assert page.url.endswith(f"/{language}")
