"""The objective: hand cases, what each weight does, gradients against finite differences."""

from dataclasses import replace

import pytest
import torch
from kornia.metrics import ssim
from torch import Tensor

from lkc.training.losses import (
    LossWeights,
    correlation,
    correlation_loss,
    fusion_loss,
    gradient_magnitude,
    neighbour_differences,
    ssim_with_sources,
    stronger_edges,
    target_intensity,
)

ONLY = LossWeights(intensity=0, gradient=0, ssim=0)


@pytest.fixture
def images() -> tuple[Tensor, Tensor, Tensor]:
    """Fused image and two sources, (2, 1, 24, 28) in [0, 1]."""
    return torch.rand(3, 2, 1, 24, 28).unbind()


def tiny_images() -> list[Tensor]:
    return list(torch.rand(3, 1, 1, 12, 12, dtype=torch.float64, requires_grad=True))


def test_identical_images_cost_nothing(images):
    x = images[0]
    weights = LossWeights(intensity=3, gradient=2, ssim=5)
    for name, term in fusion_loss(x, x, x, weights).items():
        assert term.item() == pytest.approx(0, abs=1e-5), name


def test_flat_images_by_hand():
    a, b, fused = (torch.full((1, 1, 16, 16), value) for value in (0.2, 0.6, 0.5))
    terms = fusion_loss(fused, a, b, replace(ONLY, intensity=1))
    assert terms["total"].item() == pytest.approx(0.1)
    terms = fusion_loss(fused, a, b, replace(ONLY, gradient=1))
    border = 16 * 4  # only the zero padding has edges: 4 times the brightness, 6 in a corner
    edges = ((border - 8) * 4 + 4 * 6) / 256
    assert terms["total"].item() == pytest.approx(0.1 * edges)
    similarities = [(2 * 0.5 * s + 1e-4) / (0.25 + s * s + 1e-4) for s in (0.2, 0.6)]
    terms = fusion_loss(fused, a, b, replace(ONLY, ssim=1))
    assert terms["total"].item() == pytest.approx(1 - sum(similarities) / 2, rel=1e-4)


def test_order_of_the_sources_does_not_matter(images):
    fused, a, b = images
    weights = LossWeights(
        edges=1, correlation=1, lights=0.1, darks=0.1, gain=0.1, average=0.2, detail=1.3
    )
    one, other = fusion_loss(fused, a, b, weights), fusion_loss(fused, b, a, weights)
    assert one["total"].item() == pytest.approx(other["total"].item())


def test_total_is_the_sum_of_the_terms(images):
    terms = fusion_loss(*images, LossWeights(2, 3, 4, edges=6, correlation=5))
    total = terms.pop("total")
    assert set(terms) == {"intensity", "gradient", "ssim", "edges", "correlation"}
    assert total.item() == pytest.approx(sum(t.item() for t in terms.values()))


@pytest.mark.parametrize("name", ["intensity", "gradient", "ssim", "edges", "correlation"])
def test_a_weight_scales_its_own_term(images, name):
    start = LossWeights(edges=1, correlation=1)
    once, thrice = (fusion_loss(*images, replace(start, **{name: w})) for w in (1.0, 3.0))
    for term in ("intensity", "gradient", "ssim", "edges", "correlation"):
        factor = 3 if term == name else 1
        assert thrice[term].item() == pytest.approx(factor * once[term].item()), term


def test_ssim_agrees_with_kornia(images):
    fused, a, b = images
    ours = ssim_with_sources(fused, a, b)
    for own, source in zip(ours, (a, b), strict=True):
        theirs = ssim(fused, source, window_size=11, padding="valid").mean()
        torch.testing.assert_close(own, theirs, rtol=0, atol=1e-5)


def test_target_of_the_release_is_the_maximum(images):
    _, a, b = images
    assert torch.equal(target_intensity(a, b, LossWeights()), torch.maximum(a, b))


def test_average_and_gain_by_hand():
    a, b = torch.full((1, 1, 8, 8), 0.2), torch.full((1, 1, 8, 8), 0.6)
    assert target_intensity(a, b, LossWeights(average=0.5)).unique() == pytest.approx(0.5)
    assert target_intensity(a, b, LossWeights(gain=0.1)).unique() == pytest.approx(0.66)
    assert target_intensity(a, b, LossWeights(gain=2)).unique() == 1  # never out of range


def test_gamma_lifts_the_dark_and_leaves_black_and_white():
    x = torch.tensor([0.0, 0.25, 1.0]).view(1, 1, 1, 3)
    assert target_intensity(x, x, LossWeights(gamma=0.5)).flatten().tolist() == [0, 0.5, 1]


def test_contrast_moves_away_from_the_mean_of_each_image():
    dark = torch.tensor([0.2, 0.6]).view(1, 1, 1, 2)
    images = torch.cat([dark, torch.full_like(dark, 0.9)])  # the second has no contrast to raise
    target = target_intensity(images, images, LossWeights(lights=0.5, darks=0.25))
    assert target[0].flatten().tolist() == pytest.approx([0.4 - 1.25 * 0.2, 0.4 + 1.5 * 0.2])
    assert target[1].flatten().tolist() == pytest.approx([0.9, 0.9])


def test_gradient_of_a_ramp():
    ramp = torch.arange(6.0).expand(1, 1, 6, 6) + 2 * torch.arange(6.0).view(1, 1, 6, 1)
    assert gradient_magnitude(ramp)[0, 0, 2, 2] == 8 + 16


def test_differences_of_a_ramp():
    ramp = torch.arange(6.0).expand(1, 1, 6, 6) + 2 * torch.arange(6.0).view(1, 1, 6, 1)
    differences = neighbour_differences(ramp)
    assert differences.shape == (1, 2, 5, 5)
    assert differences[0].unique(dim=-1).unique(dim=-2).flatten().tolist() == [1, 2]


@pytest.mark.parametrize("pattern", ["checkerboard", "comb"])
def test_edges_see_the_patterns_that_sobel_cannot(pattern):
    rows, columns = torch.arange(16).view(-1, 1), torch.arange(16).view(1, -1)
    wave = (rows + columns if pattern == "checkerboard" else columns.expand(16, 16)) % 2 * 0.2
    flat = torch.full((1, 1, 16, 16), 0.5)
    inside = (slice(None), slice(None), slice(1, -1), slice(1, -1))
    assert gradient_magnitude(flat + wave)[inside].max() < 1e-6
    terms = fusion_loss(flat + wave, flat, flat, replace(ONLY, edges=1))
    assert terms["edges"].item() == pytest.approx(0.2 if pattern == "checkerboard" else 0.1)


def test_edges_are_those_of_the_steeper_source_with_their_sign():
    step = torch.zeros(1, 1, 8, 8)
    step[..., 4:] = 0.5
    weak = 0.5 - 0.2 * step  # the other way round
    for edges in (stronger_edges(step, weak), stronger_edges(weak, step)):
        inside = edges[..., 1:, 1:]  # outside, padding with zeros makes an edge
        assert torch.equal(inside, neighbour_differences(step)[..., 1:, 1:])


def test_detail_scales_the_target_edges(images):
    _, a, _ = images
    terms = fusion_loss(a, a, a, replace(ONLY, edges=2, detail=1.5))
    expected = 2 * 0.5 * neighbour_differences(a).abs().mean().item()
    assert terms["edges"].item() == pytest.approx(expected, rel=1e-4)


def test_detail_scales_the_target_gradient(images):
    _, a, _ = images
    edges = gradient_magnitude(a).mean().item()
    terms = fusion_loss(a, a, a, replace(ONLY, gradient=1, detail=1.5))
    assert terms["total"].item() == pytest.approx(0.5 * edges, rel=1e-4)


def test_correlation_agrees_with_corrcoef(images):
    x, y, _ = images
    pairs = torch.stack([x, y], dim=1).flatten(2)  # (B, 2, H * W)
    expected = [torch.corrcoef(pair)[0, 1] for pair in pairs]
    torch.testing.assert_close(correlation(x, y), torch.stack(expected), rtol=0, atol=1e-4)
    assert correlation(x, torch.ones_like(x)).abs().max() < 1e-3


def test_correlation_loss_at_its_best():
    """The sum of two uncorrelated sources keeps each difference equal to one source: SCD 2."""
    a, b = torch.zeros(2, 1, 1, 4, 4)
    a[..., ::2], b[..., ::2, :] = 1, 1
    expected = (1 - 0.5**0.5 + 0) / 2  # each source alone explains half of the variance
    assert correlation_loss(a + b, a, b).item() == pytest.approx(expected, abs=1e-5)


def test_gradient_of_ssim(monkeypatch):
    monkeypatch.setattr(Tensor, "float", lambda x: x)  # the loss itself leaves half precision
    assert torch.autograd.gradcheck(ssim_with_sources, tiny_images())


def test_gradient_of_correlation():
    assert torch.autograd.gradcheck(correlation_loss, tiny_images())


def test_gradient_of_the_objective_is_finite_for_flat_images():
    fused = torch.full((1, 1, 16, 16), 0.5, requires_grad=True)
    flat = torch.zeros(1, 1, 16, 16)
    fusion_loss(fused, flat, flat, LossWeights(correlation=1))["total"].backward()
    assert fused.grad.isfinite().all()
