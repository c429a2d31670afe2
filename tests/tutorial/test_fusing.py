"""What the quick start and "your own pair" compute, and what their controls call."""

import numpy as np
import pytest

from lkc.tutorial import ExamplePair, load_pair
from lkc.tutorial.fusing import (
    brightest_object,
    erase,
    fuse_pair,
    nearer_source,
    outside_sources,
    score_rules,
    show_choice,
    stands_out,
)
from lkc.tutorial.your_own_pair import (
    add_noise,
    agreement,
    fuse_moved,
    move,
    score_shifts,
    show_moved,
    show_window,
    to_camera_counts,
)


@pytest.fixture(autouse=True)
def no_own_data(monkeypatch):
    monkeypatch.delenv("LKC_DATA", raising=False)


@pytest.fixture(scope="module")
def square() -> np.ndarray:
    """A bright square of 20x10 and a small bright dot, on gray."""
    image = np.full((64, 64), 50, np.uint8)
    image[20:40, 30:40] = 200
    image[5, 5] = 255
    return image


@pytest.fixture(scope="module")
def textured() -> ExamplePair:
    """A pair of one texture, whose second source is its negative."""
    texture = np.random.default_rng(0).integers(0, 256, (64, 96)).astype(np.uint8)
    return ExamplePair("mri-ct", "texture", texture, 255 - texture)


def test_largest_bright_object_is_found_and_measured(square):
    mask = brightest_object(square)
    assert mask.sum() == 200
    assert mask[20:40, 30:40].all()
    assert stands_out(square, mask) == 150


def test_nothing_bright_is_no_object(square):
    mask = brightest_object(square // 4)
    assert not mask.any()
    assert np.isnan(stands_out(square, mask))


def test_an_erased_object_no_longer_stands_out(square):
    mask = brightest_object(square)
    erased = erase(square, mask)
    assert abs(stands_out(erased, mask)) < 1
    assert erased[5, 5] == 255


def test_nearer_source_is_positive_at_the_first():
    first, second = np.full((4, 4), 100.0), np.full((4, 4), 20.0)
    assert (nearer_source(first, first, second) == 80).all()
    assert (nearer_source(second, first, second) == -80).all()


@pytest.mark.parametrize(("rule", "outside"), [("average", False), ("lite", True)])
def test_a_mean_never_leaves_the_range_of_its_sources(rule, outside):
    pair = load_pair("mri-pet", "head-1")
    values = outside_sources(fuse_pair("mri-pet", "head-1", rule), pair.first, pair.second)
    assert (np.abs(values).max() > 5) == outside


def test_scores_have_a_row_for_every_rule():
    table = score_rules("mri-ct", "head-1", ["maximum", "average"])
    assert list(table.index) == ["maximum", "average"]
    assert table.loc["average", "CC"] > table.loc["maximum", "CC"]


def test_controls_draw_what_was_chosen():
    titles = [ax.get_title() for ax in show_choice("mri-ct", "head-1", "average", 0.5).axes]
    assert titles == ["MRI", "CT", "average, detail 0.5"]
    faint = show_choice("mri-ct", "head-1", "average", 1).axes[2].images[0].get_array()
    strong = show_choice("mri-ct", "head-1", "average", 2).axes[2].images[0].get_array()
    assert abs(strong - faint).max() > 0.1


def test_counts_are_what_a_window_undoes(square):
    counts = to_camera_counts(square)
    assert counts.dtype == np.uint16
    assert (counts.min(), counts.max()) == (7000 + 8 * 50, 7000 + 8 * 255)
    visible = np.zeros((64, 64, 3), np.uint8)
    infrared, fused = show_window(counts, visible, 7000, 7000 + 8 * 255).axes
    assert np.allclose(infrared.images[0].get_array(), square / 255, atol=1e-6)
    assert infrared.get_title() == "infrared, 7000 to 9040"
    assert fused.images[0].get_array().shape == (64, 64, 3)


def test_agreement_peaks_where_the_shift_is_undone_even_for_a_negative(textured):
    shifted = move(textured.first, 4)
    assert agreement(shifted, textured.second, range(-6, 7)).idxmax() == -4


def test_agreement_of_a_single_place(textured):
    assert list(agreement(textured.first, textured.second, [0]).index) == [0]


def test_scores_of_shifts_use_the_shifted_source(textured):
    table = score_shifts(textured, [0, 3], "average")
    assert table.loc[0, "SD"] < 1  # a texture and its negative cancel out
    assert table.loc[3, "SD"] > 20


def test_moved_pair_is_drawn_whole_and_enlarged(textured):
    whole, middle = show_moved(textured, 3, "average").axes
    assert whole.get_title() == "moved by 3 px"
    assert whole.images[0].get_array().shape == (64, 96)
    assert middle.images[0].get_array().shape == (21, 32)
    assert not np.array_equal(
        fuse_moved(textured, 3, "average"), fuse_moved(textured, 0, "average")
    )


def test_noise_has_the_strength_asked_for():
    flat = np.full((100, 100), 128, np.uint8)
    assert add_noise(flat, 20).std() == pytest.approx(20, rel=0.03)
    assert np.array_equal(add_noise(flat, 5, seed=1), add_noise(flat, 5, seed=1))
