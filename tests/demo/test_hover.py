"""The field under the pointer: small maps measured in advance, and what a browser shows of them."""

import base64
import re
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.demo.steps import (
    NIGHT,
    choose,
    number,
    open_tab,
    upload_small_pair,
    wait_for_answer,
    wait_for_findings,
)

pytest.importorskip("gradio")
CANVAS = "#field canvas"
SAID = "#field output"
COLOURED = """canvas => {
    const {width, height} = canvas;
    const {data} = canvas.getContext('2d').getImageData(0, 0, width, height);
    const places = [];
    for (let i = 0; i < data.length; i += 4)
        if (Math.max(data[i], data[i + 1], data[i + 2]) - Math.min(data[i], data[i + 1],
            data[i + 2]) > 60) places.push(i / 4);
    const mean = f => places.reduce((sum, p) => sum + f(p), 0) / places.length;
    return places.length && [mean(p => Math.floor(p / width)), mean(p => p % width)];
}"""  # row and column of the middle of what is neither black, gray nor white


@pytest.fixture
def few_fields() -> None:
    """Here all fields are measured, as a visitor has them."""


@pytest.mark.parametrize(("kernels", "window"), [("k3", 104), ("k15", 208)])
def test_a_small_map_holds_the_field_where_it_is_and_says_the_same_as_a_click(kernels, window):
    from demo.work import field_grid
    from demo.work.inside_results import Subject, held
    from demo.work.receptive_field import REACH, measure_field

    subject = Subject(*NIGHT, "ir-vis", "hybrid", kernels)
    place = field_grid.measure_place(subject, 9, 600, "en")  # near a corner
    field = measure_field(held(subject)[0], subject.sources()[0], (9, 600), REACH[kernels])
    assert field_grid.window_of(kernels) == window
    assert place.sides == tuple(field.sides.values())
    assert f"{field.first_share:.0%} of it from the infrared" in place.said
    sent = base64.b64decode(field_grid.as_picture([place, place]).split(",")[1])
    tiles = np.asarray(Image.open(BytesIO(sent)))
    assert tiles.shape == (2 * field_grid.TILE, 2 * field_grid.TILE, 4)
    cover = tiles[: field_grid.TILE, :, 3]
    cell, middle = window // field_grid.TILE, field_grid.TILE // 2
    assert cover[middle - 1 : middle + 1, middle - 1 : middle + 1].max() == 255
    assert not cover[: middle - 9 // cell - 1].any()  # beyond the upper edge


def test_the_places_lie_evenly_and_nobody_is_kept_from_the_device(monkeypatch):
    from demo.work import field_grid

    asked = []
    monkeypatch.setattr(field_grid, "measure_place", lambda _, *at: asked.append(at[:2]))
    from demo.work.inside_results import Subject

    grid = field_grid.measure_grid(Subject(*NIGHT, "ir-vis", "hybrid", "k3"), "en")
    next(grid)
    assert asked == [(40, 40)]  # no place before it is asked for
    list(grid)
    rows, columns = zip(*asked, strict=True)
    assert sorted(set(rows)) == list(range(40, 480, 80))
    assert sorted(set(columns)) == list(range(40, 640, 80))


@pytest.fixture
def hovered(looked_inside):
    wait_for_fields(looked_inside)
    return looked_inside


def wait_for_fields(page) -> None:
    """Wait until the fields of the network that is chosen are there."""
    wait_for_answer(page, "hover")
    expect(page.locator(SAID)).to_have_text(re.compile("Move over a picture"))


def place_of(page) -> list[int]:
    """Row and column of the place whose field is shown, as the page says them."""
    expect(page.locator(SAID)).to_have_text(re.compile("Row"))
    return [int(n) for n in re.findall(r"\d+", page.locator(SAID).inner_text())[:2]]


def move_to(page, place: str, x: float, y: float) -> None:
    """Bring the pointer to a point of a picture, in shares of it."""
    picture = page.locator(place).first
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])


@pytest.mark.page
def test_the_field_nearest_to_the_pointer_is_shown_and_a_click_asks_for_the_pixel(hovered):
    page = hovered
    assert page.locator(CANVAS).first.evaluate(COLOURED) == 0
    for over in ("#inside-fused img", CANVAS):
        move_to(page, over, 0.68, 0.4)
        assert place_of(page) == [50, 110]
        row, column = page.locator(CANVAS).nth(1).evaluate(COLOURED)
        assert (row, column) == (pytest.approx(50, abs=8), pytest.approx(110, abs=8))
        move_to(page, over, 0.05, 0.95)
        assert place_of(page) == [110, 10]
    before = number(page, "share")
    page.locator(CANVAS).first.click()
    wait_for_findings(page, before)
    asked = [int(page.locator(f"#{name} input").input_value()) for name in ("row", "column")]
    assert asked == [pytest.approx(60, abs=1), pytest.approx(80, abs=1)]


@pytest.mark.page
def test_keys_go_from_place_to_place_and_enter_asks_for_all(hovered):
    page = hovered
    page.locator("#field .sources-seen").focus()
    page.keyboard.press("ArrowDown")
    first = place_of(page)
    page.keyboard.press("ArrowRight")
    row, column = place_of(page)
    assert (row, column) == (first[0], first[1] + 20)
    expect(page.locator(SAID)).to_have_attribute("aria-live", "polite")
    before = number(page, "share")
    page.keyboard.press("Enter")
    wait_for_findings(page, before)
    assert page.locator("#column input").input_value() == str(column)


@pytest.mark.page
def test_another_network_hides_the_fields_at_once_and_brings_its_own(hovered):
    page = hovered
    move_to(page, CANVAS, 0.5, 0.5)
    row, column = place_of(page)
    before = page.locator(SAID).inner_text(), number(page, "hover")
    choose(page, "#kernels", 0)
    expect(page.locator(CANVAS).first).to_be_hidden()
    wait_for_answer(page, "hover", before[1])
    wait_for_fields(page)
    move_to(page, CANVAS, 0.1, 0.1)
    move_to(page, CANVAS, 0.5, 0.5)
    assert place_of(page) == [row, column]
    assert page.locator(SAID).inner_text() != before[0]


@pytest.mark.page
def test_a_reload_of_the_tab_looks_into_the_same_pair(hovered):
    page = hovered
    page.reload()
    wait_for_findings(page)
    wait_for_fields(page)
    assert page.locator(CANVAS).first.evaluate("canvas => canvas.width") == 160


@pytest.mark.page
def test_where_any_field_is_there_at_once_it_follows_the_pointer(opened, monkeypatch, tmp_path):
    from demo.tabs import hover

    monkeypatch.setattr(hover, "follows_pointer", lambda: True)
    page = opened()
    upload_small_pair(page, tmp_path)
    open_tab(page, "Look inside")
    wait_for_findings(page)
    wait_for_fields(page)
    for x, y, near in ((0.3, 0.3, (36, 48)), (0.71, 0.8, (96, 113))):
        move_to(page, "#inside-fused img", x, y)
        expect(page.locator(SAID)).to_have_text(re.compile(f"Row {near[0] - 1}|Row {near[0]}"))
        assert place_of(page) == [pytest.approx(near[0], abs=1), pytest.approx(near[1], abs=1)]
        row, column = page.locator(CANVAS).nth(1).evaluate(COLOURED)
        assert (row, column) == (pytest.approx(near[0], abs=8), pytest.approx(near[1], abs=8))
