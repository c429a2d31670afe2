"""When the memory of a film follows, and when it forgets."""

import cv2
import numpy as np
import pytest

import lkc
from lkc.fusion.steady import (
    FOLLOW,
    SECONDS,
    FrameFuser,
    SteadyStatistics,
    gray_histogram,
    share_that_differs,
)
from lkc.io.image_files import read_image

RATE = 25


@pytest.fixture
def street():
    """A crop of a street by night: infrared and visible."""
    return [read_image(f"assets/examples/ir-vis/{k}/night.png")[:120, :160] for k in ("ir", "vis")]


def shares(pairs):
    """How much each pair of a film counts."""
    steady = SteadyStatistics(lkc.load_model("maximum"))
    found = []
    for number, pair in enumerate(pairs):
        steady.see(*pair, number / RATE)
        found.append(steady.pace.share)
    return found


def test_a_still_scene_counts_by_its_time_constant(street):
    expected = 1 - np.exp(-1 / RATE / SECONDS)
    assert shares([street] * 4) == pytest.approx([1, expected, expected, expected])


def test_a_hot_thing_counts_little_more(street):
    infrared, visible = street
    hot = cv2.circle(infrared.copy(), (80, 60), 10, 255, -1)
    _, share = shares([street, (hot, visible)])
    assert share < 1.1 * (1 - np.exp(-1 / RATE / SECONDS))


@pytest.mark.parametrize("which", [0, 1])
def test_a_cut_in_either_source_starts_anew(street, which):
    other = list(street)
    other[which] = 255 - street[which]
    assert shares([street, other, other, street])[1::2] == [1.0, 1.0]


def test_what_changes_by_and_by_is_followed(street):
    """Smoke veils the scene in three seconds: no cut, but soon nothing is as it was."""
    infrared, visible = street
    smoke = np.full_like(visible, 200)
    thick = np.linspace(0, 1, 3 * RATE)
    veiled = [(infrared, cv2.addWeighted(visible, 1 - k, smoke, k, 0)) for k in thick]
    found = shares(veiled + [veiled[-1]] * RATE)
    assert max(found[1:]) < 0.5
    assert max(found[1:]) > 10 * found[1]
    assert found[-1] < max(found[1:])  # the memory has come nearer


def test_the_rate_by_hand():
    steady = SteadyStatistics(lkc.load_model("maximum"))
    black, gray = np.zeros((20, 20), np.uint8), np.zeros((20, 20), np.uint8)
    gray[:6] = 255  # 30 in 100 pixels
    steady.see(black, black, 0.0)
    steady.see(gray, black, 2.0)
    expected = 1 - np.exp(-2 * (1 / SECONDS + FOLLOW * 0.3**2))
    assert steady.pace.share == pytest.approx(expected)
    assert steady.scene[0, 0] == pytest.approx(1 - 0.3 * expected)


@pytest.mark.parametrize("bits", [np.uint8, np.uint16])
def test_histograms(bits):
    top = np.iinfo(bits).max
    colour = np.zeros((16, 16, 3), bits)
    colour[:4, :, 1] = top  # green, of luma 0.587
    shares_of_gray = gray_histogram(colour)
    assert shares_of_gray[0] == 0.75
    steps = 0.587 * 16
    assert shares_of_gray[9:11] == pytest.approx([0.25 * (10 - steps), 0.25 * (steps - 9)])
    both = np.stack([shares_of_gray, gray_histogram(colour[..., 0])])
    assert share_that_differs(both, both[::-1]) == pytest.approx(0.25)


def test_frames_fused_as_stills(street):
    fuse_frame = FrameFuser(steady=False, colour="gray")
    for number in range(2):
        pair = [np.roll(image, 40 * number, axis=1) for image in street]
        assert np.array_equal(fuse_frame(*pair, number), lkc.fuse(*pair, colour="gray"))


def test_a_cut_is_fused_as_a_still(street):
    fuse_frame = FrameFuser()
    inverse = [255 - image for image in street]
    fuse_frame(*street, 0.0)
    assert np.array_equal(fuse_frame(*inverse, 0.04), lkc.fuse(*inverse))
