"""Notebook 05: the best image for a loss, and images that win a metric."""

import pytest
import torch

from lkc import InputError
from lkc.training.losses import LossWeights
from lkc.tutorial.losses_and_metrics import (
    SPOILERS,
    best_image,
    comb_strength,
    loss_terms,
    score_table,
    scores,
    show_best_image,
    show_spoiled,
    split_sources,
    spoil,
    sweep,
    toy_pair,
)


@pytest.fixture
def sources(tiny_pair):
    return torch.cat(tiny_pair, dim=1)


@pytest.fixture
def fused(sources):
    return sources.mean(1, keepdim=True)


def test_sources_are_split_in_the_order_of_the_task(sources, tiny_pair):
    for mine, theirs in zip(split_sources(sources), tiny_pair, strict=True):
        assert torch.equal(mine, theirs)


def test_best_image_lowers_the_term_it_is_for(sources, fused):
    weights = LossWeights(0, 0, 1)
    best = best_image(sources, weights, steps=60)
    table = loss_terms({"start": fused, "best": best}, sources, weights)
    assert table["ssim"]["best"] < table["ssim"]["start"]
    assert not best.requires_grad


@pytest.mark.slow
def test_sobel_magnitudes_that_are_too_large_are_met_by_combs_and_signed_differences_are_not():
    toy = toy_pair()
    by_magnitude = best_image(toy, LossWeights(detail=1.5))
    by_difference = best_image(toy, LossWeights(gradient=0, edges=4, detail=1.5))
    assert comb_strength(by_magnitude).mean() > 5 * comb_strength(by_difference).mean()


@pytest.mark.parametrize(("period", "share"), [(2, 1 / 2), (4, 1 / 8)])
@pytest.mark.parametrize("axis", [2, 3])
def test_comb_strength_is_a_share_of_the_height(period, share, axis):
    rows = (torch.arange(16.0) // (period // 2)).remainder(2)
    comb = (rows.view(16, 1) if axis == 2 else rows).expand(1, 1, 16, 16)
    assert torch.allclose(comb_strength(comb), torch.tensor(255.0 * share))


def test_scores_have_the_sources_the_right_way(sources):
    table = score_table({"both": sources.amax(1, keepdim=True)}, sources)
    assert table.loc["both"].equals(scores(sources.amax(1, keepdim=True), sources))
    swapped = scores(sources.amax(1, keepdim=True), sources.flip(1))
    assert swapped["MI"] == pytest.approx(table["MI"]["both"])


@pytest.mark.parametrize("kind", SPOILERS)
def test_spoilers_change_nothing_at_zero_and_stay_in_range(fused, kind):
    assert torch.allclose(spoil(fused, kind, 0.0), fused, atol=1e-6)
    spoiled = spoil(fused, kind, 2.0)
    assert spoiled.min() >= 0
    assert spoiled.max() <= 1
    assert not torch.allclose(spoiled, fused, atol=0.01)


def test_spoilers_do_what_they_are_called(fused):
    steep = {kind: spoil(fused, kind, 0.5).diff(dim=3).abs().mean() for kind in SPOILERS}
    flat = steep.pop("blur")
    assert flat < fused.diff(dim=3).abs().mean() < min(steep.values())
    assert torch.equal(spoil(fused, "noise", 1.0), spoil(fused, "noise", 1.0))
    with pytest.raises(InputError, match="unknown kind"):
        spoil(fused, "melt", 1.0)


def test_sweep_is_relative_to_its_first_row(fused, sources):
    table = sweep(fused, sources, "noise", (0, 1))
    assert (table.loc[0] == 0).all()
    assert table.loc[10, "AG"] > 20
    assert table.index.name == "noise, gray levels"


def test_callbacks_draw(fused, sources):
    assert len(show_best_image(sources, 1, 0, 0).axes) == 3
    bars = show_spoiled(fused, sources, "sharpen", 1.0).axes[1]
    assert len(bars.patches) == 11
