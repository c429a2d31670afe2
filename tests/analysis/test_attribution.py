"""Attribution, against models whose attribution is known."""

import pytest
import torch
from torch import Tensor, nn

from lkc import InputError, create_model
from lkc.analysis.attribution import (
    blurred,
    box_mask,
    integrated_gradients,
    modality_drop,
    modality_share,
    occlusion,
    region_score,
)

WEIGHTS = torch.tensor([0.25, -0.5]).view(1, 2, 1, 1)


class Weighted(nn.Module):
    """0.25 of the second source minus 0.5 of the first: every attribution is known."""

    def forward(self, sources: Tensor) -> Tensor:
        return (sources * WEIGHTS).sum(1, keepdim=True)


@pytest.fixture
def pair() -> Tensor:
    return torch.rand(1, 2, 40, 48)


@pytest.fixture
def mask(pair: Tensor) -> Tensor:
    return box_mask(pair, slice(16, 24), slice(20, 30))


@pytest.fixture
def network() -> nn.Module:
    small = create_model("lite", kernel_sizes=(3, 3, 3), shortcut=False)
    return small.eval().requires_grad_(False)


def test_score_is_the_mean_over_the_region_for_each_pair(mask):
    pairs = torch.rand(3, 2, 40, 48)
    expected = Weighted()(pairs)[:, 0, 16:24, 20:30].mean((1, 2))
    assert torch.allclose(region_score(Weighted(), mask)(pairs), expected)


def test_integrated_gradients_of_a_linear_model_are_weight_times_difference(pair, mask):
    found = integrated_gradients(Weighted(), pair, mask, steps=4)
    expected = (pair - blurred(pair))[0] * WEIGHTS[0] * mask / mask.sum()
    assert torch.allclose(found.values, expected, atol=1e-7)
    assert abs(found.delta) < 1e-6


def test_integrated_gradients_add_up_to_the_change(network, pair, mask):
    found = integrated_gradients(network, pair, mask)
    assert found.change != 0
    assert abs(found.values.sum().item() - found.change - found.delta) < 1e-5
    assert abs(found.delta) < 0.02 * abs(found.change)


def test_blur_keeps_the_mean_and_takes_the_detail(pair):
    soft = blurred(pair)
    assert soft.std() < 0.1 * pair.std()
    assert abs(soft.mean() - pair.mean()) < 0.02


def test_occlusion_of_a_linear_model_is_what_the_square_took(pair, mask):
    falls = occlusion(Weighted(), pair, mask, side=8, stride=8)
    masked = (pair * WEIGHTS * mask)[0] / mask.sum()
    tiles = masked.unflatten(1, (5, 8)).unflatten(3, (6, 8)).sum((2, 4))
    expected = tiles.repeat_interleave(8, 1).repeat_interleave(8, 2)
    assert torch.allclose(falls, expected, atol=1e-6)


def test_drop_and_share_of_a_linear_model(pair, mask):
    means = pair[0][:, mask].mean(1)
    drop = modality_drop(Weighted(), pair, mask)
    assert torch.allclose(drop, means * WEIGHTS.flatten(), atol=1e-6)
    share = modality_share(Weighted(), pair, mask)
    assert torch.allclose(share, drop / drop.abs().sum())
    assert share[1] < 0


def test_share_is_zero_where_either_source_suffices(mask):
    same = torch.full((1, 2, 40, 48), 0.5)
    share = modality_share(lambda sources: sources.amax(1, keepdim=True), same, mask)
    assert share.tolist() == [0, 0]


def test_model_and_sources_stay_as_they_were(network, pair, mask):
    before, original = network(pair), pair.clone()
    for explain in (integrated_gradients, occlusion, modality_share):
        explain(network, pair, mask)
    assert torch.equal(network(pair), before)
    assert torch.equal(pair, original)
    assert not pair.requires_grad
    assert all(parameter.grad is None for parameter in network.parameters())


@pytest.mark.parametrize(
    ("shape", "mask_shape"), [((2, 2, 40, 48), (40, 48)), ((1, 2, 40, 48), (48, 40))]
)
def test_wrong_shapes_are_one_sentence(shape, mask_shape):
    with pytest.raises(InputError, match="expected sources"):
        modality_share(Weighted(), torch.rand(shape), torch.ones(mask_shape, dtype=torch.bool))


def test_an_empty_region_is_refused(pair):
    with pytest.raises(InputError, match="region is empty"):
        occlusion(Weighted(), pair, torch.zeros(40, 48, dtype=torch.bool))
