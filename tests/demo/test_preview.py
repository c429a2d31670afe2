"""A large pair is shown small first, and then whole."""

import re

import cv2
import numpy as np
import pytest
from playwright.sync_api import expect

import lkc
from tests.demo.steps import NIGHT, say, upload, wait_until_fused, write

pytest.importorskip("gradio")
WIDTH, HEIGHT = 2000, 1500


@pytest.fixture
def large(tmp_path) -> list[str]:
    """A pair of 3 megapixels."""
    pictures = [cv2.imread(file, cv2.IMREAD_UNCHANGED) for file in NIGHT]
    return [
        write(tmp_path / f"{name}.png", cv2.resize(picture, (WIDTH, HEIGHT)))
        for name, picture in zip(("first", "second"), pictures, strict=True)
    ]


def test_a_preview_looks_like_the_whole_and_is_made_of_large_pairs_alone(large):
    from demo.work.preview import fuse_small
    from lkc.io.image_files import read_image

    options = "ir-vis", "average", 1.0, "keep", "fp32"
    assert fuse_small(*NIGHT, *options) is None
    preview = fuse_small(*large, *options)
    assert preview.whole == (WIDTH, HEIGHT)
    assert preview.size == (640, 480)
    whole = lkc.fuse(*large, model=lkc.load_model("average"))
    shrunk = cv2.resize(whole, preview.size, interpolation=cv2.INTER_AREA).astype(float)
    assert np.abs(read_image(preview.file) - shrunk).mean() < 1


def test_a_file_that_was_written_anew_is_read_anew(tmp_path):
    from demo.work.fuse_files import read_source

    for level in (3, 200):
        file = write(tmp_path / "gray.png", np.full((40, 40), level, np.uint8))
        assert (read_source(file, "first") == level).all()


@pytest.mark.page
def test_the_preview_stands_in_until_the_whole_is_there(opened, large):
    page = opened()
    upload(page, "#first", large[0])
    say(page, "#status", "Waiting for the visible image")
    upload(page, "#second", large[1])
    say(page, "#status", re.compile("A preview of 640 × 480 pixels; all 2000 × 1500"))
    page.wait_for_function("document.querySelector('#fused img')?.naturalWidth === 640")
    expect(page.locator("#download")).to_be_disabled()
    wait_until_fused(page)
    page.wait_for_function("document.querySelector('#fused img')?.naturalWidth === 2000")
    say(page, "#status", "2000 × 1500 pixels, 8 bit")
