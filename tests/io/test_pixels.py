"""Ranges, luma and colour round trips, rounding, and the one check of sizes."""

import cv2
import numpy as np
import pytest

from lkc.errors import InputError
from lkc.io.pixels import (
    check_same_size,
    luma,
    replace_luma,
    to_8_bits,
    to_16_bits,
    to_unit_range,
)

RNG = np.random.default_rng(0)
GRAY8 = RNG.integers(0, 256, (20, 30), dtype=np.uint8)
RGB8 = RNG.integers(0, 256, (20, 30, 3), dtype=np.uint8)


@pytest.mark.parametrize(
    ("pixels", "expected"),
    [
        (np.array([[0, 51, 255]], dtype=np.uint8), [0, 0.2, 1]),
        (np.array([[0, 13107, 65535]], dtype=np.uint16), [0, 0.2, 1]),
        (np.array([[False, True, True]]), [0, 1, 1]),
        (np.array([[0, 0.25, 1]]), [0, 0.25, 1]),
        (np.array([[[0.0], [0.5], [1.0]]]), [0, 0.5, 1]),
    ],
)
def test_unit_range(pixels, expected):
    scaled = to_unit_range(pixels, "a")
    assert scaled.dtype == np.float32
    np.testing.assert_allclose(scaled, [expected], rtol=1e-6)
    assert scaled.max() <= 1


@pytest.mark.parametrize(
    ("pixels", "sentence"),
    [
        (np.zeros((4, 4, 4), np.uint8), r"shape \(4, 4, 4\)"),
        (np.zeros((4, 4, 2), np.uint8), r"shape \(4, 4, 2\)"),
        (np.zeros(4, np.uint8), r"shape \(4,\)"),
        (np.zeros((1, 4, 4, 3), np.uint8), "shape"),
        (np.zeros((4, 4), np.int64), "type int64"),
        (np.zeros((4, 4), complex), "type complex128"),
        (np.full((4, 4), np.nan), "NaN or infinite"),
        (np.full((4, 4), np.inf), "NaN or infinite"),
        (np.full((4, 4), 255.0), "from 255 to 255"),
        (np.full((4, 4), -0.5), "from -0.5 to -0.5"),
    ],
)
def test_unusable_pixels(pixels, sentence):
    with pytest.raises(InputError, match=rf"^thing .*{sentence}"):
        to_unit_range(pixels, "thing")


def test_luma_is_bt601():
    colour = to_unit_range(RGB8, "a")
    ours = np.rint(luma(colour) * 255)
    assert np.abs(ours - cv2.cvtColor(RGB8, cv2.COLOR_RGB2GRAY)).max() <= 1
    np.testing.assert_allclose(luma(colour), colour @ [0.299, 0.587, 0.114], atol=1e-6)


def test_the_same_luma_returns_the_same_image():
    colour = to_unit_range(RGB8, "a")
    assert (replace_luma(colour, luma(colour), luma(colour)) == colour).all()


def test_new_luma_agrees_with_a_full_range_conversion():
    colour, new = to_unit_range(RGB8, "a"), to_unit_range(GRAY8, "b")
    ycrcb = cv2.cvtColor(colour, cv2.COLOR_RGB2YCrCb)  # BT.601 full range for floats
    ycrcb[..., 0] = new
    expected = cv2.cvtColor(ycrcb, cv2.COLOR_YCrCb2RGB)
    ours = replace_luma(colour, luma(colour), new)
    assert np.abs(ours.clip(0, 1) - expected.clip(0, 1)).max() <= 1 / 255
    np.testing.assert_allclose(luma(ours), new, atol=1e-5)


@pytest.mark.parametrize(
    ("round_off", "dtype", "top"), [(to_8_bits, np.uint8, 255), (to_16_bits, np.uint16, 65535)]
)
def test_rounding_is_to_the_nearest_level_and_clips(round_off, dtype, top):
    levels = np.arange(top + 1).astype(dtype)
    assert (round_off(to_unit_range(levels[None], "a"))[0] == levels).all()
    between = (levels[:-1] + np.array([[0.45], [0.55]])) / top
    assert (round_off(between) == levels[:-1] + np.array([[0], [1]], dtype)).all()
    outside = round_off(np.array([-0.5, 1.5, -np.inf, np.inf], np.float32))
    assert outside.dtype == dtype
    assert outside.tolist() == [0, top, 0, top]


def test_sizes_are_compared_by_height_and_width_alone():
    check_same_size((20, 30), (20, 30, 3), ("a", "b"))
    with pytest.raises(InputError, match=r"^a is 30x20 but b is 30x21: .*registered.*--align\)\.$"):
        check_same_size((20, 30), (21, 30, 3), ("a", "b"))
