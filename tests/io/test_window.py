"""Windows as users write them, and what they make of values."""

import numpy as np
import pytest

from lkc.errors import InputError
from lkc.io.window import (
    apply_limits,
    default_window,
    describe,
    find_limits,
    parse_said,
    parse_window,
)

RAMP = np.linspace(-1000, 3000, 4001, dtype=np.float32)


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("full", (-1024, 3071)),
        ("percentile", (-960, 2960)),
        ("percentile:0,50", (-1000, 1000)),
        ("-160,240", (-160, 240)),
        ("1e2,.5e3", (100, 500)),
        ("brain", (0, 80)),
        ("bone", (-450, 1050)),
        ("file", (40, 60)),
    ],
)
def test_limits(text, limits):
    found = find_limits(parse_window(text), RAMP, (-1024, 3071), {"file 0": (40, 60)}, "x")
    assert found == pytest.approx(limits, abs=1e-3)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "unknown window ''"),
        ("auto", "unknown window 'auto'"),
        ("1;2", "unknown window"),
        ("percentile:99,1", "percentiles must rise"),
        ("percentile:1,101", "percentiles must rise"),
        ("5,5", "must be the larger"),
        ("20C,40", "in one unit"),
        ("nan,4", "unknown window"),
    ],
)
def test_bad_text(text, sentence):
    with pytest.raises(InputError, match=sentence):
        parse_window(text)


def test_file_window_must_exist():
    with pytest.raises(InputError, match=r"x\.nii names no window"):
        find_limits(parse_window("file"), RAMP, (0, 1), {}, "x.nii")


def test_percentile_of_mostly_background_takes_all():
    values = np.zeros(1000, np.float32)
    values[0] = 7
    assert find_limits(parse_window("percentile"), values, (0, 9), {}, "x") == (0, 7)


@pytest.mark.parametrize("value", [0.0, 5.0])
def test_constant_image_is_refused(value):
    with pytest.raises(InputError, match="one value everywhere"):
        find_limits(parse_window("percentile"), np.full(9, value, np.float32), (0, 9), {}, "x")


def test_not_a_number_is_black_and_outside_is_clipped():
    values = np.array([np.nan, -np.inf, np.inf, 40, 1e9], np.float32)
    assert apply_limits(values, (0, 80)).tolist() == [0, 0, 1, 0.5, 1]


def test_percentiles_pass_over_what_is_not_a_number():
    values = np.append(RAMP, [np.nan, np.inf])
    found = find_limits(parse_window("percentile:0,100"), values, (0, 1), {}, "x")
    assert found == (-1000, 3000)


@pytest.mark.parametrize(
    ("values", "full_range", "measured", "kind"),
    [
        (np.arange(256), (0, 255), False, "full"),
        (np.arange(40), (0, 255), False, "full"),  # 8 bits stay as they are
        (np.arange(4096), (0, 65535), False, "percentile"),
        (np.arange(16384), (0, 65535), False, "percentile"),  # 14 bits
        (np.arange(7800, 8600), (0, 65535), False, "percentile"),
        (np.arange(32768), (0, 65535), False, "full"),
        (np.arange(0, 65536, 16), (0, 65535), False, "full"),
        (np.append(np.arange(4096), 65535), (0, 65535), False, "percentile"),  # one hot pixel
        (np.full(99, 700), (0, 65535), False, "full"),
        (np.array([0] * 2999 + [4095]), (0, 65535), False, "percentile"),  # mostly background
        (np.linspace(0, 1, 99), (0, 1), False, "full"),
        (np.linspace(0.4, 0.6, 99), (0, 1), False, "percentile"),
        (np.append(np.linspace(0.4, 0.6, 99), np.nan), (0, 1), False, "percentile"),
        (np.linspace(-9, 40, 99), (-9, 40), True, "percentile"),
        (np.linspace(0, 255, 99), (0, 255), True, "percentile"),  # floats that end there by chance
        (np.arange(4096), (0, 4095), True, "percentile"),  # 12-bit DICOM
        (np.arange(1024), (0, 1023), False, "full"),  # a clip of 10 bits
    ],
)
def test_the_window_of_sources_for_which_none_is_given(values, full_range, measured, kind):
    chosen = default_window(values, full_range, measured)
    assert chosen == parse_window(kind)


@pytest.mark.parametrize(
    "text", ["full", "percentile", "percentile:0.5,99.5", "20C,40C", "-1024.75,3e3", "bone", "file"]
)
@pytest.mark.parametrize("tail", ["", ", inverted", ", gaps black, page 1 of 3, colour map hot"])
def test_what_was_said_is_the_window_again(text, tail):
    window = parse_window(text)
    fixed = window.kind in ("fixed", "preset")
    limits = (window.low, window.high) if fixed else (12.5, 250.0)
    unit = window.unit or ("HU" if text == "bone" else "")
    assert parse_said(describe(window, limits, unit) + tail) == (window, limits)


@pytest.mark.parametrize("text", ["", "full", "window: 1 to 2", "percentile: 1 to 2"])
def test_what_says_nothing_of_a_window(text):
    with pytest.raises(InputError, match=r"window|does not say"):
        parse_said(text)


def test_words():
    assert describe(parse_window("percentile"), (1.5, 20), "HU") == "percentile 1,99: 1.5 to 20 HU"
    assert describe(parse_window("20C,40C"), (20, 40), "C") == "fixed: 20 to 40 C"
