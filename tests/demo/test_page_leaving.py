"""No answer of the pair before stands once a visitor gives or removes a file."""

import re
import threading

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.demo.steps import choose, say, upload, wait_until_fused, write

pytest.importorskip("gradio")
pytestmark = pytest.mark.page

ANSWERS = ("#status", "#fused", "#download")
DROP = """([place, bytes, type]) => {
    const moved = new DataTransfer();
    moved.items.add(new File([new Uint8Array(bytes)], "given", {type}));
    document.querySelector(`${place} img`)
        .dispatchEvent(new DragEvent("drop", {dataTransfer: moved, bubbles: true}));
}"""
COPY = """async bytes => navigator.clipboard.write(
    [new ClipboardItem({"image/png": new Blob([new Uint8Array(bytes)], {type: "image/png"})})])"""


def expect_answers(page, seen: bool) -> None:
    for place in ANSWERS:
        expect(page.locator(place)).to_be_visible(visible=seen)


@pytest.fixture
def held(opened):
    """A page with an answer, and a function that lets its uploads go on their way."""
    page, waiting, free = opened(), [], threading.Event()
    wait_until_fused(page)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])

    def hold(route):
        waiting.append(route)
        if free.is_set():
            route.continue_()

    def let_go():
        free.set()
        for route in waiting:
            route.continue_()

    page.route(re.compile("/upload"), hold)
    return page, let_go


@pytest.mark.parametrize("way", ["choose", "drop", "paste"])
def test_a_file_that_is_on_its_way_hides_the_answer(held, tmp_path, way):
    page, let_go = held
    file = write(tmp_path / "a.png", np.full((48, 64), 90, np.uint8))
    with open(file, "rb") as opened_file:
        content = list(opened_file.read())
    expect_answers(page, seen=True)
    if way == "choose":
        upload(page, "#first", file)
    elif way == "drop":
        page.evaluate(DROP, ["#first", content, "image/png"])
    else:
        page.evaluate(COPY, content)
        page.locator("#first .source-selection button").last.click()
    page.locator("#first img").wait_for(state="hidden")
    page.wait_for_timeout(500)  # so that every program that could has heard of it
    expect_answers(page, seen=False)
    let_go()
    say(page, "#status", "Waiting for the visible image")
    expect(page.locator("#status")).to_be_visible()


def test_a_file_that_is_removed_takes_the_answer_along_before_any_program_hears(opened):
    page = opened()
    wait_until_fused(page)
    hidden = page.evaluate("""() => {
        document.querySelector("#first .icon-button-wrapper button").click();
        return getComputedStyle(document.querySelector("#fused")).visibility;
    }""")
    assert hidden == "hidden"
    say(page, "#status", "Waiting for the infrared image")
    expect(page.locator("#status")).to_be_visible()


def drop_too_much(page, kind: str) -> None:
    drop = DROP.replace("new Uint8Array(bytes)", "new Uint8Array(51 << 20)")
    page.evaluate(drop, ["#first", [], kind])
    page.get_by_text("exceed the maximum allowed size").wait_for()


def test_where_a_file_is_refused_and_the_earlier_one_stays_so_does_the_answer(opened):
    page = opened()
    wait_until_fused(page)
    drop_too_much(page, "application/dicom")
    expect(page.locator("#first img")).to_be_visible()
    expect_answers(page, seen=True)


def test_where_a_file_is_refused_and_nothing_stays_the_page_waits_for_one(opened):
    page = opened()
    wait_until_fused(page)
    drop_too_much(page, "image/png")
    expect(page.locator("#first img")).to_have_count(0)  # Gradio has emptied its place
    say(page, "#status", "Waiting for the infrared image")
    expect(page.locator("#status")).to_be_visible()
    expect(page.locator("#fused img")).to_have_count(0)


def test_what_is_dropped_and_is_no_file_changes_nothing(opened):
    page = opened()
    wait_until_fused(page)
    page.evaluate("""() => {
        const text = new DataTransfer();
        text.setData("text/plain", "hello");
        document.querySelector("#first img")
            .dispatchEvent(new DragEvent("drop", {dataTransfer: text, bubbles: true}));
    }""")
    expect_answers(page, seen=True)


def test_a_view_that_is_pressed_while_an_earlier_press_is_on_its_way_is_shown(opened):
    page, held = opened(), []
    wait_until_fused(page)

    def hold_the_first(route):
        if held:
            route.continue_()
        else:
            held.append(route)

    page.route("**/run/predict", hold_the_first)
    with page.expect_request("**/run/predict"):
        choose(page, "#view", 1)
    with page.expect_response("**/run/predict"):
        choose(page, "#view", 0)
    assert len(held) == 1
    held[0].continue_()
    choose(page, "#task", 1)
    wait_until_fused(page)
    expect(page.locator("#fused img")).to_be_visible()
