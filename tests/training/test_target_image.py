"""The target image: what it keeps of each source, its headroom, and what noise may not win."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from lkc.metrics.kept_contrast import lost_detail
from lkc.training.target_image import (
    TargetImage,
    bend,
    enlarge,
    make_target,
    noise_level,
    split_bands,
)

PLAIN = TargetImage(lights=0, darks=0, knee=1, toe=1e-3)  # bands and base alone


def stripes(height: float, level: float) -> Tensor:
    column = (torch.arange(64) // 2) % 2
    return (level + height * (column - 0.5)).expand(1, 1, 64, 64).clone()


@pytest.mark.parametrize("size", [(64, 64), (37, 50)])
def test_bands_add_up_to_the_image(size):
    x = torch.rand(2, 1, *size)
    bands, rest = split_bands(x)
    for band in reversed(bands):
        rest = enlarge(rest, band) + band
    assert torch.allclose(rest, x, atol=1e-6)


def test_equal_sources_come_back():
    x = 0.2 + 0.5 * torch.rand(1, 1, 64, 64)
    assert torch.allclose(make_target(x, x, PLAIN), x, atol=1e-5)


def test_order_of_the_sources_does_not_matter():
    a, b = torch.rand(2, 1, 1, 64, 64)
    options = TargetImage(firmness=0.7, noise=1, salient=0.4, tone_level=2, coarse_top=0.9)
    assert torch.allclose(make_target(a, b, options), make_target(b, a, options), atol=1e-5)


def test_dark_detail_survives_beside_a_bright_partner():
    dark, fog = stripes(0.2, 0.2), torch.full((1, 1, 64, 64), 0.85)
    target = make_target(dark, fog, TargetImage())
    images = [255 * x for x in (target, dark, fog)]
    assert lost_detail(*images) == 0
    assert lost_detail(255 * torch.maximum(dark, fog), *images[1:]) == 1


def test_base_lies_between_mean_and_maximum():
    a, b = (torch.full((1, 1, 64, 64), level) for level in (0.2, 0.6))
    for average, level in ((0.0, 0.6), (0.5, 0.5), (1.0, 0.4)):
        target = make_target(a, b, replace(PLAIN, average=average))
        assert target.unique() == pytest.approx(level, abs=1e-5)


def test_a_firmer_choice_mixes_less():
    strong, weak = stripes(0.4, 0.5), stripes(0.2, 0.5).transpose(2, 3)
    soft, hard = (
        make_target(strong, weak, replace(PLAIN, firmness=firmness)) for firmness in (0.5, 8.0)
    )
    assert (hard - strong).abs().mean() < (soft - strong).abs().mean() / 4


def test_noise_wins_no_band():
    """Faint structure is weaker than the noise of its partner, and wins once noise is taken off."""
    structure = stripes(0.06, 0.5)
    noise = 0.5 + 0.06 * torch.randn(1, 1, 64, 64)
    for factor, kept in ((0.0, False), (2.0, True)):
        target = make_target(structure, noise, replace(PLAIN, noise=factor))
        likeness = torch.corrcoef(torch.stack([target.flatten(), structure.flatten()]))[0, 1]
        assert (likeness > 0.6) == kept


def test_noise_is_measured_and_structure_is_not():
    ramp = torch.linspace(0, 1, 256).expand(1, 1, 256, 256)
    boxes = ((torch.arange(256) // 32) % 2).float().expand(1, 1, 256, 256)
    assert noise_level(ramp).item() == pytest.approx(0, abs=1e-6)
    assert noise_level(boxes).item() == 0
    grain = 0.05 * torch.randn(1, 1, 256, 256)
    assert noise_level(boxes + grain).item() == pytest.approx(0.05, rel=0.05)


def test_contrast_is_raised_about_the_mean():
    x = stripes(0.2, 0.5)
    target = make_target(x, x, replace(PLAIN, lights=0.5, darks=0.25))
    assert target.amax().item() == pytest.approx(0.5 + 1.5 * 0.1, abs=1e-4)
    assert target.amin().item() == pytest.approx(0.5 - 1.25 * 0.1, abs=1e-4)


def test_tone_on_the_coarse_part_leaves_fine_bands():
    x = stripes(0.2, 0.5)
    target = make_target(x, x, replace(PLAIN, lights=0.5, darks=0.5, tone_level=3))
    assert torch.allclose(target, x, atol=2e-3)


def test_highlights_keep_headroom():
    a, b = stripes(0.3, 0.84), torch.full((1, 1, 64, 64), 0.99)
    target = make_target(a, b, TargetImage(lights=0.5, coarse_top=0.9, top=0.985))
    assert target.amax() < 0.985
    assert target.amin() >= 0


def test_bending_is_smooth_and_keeps_order():
    x = torch.linspace(0, 3, 301)
    y = bend(x, 0.8, torch.tensor(1.0))
    assert torch.equal(y[:80], x[:80])
    assert (y.diff() >= 0).all()
    assert y.max() <= 1
    assert y.diff()[79:82] == pytest.approx(0.01, rel=0.05)
