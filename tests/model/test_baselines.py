"""Baselines: identity, range and size for all, and what each rule does to a known pair."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lkc.model.baselines import BASELINES, guided_filter

TRANSFORMS = ("laplacian", "wavelet", "guided")
every_baseline = pytest.mark.parametrize("fuse", BASELINES.values(), ids=BASELINES)


def random_image(shape, seed=0):
    return np.random.default_rng(seed).random(shape, np.float32)


def test_names():
    assert list(BASELINES) == ["maximum", "average", "laplacian", "wavelet", "guided"]


@every_baseline
@settings(max_examples=15, deadline=None)
@given(height=st.integers(16, 70), width=st.integers(16, 70))
def test_any_size_and_range(fuse, height, width):
    a, b = random_image((height, width), 1), random_image((height, width), 2) > 0.5
    fused = fuse(a, b.astype(np.float32))
    assert fused.shape == (height, width)
    assert fused.dtype == np.float32
    assert fused.min() >= 0
    assert fused.max() <= 1
    assert not np.isnan(fused).any()


@every_baseline
@pytest.mark.parametrize("shape", [(16, 16), (33, 47), (120, 160)])
def test_identical_sources_come_back(fuse, shape):
    image = random_image(shape)
    np.testing.assert_allclose(fuse(image, image), image, atol=1e-5)


@every_baseline
def test_sources_are_left_alone(fuse):
    a, b = random_image((32, 32), 1), random_image((32, 32), 2)
    copies = a.copy(), b.copy()
    fuse(a, b)
    np.testing.assert_array_equal((a, b), copies)


def test_pixel_rules():
    a, b = np.float32([[0.2, 0.9]]), np.float32([[0.5, 0.1]])
    np.testing.assert_allclose(BASELINES["maximum"](a, b), [[0.5, 0.9]])
    np.testing.assert_allclose(BASELINES["average"](a, b), [[0.35, 0.5]])


@pytest.mark.parametrize("name", ["laplacian", "wavelet"])
def test_flat_sources_are_averaged(name):
    fused = BASELINES[name](np.full((40, 40), 0.2, np.float32), np.full((40, 40), 0.6, np.float32))
    np.testing.assert_allclose(fused, 0.4, atol=1e-6)


@pytest.mark.parametrize("name", TRANSFORMS)
def test_detail_of_both_sources_is_kept(name):
    """Left half textured in one source, right half in the other: the mean would halve both."""
    texture = 0.2 * (np.indices((64, 64)).sum(axis=0) % 2 - 0.5).astype(np.float32)
    left = np.arange(64) < 32
    fused = BASELINES[name](0.5 + texture * left, 0.5 + texture * ~left)
    inner = np.r_[8:24, 40:56]  # away from the seam and the border
    np.testing.assert_allclose(fused[8:56, inner], (0.5 + texture)[8:56, inner], atol=0.03)


def test_guided_filter_of_its_own_guide():
    """A step far above epsilon is kept, a step far below is smoothed away."""
    step = np.repeat([0.0, 1.0], 20)[None].repeat(40, axis=0)
    np.testing.assert_allclose(guided_filter(step, step, 3, 1e-6), step, atol=1e-4)
    smoothed = guided_filter(step * 1e-3, step, 3, 1.0)
    assert 0.3 < smoothed[20, 19] < 0.6
