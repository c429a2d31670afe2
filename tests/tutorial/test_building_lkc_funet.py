"""Notebook 03: counting, comparing and switching off."""

import pytest
import torch
from torch import nn

from lkc import InputError, create_model, load_model
from lkc.model.network import count_parameters
from lkc.tutorial.building_lkc_funet import (
    copy_weights,
    effect_of_blocks,
    kernel_costs,
    layer_table,
    parameters_by_kind,
    show_kernel_costs,
    show_layer,
)


@pytest.fixture
def sources():
    return torch.rand(1, 2, 32, 48)


def test_kinds_add_up_to_all_parameters():
    net = create_model("lite")
    assert parameters_by_kind(net).sum() == count_parameters(net)


def test_layer_table_counts_a_dense_layer(sources):
    net = nn.Sequential(nn.Conv2d(2, 8, 3, padding=1), nn.Conv2d(8, 4, 5, stride=2, padding=2))
    table = layer_table(net, sources, ["0", "1"])
    assert table["output"].tolist() == ["8 x 32 x 48", "4 x 16 x 24"]
    assert table["parameters"].tolist() == [8 * 19, 4 * 201]
    assert table["multiplications"].tolist() == [9 * 16, 25 * 32 / 4]


def test_copied_weights_give_the_same_image(sources):
    one, other = create_model("lite", shortcut=False), create_model("lite", shortcut=False)
    assert not torch.equal(one(sources), other(sources))
    copy_weights(one, other, sources)
    assert torch.equal(one(sources), other(sources))
    with pytest.raises(ValueError, match="shorter"):
        copy_weights(one, nn.Conv2d(2, 1, 1), sources)


def test_kernel_costs_follow_the_formulas():
    costs = kernel_costs(7, 64)
    assert costs["dense convolution"] == 64 * 64 * 49 + 64
    assert costs["depthwise convolution"] == 64 * 49 + 64
    figure = show_kernel_costs(7, 64)
    assert figure.axes[0].texts[0].get_text() == "200.8"


def test_layer_view_stays_inside_the_channels(sources):
    net = create_model("lite")
    for first, shown in ((0, "0"), (44, "40")):
        figure = show_layer(net, sources, "model.stem", first)
        assert figure.axes[0].get_title() == shown
    assert len(show_layer(net, sources, "model.head").axes) == 4
    with pytest.raises(InputError, match="no layer"):
        show_layer(net, sources, "nothing")


def test_effect_of_blocks(sources):
    blocks = ["model.encoder.0", "model.decoder.0"]
    untrained = create_model("lite").eval()  # its head is zero: no block can have an effect
    assert effect_of_blocks(untrained, sources, blocks).tolist() == [0, 0]
    trained = load_model("lite", "ir-vis", device="cpu")
    before = trained(sources)
    assert (effect_of_blocks(trained, sources, blocks) > 0.1).all()
    assert torch.equal(trained(sources), before)
