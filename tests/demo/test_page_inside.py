"""The tab that looks inside a network, in a browser."""

import pytest
from playwright.sync_api import expect

from tests.demo.steps import (
    choose,
    number,
    open_tab,
    say,
    upload,
    upload_small_pair,
    wait_for_answer,
    wait_for_change,
    wait_for_findings,
)

pytest.importorskip("gradio")
pytestmark = pytest.mark.page


@pytest.mark.parametrize(("width", "task"), [(1280, 0), (360, 1)])
def test_a_clicked_pixel_shows_its_field_over_both_sources(opened, width, task):
    page = opened(width=width)
    first, size = [("infrared", (480, 640)), ("MRI", (256, 256))][task]
    choose(page, "#task", task)
    say(page, "#status", f"{size[1]} × {size[0]}")
    open_tab(page, "Look inside")
    page.wait_for_selector("#fields img >> nth=3")
    wait_for_findings(page)
    page.locator("#maps-text").scroll_into_view_if_needed()
    page.wait_for_selector("#maps img >> nth=11")
    before = number(page, "fields")
    page.locator("#inside-fused img").scroll_into_view_if_needed()
    image = page.locator("#inside-fused img")
    box = image.bounding_box()
    image.click(position={"x": box["width"] * 0.7, "y": box["height"] * 0.47})
    wait_for_findings(page, before)
    row, column = (float(page.get_by_label(name).input_value()) for name in ("Row", "Column"))
    assert row == pytest.approx(0.47 * size[0], abs=4)
    assert column == pytest.approx(0.7 * size[1], abs=4)
    expect(page.locator("#share")).to_contain_text(first)
    expect(page.locator("#fields img")).to_have_count(4)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_region_is_changed_by_keys_and_a_pixel_outside_is_one_sentence(opened, tmp_path):
    page = opened()
    upload_small_pair(page, tmp_path)
    open_tab(page, "Look inside")
    wait_for_findings(page)
    before = page.locator("#share span.prose").inner_text()
    page.locator("#region input[type=range]").focus()
    page.keyboard.press("ArrowRight")
    wait_for_change(page, "document.querySelector('#share span.prose').innerText", before)
    page.get_by_label("Row").fill("-5")
    say(page, "#share", "the pixel lies outside of the image, 160 × 120")
    assert not page.locator(".toast-body").count()


def test_norm_and_layer_are_swapped_live_and_the_pair_follows_the_first_tab(opened):
    page = opened("zh")
    choose(page, "#task", 2)
    say(page, "#status", "256 × 256")
    open_tab(page, "看内部")

    def maps() -> str | None:
        return page.locator("#maps img").first.get_attribute("src")

    say(page, "#maps-text", "MRI 与 CT")
    say(page, "#share", "PET")
    before, earlier = maps(), number(page, "layer")
    choose(page, "#norm", 1)
    wait_for_answer(page, "layer", earlier)
    assert maps() != before
    page.locator("#layer input").click()
    page.get_by_role("option", name="主干").click()
    say(page, "#maps-text", "48 个通道，128 × 128")


def test_a_file_that_is_no_image_is_one_sentence_here_as_well(opened, tmp_path):
    page = opened("zh")
    bad = tmp_path / "notes.png"
    bad.write_text("hello")
    upload(page, "#first", bad)
    say(page, "#status", "notes.png 不是可读的图像")
    upload(page, "#second", bad)
    open_tab(page, "看内部")
    say(page, "#share", "无法查看： notes.png 不是可读的图像")


@pytest.mark.parametrize("norm", [3, 5])  # layer norm, and the page's own network
def test_a_network_with_one_size_of_kernels_says_so(opened, tmp_path, norm):
    page = opened()
    upload_small_pair(page, tmp_path)
    open_tab(page, "Look inside")
    wait_for_findings(page)
    choose(page, "#kernels", 0)
    choose(page, "#norm", norm)
    page.wait_for_selector("#kernels input[disabled]")
    assert page.locator("#kernels input:checked").get_attribute("value") == "k15"
    say(page, "#share", "kernels 15·11·7")
    choose(page, "#norm", 0)
    page.wait_for_selector("#kernels input:not([disabled])")
