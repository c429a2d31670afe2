"""Norms equal torch.nn's and the formula over each index set; plans and groups as described."""

import pytest
import torch
from torch import nn

from lkc import create_model
from lkc.errors import InputError
from lkc.model import norm as norms
from lkc.model.norm import NORM_PLANS, SINGLE_NORMS, make_norm, norm_plan

CHANNELS, GROUPS = 12, 3
INDEX_SETS = {"batch": (0, 3, 4), "layer": (1, 2, 3, 4), "instance": (3, 4), "group": (2, 3, 4)}


def with_random_gamma_and_beta(layer: nn.Module) -> nn.Module:
    with torch.no_grad():
        layer.weight.uniform_(0.5, 2)
        layer.bias.uniform_(-1, 1)
    return layer


@pytest.fixture
def features() -> torch.Tensor:
    scale = torch.rand(4, CHANNELS, 1, 1) * 3 + 0.5  # each map has its own mean and variance
    return torch.randn(4, CHANNELS, 7, 9) * scale + scale


@pytest.mark.parametrize("name", SINGLE_NORMS)
def test_formula_over_the_index_set(name, features):
    layer = with_random_gamma_and_beta(make_norm(name, CHANNELS, CHANNELS // GROUPS))
    grouped = features.unflatten(1, (GROUPS, -1))  # (N, G, C / G, H, W)
    mean = grouped.mean(dim=INDEX_SETS[name], keepdim=True)
    variance = (grouped - mean).square().mean(dim=INDEX_SETS[name], keepdim=True)
    normalised = ((grouped - mean) / (variance + 1e-5).sqrt()).flatten(1, 2)
    by_hand = layer.weight.view(-1, 1, 1) * normalised + layer.bias.view(-1, 1, 1)
    torch.testing.assert_close(layer(features), by_hand, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("batch", nn.BatchNorm2d(CHANNELS)),
        ("instance", nn.InstanceNorm2d(CHANNELS, affine=True)),
        ("group", nn.GroupNorm(GROUPS, CHANNELS)),
    ],
)
def test_equals_torch(name, reference, features):
    layer = with_random_gamma_and_beta(make_norm(name, CHANNELS, CHANNELS // GROUPS))
    reference.load_state_dict(layer.state_dict())
    torch.testing.assert_close(layer(features), reference(features))


def test_layer_equals_torch(features):
    reference = nn.LayerNorm(features.shape[1:], elementwise_affine=False)
    torch.testing.assert_close(make_norm("layer", CHANNELS)(features), reference(features))


def test_batch_norm_in_evaluation_uses_running_averages(features):
    layer, reference = make_norm("batch", CHANNELS), nn.BatchNorm2d(CHANNELS)
    for norm in (layer, reference):
        norm(features)
        norm.eval()
    torch.testing.assert_close(layer(features[:1]), reference(features[:1]))
    torch.testing.assert_close(layer(features)[:1], layer(features[:1]))


@pytest.mark.parametrize("name", SINGLE_NORMS)
def test_only_batch_norm_mixes_samples(name, features):
    layer = make_norm(name, CHANNELS, CHANNELS // GROUPS)
    alone, among_others = layer(features[:1]), layer(features)[:1]
    assert torch.allclose(alone, among_others, atol=1e-6) == (name != "batch")


@pytest.mark.parametrize(("channels", "groups"), [(1, 1), (48, 16), (80, 16), (128, 32), (160, 32)])
def test_groups_divide_the_channels(channels, groups):
    assert make_norm("group", channels).num_groups == groups


@pytest.mark.parametrize(("channels", "groups"), [(1, 1), (8, 1), (12, 3), (48, 6), (96, 12)])
def test_group_size_divides_the_channels(channels, groups):
    assert make_norm("group", channels, group_size=8).num_groups == groups


def test_group_sizes_of_the_presets():
    lite = [m for m in create_model("lite").modules() if isinstance(m, nn.GroupNorm)]
    with torch.device("meta"):
        base = [m for m in create_model("base").modules() if isinstance(m, nn.GroupNorm)]
    sizes = {m.num_channels // m.num_groups for m in lite if m.num_channels > 1}
    assert sizes == {1, norms.GROUP_SIZE}  # 1 in the stem: instance norm
    assert {m.num_groups for m in base if m.num_channels > 1} == {norms.GROUPS}


def test_hybrid_puts_instance_norm_into_the_stem():
    plan = norm_plan("hybrid")
    assert (plan.stem, plan.residual, plan.large_kernel) == ("instance", "group", "group")


@pytest.mark.parametrize("name", NORM_PLANS)
def test_every_plan_names_norms_that_exist(name):
    for part in vars(norm_plan(name)).values():
        assert part in SINGLE_NORMS


@pytest.mark.parametrize("look_up", [norm_plan, lambda name: make_norm(name, 8)])
def test_unknown_name(look_up):
    with pytest.raises(InputError, match=r"'spectral'.*instance"):
        look_up("spectral")
