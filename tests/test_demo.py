"""The page: its functions, its API, and what a browser shows."""

import socket
from pathlib import Path

import cv2
import numpy as np
import pytest

import lkc
from demo import inference

EXAMPLES = Path(__file__).parents[1] / "assets" / "examples"
NIGHT = [str(EXAMPLES / "ir-vis" / folder / "night.png") for folder in ("ir", "vis")]


def write(path: Path, pixels: np.ndarray) -> str:
    cv2.imwrite(str(path), pixels)
    return str(path)


def test_page_and_library_fuse_alike():
    fusion = inference.fuse_files(*NIGHT, "ir-vis", detail=1.5)
    model = inference.load_method("lite", "ir-vis")
    assert np.array_equal(fusion.fused, lkc.fuse(*NIGHT, model=model, detail=1.5))
    assert set(fusion.seconds) == {"decode", "network"}


@pytest.mark.parametrize("method", inference.METHODS)
def test_every_method_fuses_every_task(method):
    for task, first, second in inference.list_examples(EXAMPLES):
        if first.endswith(("night.png", "head-1.png")):
            fusion = inference.fuse_files(first, second, task, method)
            assert fusion.fused.shape[:2] == fusion.sources[0].shape[:2]
            assert fusion.fused.std() > 10


def test_16_bits_are_fused_at_full_depth_and_shown_at_8(tmp_path):
    ramp = np.linspace(0, 65535, 64 * 64).reshape(64, 64).astype(np.uint16)
    files = [write(tmp_path / f"{n}.png", image) for n, image in (("a", ramp), ("b", ramp[::-1]))]
    fusion = inference.fuse_files(*files, "mri-ct")
    assert fusion.fused.dtype == np.uint16
    assert inference.to_display(fusion.fused).dtype == np.uint8
    assert "16 bits" in inference.describe(fusion)


def test_too_many_pixels_are_refused_in_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(inference, "MAX_MEGAPIXELS", 0.001)
    file = write(tmp_path / "a.png", np.zeros((64, 64), np.uint8))
    with pytest.raises(lkc.InputError, match="megapixels"):
        inference.fuse_files(file, file, "mri-ct")


def test_scores_are_the_metrics_of_the_library():
    fusion = inference.fuse_files(*NIGHT, "ir-vis")
    rows = {key: value for key, value, _ in inference.score(fusion)}
    expected = lkc.metrics.evaluate(fusion.fused, *fusion.sources)
    assert list(rows) == list(expected)
    assert float(rows["EN"].split()[0]) == pytest.approx(expected["EN"], abs=1e-3)


def test_an_image_too_small_for_the_metrics_is_still_fused(tmp_path):
    file = write(tmp_path / "a.png", np.full((20, 20), 90, np.uint8))
    fusion = inference.fuse_files(file, file, "mri-ct")
    assert "41 pixels" in inference.score(fusion)[0][2]


@pytest.fixture(scope="module")
def server():
    """The page on a free port, in the background."""
    pytest.importorskip("gradio")
    from demo.app import serve

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    page = serve(port=port, block=False)
    yield f"http://127.0.0.1:{port}"
    page.close()


def test_api_returns_the_lossless_fused_image(server):
    from gradio_client import Client, handle_file

    client = Client(server, analytics_enabled=False, verbose=False)
    status, *_, download = client.predict(
        handle_file(NIGHT[0]), handle_file(NIGHT[1]), "ir-vis", "maximum", 1, api_name="/fuse"
    )
    path = download["value"] if isinstance(download, dict) else download
    fused = lkc.images.read_image(path)
    model = lkc.load_model("maximum")
    assert np.array_equal(fused, lkc.fuse(*NIGHT, model=model))
    assert "640x480" in status


def test_api_explains_a_bad_pair_without_server_paths(server, tmp_path):
    from gradio_client import Client, handle_file

    small = write(tmp_path / "small.png", np.zeros((32, 32), np.uint8))
    client = Client(server, analytics_enabled=False, verbose=False)
    status, *_ = client.predict(
        handle_file(small), handle_file(NIGHT[1]), "ir-vis", "lite", 1, api_name="/fuse"
    )
    assert "32x32" in status
    assert "640x480" in status
    assert str(tmp_path) not in status


@pytest.mark.page
@pytest.mark.parametrize("width", [1280, 360])
def test_an_example_is_fused_by_one_click(server, page, width):
    hosts, complaints = set(), []
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(server)
    page.locator("#examples button.thumbnail-item").first.click()
    page.wait_for_selector("#fused img", timeout=60_000)
    page.get_by_text("640x480 pixels").wait_for(timeout=60_000)
    assert {host for host in hosts if host} <= {server.split("/")[2]}
    assert not complaints
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("h1").count() == 1
