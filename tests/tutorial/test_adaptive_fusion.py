"""Notebook 04: reading and holding the decisions of the adaptive fusion module."""

import pytest
import torch

from lkc import InputError, create_model, load_model
from lkc.tutorial.adaptive_fusion import (
    compare_settings,
    fixed_join,
    join_maps,
    show_fixed_share,
    show_join,
)


@pytest.fixture(scope="module")
def model():
    return load_model("lite", "ir-vis", device="cpu")


@pytest.fixture
def sources():
    return torch.rand(1, 2, 64, 96)


@pytest.mark.parametrize(("level", "shape"), [(0, (48, 32, 48)), (2, (96, 8, 12))])
def test_maps_are_what_the_module_computes(model, sources, level, shape):
    maps = join_maps(model, sources, level)
    assert maps.gate.shape == shape
    assert torch.allclose(maps.share, torch.sigmoid(maps.spatial + maps.channel_logit), atol=1e-6)
    assert 0 <= maps.gate.min() < maps.gate.max() <= 1


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_share_is_fixed_in_the_chosen_level_only(model, sources, share):
    with fixed_join(model, levels=[1], share=share):
        assert torch.allclose(join_maps(model, sources, 1).share, torch.tensor(share))
        assert join_maps(model, sources, 0).share.std() > 0


def test_mean_leaves_the_network_its_average(model, sources):
    free = join_maps(model, sources, 2)
    with fixed_join(model, levels=[2], share="mean", gate="mean"):
        held = join_maps(model, sources, 2)
    assert torch.allclose(held.spatial, free.spatial.mean(), atol=1e-5)
    assert held.channel_logit == free.channel_logit
    assert held.gate.std((1, 2)).max() < 1e-6
    assert held.gate.mean((1, 2)).std() > 0.01  # channels still differ


def test_an_open_gate_lets_all_pass(model, sources):
    with fixed_join(model, gate=1.0):
        assert (join_maps(model, sources, 0).gate == 1).all()


def test_nothing_stays_fixed(model, sources):
    before = model(sources)
    with fixed_join(model, share=0.0, gate=0.0):
        assert not torch.equal(model(sources), before)
    assert torch.equal(model(sources), before)


def test_settings_are_compared_with_the_first(model, sources):
    settings = {"free": {}, "skip": {"share": 0.0}, "same": {"levels": []}}
    images, table = compare_settings(model, sources, settings)
    assert table["change"]["free"] == table["change"]["same"] == 0
    expected = (images["skip"] - images["free"]).abs().mean() * 255
    assert table["change"]["skip"] == pytest.approx(expected.item())
    assert table["Qabf"]["free"] != table["Qabf"]["skip"]


def test_callbacks_draw(model, sources):
    assert len(show_join(model, sources, 1).axes) == 4
    title = show_fixed_share(model, sources, 0, 0.0).axes[1].get_title()
    assert title.startswith("change, on average")


def test_networks_without_the_module_are_refused(sources):
    with pytest.raises(InputError, match="without an adaptive fusion module"):
        join_maps(create_model("lite", fusion=False), sources, 0)
    with pytest.raises(InputError, match="no layer"):
        join_maps(create_model("lite"), sources, 3)
