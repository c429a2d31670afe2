"""The page for everybody: languages, screen readers, contrast, fingers, phones."""

import pytest

from tests.demo.steps import (
    choose,
    comes_true,
    open_tab,
    say,
    upload,
    upload_small_pair,
    wait_for_findings,
    wait_until_still,
)

pytest.importorskip("gradio")
pytestmark = pytest.mark.page
TABS = ("Fuse", "Look inside", "Many pairs", "Video", "About")
WEAK_TEXTS = """() => {
    const numbers = colour => colour.match(/[\\d.]+/g).map(Number);
    const luminance = colour => numbers(colour).slice(0, 3)
        .map(v => v / 255).map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const background = element => {
        for (let e = element; e; e = e.parentElement) {
            const colour = getComputedStyle(e).backgroundColor;
            if ((numbers(colour)[3] ?? 1) > 0.5) return colour;
        }
        return 'rgb(255, 255, 255)';
    };
    return [...document.querySelectorAll('body *')].filter(element => {
        const own = [...element.childNodes].some(n => n.nodeType == 3 && n.nodeValue.trim());
        if (!own || element.matches('script, style') || element.closest('[disabled]')) return false;
        const visible = {visibilityProperty: true, opacityProperty: true};
        if (!element.checkVisibility(visible)) return false;
        const [dark, light] = [getComputedStyle(element).color, background(element)]
            .map(luminance).sort((a, b) => a - b);
        return (light + 0.05) / (dark + 0.05) < 4.5;
    }).map(element => element.textContent.trim());
}"""
SMALL_TARGETS = """() => [
    ...document.querySelectorAll('button, a, label:has(input), input[type=range]')
].filter(e => e.checkVisibility({visibilityProperty: true}) && !e.closest('[aria-hidden=true]'))
    .filter(e => {
        const {width, height} = e.getBoundingClientRect();
        return width < 32 || height < 32;
    }).map(e => e.getAttribute('aria-label') || e.innerText)"""


def test_the_page_speaks_chinese_and_says_so(opened):
    page = opened("zh")
    say(page, "#status", "640 × 480 像素")
    assert page.get_by_role("button", name="融合", exact=True).count() == 1
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    assert page.title() == "lkc：图像融合"


def test_groups_of_choices_have_names(opened):
    page = opened()
    for name in ("Task", "View"):
        assert page.get_by_role("group", name=name, exact=True).count() == 1


def test_every_text_stands_out_from_its_background(opened, tmp_path):
    page = opened()
    upload_small_pair(page, tmp_path)
    choose(page, "#view", 1)
    page.wait_for_selector("#viewer canvas[aria-label]")
    for tab in TABS:
        open_tab(page, tab)
        if tab == "Look inside":
            wait_for_findings(page)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            is_shown = "dark => document.body.classList.contains('dark') === dark"
            page.wait_for_function(is_shown, arg=scheme == "dark")
            wait_until_still(page)
            assert page.evaluate(WEAK_TEXTS) == [], (tab, scheme)


def test_a_phone_shows_the_result_on_its_first_screen_and_has_room_for_fingers(opened, tmp_path):
    page = opened(width=360, height=740)
    assert page.locator("#fused img").bounding_box()["y"] < 650
    upload_small_pair(page, tmp_path)
    for tab in TABS:
        open_tab(page, tab)
        if tab == "Look inside":
            wait_for_findings(page)
        # What is still being laid out has no size.
        assert comes_true(page, lambda: not page.evaluate(SMALL_TARGETS)), (
            tab,
            page.evaluate(SMALL_TARGETS),
        )
        assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_model_card_shows_the_benchmark(opened):
    page = opened(width=360)
    open_tab(page, "About")
    say(page, "#results", "mean rank")
    levels = page.locator(":is(h1, h2, h3, h4):visible").evaluate_all(
        "all => all.map(h => h.tagName)"
    )
    assert levels == ["H1", *["H2"] * 5]  # no level is left out
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_sources_are_called_by_the_names_of_their_task(opened, tmp_path):
    page = opened()
    choose(page, "#task", 2)
    page.wait_for_selector("#first img[alt='MRI']")
    page.wait_for_selector("#second img[alt='PET']")
    bad = tmp_path / "notes.png"
    bad.write_text("hello")
    upload(page, "#second", bad)
    page.wait_for_selector("#second img[alt^='This file is no image']")


def test_what_became_of_a_pair_is_read_aloud(opened):
    page = opened()
    for tab, place in zip(
        TABS, ("#status", "#share", "#batch-status", "#video-status"), strict=False
    ):
        open_tab(page, tab)
        page.wait_for_selector(f"{place}[role=status]", state="attached")


def test_who_waits_can_read_that(opened):
    from demo.server.one_device import turn

    page = opened()
    with turn():
        page.locator("#fuse").click()
        say(page, "#status", "Waiting for its turn")
        wait_until_still(page)  # Gradio would let it fade
        faded = """() => [...document.querySelectorAll('#status *')]
            .filter(e => e.innerText?.includes('turn') && getComputedStyle(e).opacity < 1).length"""
        assert page.evaluate(faded) == 0
