"""Two clips in place of cameras: fused while they play, seen by a browser, recorded."""

import threading
import urllib.request
import warnings
from fractions import Fraction
from itertools import pairwise

import cv2
import numpy as np
import pytest

import lkc
from lkc.errors import InputError
from lkc.fusion import steady
from lkc.io.clip import read_clip, read_frames
from lkc.io.image_files import read_image
from lkc.io.window import parse_window
from lkc.live import cameras, fuse_live
from lkc.live.mjpeg import PictureServer
from lkc.live.steady_window import SECONDS, SteadyWindow
from tests.fixtures.clip_files import write_clip

pytest.importorskip("av")
MAXIMUM = lkc.load_model("maximum")


@pytest.fixture
def filmed(tmp_path, monkeypatch):
    """A still scene, filmed for half a second by two cameras of different rates."""
    monkeypatch.chdir(tmp_path)
    infrared, visible = street()
    write_clip("ir.mkv", [[infrared] * 5], rate=10)
    write_clip("vis.mkv", [[visible] * 15], rate=30)
    return infrared, visible


def street():
    generator = np.random.default_rng(0)
    infrared = cv2.GaussianBlur(generator.integers(0, 256, (48, 64), np.uint8), (0, 0), 3)
    return infrared, np.repeat(infrared[::-1, :, None], 3, axis=2)


def test_live_gives_the_pixels_of_lkc_fuse(filmed):
    frames = list(fuse_live("ir.mkv", "vis.mkv", model=MAXIMUM))
    assert 1 <= len(frames) <= 20
    expected = lkc.fuse(*filmed, model=MAXIMUM)
    assert all(np.array_equal(frame.fused, expected) for frame in frames)
    assert all(a.seconds < b.seconds for a, b in pairwise(frames))
    assert frames[-1].rate > 0


def test_a_slow_network_skips_frames_and_never_falls_behind(filmed, monkeypatch):

    real = steady.fuse
    pause = threading.Event()
    monkeypatch.setattr(steady, "fuse", lambda *a: pause.wait(0.2) or real(*a))
    frames = list(fuse_live("ir.mkv", "vis.mkv", model=MAXIMUM))
    assert len(frames) < 15
    assert frames[-1].skipped > 3


def test_the_command_records_and_says_where_to_look(filmed, lkc_command):
    status, out, err = lkc_command(
        *("live", "--first", "ir.mkv", "--second", "vis.mkv", "--preset", "maximum"),
        *("-o", "out.mkv", "--port", "0"),
    )
    assert status == 0, err
    assert "Look at http://127.0.0.1:" in out
    recorded = list(read_frames(read_clip(cameras.Path("out.mkv"))))
    assert np.array_equal(recorded[0].pixels, lkc.fuse(*filmed, model=MAXIMUM))
    times = [frame.time for frame in recorded]
    assert times == sorted(set(times))
    assert times[-1] < Fraction(5)


@pytest.mark.parametrize(
    ("options", "status", "sentence"),
    [
        (("--first", "gone.mkv"), 1, "gone.mkv does not exist"),
        (("--first", "9"), 1, "camera 9 cannot be opened"),
        (("--window", "percentile"), 2, "live windows are fixed"),
        (("-o", "out.avi"), 2, "name it out.mp4"),
        (("--align", "magic"), 2, "unknown way to align"),
        (("--colour", "blue"), 2, "unknown colour"),
        (("--align", "gone.json"), 1, "gone.json cannot be read"),
    ],
)
def test_what_cannot_work_is_one_sentence(filmed, lkc_command, options, status, sentence):
    given = ("live", "--first", "ir.mkv", "--second", "vis.mkv", "--port", "0")
    ended, _, err = lkc_command(*given, "--preset", "maximum", *options)
    assert sentence in err
    assert ended == status


def test_sizes_that_differ_need_a_transform(filmed, lkc_command):
    write_clip("wide.mkv", [[np.zeros((48, 80, 3), np.uint8)] * 3])
    with pytest.raises(InputError, match=r"64x48 but wide.mkv is 80x48"):
        list(fuse_live("ir.mkv", "wide.mkv", model=MAXIMUM))


def test_a_camera_that_gives_nothing_is_said(filmed, monkeypatch):
    stuck = threading.Event()

    def silent(source):
        stuck.wait(5)
        yield from ()

    monkeypatch.setattr(cameras, "PATIENCE", 0.1)
    monkeypatch.setattr(cameras, "open_source", silent)
    with pytest.raises(InputError, match="gave nothing for"):
        list(fuse_live("ir.mkv", "vis.mkv", model=MAXIMUM))
    stuck.set()


def test_a_browser_sees_the_page_and_each_new_picture():
    picture = read_image("assets/examples/ir-vis/vis/night.png")
    with PictureServer("127.0.0.1", 0) as server:
        with urllib.request.urlopen(server.address) as answer:
            assert b'<img src="stream"' in answer.read()
        server.show(picture)
        with urllib.request.urlopen(f"{server.address}stream") as stream:
            assert stream.readline() == b"--picture\r\n"
            stream.readline()
            length = int(stream.readline().split()[1])
            stream.readline()
            decoded = cv2.imdecode(np.frombuffer(stream.read(length), np.uint8), cv2.IMREAD_COLOR)
        difference = decoded[..., ::-1].astype(int) - picture
        assert np.abs(difference).mean() < 3  # JPEG
        with pytest.raises(InputError, match="cannot be used"):
            PictureServer("127.0.0.1", server.server.server_port)


def test_a_hot_thing_moves_the_window_slowly():
    scene = np.random.default_rng(0).integers(7800, 8600, (60, 80)).astype(np.uint16)
    hot = scene.copy()
    hot[:20] = 20_000
    window = SteadyWindow(None)
    calm = window.show(scene, 0.0)
    at_once = window.show(hot, 0.04)
    later = window.show(hot, 20 * SECONDS)
    rest = np.s_[20:]
    assert np.abs(at_once[rest].astype(int) - calm[rest]).mean() < 30
    assert later[rest].max() < 20  # by now the hot thing is what the window is about
    assert window.show(scene.astype(np.uint8), 99.0) is not None


def test_a_fixed_window_in_degrees_is_that_of_stills(tmp_path):
    centikelvin = np.linspace(28_000, 31_500, 48 * 64).astype(np.uint16).reshape(48, 64)
    shown = SteadyWindow(parse_window("10C,40C")).show(centikelvin, 0.0)
    expected = np.clip((centikelvin / 100 - 273.15 - 10) / 30, 0, 1) * 255
    assert np.abs(shown - expected).max() <= 0.51


FRAMES = np.linspace(7000, 8000, 48 * 64).astype(np.uint16).reshape(48, 64)
EIGHT = FRAMES.astype(np.uint8)


@pytest.mark.parametrize(
    ("frame", "sentence"),
    [
        (EIGHT, "ir is not radiometric: it is not gray of 16 bits"),
        (np.stack([EIGHT] * 3, axis=2), "ir is not radiometric: it is not gray of 16 bits"),
        (FRAMES, "ir is not radiometric, or of another scale than 0.01 kelvin"),
    ],
)
def test_degrees_are_for_cameras_that_measure_them(frame, sentence):
    steady = SteadyWindow(parse_window("20C,40C"), "ir")
    steady.show(np.zeros_like(frame), 0.0)  # Nothing is seen yet.
    with pytest.raises(InputError, match=sentence):
        steady.show(frame, 0.1)


def test_a_window_that_shows_nothing_yet_is_said_once():
    steady = SteadyWindow(parse_window("100,200"), "ir")
    with pytest.warns(UserWarning, match="ir has no value in the window from 100 to 200 so far"):
        assert (steady.show(FRAMES, 0.0) == 255).all()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        steady.show(FRAMES, 0.1)


def test_the_whole_range_can_be_asked_for():
    shown = SteadyWindow(parse_window("full")).show(FRAMES, 0.0)
    assert np.abs(shown - FRAMES / 257).max() <= 0.51
    assert SteadyWindow(parse_window("full")).show(EIGHT, 0.0) is EIGHT


def test_the_command_says_that_a_camera_does_not_measure(filmed, lkc_command):
    given = ("live", "--first", "ir.mkv", "--second", "vis.mkv", "--port", "0")
    status, _, err = lkc_command(*given, "--window", "20C,40C", "--window", "full")
    assert status == 1
    assert "ir.mkv is not radiometric" in err


def test_python_refuses_windows_as_the_command_does(filmed):
    windows = parse_window("percentile"), None
    with pytest.raises(InputError, match="live windows are fixed or full"):
        list(fuse_live("ir.mkv", "vis.mkv", model=MAXIMUM, windows=windows))


def test_false_colour_of_a_camera_is_said(filmed):
    rainbow = np.ascontiguousarray(cv2.applyColorMap(filmed[0], cv2.COLORMAP_JET)[..., ::-1])
    write_clip("jet.mkv", [[rainbow] * 3])
    with pytest.warns(UserWarning, match=r"jet\.mkv has colour, and only its brightness is fused"):
        next(fuse_live("jet.mkv", "vis.mkv", model=MAXIMUM))
