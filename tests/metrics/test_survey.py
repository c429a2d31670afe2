"""The survey metrics: hand-computed cases, a plain numpy oracle, and what always holds."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage

from lkc.metrics import EXTRA_METRICS

SIDE = 48  # three regions of Qcv
KEYS = ("CE", "NCIE", "Qy", "Qcv", "Qcb")
HALVES = torch.tensor([0.0, 0.0, 255.0, 255.0]).repeat(4, 1)[None, None]  # (1, 1, 4, 4)
ROWS = HALVES.mT.contiguous()
QUARTER = torch.tensor([0.0, 255.0, 255.0, 255.0]).repeat(4, 1)[None, None]


def measure(key: str, fused: torch.Tensor, a: torch.Tensor, b: torch.Tensor) -> float:
    return EXTRA_METRICS[key](fused, a, b).item()


def test_cross_entropy_by_hand():
    against_half = 0.25 * math.log2(0.25 / 0.5) + 0.75 * math.log2(0.75 / 0.5)
    assert measure("CE", HALVES, QUARTER, HALVES) == pytest.approx(against_half / 2)
    only_black_is_common = 0.25 * math.log2(0.25 / 0.5)
    dimmed = QUARTER * (200 / 255)
    assert measure("CE", HALVES, dimmed, HALVES) == pytest.approx(only_black_is_common / 2)


def test_ncie_by_hand():
    """Rows tell nothing of columns, and a copy shares its bit: eigenvalues 1 + r, 1 - r, 1."""
    bit = 1 / 8  # log256(2)
    parts = [(1 + bit) / 3, (1 - bit) / 3, 1 / 3]
    expected = 1 + sum(part * math.log(part, 256) for part in parts)
    assert measure("NCIE", HALVES, HALVES, ROWS) == pytest.approx(expected)


def test_qy_takes_the_nearer_source_where_they_disagree():
    ramp = torch.arange(49.0).view(1, 1, 7, 7)
    assert measure("Qy", ramp, 48 - ramp, ramp) == pytest.approx(1)
    brightness = 2 * 24 * 34 / (24**2 + 34**2)
    assert measure("Qy", ramp, ramp, ramp + 10) == pytest.approx((1 + brightness) / 2)


def test_qcv_does_not_look_where_there_is_no_edge():
    a = torch.full((1, 1, SIDE, SIDE), 100.0)
    a[..., 4:12, 4:12] = 200  # inside the first region
    fused = a.clone()
    assert measure("Qcv", fused, a, a) == 0
    assert measure("Qcv", torch.zeros_like(a), torch.zeros_like(a), torch.zeros_like(a)) == 0
    near, far = a.clone(), a.clone()
    near[..., 4:12, 4:12] = 150
    far[..., 36:44, 36:44] = 150
    assert measure("Qcv", near.clamp(0, 199), a, a) >= 0
    assert measure("Qcv", far, a, a) < 0.1 * measure("Qcv", a.flip(-1), a, a)


def stretched(image: np.ndarray) -> np.ndarray:
    low, high = image.min(), image.max()
    return (image - low) / (high - low) if high > low else image / 255


def shifted_radius(shape: tuple[int, int], divisor: float) -> np.ndarray:
    height, width = shape
    v = (np.arange(height) - height // 2) * 2 / height * height / divisor
    u = (np.arange(width) - width // 2) * 2 / width * width / divisor
    return np.sqrt(v[:, None] ** 2 + u[None] ** 2)


def filtered(image: np.ndarray, gain: np.ndarray) -> np.ndarray:
    spectrum = np.fft.fftshift(np.fft.fft2(image)) * gain
    return np.fft.ifft2(np.fft.ifftshift(spectrum)).real


def oracle_qcv(fused: np.ndarray, a: np.ndarray, b: np.ndarray) -> float:
    fused, *sources = (255 * stretched(x.astype(float)) for x in (fused, a, b))
    r = shifted_radius(fused.shape, 8)
    gain = 2.6 * (0.0192 + 0.144 * r) * np.exp(-((0.144 * r) ** 1.1))
    above = below = 0.0
    for source in sources:
        dx, dy = (ndimage.sobel(source, axis, mode="constant") for axis in (1, 0))
        saliency = np.hypot(dx, dy) ** 5
        error = filtered(source - fused, gain) ** 2
        for row in range(0, SIDE, 16):
            for column in range(0, SIDE, 16):
                region = np.s_[row : row + 16, column : column + 16]
                above += saliency[region].sum() * error[region].mean()
                below += saliency[region].sum()
    return above / below if below else 0.0


def oracle_qcb(fused: np.ndarray, a: np.ndarray, b: np.ndarray) -> float:
    def masked(image: np.ndarray) -> np.ndarray:
        image = stretched(image.astype(float))
        r = shifted_radius(image.shape, 30)
        seen = filtered(
            image, np.exp(-((r / 15.3870) ** 2)) - 0.7622 * np.exp(-((r / 1.3456) ** 2))
        )
        offsets = np.arange(31) - 15
        means = []
        for sigma in (2, 4):
            kernel = np.exp(-(offsets[:, None] ** 2 + offsets[None] ** 2) / (2 * sigma**2))
            means.append(ndimage.correlate(seen, kernel / kernel.sum(), mode="constant"))
        with np.errstate(divide="ignore", invalid="ignore"):
            contrast = np.abs(np.where(means[1] == 0, 0, means[0] / means[1] - 1))
        return contrast**3 / (contrast**2 + 1e-4)

    fused, a, b = (masked(x) for x in (fused, a, b))
    quality = np.zeros_like(fused)
    for source, other in ((a, b), (b, a)):
        with np.errstate(divide="ignore", invalid="ignore"):
            kept = np.where(
                np.maximum(fused, source) > 0,
                np.minimum(fused, source) / np.maximum(fused, source),
                1,
            )
            weight = np.where(a**2 + b**2 > 0, source**2 / (source**2 + other**2), 0.5)
        quality += weight * kept
    return quality.mean()


def textured(seed: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [ndimage.gaussian_filter(rng.uniform(0, 255, (SIDE, SIDE)), 1.5) for _ in range(3)]


@pytest.mark.parametrize(("key", "oracle"), [("Qcv", oracle_qcv), ("Qcb", oracle_qcb)])
@pytest.mark.parametrize("seed", range(4))
def test_oracle_agrees(key, oracle, seed):
    images = [x.astype(np.float32) for x in textured(seed)]
    tensors = [torch.from_numpy(x)[None, None] for x in images]
    assert measure(key, *tensors) == pytest.approx(oracle(*images), rel=2e-3)


gray_images = arrays(np.uint8, (SIDE, SIDE), elements=st.integers(0, 255))


@settings(max_examples=25, deadline=None)
@given(fused=gray_images, a=gray_images, b=gray_images)
def test_values_are_finite_in_range_and_do_not_depend_on_the_order_of_sources(fused, a, b):
    fused, a, b = (torch.from_numpy(x.astype(np.float32))[None, None] for x in (fused, a, b))
    if max(fused.max(), a.max(), b.max()) <= 1 or min(fused.max(), a.max(), b.max()) <= 1:
        return  # refused: it could be an image in 0 to 1
    ranges = {"CE": 20, "NCIE": 1, "Qy": 1, "Qcv": math.inf, "Qcb": 1}
    for key in KEYS:
        value = measure(key, fused, a, b)
        assert math.isfinite(value)
        assert abs(value) <= ranges[key] + 1e-6
        assert measure(key, fused, b, a) == pytest.approx(value, rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("key", KEYS)
def test_noise_makes_it_worse(key):
    a, b = (torch.from_numpy(x.astype(np.float32))[None, None] for x in textured(7)[:2])
    fused = torch.maximum(a, b)
    noisy = (fused + 60 * torch.rand_like(fused)).clamp(0, 255)
    sign = 1 if EXTRA_METRICS[key].better == "higher" else -1
    assert sign * measure(key, noisy, a, b) < sign * measure(key, fused, a, b)
