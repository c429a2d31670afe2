"""The page that fuses inside a browser: the same pixels as lkc.fuse, and nothing leaves it."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import cv2
import numpy as np
import pytest

import lkc
from lkc.io.image_files import read_image

pytestmark = pytest.mark.page

ROOT = Path(__file__).parents[2]
WEB = ROOT / "demo" / "web"
NIGHT = [ROOT / "assets" / "examples" / "ir-vis" / folder / "night.png" for folder in ("ir", "vis")]


def give(page, slot: str, path: Path) -> None:
    page.locator(f"#{slot} input").set_input_files(path)


def download(page, tmp_path: Path) -> np.ndarray:
    page.locator("#download[href^=blob]").wait_for()
    with page.expect_download() as started:
        page.locator("#download").click()
    assert started.value.suggested_filename == "fused.png"
    started.value.save_as(tmp_path / "fused.png")
    return read_image(tmp_path / "fused.png")


def fused_text(page, width: int, height: int):
    return page.get_by_text(f"{width} × {height} pixels").wait_for()


def test_two_files_are_fused_as_lkc_fuse_does(opened_web, tmp_path):
    page = opened_web()
    for number, (path, slot) in enumerate(zip(NIGHT, ("first", "second"), strict=True)):
        pixels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)[:121, :163]  # odd: padding matters
        cv2.imwrite(str(tmp_path / f"{number}.png"), pixels)
        give(page, slot, tmp_path / f"{number}.png")
    fused_text(page, 163, 121)
    assert "WebAssembly" in page.locator("#status").inner_text()
    expected = lkc.fuse(tmp_path / "0.png", tmp_path / "1.png").astype(int)
    difference = np.abs(download(page, tmp_path) - expected)
    assert difference.max() <= 1


def test_a_gray_task_gives_gray_and_swapping_changes_the_result(opened_web, tmp_path):
    page = opened_web()
    page.locator("[name=task][value=mri-ct]").check(force=True)
    page.locator("#example").click()
    fused_text(page, 256, 256)
    folder = ROOT / "assets" / "examples" / "mri-ct"
    pair = [folder / name / "head-1.png" for name in ("mri", "ct")]
    for order in (1, -1):
        expected = lkc.fuse(*pair[::order], task="mri-ct")[..., None].astype(int)
        assert np.abs(download(page, tmp_path) - expected).max() <= 1
        page.locator("#download").evaluate("link => link.removeAttribute('href')")
        page.locator("#swap").click()


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("sizes", "small.png is 40×30 but night.png is 64×48"),
        ("text", "small.png is not an image"),
        ("large", "more than the limit of 4 megapixels"),
        ("tiny", "at least 16×16"),
    ],
)
def test_a_bad_file_ends_in_one_sentence_and_loses_nothing(opened_web, tmp_path, case, words):
    page, pair = opened_web(), []
    for name, source in zip(("first", "second"), NIGHT, strict=True):
        (tmp_path / name).mkdir()
        pair.append(tmp_path / name / "night.png")
        cv2.imwrite(str(pair[-1]), cv2.imread(str(source), cv2.IMREAD_UNCHANGED)[:48, :64])
    give(page, "second", pair[1])
    page.get_by_text("Waiting for the Infrared image").wait_for()
    bad = tmp_path / "small.png"
    size = {"sizes": (30, 40), "large": (2001, 2000), "tiny": (15, 40)}.get(case)
    if size:
        cv2.imwrite(str(bad), np.zeros(size, np.uint8))
    else:
        bad.write_text("hello")
    give(page, "first", bad)
    page.locator("#status.bad").filter(has_text=words).wait_for()
    assert page.locator("#second canvas").is_visible()
    give(page, "first", pair[0])
    page.locator("#status:not(.bad)").filter(has_text="64 × 48").wait_for()


def test_a_phone_shows_it_in_chinese_without_scrolling_sideways(opened_web):
    opened_page = opened_web("zh", width=360)
    opened_page.get_by_role("button", name="试用示例").click()
    opened_page.get_by_text("640 × 480 像素").wait_for()
    assert opened_page.evaluate("document.documentElement.scrollWidth") <= 360
    assert opened_page.locator("html").get_attribute("lang") == "zh"


def test_the_keyboard_reaches_everything(opened_web):
    page = opened_web()
    page.locator("#example").press("Enter")
    fused_text(page, 640, 480)
    slider = page.get_by_role("slider", name="Slide between source and fused")
    slider.press("End")
    assert page.locator("#compare").evaluate("n => n.style.getPropertyValue('--split')") == "100%"
    page.locator("#language").focus()
    names = []
    for _ in range(10):
        page.keyboard.press("Tab")
        names.append(page.evaluate("document.activeElement.name || document.activeElement.id"))
    assert {"task", "example", "swap", "split", "side", "download"} <= set(names)


def test_dropped_files_land_where_they_are_dropped(opened_web):
    page = opened_web()
    page.evaluate(
        """async () => {
            const transfer = new DataTransfer();
            for (const name of ["ir", "vis"]) {
                const answer = await fetch(`examples/ir-vis/${name}.png`);
                transfer.items.add(new File([await answer.blob()], `${name}.png`));
            }
            const event = new DragEvent("drop", {dataTransfer: transfer, bubbles: true});
            document.querySelector("#first").dispatchEvent(event);
        }"""
    )
    fused_text(page, 640, 480)


def test_every_word_is_there_in_both_languages():
    node = shutil.which("node")
    if not node:
        pytest.skip("needs node")
    code = "import('./words.js').then(m => console.log(JSON.stringify(m.WORDS)))"
    answer = subprocess.run([node, "-e", code], cwd=WEB, capture_output=True, check=True).stdout
    words = json.loads(answer)
    assert words["en"].keys() == words["zh"].keys()
    page = (WEB / "index.html").read_text(encoding="utf-8")
    assert set(re.findall(r'data-(?:word|label)="([\w-]+)"', page)) <= words["en"].keys()


def test_the_lock_file_names_no_place_to_download_from():
    text = (WEB / "package-lock.json").read_text(encoding="utf-8")
    assert "resolved" not in text
    assert "://" not in text
    assert all(entry["integrity"] for name, entry in json.loads(text)["packages"].items() if name)
