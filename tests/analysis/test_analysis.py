"""Instruments, on cases whose answer is known."""

import pytest
import torch
from torch import nn

import lkc
from lkc.analysis.batch_effects import background_luma, batch_dependence, train_eval_gap
from lkc.analysis.constant_statistics import detached_statistics
from lkc.analysis.features import capture_features, layer_names
from lkc.analysis.receptive_field import (
    area_by_mass,
    effective_field,
    effective_fields,
    replknet_ratio,
    theoretical_field,
)
from lkc.analysis.sparsity import dead_share, excess_kurtosis, hoyer_sparsity, saturated_share
from lkc.analysis.targets import kept_amplitude, plant_targets, target_contrast


def box(size: int) -> nn.Conv2d:
    """A convolution whose weights are all 1."""
    conv = nn.Conv2d(2, 1, size, padding=size // 2)
    nn.init.ones_(conv.weight)
    return conv


def test_field_of_one_convolution_is_its_kernel():
    field = effective_field(box(5), torch.rand(3, 2, 21, 31))
    expected = torch.zeros(2, 21, 31, dtype=torch.float64)
    expected[:, 8:13, 13:18] = 1
    torch.testing.assert_close(field, expected)


def test_field_sits_at_the_chosen_pixel():
    field = effective_field(box(3), torch.rand(1, 2, 20, 20), pixel=(0, 7)).sum(0)
    assert field.nonzero().min(0).values.tolist() == [0, 6]
    assert field.nonzero().max(0).values.tolist() == [1, 8]


@pytest.mark.parametrize("detach", [True, False])
def test_one_forward_pass_gives_the_fields_of_several_places(detach):
    torch.manual_seed(0)
    network = lkc.create_model("lite", shortcut=False).eval()
    sources = torch.rand(1, 2, 48, 64)
    places = [("model.mid", None), (None, (5, 40)), (None, None)]
    together = effective_fields(network, sources, places, detach)
    for found, (layer, pixel) in zip(together, places, strict=True):
        alone = effective_field(network, sources, pixel, layer, detach)
        torch.testing.assert_close(found, alone)
        assert alone.any()


@pytest.mark.parametrize("padding", [0, 2])
def test_theoretical_field_measures_any_padding(padding):
    convs = nn.Conv2d(2, 3, 5, padding=padding), nn.Conv2d(3, 1, 3, padding=2, dilation=2)
    assert theoretical_field(nn.Sequential(*convs)) == 9


def test_areas_of_a_flat_field_are_its_squares():
    field = effective_field(box(9), torch.rand(1, 2, 41, 41)).sum(0)
    assert area_by_mass(field, (1 / 81, 0.2, 0.99)) == {1 / 81: 1, 0.2: 5, 0.99: 9}
    assert replknet_ratio(field, (0.99,))[0.99] == pytest.approx(81 / 41**2)


def test_two_convolutions_concentrate_the_field():
    stack = nn.Sequential(box(5), nn.Conv2d(1, 1, 5, padding=2))
    nn.init.ones_(stack[1].weight)
    sides = area_by_mass(effective_field(stack, torch.rand(1, 2, 41, 41)).sum(0), (0.5, 1.0))
    assert sides == {0.5: 5, 1.0: 9}
    assert theoretical_field(stack) == 9


def test_theoretical_field_counts_strides():
    assert theoretical_field(nn.Sequential(nn.Conv2d(2, 2, 2, 2), nn.Conv2d(2, 1, 3))) == 6


def test_a_pixel_outside_is_refused():
    with pytest.raises(lkc.InputError, match="outside"):
        effective_field(box(3), torch.rand(1, 2, 20, 20), pixel=(20, 0))


def test_norms_leak_and_detaching_stops_it():
    norm = nn.GroupNorm(1, 2)
    net = nn.Sequential(norm, box(3))
    sources = torch.rand(1, 2, 40, 40)
    assert (effective_field(net, sources) > 0).all()
    assert (effective_field(net, sources, detach_norms=True).sum(0) > 0).sum() == 9
    assert net[0] is norm


@pytest.mark.parametrize("name", ["instance", "group", "layer", "hybrid"])
def test_detaching_keeps_values_and_undoes_itself(name):
    net = lkc.create_model("lite", norm=name, shortcut=False).eval()
    sources = torch.rand(1, 2, 48, 48)
    before, modules = net(sources), list(net.modules())
    with detached_statistics(net):
        torch.testing.assert_close(net(sources), before, rtol=1e-4, atol=1e-4)
    assert list(net.modules()) == modules


def test_hoyer_between_flat_and_a_single_peak():
    peak = torch.zeros(1, 1, 8, 8)
    peak[..., 3, 3] = -2
    half = torch.cat([torch.ones(1, 1, 4, 8), torch.zeros(1, 1, 4, 8)], 2)
    assert hoyer_sparsity(peak).item() == pytest.approx(1)
    assert hoyer_sparsity(half).item() == pytest.approx((8 - 32**0.5) / 7)
    assert hoyer_sparsity(torch.zeros(1, 1, 8, 8)).item() == 1


def test_kurtosis_of_a_single_peak():
    values = torch.zeros(1, 1, 10, 10)
    values[..., 0, 0] = 1
    assert excess_kurtosis(values).item() == pytest.approx(100 - 4 + 1 / 0.99 - 2, rel=1e-3)


def test_dead_and_saturated_channels():
    features = torch.stack([-torch.ones(9, 9), torch.ones(9, 9), torch.randn(9, 9)])[None]
    assert dead_share(features) == saturated_share(features) == pytest.approx(1 / 3)


def test_targets_are_apart_and_only_in_their_channel():
    sources = torch.zeros(2, 2, 120, 160)
    planted = plant_targets(sources, channel=1, count=20)
    distance = torch.cdist(planted.centres.double(), planted.centres.double())
    assert distance[distance > 0].min() >= 8
    assert planted.sources[:, 0].max() == 0
    rows, columns = planted.centres.T
    assert (planted.sources[:, 1, rows, columns] == 0.5).all()
    assert planted.mask[:, 0, rows, columns].all()
    assert sources.max() == 0


def test_contrast_finds_the_channel_that_shows_targets():
    planted = plant_targets(torch.rand(1, 2, 96, 96) / 10, channel=0)
    contrast = target_contrast(planted.sources, planted.mask)
    assert contrast[0, 0] > 5 > 1 > contrast[0, 1].abs()


def test_maximum_keeps_targets_that_average_halves():
    sources = torch.zeros(1, 2, 96, 96)
    planted = plant_targets(sources, channel=0)
    maximum = lkc.load_model("maximum", device="cpu")
    average = lkc.load_model("average", device="cpu")
    assert kept_amplitude(maximum, sources, planted).item() == pytest.approx(1)
    assert kept_amplitude(average, sources, planted).item() == pytest.approx(0.5)


def test_only_batch_norm_depends_on_the_batch():
    torch.manual_seed(0)
    sources = torch.rand(3, 2, 32, 32) * torch.tensor([0.2, 0.5, 1]).view(3, 1, 1, 1)
    batch = lkc.create_model("lite", norm="batch", shortcut=False)
    buffers = {k: v.clone() for k, v in batch.named_buffers()}
    assert batch_dependence(batch, sources) > 0.1
    assert train_eval_gap(batch, sources) > 0.1
    assert all(torch.equal(v, buffers[k]) for k, v in batch.named_buffers())
    hybrid = lkc.create_model("lite", norm="hybrid", shortcut=False)
    assert batch_dependence(hybrid, sources) < 0.01
    assert train_eval_gap(hybrid, sources) < 0.01


def test_background_is_where_both_sources_are_black():
    sources = torch.zeros(1, 2, 4, 4)
    sources[0, 0, 0, 0] = sources[0, 1, 1, 1] = 3 / 255
    assert len(background_luma(torch.ones(1, 1, 4, 4), sources)) == 14


def test_captured_features_are_not_overwritten_in_place():
    net = lkc.create_model("lite")
    with capture_features(net, ["model.mid.widen"]) as features:
        net(torch.rand(1, 2, 32, 32))
    assert features["model.mid.widen"].min() < 0  # a ReLU in place comes after it
    features.clear()
    net(torch.rand(1, 2, 32, 32))
    assert not features


@pytest.mark.parametrize("preset", ["lite", "base"])
def test_every_listed_layer_exists(preset):
    with torch.device("meta"):
        net = lkc.create_model(preset)
    parts = dict(net.named_modules())
    assert len(layer_names(net)) > 5
    assert all(name in parts for name in layer_names(net))


def test_an_unknown_layer_is_named():
    with pytest.raises(lkc.InputError, match=r"no layer 'nose'.*model\.stem"):
        capture_features(lkc.create_model("lite"), ["nose"]).__enter__()
