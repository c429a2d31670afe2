"""The page as programs and browsers meet it."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest

import lkc

gradio = pytest.importorskip("gradio")

EXAMPLES = Path(__file__).parents[1] / "assets" / "examples"
NIGHT = [str(EXAMPLES / "ir-vis" / folder / "night.png") for folder in ("ir", "vis")]


def write(path: Path, pixels: np.ndarray) -> str:
    cv2.imwrite(str(path), pixels)
    return str(path)


@pytest.fixture(scope="module")
def server():
    """The page on a free port, in the background."""
    from demo.app import serve

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    page = serve(port=port, block=False)
    yield f"http://127.0.0.1:{port}"
    page.close()


@pytest.fixture(scope="module")
def client(server):
    from gradio_client import Client

    return Client(server, analytics_enabled=False, verbose=False)


def call(client, endpoint: str, *arguments):
    from gradio_client import handle_file

    files = [handle_file(a) if isinstance(a, str) and Path(a).exists() else a for a in arguments]
    return client.predict(*files, api_name=endpoint)


def test_only_the_documented_endpoints_are_public(client):
    names = set(client.view_api(return_format="dict")["named_endpoints"])
    assert names == {"/fuse", "/evaluate"}


def test_api_returns_the_lossless_fused_image(client):
    path, status = call(client, "/fuse", *NIGHT, "ir-vis", "maximum")
    expected = lkc.fuse(*NIGHT, model=lkc.load_model("maximum"))
    assert np.array_equal(lkc.images.read_image(path), expected)
    assert "640 × 480" in status


def test_api_keeps_16_bits_and_odd_sizes(client, tmp_path):
    ramp = np.linspace(0, 65535, 61 * 43).reshape(61, 43).astype(np.uint16)
    pair = [write(tmp_path / "a.png", ramp), write(tmp_path / "b.tif", ramp[::-1])]
    path, _ = call(client, "/fuse", *pair, "mri-ct")
    assert np.array_equal(lkc.images.read_image(path), lkc.fuse(*pair, task="mri-ct"))
    assert lkc.images.read_image(path).dtype == np.uint16


def test_api_evaluates_like_the_library(client):
    scores = call(client, "/evaluate", NIGHT[1], *NIGHT)
    images = [lkc.images.read_image(path) for path in (NIGHT[1], *NIGHT)]
    assert scores == pytest.approx(lkc.metrics.evaluate(*images), rel=1e-4)


@pytest.mark.parametrize("case", ["sizes", "not an image", "task", "pixels"])
def test_api_explains_bad_input_without_server_paths(client, tmp_path, monkeypatch, case):
    from gradio_client.exceptions import AppError

    from demo import inference

    second, task, words = NIGHT[1], "ir-vis", r"32×32 .* 640×480"
    first = write(tmp_path / "small.png", np.zeros((32, 32), np.uint8))
    if case == "not an image":
        (tmp_path / "small.png").write_text("hello")
        words = "small.png is not an image"
    elif case == "task":
        task, words = "ir", "ir-vis"
    elif case == "pixels":
        monkeypatch.setattr(inference, "MAX_MEGAPIXELS", 0.0001)
        words = "megapixels"
    with pytest.raises(AppError, match=words) as refused:
        call(client, "/fuse", first, second, task)
    assert "/" not in str(refused.value).replace("CPU", "")


@pytest.fixture
def opened(server, page):
    """Open the page in a browser and watch it: (path, width) -> page."""
    hosts, complaints = set(), []
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda m: m.type == "error" and complaints.append(m.text))

    def go(path: str = "", width: int = 1280):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{server}/{path}")
        page.wait_for_selector("#fused img", timeout=60_000)
        return page

    yield go
    assert {host for host in hosts if host} <= {server.split("/")[2]}
    assert not complaints


def choose_view(page, number: int) -> None:
    page.locator("#view label").nth(number).click()


@pytest.mark.page
@pytest.mark.parametrize("width", [1280, 360])
def test_an_example_is_fused_at_once_and_seen_in_every_view(opened, width):
    page = opened(width=width)
    page.locator("#examples button.thumbnail-item").nth(1).click()
    page.get_by_text("640 × 480 pixels").wait_for(timeout=60_000)
    for number, shown in (
        (1, "#slider img"),
        (3, "#views img >> nth=2"),
        (4, "#views img >> nth=2"),
        (5, "#numbers tbody tr >> nth=10"),
        (0, "#fused img"),
    ):
        choose_view(page, number)
        page.wait_for_selector(shown, timeout=60_000)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("h1").count() == 1


@pytest.mark.page
@pytest.mark.parametrize("number", range(4))
def test_each_task_brings_its_example(opened, number):
    page = opened()
    page.locator("#task label").nth(number).click()
    size = "640 × 480" if number == 0 else "256 × 256"
    page.get_by_text(size).wait_for(timeout=60_000)
    with page.expect_download() as download:
        page.locator("#download").click()
    pixels = lkc.images.read_image(download.value.path())
    assert pixels.ndim == (2 if number == 1 else 3)


@pytest.mark.page
def test_an_upload_waits_for_its_partner_and_a_bad_pair_loses_nothing(opened, tmp_path):
    page = opened()
    small = write(tmp_path / "small.png", np.full((32, 32), 50, np.uint8))
    page.locator("#first input[type=file]").first.set_input_files(small)
    page.get_by_text("Waiting for the visible image").wait_for(timeout=60_000)
    page.locator("#second input[type=file]").first.set_input_files(NIGHT[1])
    page.get_by_text("32×32").wait_for(timeout=60_000)
    assert page.locator("#first img").count() == 1
    page.locator("#first input[type=file]").first.set_input_files(NIGHT[0])
    page.get_by_text("640 × 480 pixels").wait_for(timeout=60_000)


@pytest.mark.page
def test_the_page_speaks_chinese(opened):
    page = opened("zh")
    page.get_by_text("640 × 480 像素").wait_for(timeout=60_000)
    assert page.get_by_role("button", name="融合", exact=True).count() == 1


@pytest.mark.page
def test_a_batch_is_fused_and_handed_back(opened):
    page = opened()
    page.get_by_role("tab", name="Many pairs").click()
    examples = [sorted((EXAMPLES / "ir-vis" / folder).glob("*.png")) for folder in ("ir", "vis")]
    for name, files in zip(("#batch-first", "#batch-second"), examples, strict=True):
        page.locator(f"{name} input[type=file]").set_input_files(files)
        page.locator(name).get_by_text(files[-1].stem).wait_for()
    page.locator("#batch-run").click()
    page.get_by_text(f"Fused {len(examples[0])} of {len(examples[0])}").wait_for(timeout=60_000)
    page.wait_for_selector("#batch-gallery img")
    with page.expect_download() as download:
        page.locator("#batch-csv").click()
    assert len(download.value.path().read_text().splitlines()) == len(examples[0]) + 1


@pytest.mark.page
def test_a_16_bit_tiff_is_seen_through_a_stated_window(opened, tmp_path):
    page = opened()
    page.locator("#task label").nth(1).click()
    page.get_by_text("256 × 256").wait_for(timeout=60_000)
    values = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64)
    pair = [write(tmp_path / "a.tif", values), write(tmp_path / "b.png", values[::-1])]
    for name, file in zip(("#first", "#second"), pair, strict=True):
        page.locator(f"{name} input[type=file]").first.set_input_files(file)
        page.locator(name).get_by_text("from 0 to 4095").wait_for(timeout=60_000)
    page.get_by_text("64 × 64 pixels, 16 bit").wait_for(timeout=60_000)
    width = page.locator("#first img").evaluate("image => image.naturalWidth")
    assert width == 64  # the browser can show it


def open_tab(page, name: str) -> None:
    """Open a tab, which on a narrow screen may be behind the button with the dots."""
    tab = page.get_by_role("tab", name=name)
    if not tab.is_visible():
        page.locator(".overflow-menu button").first.click()
        tab = page.locator(".overflow-dropdown button", has_text=name)
    tab.click()


@pytest.mark.page
@pytest.mark.parametrize("width", [1280, 360])
def test_a_clicked_pixel_shows_its_field_over_both_sources(opened, width):
    page = opened(width=width)
    open_tab(page, "Look inside")
    page.wait_for_selector("#fields img >> nth=3", timeout=60_000)
    page.wait_for_selector("#maps img >> nth=11", timeout=60_000)
    before = page.locator("#field-text").inner_text()
    image = page.locator("#inside-fused img").bounding_box()
    page.mouse.click(image["x"] + image["width"] * 0.7, image["y"] + image["height"] * 0.47)
    page.wait_for_function(
        "text => document.querySelector('#field-text').innerText != text",
        arg=before, timeout=60_000,
    )  # fmt: skip
    row, column = (float(page.get_by_label(name).input_value()) for name in ("Row", "Column"))
    assert row == pytest.approx(0.47 * 480, abs=4)
    assert column == pytest.approx(0.7 * 640, abs=4)
    assert "infrared" in page.locator("#share").inner_text()
    assert page.locator("#fields img").count() == 4
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.page
def test_norm_and_layer_are_swapped_live_and_the_pair_follows_the_first_tab(opened):
    page = opened("zh")
    page.locator("#task label").nth(2).click()
    page.get_by_text("256 × 256").wait_for(timeout=60_000)
    open_tab(page, "看内部")
    line = page.locator("#maps-text")
    line.get_by_text("MRI 与 CT").wait_for(timeout=60_000)
    page.locator("#share").get_by_text("PET").wait_for(timeout=60_000)
    first = line.inner_text()
    page.locator("#norm label").nth(1).click()
    page.wait_for_function(
        "text => document.querySelector('#maps-text').innerText != text", arg=first, timeout=60_000
    )
    page.locator("#layer input").click()
    page.get_by_role("option", name="主干").click()
    line.get_by_text("48 个通道，128 × 128").wait_for(timeout=60_000)


@pytest.mark.page
def test_example_clips_are_fused_into_one_that_plays(opened, tmp_path):
    page = opened()
    open_tab(page, "Video")
    page.locator("#video-task label").nth(1).click()
    page.locator("#video-run").click()
    page.locator("#video-status").get_by_text("give a clip for both").wait_for(timeout=60_000)
    page.locator("#video-example").click()
    page.wait_for_selector("#clip-second .file-preview", timeout=60_000)
    page.locator("#video-run").click()
    page.locator("#video-status").get_by_text("24 frames").wait_for(timeout=60_000)
    page.wait_for_selector("#video-frame img", timeout=60_000)
    page.wait_for_function("document.querySelector('#video-result video').videoWidth == 192")
    with page.expect_download() as download:
        page.locator("#video-download").click()
    assert download.value.path().stat().st_size > 1000


@pytest.mark.page
def test_a_clip_is_stopped_and_what_was_done_is_kept(opened, monkeypatch):
    from demo import video

    fuse_clips = video.fuse_clips

    def slowly(*arguments):
        for step in fuse_clips(*arguments):
            time.sleep(0.4)
            yield step

    monkeypatch.setattr(video, "fuse_clips", slowly)
    page = opened()
    open_tab(page, "Video")
    page.locator("#video-task label").nth(1).click()
    page.locator("#video-example").click()
    page.wait_for_selector("#clip-second .file-preview", timeout=60_000)
    page.locator("#video-run").click()
    page.locator("#video-status").get_by_text("frame 2").wait_for(timeout=60_000)
    page.locator("#video-stop").click()
    page.get_by_text("Stopped: what was fused").wait_for(timeout=60_000)
    assert page.locator("#video-download").is_enabled()


@pytest.mark.page
def test_the_model_card_shows_the_benchmark(opened):
    page = opened(width=360)
    open_tab(page, "About")
    page.locator("#results").get_by_text("mean rank").wait_for(timeout=60_000)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.slow
def test_a_space_starts_by_path_and_leaves_no_files(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    script = Path(__file__).parents[1] / "demo" / "space.py"
    own = {"PORT": str(port), "GRADIO_SERVER_NAME": "127.0.0.1", "TMPDIR": str(tmp_path)}
    space = subprocess.Popen([sys.executable, script], cwd=tmp_path, env=os.environ | own)
    try:
        for _ in range(120):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            assert space.poll() is None
            time.sleep(0.5)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/zh") as answer:
            assert answer.status == 200
    finally:
        space.terminate()
        space.wait(30)
    if os.name == "posix":
        assert not list(tmp_path.glob("lkc-page-*"))


def test_a_port_in_use_is_one_sentence():
    from demo.app import serve

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(lkc.InputError, match="choose another"):
            serve(port=taken.getsockname()[1], block=False)


@pytest.mark.page
def test_a_stopped_batch_hands_out_what_was_done(opened, tmp_path, monkeypatch):
    from demo import batch

    fuse_files = batch.fuse_files
    monkeypatch.setattr(batch, "fuse_files", lambda *a: time.sleep(0.3) or fuse_files(*a))
    image = np.random.default_rng(0).integers(0, 256, (48, 48), np.uint8)
    page = opened()
    page.get_by_role("tab", name="Many pairs").click()
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        files = [write(tmp_path / name / f"{i}.png", image) for i in range(40)]
        page.locator(f"#batch-{name} input[type=file]").set_input_files(files)
        page.locator(f"#batch-{name}").get_by_text("39").first.wait_for()
    page.locator("#batch-run").click()
    page.locator("#batch-status").get_by_text("2 / 40").wait_for(timeout=60_000)
    page.locator("#batch-stop").click()
    page.get_by_text("of 40 pairs in").wait_for(timeout=60_000)
    with page.expect_download() as download:
        page.locator("#batch-zip").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert "0.png" in archive.namelist()
        assert len(archive.namelist()) < 41
