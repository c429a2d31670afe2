"""The first tab in a browser: one pair, fused live."""

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

import lkc
from lkc.io.image_files import read_image
from tests.demo.steps import (
    EXAMPLES,
    NIGHT,
    choose,
    expect_width,
    say,
    upload,
    wait_for_change,
    write,
)

pytest.importorskip("gradio")
pytestmark = pytest.mark.page
FUSED = "document.querySelector('#fused img')?.currentSrc"
HAS_COLOUR = """() => {
    const image = document.querySelector('#fused img');
    if (!image?.complete) return null;  // not yet known
    const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0);
    const pixels = context.getImageData(0, 0, canvas.width, canvas.height).data;
    return pixels.some((value, i) => i % 4 == 0 && Math.abs(value - pixels[i + 2]) > 9);
}"""


def test_an_example_is_fused_at_once_and_seen_in_every_view(opened):
    page = opened()
    page.locator("#examples button.thumbnail-item").nth(1).click()
    say(page, "#status", "640 × 480 pixels")
    for number, shown in (
        (1, "#viewer canvas[aria-label]"),
        (2, "#views img >> nth=2"),
        (3, "#numbers tbody tr >> nth=10"),
        (0, "#fused img"),
    ):
        choose(page, "#view", number)
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 900})
            page.wait_for_selector(shown)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, shown
    assert page.locator("h1").count() == 1


def test_a_view_chosen_while_a_pair_is_fused_is_shown_when_it_is_there(opened):
    page = opened()
    for number in (1, 2, 0):
        page.locator("#examples button.thumbnail-item").nth(number).click()
        choose(page, "#view", 1)
        page.wait_for_selector("#viewer canvas[aria-label]")
        choose(page, "#view", 0)
        page.wait_for_selector("#fused img")


@pytest.mark.parametrize(("number", "task"), list(enumerate(lkc.TASKS)))
def test_the_files_of_each_task_are_uploaded_fused_and_handed_back(opened, number, task):
    page = opened()
    name = "fog" if task == "ir-vis" else "head-2"  # the page starts with another example
    pair = [str(EXAMPLES / task / folder / f"{name}.png") for folder in task.split("-")]
    choose(page, "#task", number)
    page.wait_for_selector(f"#first img[src*='{task}']")
    upload(page, "#first", pair[0])
    say(page, "#status", f"Waiting for the {lkc.TASKS[task].second} image")
    upload(page, "#second", pair[1])
    say(page, "#status", "pixels, 8 bit")
    with page.expect_download() as download:
        page.locator("#download").click()
    assert download.value.suggested_filename == f"{name}-fused.png"
    expected = lkc.fuse(*pair, task=task)
    assert np.array_equal(lkc.io.image_files.read_image(download.value.path()), expected)


def test_the_picture_follows_the_detail_slider_while_it_moves_and_by_keys(opened):
    page = opened()
    detail = page.get_by_label("range slider for Detail")
    detail.scroll_into_view_if_needed()
    before, box = page.evaluate(FUSED), detail.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 5, box["y"] + box["height"] / 2)
    wait_for_change(page, FUSED, before)
    page.mouse.up()
    before = page.evaluate(FUSED)
    detail.focus()
    page.keyboard.press("ArrowRight")
    wait_for_change(page, FUSED, before)


def test_a_control_moved_during_a_fusion_counts(opened):
    from demo.server.one_device import device

    page = opened()
    before = page.evaluate(FUSED)
    with device:
        page.locator("#fuse").click()
        for number in (2, 0, 2):  # no colour, that of the scene, none
            choose(page, "#colour", number)
    wait_for_change(page, FUSED, before)
    page.wait_for_function(f"({HAS_COLOUR})() === false")


def test_an_upload_waits_for_its_partner_and_a_bad_pair_loses_nothing(opened, tmp_path):
    page = opened()
    upload(page, "#first", write(tmp_path / "small.png", np.full((32, 32), 50, np.uint8)))
    say(page, "#status", "Waiting for the visible image")
    upload(page, "#second", NIGHT[1])
    say(page, "#status", "32×32")
    expect(page.locator("#first img")).to_have_count(1)
    upload(page, "#first", NIGHT[0])
    say(page, "#status", "640 × 480 pixels")


def test_the_example_is_marked_that_is_shown_and_none_beside_own_files(opened, tmp_path):
    page = opened()
    marks = page.locator("#examples:not(.unmarked) button.selected")
    expect(marks).to_have_count(1)
    upload(page, "#first", write(tmp_path / "small.png", np.full((9, 9), 50, np.uint8)))
    expect(marks).to_have_count(0)
    height = page.locator("#first img").evaluate("image => image.clientHeight")
    assert height >= 100  # small pictures are enlarged
    choose(page, "#task", 2)
    say(page, "#status", "Waiting for the PET image")
    expect(marks).to_have_count(0)
    page.locator("#examples button.thumbnail-item").nth(1).click()
    say(page, "#status", "256 × 256 pixels")
    expect(marks).to_have_count(1)


def test_a_task_offers_the_colours_that_its_results_can_have(opened):
    page = opened()
    colours = page.locator("#colour label")
    expect(colours).to_have_text(["Of the visible image", "Heat glows", "None"])
    choose(page, "#colour", 1)
    choose(page, "#task", 2)
    expect(colours).to_have_text(["Of the PET image", "None"])
    expect(page.locator("#colour input").first).to_be_checked()
    choose(page, "#task", 1)
    expect(page.locator("#colour")).to_be_hidden()


@pytest.mark.parametrize("first_of_all", [True, False])
def test_a_file_that_is_no_image_is_one_sentence_and_the_old_picture_goes(
    opened, tmp_path, first_of_all
):
    page = opened()
    if not first_of_all:
        for place, file in zip(("#first", "#second"), NIGHT, strict=True):
            upload(page, place, file)
            say(page, "#status", "Waiting" if place == "#first" else "640 × 480")
    bad = tmp_path / "notes.png"
    bad.write_text("hello")
    upload(page, "#first", bad)
    say(page, "#status", "notes.png is not an image that can be read")
    expect(page.locator("#fused img")).to_have_count(0)
    expect(page.locator("#download")).to_be_disabled()
    assert not page.locator(".toast-body").count()


def test_a_source_that_is_taken_away_takes_the_result_with_it(opened):
    page = opened()
    say(page, "#status", "640 × 480")
    page.locator("#first button[aria-label='Remove Image']").click()
    say(page, "#status", "Waiting for the infrared image")
    expect(page.locator("#fused img")).to_have_count(0)
    expect(page.locator("#second img")).to_have_count(1)


def test_who_has_to_wait_is_told_so_and_sees_no_old_picture(opened):
    from demo.server.one_device import device

    page = opened()
    with device:
        page.locator("#examples button.thumbnail-item").nth(1).click()
        page.wait_for_selector("#fused img", state="detached")
        say(page, "#status", "Waiting for its turn")
    say(page, "#status", "640 × 480")
    page.wait_for_selector("#fused img")


def test_a_full_queue_is_said_in_the_language_of_the_page(opened, blocks, complaints, monkeypatch):
    page = opened("zh")
    monkeypatch.setattr(blocks._queue, "max_size", 0)
    page.locator("#fuse").click()
    say(page, "#status", "已有 32 个任务在排队")
    assert all("503" in complaint for complaint in complaints)  # Service Unavailable
    complaints.clear()


def test_a_16_bit_tiff_is_seen_through_a_stated_window(opened, tmp_path):
    page = opened()
    choose(page, "#task", 1)
    say(page, "#status", "256 × 256")
    values = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64)
    pair = [write(tmp_path / "a.tif", values), write(tmp_path / "b.png", values[::-1])]
    for name, file in zip(("#first", "#second"), pair, strict=True):
        upload(page, name, file)
        say(page, name, "from 40.95 to 4054.05")  # percentiles 1 and 99 of 0 to 4095
    say(page, "#status", "64 × 64 pixels, 16 bit")
    expect_width(page, "#first img", 64)  # the browser can show it
    with page.expect_download() as download:
        page.locator("#download").click()
    assert re.fullmatch(r"a-fused\.png", Path(download.value.suggested_filename).name)


def test_the_lines_to_take_away_follow_what_is_on_the_screen(opened, tmp_path):
    page = opened()
    page.get_by_text("Take it away").click()
    say(page, "#recipe", "lkc fuse ir/night.png vis/night.png -o night-fused.png")
    detail = page.get_by_label("range slider for Detail")
    detail.focus()
    page.keyboard.press("ArrowRight")
    say(page, "#recipe", "--detail 1.1")
    with page.expect_download() as download:
        page.locator("#sheet").click()
    assert download.value.suggested_filename == "night-sheet.png"
    height, width = read_image(download.value.path()).shape[:2]
    assert width > 3 * 640
    assert height > 480
    upload(page, "#first", write(tmp_path / "ir.tif", np.full((32, 32), 50, np.uint8)))
    say(page, "#status", "Waiting for the visible image")
    expect(page.locator("#recipe pre")).to_have_count(0)
    upload(page, "#second", write(tmp_path / "b.png", np.full((32, 32), 50, np.uint8)))
    say(page, "#recipe", "lkc fuse ir.tif b.png -o ir-fused.png --detail 1.1")
