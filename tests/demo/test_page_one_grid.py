"""A thermal camera's user: two files of other sizes become one picture, in a browser."""

import json
import shlex
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import expect

from lkc.io.image_files import read_image
from tests.demo.frames import file_of
from tests.demo.steps import (
    EXAMPLES,
    NIGHT,
    choose,
    expect_width,
    number,
    say,
    upload,
    wait_for_answer,
    wait_until_fused,
    write,
)
from tests.fixtures.two_cameras import true_matrix, write_pair

pytest.importorskip("gradio")
pytestmark = pytest.mark.page

PLACES = np.array([[200, 200, 1], [800, 200, 1], [500, 600, 1]]).T
SAID = "640×480 but the visible image is 1024×768"


def give(page, files: tuple[str, str]) -> None:
    upload(page, "#first", files[0])
    say(page, "#status", "Waiting for the visible image")
    upload(page, "#second", files[1])
    say(page, "#status", SAID)


def small_pair(folder: Path) -> tuple[str, str]:
    """The same two cameras with a quarter of the pixels across, which takes less time."""
    small = []
    for file in write_pair(folder):
        pixels = read_image(file)
        size = pixels.shape[1] // 4, pixels.shape[0] // 4
        resized = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
        if resized.ndim == 3:
            resized = cv2.cvtColor(resized, cv2.COLOR_RGB2BGR)
        small.append(write(folder / f"small-{Path(file).name}", resized))
    return small[0], small[1]


def give_small(page, folder: Path) -> None:
    files = small_pair(folder)
    upload(page, "#first", files[0])
    say(page, "#status", "Waiting for the visible image")
    upload(page, "#second", files[1])
    say(page, "#status", "160×120 but the visible image is 256×192")


def open_aligned(opened, folder: Path):
    """Open the page, give it the small pair, and have it aligned and fused."""
    page = opened()
    give_small(page, folder)
    page.locator("#align").click()
    wait_until_fused(page)
    return page


def take_transform(page, folder: Path) -> np.ndarray:
    """Save the transform as a visitor does, and read its matrix."""
    with page.expect_download() as download:
        page.locator("#nudge a.save").click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return np.array(json.loads(path.read_text())["matrix"])


def give_transform(page, file: Path) -> None:
    """Give a saved transform, through the input that Gradio puts beside its button."""
    page.wait_for_selector("#align-file")
    page.locator("input:has(+ #align-file)").set_input_files(file)


def press(page, *keys: str) -> None:
    """Press keys on the picture of both, and wait for what is fused after them."""
    before = number(page, "pair")
    page.locator("#nudge .frame").focus()
    for key in keys:
        page.keyboard.press(key)
    wait_for_answer(page, "pair", before)
    wait_until_fused(page)


def test_a_thermal_user_gets_one_picture_its_transform_and_its_command(
    opened, tmp_path, monkeypatch, lkc_command
):
    page = opened()
    files = write_pair(tmp_path)
    assert not page.locator("#offer").is_visible()
    give(page, files)
    page.locator("#align").click()
    say(page, "#nudge .said", "agree well")
    wait_until_fused(page)
    expect(page.locator("#offer")).to_have_count(0)
    found = take_transform(page, tmp_path)
    assert np.abs((found - true_matrix()) @ PLACES).max() < 0.5  # thermal pixels
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    press(page, "Shift+ArrowRight", "ArrowLeft", "ArrowDown", "ArrowDown")
    assert page.evaluate("document.activeElement.className") == "frame"
    moved = take_transform(page, tmp_path)
    by = np.array([[1, 0, -9], [0, 1, -2], [0, 0, 1]])  # what is at x comes from 9 to the left
    assert moved == pytest.approx(found @ by)

    page.get_by_text("Take it away").click()
    lines = page.locator("#recipe code").first.inner_text().strip()
    assert lines == "lkc fuse ir.tif vis.png -o ir-fused.png --align ir-align.json"
    monkeypatch.chdir(tmp_path)
    status, _, said = lkc_command(*shlex.split(lines)[1:])
    assert status == 0, said
    with page.expect_download() as download:
        page.locator("#download").click()
    assert np.array_equal(read_image(download.value.path()), read_image("ir-fused.png"))


def test_turning_and_scaling_keep_the_middle_and_buttons_do_what_keys_do(opened, tmp_path):
    page = open_aligned(opened, tmp_path)
    found = take_transform(page, tmp_path)
    press(page, "Shift+]", "Shift++")  # as keys of some keyboards send them
    turned = take_transform(page, tmp_path)
    middle = np.array([127.5, 95.5, 1])
    assert turned @ middle == pytest.approx(found @ middle)
    by = np.linalg.inv(found) @ turned
    angle = np.rad2deg(np.arctan2(by[1, 0], by[0, 0]))
    assert angle == pytest.approx(-1, abs=1e-6)  # the picture turns to the right
    assert np.hypot(by[0, 0], by[1, 0]) == pytest.approx(1 / 1.001)
    press(page, "Shift+[", "-")
    assert take_transform(page, tmp_path) == pytest.approx(found)

    before = number(page, "pair")
    page.get_by_label("10 steps").check()
    page.get_by_role("button", name="Move up").click()
    page.get_by_label("10 steps").uncheck()
    page.get_by_role("button", name="Make it smaller").click()
    wait_for_answer(page, "pair", before)
    after = take_transform(page, tmp_path)
    assert (np.linalg.inv(found) @ after)[1, 2] == pytest.approx(10, abs=0.2)


def test_a_transform_is_not_saved_before_the_server_knows_the_last_change(opened, tmp_path):
    page = open_aligned(opened, tmp_path)
    found = take_transform(page, tmp_path)
    shown = page.evaluate("""() => {
        document.querySelector("#nudge [name=up]").click();
        return getComputedStyle(document.querySelector("#nudge a.save")).visibility;
    }""")
    assert shown == "hidden"
    after = take_transform(page, tmp_path)  # which waits for the link
    assert (np.linalg.inv(found) @ after)[1, 2] == pytest.approx(1)


def test_what_is_drawn_lies_where_the_server_fuses_it(opened, tmp_path):
    """The browser's picture of the moved source agrees with the one that was fused."""
    page = open_aligned(opened, tmp_path)
    page.locator("#nudge label", has_text="Checkerboard").click()
    page.locator("#nudge .stage").evaluate("""stage => {
        Object.assign(stage.style, {width: "256px", flex: "none"});
        stage.querySelector(".above").style.mask = "none";
        stage.querySelector(".fixed").style.visibility = "hidden";
    }""")
    decoded = "all => Promise.all(all.map(image => image.decode()))"
    page.locator("#nudge .stage img").evaluate_all(decoded)
    drawn = page.locator("#nudge .stage").screenshot()
    seen = cv2.imdecode(np.frombuffer(drawn, np.uint8), cv2.IMREAD_GRAYSCALE)[:192, :256]
    fused = read_image(file_of(page.locator("#first img").get_attribute("src"))) >> 8
    inside = np.zeros(fused.shape, bool)
    inside[50:140, 80:180] = True
    assert np.abs(seen.astype(float) - fused)[inside].mean() < 4
    shifted = np.roll(fused, 2, 1)
    assert np.abs(seen.astype(float) - shifted)[inside].mean() > 6


def test_undo_brings_the_offer_back_and_a_saved_file_the_place(opened, tmp_path):
    page = open_aligned(opened, tmp_path)
    press(page, "ArrowUp")
    saved = take_transform(page, tmp_path)
    page.get_by_role("button", name="Undo all").click()
    expect(page.locator("#nudge .frame")).to_have_count(0)
    say(page, "#status", "160×120")
    expect_width(page, "#first img", 160)

    give_transform(page, tmp_path / "small-ir-align.json")
    wait_until_fused(page)
    assert take_transform(page, tmp_path) == pytest.approx(saved)

    upload(page, "#second", NIGHT[1])  # another visible image: the thermal one is as it was
    say(page, "#status", "160×120 but the visible image is 640×480")
    expect(page.locator("#nudge .frame")).to_have_count(0)
    give_transform(page, tmp_path / "small-ir-align.json")
    say(page, "#nudge .complaint", "moves 160x120 onto 256x192, but this pair would move 160x120")


def test_another_window_a_reload_and_the_other_language_keep_the_place(opened, tmp_path):
    page = open_aligned(opened, tmp_path)
    press(page, "Shift+ArrowDown")
    saved = take_transform(page, tmp_path)
    before = number(page, "pair")
    page.locator("#window-first").get_by_label("black").fill("8000")
    say(page, "#first", "shown from 8000")
    wait_for_answer(page, "pair", before)
    wait_until_fused(page)
    assert take_transform(page, tmp_path) == pytest.approx(saved)
    page.reload()
    page.wait_for_selector("#nudge .frame")
    wait_until_fused(page)
    assert take_transform(page, tmp_path) == pytest.approx(saved)
    page.get_by_role("link", name="中文").click()
    say(page, "#nudge .said", "已移到另一幅图像的像素上")


def test_scenes_that_do_not_match_are_placed_by_hand(opened, tmp_path):
    page = opened()
    glare = str(EXAMPLES / "ir-vis" / "vis" / "glare.png")
    for place, file, size in (("#first", NIGHT[0], (256, 192)), ("#second", glare, (320, 240))):
        pixels = cv2.resize(cv2.imread(file), size, interpolation=cv2.INTER_AREA)
        upload(page, place, write(tmp_path / f"{place[1:]}.png", pixels))
        say(page, "#status", "Waiting for the visible" if place == "#first" else "256×192 but")
    page.locator("#align").click()
    say(page, "#nudge .complaint", "Move it by hand, from the middle.")
    wait_until_fused(page)
    assert np.allclose(take_transform(page, tmp_path)[:2, :2], 0.8 * np.eye(2))


def test_nothing_is_offered_where_sources_fit_until_they_are_compared(opened):
    page = opened()
    wait_until_fused(page)
    expect(page.locator("#offer")).to_have_count(0)
    expect(page.locator("#nudge .frame")).to_have_count(0)
    choose(page, "#view", 1)
    say(page, "#offer-text", "Does the one not lie on the other?")
    choose(page, "#view", 0)
    expect(page.locator("#offer")).to_have_count(0)
