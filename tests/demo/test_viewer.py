"""The view that compares: zoom, movement, fade, curtain, blink and values, by mouse and keys."""

import json
import re

import numpy as np
import pytest
from playwright.sync_api import expect

import lkc
from lkc.io.image_files import read_image
from tests.demo.frames import file_of
from tests.demo.steps import EXAMPLES, NIGHT, choose, say, upload, wait_for_change, write

pytest.importorskip("gradio")
pytestmark = pytest.mark.page
BESIDE, FADE, FIRST, SECOND = range(4)
COLOUR = """([selector, x, y]) => {
    const canvas = document.querySelector(selector);
    const at = [Math.floor(x * canvas.width), Math.floor(y * canvas.height)];
    return [...canvas.getContext("2d").getImageData(...at, 1, 1).data].slice(0, 3);
}"""
PANE = "#viewer canvas"


@pytest.fixture
def compared(opened):
    """Open the page at the view that compares: (path, width, height) -> page."""

    def go(*given):
        page = opened(*given)
        choose(page, "#view", 1)
        page.wait_for_selector(f"{PANE}[aria-label]")
        return page

    return go


def seen(page, x: float, y: float, pane: int = 0) -> list[int]:
    """The colour at a place of a pane, in shares of it."""
    selector = f"#viewer figure:nth-child({pane + 1}) canvas"
    return page.evaluate(COLOUR, [selector, x, y])


def at(page, x: float, y: float, pane: int = 0) -> tuple[float, float]:
    """The place on the screen of a place of a pane."""
    box = page.locator(PANE).nth(pane).bounding_box()
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def give(page, folder, first: np.ndarray, second: np.ndarray, suffix: str = "png") -> None:
    """Give a pair of MRI and CT, for which no colour comes from anywhere."""
    choose(page, "#task", 1)
    page.wait_for_selector("#first img[src*='mri-ct']")
    for place, pixels in (("first", first), ("second", second)):
        upload(page, f"#{place}", write(folder / f"{place}.{suffix}", pixels))
        if place == "first":
            say(page, "#status", "Waiting for the CT image")
    say(page, "#status", f"{first.shape[1]} × {first.shape[0]} pixels")
    page.wait_for_selector(f"{PANE}[aria-label]")


def around(value: int):
    """A value of a fused image, which differs a little from place to place."""
    return pytest.approx(value, abs=5)


def quarters(*values: int) -> np.ndarray:
    """Four squares of 32 × 32 pixels of one value each: two above, two below."""
    return np.kron(np.reshape(values, (2, 2)), np.ones((32, 32))).astype(np.uint8)


def test_the_three_stand_beside_one_another_with_their_names(compared):
    page = compared()
    for name in ("Fused", "Infrared", "Visible"):
        assert page.get_by_role("img", name=name, exact=True).locator("xpath=self::canvas").count()
    drawn = page.locator(PANE).evaluate_all("all => all.flatMap(c => JSON.parse(c.dataset.drawn))")
    assert [re.search(r"night\S*", file)[0] for file in drawn][1:] == ["night.png"] * 2
    assert file_of(drawn[0]).endswith("night-fused.png")


def test_wheel_drag_and_keys_move_all_three_together(compared, tmp_path):
    page = compared()
    give(page, tmp_path, quarters(0, 80, 160, 240), quarters(250, 170, 90, 10))
    page.mouse.move(*at(page, 0.25, 0.25))
    page.mouse.wheel(0, -800)
    page.wait_for_function(f"({COLOUR})(['#viewer figure:nth-child(2) canvas', 0.9, 0.9])[0] === 0")
    assert [seen(page, 0.95, 0.95, pane)[0] for pane in (1, 2)] == [0, 250]  # the upper left only
    page.mouse.down()
    page.mouse.move(*at(page, -3, 0.25), steps=4)
    page.mouse.up()
    assert [seen(page, 0.5, 0.05, pane)[0] for pane in (1, 2)] == [80, 170]  # the upper right
    page.locator("#viewer .panes").focus()
    for _ in range(40):
        page.keyboard.press("ArrowDown")
    assert [seen(page, 0.05, 0.95, pane)[0] for pane in (1, 2)] == [240, 10]
    page.keyboard.press("0")
    corners = [seen(page, x, y, 1)[0] for x, y in ((0.1, 0.1), (0.9, 0.1), (0.1, 0.9))]
    assert corners == [0, 80, 160]
    page.keyboard.press("+")
    page.keyboard.press("-")
    assert seen(page, 0.1, 0.1, 1)[0] == 0
    page.get_by_role("button", name="Zoom in").click()
    page.get_by_role("button", name="Whole").click()
    assert seen(page, 0.9, 0.9, 1)[0] == 240


def test_the_page_scrolls_where_there_is_nothing_left_to_zoom(compared):
    page = compared("", 1280, 500)
    page.mouse.move(*at(page, 0.5, 0.1))
    page.mouse.wheel(0, 100)
    page.wait_for_function("window.scrollY > 0")


def test_fade_and_curtain_show_shares_of_the_pictures_and_space_blinks(compared, tmp_path):
    page = compared()
    give(page, tmp_path, quarters(200, 200, 200, 200), quarters(40, 40, 40, 40))
    fused = seen(page, 0.5, 0.5)[0]
    choose(page, "#viewer .layouts", FADE)
    slider = page.get_by_role("slider", name="Share of each picture")
    values = {"0": 200, "25": (200 + fused) / 2, "50": fused, "100": 40}
    for position, value in values.items():
        slider.fill(position)
        assert seen(page, 0.5, 0.5)[0] == pytest.approx(value, abs=1)
    assert slider.get_attribute("aria-valuetext") == "CT"
    page.locator("#viewer .panes").focus()
    for name, value in (("Fused", fused), ("MRI", 200), ("CT", 40)):
        page.keyboard.press("Space")
        assert page.locator("#viewer figcaption").first.inner_text() == name
        assert seen(page, 0.5, 0.5)[0] == value
    for layout, source in ((FIRST, 200), (SECOND, 40)):
        choose(page, "#viewer .layouts", layout)
        slider.fill("50")
        assert [seen(page, x, 0.5)[0] for x in (0.4, 0.6)] == [source, around(fused)]
    page.mouse.move(*at(page, 0.5, 0.5))
    page.mouse.down()
    page.mouse.move(*at(page, 0.8, 0.5), steps=4)
    page.mouse.up()
    assert [seen(page, x, 0.3)[0] for x in (0.7, 0.9)] == [40, around(fused)]
    assert float(slider.input_value()) == pytest.approx(80, abs=1)


def test_space_blinks_under_the_pointer_right_after_a_click_elsewhere(compared):
    page = compared()
    page.mouse.move(*at(page, 0.5, 0.5))
    page.keyboard.press("Space")
    expect(page.locator("#viewer figcaption").first).to_have_text("Fused")
    expect(page.locator("#viewer .layouts input").nth(FADE)).to_be_checked()
    page.keyboard.press("Space")
    expect(page.locator("#viewer figcaption").first).to_have_text("Infrared")


def test_the_values_under_the_pointer_are_those_of_the_files(compared):
    page = compared()
    column, row = 400, 250
    page.mouse.move(*at(page, (column + 0.5) / 640, (row + 0.5) / 480))
    fused = lkc.fuse(*NIGHT)
    images = {"Fused": fused, "Infrared": read_image(NIGHT[0]), "Visible": read_image(NIGHT[1])}
    values = page.locator("#viewer .values")
    for name, image in images.items():
        said = ", ".join(map(str, np.atleast_1d(image[row, column])))
        expect(values).to_contain_text(f"{name} {said} of 255")
    expect(values).to_contain_text(f"column {column}, row {row}")
    page.mouse.move(0, 0)
    expect(values).to_have_text("")


def test_a_source_of_more_bits_says_its_own_values(compared, tmp_path):
    page = compared()
    counts = np.random.default_rng(0).integers(7800, 8600, (60, 80)).astype(np.uint16)
    give(page, tmp_path, counts, counts[::-1].copy(), "tif")
    page.mouse.move(*at(page, 20.5 / 80, 10.5 / 60))
    values = page.locator("#viewer .values")
    expect(values).to_contain_text(f"MRI {counts[10, 20]} in the file")
    expect(values).to_contain_text(f"CT {counts[49, 20]} in the file")
    expect(values).to_contain_text(re.compile(r"Fused \d+ of 65535"))


def test_another_pair_leaves_nothing_of_the_earlier_one_and_keeps_the_layout(compared):
    page = compared()
    choose(page, "#viewer .layouts", FIRST)
    page.locator("#examples button.thumbnail-item").nth(1).click()
    stem = sorted(path.stem for path in (EXAMPLES / "ir-vis" / "ir").glob("*.png"))[0]
    drawn = "JSON.parse(document.querySelector('#viewer canvas')?.dataset.drawn ?? '[]')"
    page.wait_for_function(f"{drawn}.some(url => url.includes('/{stem}'))")
    assert all(f"/{stem}" in url for url in page.evaluate(drawn))
    expect(page.locator("#viewer .layouts input").nth(FIRST)).to_be_checked()


def test_the_zoom_stays_while_a_control_changes_the_fusion(compared):
    page = compared()
    page.locator("#viewer .panes").focus()
    for _ in range(8):
        page.keyboard.press("+")
    before = [seen(page, 0.5, 0.5, pane) for pane in (1, 2)]
    drawn = f"document.querySelector('{PANE}').dataset.drawn"
    earlier = json.loads(page.evaluate(drawn))
    detail = page.get_by_label("range slider for Detail")
    detail.focus()
    page.keyboard.press("ArrowRight")
    wait_for_change(page, f"JSON.parse({drawn})[0]", earlier[0])
    assert [seen(page, 0.5, 0.5, pane) for pane in (1, 2)] == before


def test_it_fills_the_screen_and_comes_back(compared):
    page = compared()
    page.get_by_role("button", name="Full screen").click()
    page.wait_for_function("document.fullscreenElement?.matches('.viewer')")
    page.get_by_role("button", name="Full screen").click()
    page.wait_for_function("!document.fullscreenElement")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_it_has_room_for_fingers_and_speaks_chinese(compared, page, scheme):
    page.emulate_media(color_scheme=scheme)
    compared("zh", 360, 740)
    for layout in (BESIDE, FADE, FIRST):
        choose(page, "#viewer .layouts", layout)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
    small = """all => all.filter(e => e.checkVisibility())
        .filter(e => e.getBoundingClientRect().height < 32).length"""
    assert page.locator("#viewer :is(button, label, input[type=range])").evaluate_all(small) == 0
    names = page.locator("#viewer .layouts label").all_inner_texts()
    assert names == ["并排", "渐变", "红外 ⇆ 融合结果", "可见光 ⇆ 融合结果"]


def test_two_fingers_zoom(compared, tmp_path):
    page = compared("", 360, 740)
    give(page, tmp_path, quarters(0, 80, 160, 240), quarters(250, 170, 90, 10))
    page.locator("#viewer").scroll_into_view_if_needed()
    touch = """(canvas, fingers) => {
        const box = canvas.getBoundingClientRect();
        for (const [name, id, x, y] of fingers) canvas.dispatchEvent(new PointerEvent(name, {
            pointerId: id, pointerType: "touch", bubbles: true,
            clientX: box.left + x * box.width, clientY: box.top + y * box.height,
        }));
    }"""
    page.evaluate("HTMLCanvasElement.prototype.setPointerCapture = () => {}")  # of no real finger
    fingers = [("pointerdown", 1, 0.2, 0.2), ("pointerdown", 2, 0.3, 0.3)]
    fingers += [("pointermove", 2, 0.3 + step / 10, 0.3 + step / 10) for step in range(1, 7)]
    page.locator(PANE).first.evaluate(touch, fingers)
    assert seen(page, 0.95, 0.95, 1)[0] == 0  # the upper left only


def test_what_was_deleted_meanwhile_is_one_sentence(opened, complaints):
    page = opened()
    page.route("**/night-fused.png", lambda route: route.fulfill(status=404, body="gone"))
    choose(page, "#view", 1)
    expect(page.locator("#viewer .values")).to_contain_text("no longer on the server")
    assert all("404" in complaint for complaint in complaints)
    complaints.clear()
