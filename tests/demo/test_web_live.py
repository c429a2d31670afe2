"""The live mode of the page in the browser: clips and cameras, fused as lkc.fuse fuses."""

import re
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from playwright.sync_api import Error as PlaywrightError

import lkc
from lkc.data.synthetic import street_scene
from tests.demo.steps import PATIENCE, comes_true

pytestmark = pytest.mark.page

# What an element shows, as a PNG: a clip and a canvas that a worker draws alike.
SHOWN = """async (selector) => {
    const shown = await createImageBitmap(document.querySelector(selector));
    const canvas = new OffscreenCanvas(shown.width, shown.height);
    canvas.getContext("2d").drawImage(shown, 0, 0);
    const blob = await canvas.convertToBlob();
    return [...new Uint8Array(await blob.arrayBuffer())];
}"""
CAMERAS = ["--use-fake-device-for-media-stream=device-count=2", "--use-fake-ui-for-media-stream"]


def write_clip(path: Path, pixels: np.ndarray, frames: int = 30) -> Path:
    """Write the same frame (H, W, 3) again and again without loss."""
    with av.open(str(path), "w") as clip:
        stream = clip.add_stream("libvpx-vp9", rate=30)
        stream.height, stream.width = pixels.shape[:2]
        stream.pix_fmt, stream.options = "yuv420p", {"lossless": "1", "deadline": "realtime"}
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 30)
            clip.mux(stream.encode(frame))
        clip.mux(stream.encode(None))
    return path


@pytest.fixture(scope="module")
def clips(tmp_path_factory) -> tuple[Path, Path]:
    """Infrared and visible clip of a generated street, 160 × 120; the latter is shorter."""
    folder = tmp_path_factory.mktemp("clips")
    street = street_scene(1, height=120, width=160, time="night")
    infrared = np.repeat(street.infrared[..., None], 3, axis=2)
    return (
        write_clip(folder / "ir.webm", infrared),
        write_clip(folder / "vis.webm", street.visible, frames=12),
    )


def go_live(page):
    page.locator("[name=mode][value=live]").check(force=True)
    return page


def give(page, slot: str, clip: Path) -> None:
    page.locator(f"#{slot}-feed input").set_input_files(clip)


def wait_for_pace(page, text: str | re.Pattern) -> str:
    pace = page.locator("#pace").filter(has_text=text)
    pace.wait_for()
    return pace.inner_text()


def shown(page, selector: str) -> np.ndarray:
    """The pixels of a video or a canvas, (H, W, 3) RGB."""
    png = np.frombuffer(bytes(page.evaluate(SHOWN, selector)), np.uint8)
    return cv2.cvtColor(cv2.imdecode(png, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


@pytest.mark.slow
@pytest.mark.parametrize("task", ["ir-vis", "mri-ct"])
def test_two_clips_are_fused_as_lkc_fuse_does(opened_web, clips, task):
    page = go_live(opened_web())
    page.locator(f"[name=task][value={task}]").check(force=True)
    for slot, clip in zip(("first", "second"), clips, strict=True):
        give(page, slot, clip)
    said = wait_for_pace(page, "160 × 120")
    assert re.search(r"[\d.]+ frames a second, \d+ ms behind .*WebAssembly, threads: [1-4]", said)
    sources = [shown(page, f"#{slot}-feed video") for slot in ("first", "second")]
    model = lkc.load_model("nano", task, device="cpu")
    fused = lkc.fuse(*sources, task=task, model=model)
    fused = fused if fused.ndim == 3 else fused[..., None]
    assert np.ptp(sources[0]) > 100
    assert np.abs(shown(page, "#picture").astype(int) - fused).max() <= 2


@pytest.mark.slow
def test_a_larger_second_clip_is_scaled_to_the_first(opened_web, clips, tmp_path):
    page = go_live(opened_web())
    wide = np.zeros((480, 1280, 3), np.uint8)
    wide[:, 640:] = 200
    give(page, "second", write_clip(tmp_path / "wide.webm", wide, frames=5))
    page.get_by_text("Waiting for the Infrared clip or camera").wait_for()
    give(page, "first", clips[0])
    wait_for_pace(page, "160 × 120")
    assert shown(page, "#picture").shape == (120, 160, 3)
    give(page, "first", tmp_path / "wide.webm")  # while the others play
    wait_for_pace(page, "640 × 240")


@pytest.mark.slow
def test_stop_and_start_again(opened_web, clips):
    page = go_live(opened_web())
    assert page.locator("#toggle").is_disabled()
    for slot, clip in zip(("first", "second"), clips, strict=True):
        give(page, slot, clip)
    wait_for_pace(page, "frames a second")
    page.locator("#toggle").click()
    page.get_by_text("Stopped").wait_for()
    assert page.locator("#pace").inner_text() == ""
    assert page.locator("video").first.evaluate("video => video.paused")
    page.locator("#toggle").click()
    wait_for_pace(page, "frames a second")
    page.locator("[name=mode][value=still]").check(force=True)
    page.get_by_text("Waiting for two images").wait_for()
    assert page.locator("#live-result").is_hidden()


def test_what_cannot_be_played_is_said_and_what_plays_stays(opened_web, clips, tmp_path):
    page = go_live(opened_web())
    give(page, "first", clips[0])
    bad = tmp_path / "bad.webm"
    bad.write_bytes(clips[0].read_bytes()[:100])
    give(page, "first", bad)
    page.locator("#status.bad").get_by_text("bad.webm is not a clip that").wait_for()
    page.locator("#language").click()
    page.locator("#status.bad").get_by_text("bad.webm 不是本浏览器能播放的视频").wait_for()
    assert page.locator("#first-feed").get_by_text("ir.webm").is_visible()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("NotFoundError", "There is no camera"),
        ("NotAllowedError", "may not use a camera"),
        ("NotReadableError", "another program may be using it"),
    ],
)
def test_a_camera_that_is_not_to_be_had_is_said(opened_web, error, words):
    page = go_live(opened_web())
    page.evaluate(
        """name => navigator.mediaDevices.getUserMedia =
            async () => { throw new DOMException("no", name); }""",
        error,
    )
    page.locator("#first-feed button").click()
    page.locator("#status.bad").get_by_text(words).wait_for()


@pytest.mark.slow
def test_two_cameras_are_fused_and_freed(isolated_site, playwright, browser_type_launch_args):
    """Chromium films two test pictures, and calls its cameras by number."""
    launch = {**browser_type_launch_args}
    launch["args"] = [*launch.get("args", []), *CAMERAS]
    browser = playwright.chromium.launch(**launch)
    page = browser.new_page()
    page.set_default_timeout(PATIENCE)
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{isolated_site}/?backend=wasm&lang=en")
    go_live(page)
    for slot in ("first", "second"):
        page.locator(f"#{slot}-feed button").click()
        page.locator(f"#{slot}-feed video").wait_for()
    wait_for_pace(page, "640 × 480")
    chosen = page.locator("select").evaluate_all("lists => lists.map(list => list.value)")
    assert len(set(chosen)) == 2
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    tracks = "[...document.querySelectorAll('video')].map(v => v.srcObject.active)"
    assert page.evaluate(tracks) == [True, True]
    page.locator("#toggle").click()
    page.get_by_text("cameras are off").wait_for()
    assert page.evaluate(tracks) == [False, False]
    page.locator("#toggle").click()
    wait_for_pace(page, "640 × 480")
    assert page.evaluate(tracks) == [True, True]
    assert not complaints
    browser.close()


def is_isolated(page) -> bool:
    """Whether WebAssembly may have threads; `wait_for_function` would break the page's policy."""
    try:
        return page.evaluate("self.crossOriginIsolated")
    except PlaywrightError:  # the page reloads itself
        return False


def test_a_plain_server_suffices_for_threads(plain_site, watched):
    watched.goto(f"{plain_site}/?lang=en")
    assert comes_true(watched, lambda: is_isolated(watched))
    watched.get_by_text("Waiting for two images").wait_for()


def test_a_phone_shows_the_live_mode_without_scrolling_sideways(opened_web, clips):
    page = go_live(opened_web("zh", width=360))
    give(page, "first", clips[0])
    page.get_by_text("等待可见光视频或摄像头").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
