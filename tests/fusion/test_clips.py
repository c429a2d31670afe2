"""Clips in, fused clip out: every bit read, times kept, one window, clean stops."""

import faulthandler
import json
import os
import struct
import sys
import tracemalloc
import warnings
from fractions import Fraction
from functools import cache
from itertools import islice, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

import lkc
from lkc.errors import InputError
from lkc.fusion.clips import fuse_clips
from lkc.io import clip_writer, parse_window
from lkc.io.clip import read_clip, read_frames
from lkc.io.clip_writer import ClipWriter
from lkc.io.image_files import read_image, write_image
from tests.fixtures.clip_files import smooth, write_clip
from tests.io.test_damaged_files import HANG, check_sentence, cuts, damage, patches

EXAMPLES = int(os.environ.get("LKC_FUZZ_EXAMPLES", "100"))
GRAY, COLOUR, DEEP = (32, 48), (32, 48, 3), 65535
MAXIMUM = lkc.load_model("maximum")
STEP = Fraction(1, 25)


def pictures(count, shape=GRAY, top=255):
    return [smooth(shape, top) for _ in range(count)]


def pixels_of(path, stream=0):
    return [frame.pixels for frame in read_frames(read_clip(path, stream))]


def times_of(path):
    return [float(frame.time) for frame in read_frames(read_clip(path))]


def fuse_all(*arguments, **options):
    return list(fuse_clips(*arguments, model=MAXIMUM, **options))


@pytest.fixture
def clips(tmp_path, monkeypatch):
    """An infrared and a visible clip of ten frames in the current folder."""
    monkeypatch.chdir(tmp_path)
    ir, vis = pictures(10), pictures(10, COLOUR)
    write_clip("ir.mkv", [ir])
    write_clip("vis.mkv", [vis])
    return ir, vis


@pytest.mark.parametrize("shape", [GRAY, COLOUR, (33, 47, 3)])
@pytest.mark.parametrize("top", [255, DEEP])
def test_lossless_clips_keep_every_bit(tmp_path, shape, top):
    frames = pictures(3, shape, top)
    with ClipWriter(tmp_path / "a.mkv", Fraction(25), Fraction(1, 1000), {"a": "ü"}) as writer:
        for number, pixels in enumerate(frames):
            writer.write(pixels, number * STEP)
    clip = read_clip(tmp_path / "a.mkv")
    assert clip.full_range == (0, top)
    assert clip.count == 3
    for expected, got in zip(frames, pixels_of(clip.path), strict=True):
        assert got.dtype == expected.dtype
        assert (got == expected).all()


@pytest.mark.parametrize("codecs", [clip_writer.LOSSY_CODECS, ("mpeg4",)])
@pytest.mark.parametrize("shape", [GRAY, COLOUR, (33, 47, 3)])
@pytest.mark.parametrize("top", [255, DEEP])
def test_mp4_is_near(tmp_path, monkeypatch, codecs, shape, top):
    monkeypatch.setattr(clip_writer, "LOSSY_CODECS", codecs)
    pixels = smooth(shape, top)
    with ClipWriter(tmp_path / "a.mp4", Fraction(25), Fraction(1, 90000), {}) as writer:
        for number in range(4):
            writer.write(pixels, number * STEP)
    clip = read_clip(tmp_path / "a.mp4")
    assert (clip.rate, clip.count) == (25, 4)
    assert clip.shape == (*shape[:2], 3)
    expected = pixels.reshape(*shape[:2], -1) / top
    for got in pixels_of(clip.path):
        assert np.abs(got / 255 - expected).mean() < 0.02
        assert np.abs((got / 255 - expected).mean()) < 0.008  # neither matrix nor range is wrong


@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv444p10le", "nv12"])
@pytest.mark.parametrize("colorspace", [1, 5])  # BT.709, BT.601
@pytest.mark.parametrize("color_range", [1, 2])  # from 16, from 0
def test_colours_of_other_recorders(tmp_path, pixel_format, colorspace, color_range):
    if pixel_format == "nv12" and color_range == 2:
        pytest.skip("x264 writes it as another format")
    shown = np.empty((32, 48, 3), np.uint8)
    shown[:] = (200, 120, 60)
    codec = "libx264" if pixel_format != "yuv444p10le" else "ffv1"
    path = write_clip(
        tmp_path / "a.mkv",
        [[shown] * 3],
        codec=codec,
        pixel_format=pixel_format,
        colorspace=colorspace,
        color_range=color_range,
    )
    clip = read_clip(path)
    got = pixels_of(path)[0] / clip.full_range[1] * 255
    assert clip.full_range == (0, DEEP if "10" in pixel_format else 255)
    assert np.abs(got - (200, 120, 60)).max() < 5


def test_gray_of_10_bits_is_read_as_it_is(tmp_path):
    counts = (smooth(GRAY, DEEP) // 64) * 64
    path = write_clip(tmp_path / "a.mkv", [[counts]], pixel_format="gray10le")
    clip = read_clip(path)
    assert clip.full_range == (0, 1023)
    assert np.abs(pixels_of(path)[0].astype(int) - counts // 64).max() <= 1


@pytest.mark.parametrize(
    ("shown", "matrix"),  # a, b, c, d: column x, row y is shown at (a x + c y, b x + d y)
    [
        (np.rot90, (0, -1, 1, 0)),
        (lambda picture: picture[::-1, ::-1], (-1, 0, 0, -1)),
        (lambda picture: np.rot90(picture, -1), (0, 1, -1, 0)),
        (lambda picture: picture[:, ::-1], (-1, 0, 0, 1)),  # a front camera
        (lambda picture: picture[::-1], (1, 0, 0, -1)),
        (lambda picture: picture.swapaxes(0, 1), (0, 1, 1, 0)),
    ],
)
def test_clips_of_phones_stand_upright(tmp_path, shown, matrix):
    picture = smooth((32, 48, 3))
    path = Path(write_clip(tmp_path / "a.mp4", [[picture] * 2], 25, "libx264", "yuv420p"))
    one = 1 << 16
    upright = struct.pack(">6i", one, 0, 0, 0, one, 0)
    a, b, c, d = (one * value for value in matrix)
    content = path.read_bytes()
    place = content.index(upright, content.index(b"tkhd"))
    turned = struct.pack(">6i", a, b, 0, c, d, 0)
    path.write_bytes(content[:place] + turned + content[place + len(upright) :])
    expected = shown(picture)
    got = pixels_of(path)[0]
    assert got.shape == expected.shape
    assert np.abs(got.astype(int) - expected).mean() < 6


def test_every_frame_is_fused_as_an_image(clips):
    steps = fuse_all("ir.mkv", "vis.mkv", "out.mkv")
    assert [step.done for step in steps] == list(range(1, 11))
    assert {step.of for step in steps} == {10}
    for a, b, step, got in zip(*clips, steps, pixels_of("out.mkv"), strict=True):
        assert (step.fused == lkc.fuse(a, b, model=MAXIMUM)).all()
        assert (got == step.fused).all()
    assert times_of("out.mkv") == times_of("ir.mkv")


def test_default_model_and_mp4(clips):
    first = next(fuse_clips("ir.mkv", "vis.mkv", "out.mp4"))
    assert (first.fused == lkc.fuse(clips[0][0], clips[1][0])).all()
    assert len(pixels_of("out.mp4")) == 1


def test_two_deep_clips_give_a_deep_clip(clips):
    ir, vis = pictures(3, top=DEEP), pictures(3, COLOUR, DEEP)
    write_clip("deep-ir.mkv", [ir])
    write_clip("deep-vis.mkv", [vis], pixel_format="gbrp16le")
    fuse_all("deep-ir.mkv", "deep-vis.mkv", "out.mkv")
    for a, b, got in zip(ir, vis, pixels_of("out.mkv"), strict=True):
        assert (got == lkc.fuse(a, b, model=MAXIMUM)).all()


def test_one_window_for_the_whole_clip(clips):
    levels = (100, 200, 300, 400)
    ir = [np.full(GRAY, 20000 + level, np.uint16) for level in levels]
    write_clip("deep.mkv", [ir])
    write_clip("black.mkv", [[np.zeros(GRAY, np.uint16)] * 4])
    windows = parse_window("percentile:0,100"), parse_window("full")
    steps = fuse_all("deep.mkv", "black.mkv", "out.mkv", windows=windows)
    assert [step.step for step in steps] == ["measuring"] * 4 + ["fusing"] * 4
    shown = [pixels.mean() / DEEP for pixels in pixels_of("out.mkv")]
    assert shown == pytest.approx([0, 1 / 3, 2 / 3, 1], abs=1e-4)  # not one white frame each
    assert steps[-1].notes["window of first"] == "percentile 0,100: 20100 to 20400"


def test_window_in_celsius(clips):
    counts = np.linspace(28000, 31500, 32 * 48).round().reshape(GRAY).astype(np.uint16)
    write_clip("deep.mkv", [[counts]])
    write_clip("black.mkv", [[np.zeros(GRAY, np.uint16)]])
    windows = parse_window("20C,30C"), parse_window("full")
    steps = fuse_all("deep.mkv", "black.mkv", "out.mkv", windows=windows)
    expected = ((counts / 100 - 293.15) / 10).clip(0, 1)
    assert np.abs(steps[0].fused / DEEP - expected).max() < 1e-3
    assert steps[0].notes["window of first"] == "fixed: 20 to 30 C"


def test_sixteen_bits_that_would_be_one_gray_are_said(clips):
    write_clip("flat.mkv", [[28000 + picture // 16 for picture in pictures(2, top=DEEP)]])
    with pytest.warns(UserWarning, match=r"flat.mkv is shown in full, .* --window percentile"):
        fuse_all("flat.mkv", "vis.mkv", "out.mkv", windows=(parse_window("full"), None))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        chosen = fuse_all(
            "flat.mkv", "vis.mkv", "a.mkv", windows=(parse_window("percentile"), None)
        )
        default = fuse_all("flat.mkv", "vis.mkv", "b.mkv")
    assert [step.step for step in default] == ["measuring"] * 2 + ["fusing"] * 2
    assert (default[-1].fused == chosen[-1].fused).all()
    assert default[-1].notes == chosen[-1].notes


def numbered(count):
    return [np.full(GRAY, 10 * (number + 1), np.uint8) for number in range(count)]


def levels_of(path):
    return [round(pixels.mean() / 10) - 1 for pixels in pixels_of(path)]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ({}, {}, [0, 1, 2, 3, 4, 5]),
        ({}, {"starts": (7,)}, [0, 1, 2, 3, 4, 5]),  # recorders that count from their start
        ({"rate": 50}, {}, [0, 1, 1, 2, 2, 3]),
        ({"rate": 24}, {"rate": 25}, [0, 1, 2, 3, 4, 5]),
    ],
)
def test_frames_are_matched_by_time(clips, first, second, expected):
    write_clip("black.mkv", [[np.zeros(GRAY, np.uint8)] * 6], **first)
    write_clip("numbered.mkv", [numbered(6)], **second)
    fuse_all("black.mkv", "numbered.mkv", "out.mkv")
    assert levels_of("out.mkv") == expected
    fuse_all("numbered.mkv", "black.mkv", "swapped.mkv")
    assert levels_of("swapped.mkv") == expected
    faster = max(first.get("rate", 25), second.get("rate", 25))
    assert times_of("swapped.mkv") == pytest.approx([n / faster for n in range(6)], abs=0.001)


def test_the_shorter_clip_ends_it(clips):
    write_clip("long.mkv", [numbered(9)])
    for pair in (("long.mkv", "ir.mkv"), ("ir.mkv", "long.mkv")):
        assert len(fuse_all(*pair, "out.mkv")) == 9


@pytest.mark.parametrize("suffix", [".mkv", ".mp4"])
def test_uneven_times_are_kept(clips, suffix):
    times = [Fraction(ms, 1000) for ms in (0, 40, 80, 300, 340, 1200)]
    for name in ("a.mkv", "b.mkv"):
        write_clip(name, [numbered(6)], times=times)
    fuse_all("a.mkv", "b.mkv", f"out{suffix}")
    assert times_of(f"out{suffix}") == pytest.approx([float(time) for time in times], abs=0.0006)


def test_two_streams_of_one_file(clips):
    write_clip("both.mkv", [numbered(5), [np.zeros(GRAY, np.uint8)] * 5])
    fuse_all("both.mkv", Path("both.mkv").absolute(), "out.mkv")
    assert levels_of("out.mkv") == [0, 1, 2, 3, 4]
    black = [np.zeros(GRAY, np.uint8)] * 5
    write_clip("late.mkv", [black, numbered(5)], starts=(0, 2 * STEP))
    fuse_all("late.mkv", Path("late.mkv").absolute(), "out.mkv")
    assert levels_of("out.mkv") == [0, 0, 0, 1, 2]  # one clock
    with pytest.raises(InputError, match=r"ir.mkv holds one stream of pictures"):
        fuse_all("ir.mkv", "ir.mkv", "out.mkv")


def test_a_numbered_series_of_images_is_a_clip(clips):
    for number, picture in enumerate(clips[0]):
        write_image(f"ir/{number:04}.png", picture)
    fuse_all("ir/%04d.png", "vis.mkv", "out.mkv")
    fuse_all("ir.mkv", "vis.mkv", "same.mkv")
    assert np.array_equal(pixels_of("out.mkv"), pixels_of("same.mkv"))


@pytest.mark.parametrize("suffix", [".mkv", ".mp4"])
def test_a_stop_leaves_what_was_done(clips, suffix):
    steps = fuse_clips("ir.mkv", "vis.mkv", f"out{suffix}", model=MAXIMUM)
    for _ in range(4):
        next(steps)
    assert not Path(f"out{suffix}").exists()
    steps.close()
    assert len(pixels_of(f"out{suffix}")) == 4
    assert sorted(path.suffix for path in Path().iterdir()) == sorted([".mkv", ".mkv", suffix])


def test_ctrl_c_leaves_what_was_done(clips, monkeypatch, lkc_command):
    fused = []

    def fuse_three(*arguments):
        if len(fused) == 3:
            raise KeyboardInterrupt
        fused.append(arguments[0])
        return arguments[0]

    monkeypatch.setattr("lkc.fusion.steady.fuse", fuse_three)
    status, _, err = lkc_command("fuse", "ir.mkv", "vis.mkv", "-o", "out.mp4")
    assert status == 1
    assert "interrupted; what was finished is kept." in err
    assert len(pixels_of("out.mp4")) == 3


def test_a_stop_before_the_first_frame_leaves_nothing(clips):
    windows = parse_window("percentile"), None
    steps = fuse_clips("ir.mkv", "vis.mkv", "out.mp4", model=MAXIMUM, windows=windows)
    next(steps)
    steps.close()
    assert sorted(path.name for path in Path().iterdir()) == ["ir.mkv", "vis.mkv"]


def test_memory_does_not_grow_with_the_clip(tmp_path):
    peaks = []
    for count in (15, 60):
        ir, vis = (str(tmp_path / f"{name}{count}.mkv") for name in "ab")
        write_clip(ir, [pictures(1, (120, 160)) * count])
        write_clip(vis, [pictures(1, (120, 160, 3)) * count])
        tracemalloc.start()
        steps = fuse_clips(ir, vis, tmp_path / "out.mkv", model=MAXIMUM)
        assert sum(1 for _ in steps) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 120 * 160 * 3 * 5  # 45 frames more would be nine times that


def test_clips_that_change_on_the_way_are_refused(clips):
    for number, shape in enumerate([GRAY, GRAY, (40, 40)]):
        write_image(f"ir/{number:04}.png", smooth(shape))
    with pytest.raises(InputError, match="changes its size"):
        fuse_all("ir/%04d.png", "vis.mkv", "out.mkv")
    assert len(pixels_of("out.mkv")) == 2  # what was done


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (("ir.mkv", "gone.mp4", "-o", "out.mp4"), 1, "gone.mp4 does not exist"),
        (("ir.mkv", "small.mkv", "-o", "out.mp4"), 1, "48x32 but small.mkv is 20x18"),
        (("tiny.mkv", "tiny2.mkv", "-o", "out.mp4"), 1, "at least 16x16"),
        (("ir.mkv", "vis.mkv", "-o", "out.avi"), 1, "name the output out.mp4 or .mkv"),
        (("ir.mkv", "vis.mkv", "-o", "ir.mkv"), 1, "ir.mkv is one of the sources"),
        (("ir.mkv", "vis.mkv", "-o", "file/out.mp4"), 1, "out.mp4 cannot be written"),
        (("ir.mkv", "note.txt", "-o", "out.mp4"), 1, "note.txt holds no moving pictures"),
        (("ir.mkv", "list.m3u8", "-o", "out.mp4"), 1, "list.m3u8"),
        (("ir.mkv", "vis.mkv", "-o", "out.mp4", "--align", "ecc"), 1, "does not stand out"),
        (("ir.mkv", "vis.mkv", "-o", "out.mp4", "--window", "20C,30C"), 1, "not radiometric"),
        (("ir.mkv", "vis.mkv", "-o", "out.mp4", "--window", "brain"), 1, "'brain' is for CT"),
        (
            ("ir.png", "vis.png", "-o", "out.png", "--no-steady"),
            2,
            "--no-steady is for clips and volumes",
        ),
    ],
)
def test_bad_input(clips, lkc_command, arguments, status, sentence):
    Path("note.txt").write_text("hello\n" * 4000)
    Path("file").write_text("")
    Path("list.m3u8").write_text("#EXTM3U\n#EXTINF:1,\nvis.mkv\n#EXT-X-ENDLIST\n")
    write_clip("small.mkv", [pictures(2, (18, 20))])
    for name in ("tiny.mkv", "tiny2.mkv"):
        write_clip(name, [pictures(2, (12, 20))])
    before = sorted(Path().iterdir())
    ended, _, err = lkc_command("fuse", *arguments)
    assert sentence in err
    assert ended == status
    assert sorted(Path().iterdir()) == before


def test_command_line(clips, lkc_command):
    status, out, err = lkc_command(
        *("fuse", "ir.mkv", "vis.mkv", "-o", "new/out.mkv", "--preset", "maximum"),
        *("--window", "percentile:0,100", "--window", "full"),
    )
    assert status == 0, err
    assert "window of second: full: 0 to 255" in out
    assert "fused 1 of 1" in out
    assert len(pixels_of("new/out.mkv")) == 10


def test_without_pyav(clips, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(InputError, match=r'needs av: pip install "lkc\[video\]"'):
        fuse_all("ir.mkv", "vis.mkv", "out.mp4")


def test_damaged_packets_are_left_out_and_counted(clips):
    path = Path(write_clip("cut.mov", [pictures(10)], codec="png", pixel_format="gray"))
    content = bytearray(path.read_bytes())
    third = [place for place in range(len(content)) if content[place:].startswith(b"IHDR")][2]
    content[third : third + 20] = b"\xff" * 20
    path.write_bytes(content)
    with pytest.warns(UserWarning, match=r"cut.mov: 1 damaged packet left out"):
        steps = fuse_all("cut.mov", "vis.mkv", "out.mkv")
    assert len(steps) == 9
    assert times_of("out.mkv")[1:3] == pytest.approx([0.04, 0.12], abs=0.001)


@pytest.mark.parametrize(
    ("name", "options"), [("cut.mkv", {}), ("cut.mp4", {"codec": "mpeg4", "bit_rate": 2_000_000})]
)
@pytest.mark.parametrize("place", [0, 1])
def test_a_clip_that_is_cut_off_is_said(clips, lkc_command, name, options, place):
    path = Path(write_clip(name, [pictures(50)], pixel_format="yuv420p", **options))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])
    write_clip("long.mkv", [pictures(50)])
    pair = ["long.mkv", name] if place else [name, "long.mkv"]
    status, out, err = lkc_command("fuse", *pair, "-o", "out.mkv", "--preset", "maximum")
    assert status == 0
    assert "fused 1 of 1" in out
    count = len(pixels_of("out.mkv"))
    assert 5 < count < 25
    assert err.count(f"{name} ends after {count / 25:.1f} of 2.0 s: is it cut off?") == 1
    assert "UserWarning" not in err


def test_whole_clips_are_not_called_cut_off(clips, recwarn):
    write_clip("late.mkv", [pictures(10)], starts=(7,))
    write_clip("both.mkv", [pictures(5), pictures(20)])
    times = [Fraction(ms, 1000) for ms in (0, 40, 80, 300, 340, 1200)]
    write_clip("uneven.mp4", [pictures(6)], 25, "libx264", "yuv420p", times=times)
    for number, picture in enumerate(pictures(10)):
        write_image(f"ir/{number:04}.png", picture)
    for name in ("ir.mkv", "late.mkv", "both.mkv", "uneven.mp4", "ir/%04d.png"):
        assert pixels_of(name)
    for number, (name, content) in enumerate(whole_clips()):
        Path(f"{number}{name}").write_bytes(content)
        assert pixels_of(f"{number}{name}")
    assert not recwarn.list


@cache
def whole_clips():
    """Intact clips of several containers and codecs: name and contents."""
    with TemporaryDirectory() as folder:
        recipes = [
            ("a.mkv", {}),
            ("b.mp4", {"codec": "libx264", "pixel_format": "yuv420p"}),
            ("c.avi", {"codec": "mjpeg", "pixel_format": "yuvj420p", "color_range": 2}),
            ("d.ts", {"codec": "libx264", "pixel_format": "yuv420p"}),
            ("e.webm", {"codec": "libvpx-vp9", "pixel_format": "yuv420p"}),
        ]
        return [
            (name, Path(write_clip(f"{folder}/{name}", [pictures(4)], **options)).read_bytes())
            for name, options in recipes
        ]


@pytest.mark.parametrize("number", range(5))
@settings(
    max_examples=max(1, EXAMPLES // 5),
    deadline=None,
    derandomize=EXAMPLES <= 300,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(cut=cuts, patches=patches)
def test_damaged_clip(tmp_path, capfd, number, cut, patches):
    name, content = whole_clips()[number]
    path = tmp_path / name
    path.write_bytes(damage(content, cut, patches))
    faulthandler.dump_traceback_later(HANG, exit=True)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # "n damaged packets were left out"
            for frame in islice(read_frames(read_clip(path)), 50):
                assert frame.pixels.ndim in (2, 3)
    except InputError as error:
        check_sentence(error)
    finally:
        faulthandler.cancel_dump_traceback_later()
    assert capfd.readouterr().err == ""  # FFmpeg's own words stay away


STORED = Path(__file__).parents[1] / "data" / "stored" / "clips"


@pytest.mark.parametrize("name", ["vis_cover", "vis_cover_same_size"])
def test_a_cover_picture_is_no_film(name):
    clip = read_clip(STORED / f"{name}.mp4")
    frames = [frame.pixels for frame in read_frames(clip)]
    assert len(frames) == 8
    assert frames[0].shape[:2] == (96, 128)
    red, green, blue = np.mean(frames, axis=(0, 1, 2))
    assert not red > 2 * (green + blue)  # the cover is red


def test_a_cover_picture_is_no_second_stream(tmp_path):
    path = STORED / "ir_cover_last.mp4"
    with pytest.raises(InputError, match="holds one stream of pictures"):
        list(fuse_clips(path, path, tmp_path / "a.mp4"))


@pytest.mark.parametrize(
    ("level", "window", "sentence"),
    [
        (3000, "10C,40C", "not radiometric, or of another scale"),  # tenths of a kelvin
        (7500, "100,200", "no value in the window from 100 to 200"),
        (29315, "50C,90C", "no value in the window"),
    ],
)
def test_a_window_that_shows_nothing_of_a_clip_is_refused(tmp_path, level, window, sentence):
    frames = np.full((3, 32, 48), level, np.uint16) + np.arange(48, dtype=np.uint16)
    a, b = (write_clip(tmp_path / f"{n}.mkv", [frames]) for n in "ab")
    with pytest.raises(InputError, match=sentence):
        list(fuse_clips(a, b, tmp_path / "out.mkv", windows=(parse_window(window), None)))


@pytest.fixture
def rig(tmp_path, monkeypatch):
    """Clips of a small infrared and a larger visible camera, which pass by one street."""
    infrared, visible = (read_image(f"assets/examples/ir-vis/{k}/night.png") for k in ("ir", "vis"))
    monkeypatch.chdir(tmp_path)
    dark = np.zeros_like(visible[:360, :480])
    views = [np.s_[60:420, 20 + 4 * i : 500 + 4 * i] for i in range(4)]
    write_clip("vis.mkv", [[dark] * 25 + [visible[view] for view in views]])
    small = [cv2.resize(infrared[v][40:-40, 60:-60], (180, 140)) for v in views]
    write_clip("ir.mkv", [[small[0]] * 25 + small])
    return [infrared[view] for view in views]


@pytest.mark.slow
def test_clips_of_two_cameras_are_placed_by_one_transform(rig, lkc_command):
    status, _, err = lkc_command("fuse", "ir.mkv", "vis.mkv", "-o", "out.mkv")
    assert status == 1
    assert "the clips must be registered and have the same size (see lkc fuse --align)" in err
    given = ("ir.mkv", "vis.mkv", "--preset", "maximum")
    status, out, err = lkc_command("fuse", *given, "-o", "out.mkv", "--align", "ecc")
    assert status == 0, err
    assert "alignment: ecc, edge agreement 0." in out
    frames = pixels_of(Path("out.mkv"))
    assert len(frames) == 29
    assert frames[-1].shape == (360, 480, 3)
    inner = np.s_[60:-60, 80:-80]
    shown = frames[-1].max(axis=2)[inner].astype(int)
    assert (shown >= rig[-1][inner].astype(int) - 40).mean() > 0.97  # the maximum keeps infrared
    status, _, err = lkc_command("align", *given[:2], "-o", "rig.json")
    assert status == 0, err
    status, _, err = lkc_command("fuse", *given, "-o", "again.mkv", "--align", "rig.json")
    assert status == 0, err
    assert all(map(np.array_equal, pixels_of(Path("again.mkv")), frames))


def test_clips_that_show_nothing_in_common_are_refused(rig, lkc_command):
    write_clip("other.mkv", [pictures(3, (140, 180))])
    status, _, err = lkc_command("fuse", "other.mkv", "vis.mkv", "-o", "out.mkv", "--align", "ecc")
    assert status == 1
    assert "alignment failed" in err
    assert not Path("out.mkv").exists()


def test_gray_of_limited_range_is_shown_in_full(tmp_path):
    av = pytest.importorskip("av")
    stored = np.linspace(16, 235, 64 * 64).round().astype(np.uint8).reshape(64, 64)
    for name, limited in (("limited.mkv", True), ("full.mkv", False)):
        with av.open(str(tmp_path / name), "w") as container:
            stream = container.add_stream("ffv1", rate=25, width=64, height=64, pix_fmt="gray")
            stream.codec_context.color_range = 1 if limited else 2
            frame = av.VideoFrame.from_ndarray(stored, format="gray")
            frame.color_range = 1 if limited else 2
            container.mux([*stream.encode(frame), *stream.encode()])
    assert np.array_equal(pixels_of(tmp_path / "full.mkv")[0], stored)
    expected = (stored.astype(float) - 16) / 219 * 255
    assert np.abs(pixels_of(tmp_path / "limited.mkv")[0] - expected).max() <= 0.5


def test_frames_that_are_not_steady_are_stills(clips):
    steps = list(fuse_clips("ir.mkv", "vis.mkv", "out.mkv", steady=False))
    for a, b, step in zip(*clips, steps, strict=True):
        assert np.array_equal(step.fused, lkc.fuse(a, b))


def test_a_hot_thing_leaves_the_rest_of_a_film_alone(tmp_path, lkc_command):
    infrared = read_image("assets/examples/ir-vis/ir/night.png")[:96, :128]
    visible = read_image("assets/examples/ir-vis/vis/night.png")[:96, :128]
    hot = [cv2.circle(infrared.copy(), (x, 20), 12, 255, -1) for x in (-30, 20, 60, 100)]
    write_clip(tmp_path / "ir.mkv", [hot])
    write_clip(tmp_path / "vis.mkv", [[visible] * 4])
    names = [str(tmp_path / f"{name}.mkv") for name in ("ir", "vis", "out")]
    shift = {}
    for option in ("--steady", "--no-steady"):
        status, _, err = lkc_command("fuse", *names[:2], "-o", names[2], option)
        assert status == 0, err
        frames = np.stack(pixels_of(names[2]))[:, 60:]  # far below the disc
        shift[option] = np.ptp(frames, axis=0).mean()
        assert np.array_equal(frames[0], lkc.fuse(infrared, visible)[60:])
    assert shift["--no-steady"] > 1
    assert shift["--steady"] < shift["--no-steady"] / 3


def test_time_is_split(clips):
    steps = fuse_all("ir.mkv", "vis.mkv", "out.mkv")
    assert set(steps[-1].seconds) == {"decode", "fuse", "encode", "wait"}
    assert all(a.seconds["fuse"] < b.seconds["fuse"] for a, b in pairwise(steps))


def test_a_frame_that_cannot_be_written_is_said(clips, monkeypatch):
    def full(writer, pixels, time):
        raise InputError("out.mkv cannot be written: No space left on device.")

    monkeypatch.setattr(ClipWriter, "write", full)
    with pytest.raises(InputError, match="No space left on device"):
        fuse_all("ir.mkv", "vis.mkv", "out.mkv")
    assert sorted(path.name for path in Path().iterdir()) == ["ir.mkv", "vis.mkv"]


def test_a_stored_transform_that_does_not_fit_is_said_before_anything_is_read(clips, monkeypatch):
    """A window in percentiles would take a pass over the whole clip first."""
    write_clip("deep.mkv", [pictures(4, top=DEEP)])
    rows = np.eye(3).tolist()
    sizes = {"moving_size": "640x512", "fixed_size": "48x32"}
    Path("rig.json").write_text(json.dumps({"matrix": rows, **sizes}))
    read = []
    monkeypatch.setattr("lkc.fusion.clips.read_frames", lambda clip: read.append(clip) or iter(()))
    with pytest.raises(InputError, match="moves 640x512 onto 48x32, but this pair would move 48x"):
        fuse_all("deep.mkv", "vis.mkv", "out.mkv", align="rig.json")
    assert not read


CENTIKELVIN = np.linspace(28_900, 29_700, 32 * 48).round().reshape(GRAY).astype(np.uint16)


def test_false_colour_of_a_clip_is_said(clips):
    rainbow = [cv2.applyColorMap(frame, cv2.COLORMAP_JET)[..., ::-1] for frame in clips[0]]
    write_clip("jet.mkv", [[np.ascontiguousarray(frame) for frame in rainbow]])
    write_clip("gray.mkv", [[np.dstack([frame] * 3) for frame in clips[0]]])
    with pytest.warns(UserWarning, match=r"jet\.mkv has colour, and only its brightness is fused"):
        fuse_all("jet.mkv", "vis.mkv", "out.mkv")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fuse_all("gray.mkv", "vis.mkv", "out.mkv")


def test_swapped_bytes_of_a_clip_are_said(clips):
    write_clip("swapped.mkv", [[CENTIKELVIN.byteswap()] * 2])
    with pytest.warns(UserWarning, match=r"swapped\.mkv looks like noise, but not with the bytes"):
        fuse_all("swapped.mkv", "vis.mkv", "out.mkv")


@pytest.mark.parametrize("dead", ["two pixels", "a quarter"])
def test_broken_pixels_decide_no_window_of_a_clip(clips, dead):
    frame = CENTIKELVIN.copy()
    if dead == "two pixels":
        frame[0, 0], frame[31, 47] = 0, 65535
    else:
        frame[:8] = 0
    write_clip("deep.mkv", [[frame] * 3])
    kept = CENTIKELVIN[frame == CENTIKELVIN]
    for text, percentiles in ((None, (1, 99)), ("percentile:0,100", (0, 100))):
        windows = text and parse_window(text), None
        notes = fuse_all("deep.mkv", "vis.mkv", "out.mkv", windows=windows)[-1].notes
        limits = notes["window of first"].partition(": ")[2].split(" to ")
        assert np.allclose([float(end) for end in limits], np.percentile(kept, percentiles), atol=3)
    for text in ("0,20000", "40000,65535"):
        with pytest.raises(InputError, match="no value in the window"):
            fuse_all("deep.mkv", "vis.mkv", "out.mkv", windows=(parse_window(text), None))
