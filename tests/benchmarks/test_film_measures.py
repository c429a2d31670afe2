"""Measures of films on films whose values are known."""

import cv2
import numpy as np
import pytest

from benchmarks.film_measures import (
    find_flows,
    motion_roughness,
    self_warping_error,
    shift_of_still_pixels,
)

FRAMES = 5


def texture(height=96, width=128):
    noise = np.random.default_rng(0).integers(0, 256, (height, width)).astype(np.uint8)
    return cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 3), None, 20, 220, cv2.NORM_MINMAX)


def panned(step):
    """A film of a texture that moves by whole pixels a frame."""
    wide = texture(width=128 + 4 * FRAMES)
    return np.stack([wide[:, step * n : step * n + 128] for n in range(FRAMES)])


def test_still_pixels_shift_by_what_is_added():
    street = np.repeat(texture()[None], FRAMES, axis=0)
    levels = np.array([0, 3, 0, 3, 0], np.uint8)[:, None, None]
    assert shift_of_still_pixels(street + levels, street, street) == 3
    assert shift_of_still_pixels(street + levels, street, street, apart=2) == 0


def test_what_moves_or_is_noise_does_not_count():
    street = np.repeat(texture()[None], FRAMES, axis=0)
    lit = street.copy()
    lit[1::2, 48:] += 30
    assert shift_of_still_pixels(lit, lit, street) == 0  # a source lights up as well
    noise = np.random.default_rng(0).integers(-2, 3, street.shape)
    assert shift_of_still_pixels((street + noise).astype(np.uint8), street, street) < 0.1
    assert np.isnan(
        shift_of_still_pixels(
            street, street + 9 * np.arange(5, dtype=np.uint8)[:, None, None], street
        )
    )


@pytest.mark.parametrize("step", [0, 2])
def test_motion_is_followed_and_breathing_is_an_error(step):
    film = panned(step)
    flows = find_flows(film)
    assert np.abs(np.median(flows.there[0][..., 0]) + step) < 0.2
    assert np.abs(np.median(flows.back[0][..., 0]) - step) < 0.2
    calm = self_warping_error(film, flows, [flows, flows])
    assert calm < 2
    breathing = film + np.array([0, 6, 0, 6, 0], np.uint8)[:, None, None]
    found = self_warping_error(breathing, find_flows(breathing), [flows, flows])
    assert found == pytest.approx(12 + calm, abs=2)  # towards both neighbours


def test_uneven_motion_is_rough():
    smooth, wide = panned(2), texture(width=128 + 4 * FRAMES)
    uneven = np.stack([wide[:, at : at + 128] for at in (0, 4, 4, 8, 8)])
    sources = [find_flows(smooth)] * 2
    assert motion_roughness(sources[0], sources) == 0
    assert motion_roughness(find_flows(uneven), sources) > 1
