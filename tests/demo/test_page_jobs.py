"""The tabs with long jobs in a browser: many pairs, and clips."""

import re
import time
import zipfile

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.demo.steps import EXAMPLES, choose, open_tab, say, upload, write

pytest.importorskip("gradio")
pytestmark = pytest.mark.page
MANY = 40
BEGUN = re.compile(rf"\b[1-9]\d* / {MANY}")  # under way, however far it is by now


@pytest.fixture
def slow_pairs(monkeypatch):
    """Make every pair of a batch take a third of a second."""
    from demo.work import batch

    fuse_files = batch.fuse_files
    monkeypatch.setattr(batch, "fuse_files", lambda *a: time.sleep(0.3) or fuse_files(*a))


def upload_many(page, folder) -> None:
    """Give a batch of small pairs."""
    image = np.random.default_rng(0).integers(0, 256, (48, 48), np.uint8)
    for name in ("first", "second"):
        (folder / name).mkdir()
        files = [write(folder / name / f"{i}.png", image) for i in range(MANY)]
        upload(page, f"#batch-{name}", files)
        say(page, f"#batch-{name}", "39")


def test_a_batch_is_fused_and_handed_back(opened):
    page = opened()
    open_tab(page, "Many pairs")
    examples = [sorted((EXAMPLES / "ir-vis" / folder).glob("*.png")) for folder in ("ir", "vis")]
    for name, files in zip(("#batch-first", "#batch-second"), examples, strict=True):
        upload(page, name, files)
        say(page, name, files[-1].stem)
    page.locator("#batch-run").click()
    say(page, "#batch-status", f"Fused {len(examples[0])} of {len(examples[0])}")
    page.wait_for_selector("#batch-gallery img")
    with page.expect_download() as download:
        page.locator("#batch-csv").click()
    assert len(download.value.path().read_text().splitlines()) == len(examples[0]) + 1
    page.set_viewport_size({"width": 360, "height": 740})
    grid = page.locator("#batch-gallery .grid-wrap")
    assert grid.evaluate("grid => grid.scrollWidth <= grid.clientWidth")


def test_the_folders_that_a_zip_needs_follow_the_task(opened):
    page = opened()
    open_tab(page, "Many pairs")
    say(page, "#batch-lead", "vis")
    choose(page, "#batch-task", 1)
    say(page, "#batch-lead", "mri")


def test_a_stopped_batch_says_so_and_hands_out_what_was_done(opened, tmp_path, slow_pairs):
    page = opened()
    open_tab(page, "Many pairs")
    upload_many(page, tmp_path)
    start, stop = page.locator("#batch-run"), page.locator("#batch-stop")
    expect(stop).to_be_disabled()
    start.click()
    say(page, "#batch-status", BEGUN)
    expect(start).to_be_disabled()  # a second job could not be stopped
    stop.click()
    say(page, "#batch-status", f"of {MANY} pairs in")
    say(page, "#batch-status", "Stopped: what was fused so far is kept")
    page.wait_for_selector("#batch-run:not([disabled])")
    expect(stop).to_be_disabled()
    with page.expect_download() as download:
        page.locator("#batch-zip").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert "0.png" in archive.namelist()
        assert len(archive.namelist()) < MANY + 1


def test_a_batch_lets_other_visitors_in_between_its_pairs(opened, context, tmp_path, slow_pairs):
    page = opened()
    open_tab(page, "Many pairs")
    upload_many(page, tmp_path)
    page.locator("#batch-run").click()
    say(page, "#batch-status", BEGUN)
    visitor = context.new_page()
    visitor.goto(page.url.split("#")[0])
    visitor.wait_for_selector("#fused img")
    assert page.locator("#batch-stop").is_enabled()  # still running
    page.locator("#batch-stop").click()
    say(page, "#batch-status", "Stopped")


def test_after_a_refused_job_the_next_one_can_start(opened, blocks, complaints, monkeypatch):
    page = opened("zh")
    open_tab(page, "批量")
    with monkeypatch.context() as full:
        full.setattr(blocks._queue, "max_size", 0)
        page.locator("#batch-run").click()
        say(page, "#batch-status", "已有 32 个任务在排队")
    assert all("503" in complaint for complaint in complaints)  # Service Unavailable
    complaints.clear()
    page.locator("#batch-run").click()
    say(page, "#batch-status", "请为两个源各提供图像")
    page.wait_for_selector("#batch-run:not([disabled])")


def test_example_clips_are_fused_into_one_that_plays(opened):
    page = opened()
    open_tab(page, "Video")
    choose(page, "#video-task", 1)
    page.locator("#video-run").click()
    say(page, "#video-status", "give a clip for both")
    page.locator("#video-example").click()
    page.wait_for_selector("#clip-second .file-preview")
    page.locator("#video-run").click()
    say(page, "#video-status", "24 frames")
    page.wait_for_selector("#video-frame img")
    page.wait_for_function("document.querySelector('#video-result video').videoWidth == 192")
    with page.expect_download() as download:
        page.locator("#video-download").click()
    assert download.value.path().stat().st_size > 1000


def test_a_clip_is_stopped_and_what_was_done_is_kept(opened, monkeypatch):
    from demo.work import video

    fuse_clips = video.fuse_clips

    def slowly(*arguments):
        for step in fuse_clips(*arguments):
            time.sleep(0.4)
            yield step

    monkeypatch.setattr(video, "fuse_clips", slowly)
    page = opened()
    open_tab(page, "Video")
    choose(page, "#video-task", 1)
    page.locator("#video-example").click()
    page.wait_for_selector("#clip-second .file-preview")
    page.locator("#video-run").click()
    say(page, "#video-status", re.compile(r"frame (?:[2-9]|\d\d)"))
    page.locator("#video-stop").click()
    say(page, "#video-status", "Stopped: what was fused")
    expect(page.locator("#video-download")).to_be_enabled()
