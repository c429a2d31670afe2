"""Building blocks and both adaptive fusion modules: shapes, cost, and what they compute."""

import pytest
import torch
from torch import nn

from lkc.model.adaptive_fusion import LiteAdaptiveFusion, MultiPathAdaptiveFusion, mean_and_max
from lkc.model.blocks import (
    ConvBlock,
    Downsample,
    DropPath,
    LargeKernelBlock,
    ResidualBlock,
    Upsample,
    depthwise,
)
from lkc.model.network import count_parameters


def test_drop_path_drops_samples_and_keeps_the_mean():
    drop, x = DropPath(0.25).train(), torch.ones(4000, 2, 1, 1)
    y = drop(x)
    assert y.unique().tolist() == pytest.approx([0, 4 / 3])
    assert (y[:, 0] == y[:, 1]).all()  # whole samples
    assert y.mean().item() == pytest.approx(1, abs=0.05)
    assert drop.eval()(x) is x


@pytest.mark.parametrize("kernel_size", [1, 5, 15])
@pytest.mark.parametrize(
    "block",
    [
        lambda k: ConvBlock(32, 32, k, "group"),
        lambda k: ResidualBlock(32, 32, k, "group"),
        lambda k: LargeKernelBlock(32, k, "layer"),
    ],
)
def test_size_is_kept(block, kernel_size):
    assert block(kernel_size)(torch.rand(2, 32, 9, 12)).shape == (2, 32, 9, 12)


def test_halve_and_double():
    x = torch.rand(2, 8, 12, 20)
    assert Downsample(8)(x).shape == (2, 8, 6, 10)
    assert Upsample(8)(x).shape == (2, 8, 24, 40)


def test_residual_block_adds_its_input():
    same, wider = ResidualBlock(8, 8, 3, "group"), ResidualBlock(8, 16, 3, "group")
    x = torch.rand(1, 8, 6, 6)
    for block in (same, wider):
        nn.init.zeros_(block.block2.conv.weight)
        nn.init.zeros_(block.block2.conv.bias)
    torch.testing.assert_close(same(x), x)
    torch.testing.assert_close(wider(x), wider.shortcut(x))


def test_large_kernel_block_adds_its_input():
    block, x = LargeKernelBlock(8, 7, "group"), torch.rand(2, 8, 9, 9)
    nn.init.zeros_(block.narrow.norm.weight)
    torch.testing.assert_close(block(x), x)


def test_a_depthwise_kernel_sees_its_own_channel_as_far_as_it_reaches():
    layer = depthwise(4, 7)
    x = torch.zeros(1, 4, 15, 15, requires_grad=True)
    layer(x)[0, 2, 7, 7].backward()
    seen = torch.zeros(4, 15, 15, dtype=torch.bool)
    seen[2, 4:11, 4:11] = True
    assert ((x.grad[0] != 0) == seen).all()


def test_depthwise_costs_a_fraction_of_dense():
    dense = count_parameters(ResidualBlock(128, 128, 15, "group"))
    assert dense > 50 * count_parameters(LargeKernelBlock(128, 15, "group"))


def test_mean_and_max_over_channels():
    x = torch.tensor([1.0, 2, 6]).view(1, 3, 1, 1)
    assert mean_and_max(x).flatten().tolist() == [3, 6]


@pytest.mark.parametrize("norm", ["batch", "group", "layer", "instance"])
def test_fusion_shapes(norm):
    x, skip = torch.rand(2, 2, 32, 6, 8).unbind()
    assert MultiPathAdaptiveFusion(32, norm)(x, skip).shape == (2, 64, 6, 8)
    assert LiteAdaptiveFusion(32, norm)(x, skip).shape == (2, 32, 6, 8)


def gate_wide_open(fusion: LiteAdaptiveFusion) -> LiteAdaptiveFusion:
    nn.init.zeros_(fusion.norm.weight)
    nn.init.constant_(fusion.norm.bias, 100)
    return fusion


@pytest.mark.parametrize(("logit", "taken"), [(-100.0, "skip"), (100.0, "x"), (0.0, "mean")])
def test_lite_fusion_chooses_between_decoder_and_skip(logit, taken):
    x, skip = torch.rand(2, 1, 16, 5, 5).unbind()
    fusion = gate_wide_open(LiteAdaptiveFusion(16, "group"))
    for layer in (fusion.channel_logit, fusion.spatial_path.norm):
        nn.init.zeros_(layer.weight)
        nn.init.zeros_(layer.bias)
    nn.init.constant_(fusion.channel_logit.bias, logit)
    expected = {"skip": skip, "x": x, "mean": (x + skip) / 2}[taken]
    torch.testing.assert_close(fusion(x, skip), expected)


def test_fusion_gates_the_decoder():
    """With its gate shut the module passes nothing, with it open a projection of x alone."""
    x, skip = torch.rand(2, 1, 32, 5, 5).unbind()
    fusion = MultiPathAdaptiveFusion(32, "group")
    nn.init.zeros_(fusion.norm.weight)
    nn.init.constant_(fusion.norm.bias, -100)
    torch.testing.assert_close(fusion(x, skip), fusion.expand(torch.zeros_like(x)))
    nn.init.constant_(fusion.norm.bias, 100)
    torch.testing.assert_close(fusion(x, skip), fusion.expand(x))


def test_fusion_by_hand():
    x, skip = torch.rand(2, 1, 32, 5, 5).unbind()
    fusion = MultiPathAdaptiveFusion(32, "batch").eval()
    pooled = fusion.channel_path.mlp(x.mean((2, 3), keepdim=True))
    path, summary = fusion.spatial_path, torch.stack([skip.mean(1), skip.amax(1)], dim=1)
    paths = fusion.path_norm(pooled + path.norm(path.conv(summary)))
    share = fusion.selection(paths).softmax(dim=1)
    a, b = x * (1 + share[:, 0:1]), skip * (1 + share[:, 1:2])
    gate = fusion.norm(fusion.proj(a * b.sigmoid() + b * a.sigmoid())).sigmoid()
    torch.testing.assert_close(fusion(x, skip), fusion.expand(gate * x))
