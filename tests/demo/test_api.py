"""The page as programs meet it."""

import json
import socket
import threading
import urllib.error
import urllib.request

import numpy as np
import pytest

import lkc
from demo.server import temporary_files
from tests.demo.steps import NIGHT, call, write

pytest.importorskip("gradio")


def test_only_the_documented_endpoints_are_public(client):
    names = set(client.view_api(return_format="dict")["named_endpoints"])
    assert names == {"/fuse", "/evaluate"}


def test_api_returns_the_lossless_fused_image(client):
    path, status = call(client, "/fuse", *NIGHT, "ir-vis", "maximum")
    expected = lkc.fuse(*NIGHT, model=lkc.load_model("maximum"))
    assert np.array_equal(lkc.io.image_files.read_image(path), expected)
    assert path.endswith("night-fused.png")
    assert "640 × 480" in status


def test_api_keeps_16_bits_and_odd_sizes(client, tmp_path):
    ramp = np.linspace(0, 65535, 61 * 43).reshape(61, 43).astype(np.uint16)
    pair = [write(tmp_path / "a.png", ramp), write(tmp_path / "b.tif", ramp[::-1])]
    path, _ = call(client, "/fuse", *pair, "mri-ct")
    assert np.array_equal(lkc.io.image_files.read_image(path), lkc.fuse(*pair, task="mri-ct"))
    assert lkc.io.image_files.read_image(path).dtype == np.uint16


def test_api_evaluates_like_the_library(client):
    scores = call(client, "/evaluate", NIGHT[1], *NIGHT)
    images = [lkc.io.image_files.read_image(path) for path in (NIGHT[1], *NIGHT)]
    assert scores == pytest.approx(lkc.metrics.evaluate(*images), rel=1e-4)


@pytest.mark.parametrize("case", ["sizes", "not an image", "task", "pixels"])
def test_api_explains_bad_input_without_server_paths(client, tmp_path, monkeypatch, case):
    from gradio_client.exceptions import AppError

    from demo.work import fuse_files

    second, task, words = NIGHT[1], "ir-vis", r"32×32 .* 640×480"
    first = write(tmp_path / "small.png", np.zeros((32, 32), np.uint8))
    if case == "not an image":
        (tmp_path / "small.png").write_text("hello")
        words = "small.png is not an image"
    elif case == "task":
        task, words = "ir", "ir-vis"
    elif case == "pixels":
        monkeypatch.setattr(fuse_files, "MAX_MEGAPIXELS", 0.0001)
        words = "megapixels"
    with pytest.raises(AppError, match=words) as refused:
        call(client, "/fuse", first, second, task)
    assert "/" not in str(refused.value).replace("CPU", "")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((None, NIGHT[1], "ir-vis"), "the infrared image is missing"),
        ((*NIGHT, None), "unknown task"),
        ((*NIGHT, "ir-vis", "base"), "unknown method 'base'"),
        ((*NIGHT, "ir-vis", "maximum", None), "detail must lie between 0 and 2"),
        ((*NIGHT, "ir-vis", "maximum", "abc"), "detail must lie between 0 and 2"),
        ((*NIGHT, "ir-vis", "maximum", 3), "detail must lie between 0 and 2"),
    ],
)
def test_a_missing_or_wrong_argument_of_fuse_is_one_sentence(client, arguments, words):
    from gradio_client.exceptions import AppError

    with pytest.raises(AppError, match=words):
        call(client, "/fuse", *arguments)


def test_a_missing_image_of_evaluate_is_one_sentence(client):
    from gradio_client.exceptions import AppError

    with pytest.raises(AppError, match="the fused image is missing"):
        call(client, "/evaluate", None, *NIGHT)


def test_evaluate_takes_floats_as_fuse_does(client, tmp_path):
    levels = np.random.default_rng(0).integers(0, 256, (64, 48), np.uint8)
    whole = write(tmp_path / "8-bit.png", levels)
    floats = write(tmp_path / "floats.tif", np.float32(levels / 255))
    fused = write(tmp_path / "fused.png", levels[::-1])
    expected = call(client, "/evaluate", fused, whole, whole)
    assert call(client, "/evaluate", fused, floats, whole) == pytest.approx(expected, rel=1e-4)


def test_images_of_evaluate_must_have_one_size(client, tmp_path):
    from gradio_client.exceptions import AppError

    small = write(tmp_path / "small.png", np.zeros((43, 61), np.uint8))
    with pytest.raises(AppError, match="the fused image is 61×43 but the first image is 640×480"):
        call(client, "/evaluate", small, *NIGHT)
    with pytest.raises(AppError, match="the second image is 61×43"):
        call(client, "/evaluate", *NIGHT, small)


@pytest.fixture
def looked_up(monkeypatch) -> list[str]:
    """Names of the hosts whose addresses anything asks for."""
    hosts, getaddrinfo = [], socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *a, **k: hosts.append(host) or getaddrinfo(host, *a, **k),
    )
    return hosts


def fetch(url: str, data: dict | None = None) -> str:
    body = None if data is None else json.dumps(data).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return answer.read().decode()


def ask(server: str, endpoint: str, data: list) -> str:
    """Call an endpoint without the client, which prepares files; returns the server's answer."""
    url = f"{server}/gradio_api/call/{endpoint}"
    event = json.loads(fetch(url, {"data": data}))["event_id"]
    return fetch(f"{url}/{event}")


def test_a_file_of_the_server_that_nobody_uploaded_is_not_read(server):
    first, second = ({"path": path} for path in NIGHT)
    answer = ask(server, "fuse", [first, second, "ir-vis", "maximum", 1, True])
    assert "the infrared image is missing" in answer
    assert "the fused image is missing" in ask(server, "evaluate", [first, first, second])
    detour = {"path": f"{temporary_files.root_folder().name}/../../{NIGHT[0]}"}
    assert "missing" in ask(server, "evaluate", [detour, first, second])


def test_an_address_in_place_of_a_file_is_not_fetched(server, looked_up):
    for host in ("example.com", "huggingface.co"):
        image = {"path": f"http://{host}/x.png", "meta": {"_type": "gradio.FileData"}}
        data = [image, image, "ir-vis", "maximum", 1, True]
        assert "nothing is fetched" in ask(server, "fuse", data)
        with pytest.raises(urllib.error.HTTPError, match="403"):
            fetch(f"{server}/gradio_api/file=http://{host}/x.png")
    assert set(looked_up) == {"127.0.0.1"}


def test_the_server_prunes_without_being_asked(server):
    assert "prune" in {thread.name for thread in threading.enumerate()}


def test_a_port_in_use_is_one_sentence():
    from demo.app import serve

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(lkc.InputError, match="choose another"):
            serve(port=taken.getsockname()[1], block=False)


@pytest.mark.parametrize("image", ["night.png", 7, [1], {"path": 7}, {"url": "x"}])
def test_what_is_no_image_is_one_sentence_without_a_trace(server, image, capsys):
    second = {"path": NIGHT[1]}
    answer = ask(server, "fuse", [image, second, "ir-vis", "maximum", 1, True])
    assert "the infrared image is missing" in answer
    assert "Traceback" not in capsys.readouterr().err


def test_a_task_that_there_is_not_is_not_repeated_at_length(server):
    answer = ask(server, "fuse", [None, None, "x" * 600_000, "maximum", 1, True])
    assert "unknown task" in answer
    assert len(answer) < 500


def test_browsers_are_told_not_to_guess_what_a_file_is(server):
    for path in ("", "gradio_api/startup-events"):
        with urllib.request.urlopen(f"{server}/{path}") as answer:
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
