"""What norms do, in a browser: all norms side by side, and a hot spot that is moved."""

import re

import pytest
from playwright.sync_api import expect

from tests.demo.steps import (
    choose,
    number,
    open_tab,
    say,
    wait_for_answer,
    wait_for_findings,
    wait_until_fused,
)

pytest.importorskip("gradio")
pytestmark = pytest.mark.page
STAGE = "#spot .stage"
LINE = re.compile(r"(\w+): ([\d.]+) gray levels on average, ([\d.]+) at most")


def put_spot(page, x: float, y: float) -> None:
    """Click at a place of the first source, in shares of it."""
    stage = page.locator(STAGE)
    stage.scroll_into_view_if_needed()
    box = stage.bounding_box()
    stage.click(position={"x": x * box["width"], "y": y * box["height"]})


def place_of(page) -> list[int]:
    """Row and column of the spot, as the page says them."""
    return [int(n) for n in re.findall(r"\d+", page.locator("#spot .where").inner_text())]


def wait_for_spot(page) -> None:
    """Wait until what is shown belongs to the spot that is shown."""
    wait_for_answer(page, "spot")
    wait_for_answer(page, "hot")
    page.wait_for_selector("#hot img")


def read_numbers(page) -> dict[str, float]:
    """Norm -> mean change beyond the frame, as a visitor reads it."""
    return {
        norm: float(mean) for norm, mean, _ in LINE.findall(page.locator("#hot-text").inner_text())
    }


@pytest.mark.parametrize(
    ("width", "task", "norms"),
    [(1280, 0, ["hybrid", "instance", "group", "layer", "batch"]), (360, 1, ["hybrid", "batch"])],
)
def test_a_student_swaps_a_norm_puts_in_a_hot_spot_and_reads_what_it_changes(
    opened, width, task, norms
):
    page = opened(width=width)
    choose(page, "#task", task)
    page.locator("#examples button.thumbnail-item").nth(1).click()
    wait_until_fused(page)
    open_tab(page, "Look inside")
    wait_for_findings(page)
    before = number(page, "layer")
    choose(page, "#norm", 1)
    wait_for_answer(page, "layer", before)
    wait_for_findings(page)
    expect(page.locator("#side-by-side img")).to_have_count(3 * len(norms))
    say(page, "#hot-text", "No spot yet")
    expect(page.locator("#hot img")).to_have_count(0)
    put_spot(page, 0.3, 0.4)
    wait_for_spot(page)
    numbers = read_numbers(page)
    assert list(numbers) == norms
    assert numbers["batch"] < 0.3 * numbers["hybrid"]
    expect(page.locator("#hot img")).to_have_count(len(norms))
    expect(page.locator("#hot-text")).to_contain_text("colours end at ±")
    height, wide = [(480, 640), (256, 256)][task]
    row, column = place_of(page)
    assert row == pytest.approx(0.4 * height, abs=3)
    assert column == pytest.approx(0.3 * wide, abs=3)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    columns = page.locator("#side-by-side img").evaluate_all("all => all.map(i => i.clientWidth)")
    assert min(columns) >= 110


def test_the_spot_is_dragged_by_mouse_and_moved_by_keys(looked_inside):
    page = looked_inside
    page.locator(STAGE).focus()
    page.keyboard.press("ArrowDown")
    assert place_of(page) == [60, 80]  # the middle of 120 x 160
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+ArrowLeft")
    assert place_of(page) == [61, 70]
    wait_for_spot(page)
    first = read_numbers(page)
    box = page.locator(STAGE).bounding_box()
    page.mouse.move(box["x"] + 0.44 * box["width"], box["y"] + 0.51 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 2 * box["width"], box["y"] + 0.1 * box["height"], steps=4)
    expect(page.locator("#hot img").first).to_be_hidden()
    expect(page.locator("#hot-text")).to_be_hidden()
    page.mouse.up()
    row, column = place_of(page)
    assert (row, column) == (pytest.approx(12, abs=2), 159)
    wait_for_spot(page)
    expect(page.locator("#hot-text")).to_be_visible()
    assert read_numbers(page) != first


def test_width_and_brightness_of_the_spot_change_what_is_far(looked_inside):
    page = looked_inside
    choose(page, "#kernels", 0)
    wait_for_findings(page)
    put_spot(page, 0.1, 0.1)
    page.get_by_label("Width").fill("24")
    wait_for_spot(page)
    bright = read_numbers(page)
    page.get_by_label("Brightness").fill("50")
    wait_for_spot(page)
    dim = read_numbers(page)
    assert all(0 < dim[norm] < bright[norm] for norm in ("hybrid", "instance", "group"))


def test_another_norm_leaves_columns_and_maps_as_they_are_and_other_kernels_do_not(looked_inside):
    page = looked_inside
    put_spot(page, 0.5, 0.5)
    wait_for_spot(page)
    chosen = {place: number(page, place) for place in ("side-by-side", "hot", "network")}
    choose(page, "#norm", 2)
    wait_for_answer(page, "network", chosen["network"])
    wait_for_findings(page)
    assert (number(page, "side-by-side"), number(page, "hot")) == (
        chosen["side-by-side"],
        chosen["hot"],
    )
    choose(page, "#kernels", 0)
    wait_for_answer(page, "hot", chosen["hot"])
    wait_for_answer(page, "side-by-side", chosen["side-by-side"])
    chosen = {place: number(page, place) for place in ("side-by-side", "hot")}
    choose(page, "#norm", 5)  # the page's own network has large kernels only
    for place, earlier in chosen.items():
        wait_for_answer(page, place, earlier)


def test_another_pair_takes_the_spot_away(looked_inside):
    page = looked_inside
    put_spot(page, 0.5, 0.5)
    wait_for_spot(page)
    open_tab(page, "Fuse")
    choose(page, "#task", 1)
    page.wait_for_selector("#examples img[src*='mri-ct']")
    page.locator("#examples button.thumbnail-item").first.click()
    page.wait_for_selector("#first img[src*='mri-ct']")
    open_tab(page, "Look inside")
    wait_for_findings(page)
    say(page, "#hot-text", "No spot yet")
    expect(page.locator("#spot .where")).to_have_text("No spot yet")
    expect(page.get_by_role("img", name="MRI", exact=True).last).to_be_visible()
    expect(page.locator("#hot img")).to_have_count(0)
