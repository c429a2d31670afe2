"""The objective that keeps contrast: its terms against the measures, and gradients that help."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from lkc.metrics.comparison import mutual_information
from lkc.metrics.visual import visual_information_fidelity
from lkc.training.contrast_loss import (
    ContrastWeights,
    contrast_loss,
    fidelity_to_sources,
    information_of_sources,
    missing_contrast,
)
from lkc.training.target_image import make_target

TERMS = ("image", "edges", "ssim", "correlation", "fidelity", "information", "kept", "outside")
NOTHING = ContrastWeights(**dict.fromkeys(TERMS, 0.0))


@pytest.fixture
def images() -> tuple[Tensor, Tensor, Tensor]:
    """Fused image and two sources, (2, 1, 48, 56) in [0, 1]."""
    return torch.rand(3, 2, 1, 48, 56).unbind()


@pytest.mark.parametrize("name", TERMS)
def test_a_weight_scales_its_own_term(images, name):
    fused, a, b = images
    once = contrast_loss(1.2 * fused, a, 0.5 * b, replace(NOTHING, **{name: 1.0}))
    thrice = contrast_loss(1.2 * fused, a, 0.5 * b, replace(NOTHING, **{name: 3.0}))
    assert once[name] != 0
    assert thrice[name].item() == pytest.approx(3 * once[name].item(), rel=1e-5)
    assert once["total"].item() == pytest.approx(once[name].item(), rel=1e-5)


def test_order_of_the_sources_does_not_matter(images):
    fused, a, b = images
    weights = ContrastWeights(fidelity=1, information=1, kept=1)
    one, other = contrast_loss(fused, a, b, weights), contrast_loss(fused, b, a, weights)
    assert one["total"].item() == pytest.approx(other["total"].item(), rel=1e-5)


def test_the_target_costs_nothing_in_the_terms_that_aim_at_it(images):
    _, a, b = images
    weights = ContrastWeights()
    terms = contrast_loss(make_target(a, b, weights.target), a, b, weights)
    assert terms["image"] == 0
    assert terms["edges"] == 0


def test_fidelity_is_half_of_the_measure(images):
    fused, a, b = (torch.nn.functional.interpolate(x, scale_factor=2) for x in images)
    measured = visual_information_fidelity(255 * fused, 255 * a, 255 * b) / 2
    assert fidelity_to_sources(fused, a, b).tolist() == pytest.approx(measured.tolist(), rel=2e-3)


def test_information_is_the_measure_where_levels_are_those_of_the_bins(images):
    fused, a, b = ((7 * x).round() / 47 for x in images)  # eight of the 48 levels
    rounded = [255 / 7 * 47 * x for x in (fused, a, b)]
    measured = mutual_information(*rounded)
    assert information_of_sources(fused, a, b).tolist() == pytest.approx(
        measured.tolist(), rel=1e-3
    )


def test_contrast_is_missing_only_beside_a_brighter_partner():
    stripes = 0.3 + 0.1 * ((torch.arange(64) // 2) % 2).float().expand(1, 1, 64, 64)
    bright, dark = (torch.full((1, 1, 64, 64), level) for level in (0.9, 0.1))
    assert missing_contrast(bright, stripes, bright).item() == pytest.approx(0.7)
    turned = bright - stripes + 0.3
    assert missing_contrast(turned, stripes, bright).item() == pytest.approx(0.7)
    assert missing_contrast(stripes + 0.4, stripes, bright) == 0
    assert missing_contrast(bright, stripes, dark) == 0


@pytest.mark.parametrize("name", ["fidelity", "information", "kept"])
def test_descent_on_a_term_improves_it(images, name):
    _, a, b = images
    b = 0.5 * b
    weights = replace(NOTHING, **{name: 1.0})
    fused = torch.maximum(a, b).requires_grad_()
    before = contrast_loss(fused, a, b, weights)["total"]
    before.backward()
    assert fused.grad.isfinite().all()
    step = fused.detach() - 0.001 * fused.grad.sign()
    assert contrast_loss(step, a, b, weights)["total"] < before


@pytest.mark.parametrize("level", [0.0, 0.5, 1.0])
def test_flat_images_give_finite_gradients(level):
    flat = torch.full((1, 1, 48, 48), level)
    fused = flat.clone().requires_grad_()
    weights = ContrastWeights(fidelity=1, information=1, kept=1)
    contrast_loss(fused, flat, flat, weights)["total"].backward()
    assert fused.grad.isfinite().all()
