"""Whole networks: cost, gradients, sizes, starting point."""

import re

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from lkc import create_model
from lkc.errors import InputError
from lkc.model.lkc_funet import LKCFUNet
from lkc.model.network import PRESET_KERNELS, FusionNet, NetworkConfig, count_parameters
from lkc.model.norm import NORM_PLANS

# A norm subtracts a constant that was added to its whole index set: these biases cannot act. With
# instance norm everywhere, that is also every per-channel constant that meets a norm.
ABSORBED = r"spatial_path\.(conv|norm)\.bias"
CANNOT_ACT = {
    "hybrid": ABSORBED,
    "group": ABSORBED,
    "layer": ABSORBED,
    "instance": r"bias$|channel_path",
    "batch": "^$",
    "released": "^$",
}


def narrow_kernel_base(norm: str, fusion: bool = True) -> FusionNet:
    """The paper's network with 3x3 kernels."""
    config = NetworkConfig("base", norm, (3, 3, 3), fusion, shortcut=False)
    return FusionNet(config, LKCFUNet(norm, (3, 3, 3), fusion=fusion))


def without_gradient(model: nn.Module, size: int, smallest: float) -> list[str]:
    """Names of parameters that the output does not depend on."""
    model.eval()  # dropping a path would hide its parameters
    with torch.no_grad():
        for parameter in model.parameters():  # leaves the start, where heads and biases are zero
            parameter.add_(0.02 * torch.randn_like(parameter))
    dtype = next(model.parameters()).dtype
    model(torch.rand(2, 2, size, size, dtype=dtype)).square().mean().backward()
    gradients = {name: p.grad for name, p in model.named_parameters()}
    return [name for name, g in gradients.items() if g is None or not g.abs().max() > smallest]


@pytest.mark.parametrize("shortcut", [True, False])
@pytest.mark.parametrize("fusion", [True, False])
@pytest.mark.parametrize("norm", NORM_PLANS)
@pytest.mark.parametrize("preset", ["lite", "nano"])
def test_every_parameter_of_a_shipped_preset_gets_a_gradient(preset, norm, fusion, shortcut):
    model = create_model(preset, norm, fusion=fusion, shortcut=shortcut).double()
    absorbed = r"spatial_path\.conv\.bias" if norm not in ("batch", "released") else "^$"
    missing = without_gradient(model, 34, smallest=1e-12)
    assert [name for name in missing if not re.search(absorbed, name)] == []


@pytest.mark.slow
@pytest.mark.parametrize("fusion", [True, False])
@pytest.mark.parametrize("norm", NORM_PLANS)
def test_every_parameter_of_a_narrow_base_gets_a_gradient(norm, fusion):
    missing = without_gradient(narrow_kernel_base(norm, fusion).double(), 18, smallest=1e-13)
    assert [name for name in missing if not re.search(CANNOT_ACT[norm], name)] == []


def test_every_parameter_of_base_gets_a_gradient():
    missing = without_gradient(create_model("base"), 16, smallest=0)
    assert [name for name in missing if not re.search(CANNOT_ACT["hybrid"], name)] == []


@pytest.mark.parametrize("norm", NORM_PLANS)
def test_parameter_count_of_base(norm):
    with torch.device("meta"):
        assert count_parameters(create_model("base", norm)) == 41_174_438


def test_cost_of_nano():
    with torch.device("meta"):
        model, sources = create_model("nano"), torch.rand(1, 2, 480, 640)
    with FlopCounterMode(display=False) as counter:
        model(sources)
    assert count_parameters(model) <= 20_000
    assert counter.get_total_flops() <= 0.7e9


def test_an_untrained_nano_returns_the_brighter_source():
    sources = torch.rand(2, 2, 40, 48)
    with torch.inference_mode():
        fused = create_model("nano").eval()(sources)
    assert torch.equal(fused, sources.amax(dim=1, keepdim=True))


def test_cost_of_lite():
    with torch.device("meta"):
        model, sources = create_model("lite"), torch.rand(1, 2, 480, 640)
    with FlopCounterMode(display=False) as counter:
        model(sources)
    assert count_parameters(model) <= 600_000
    assert 1e9 < counter.get_total_flops() <= 25e9


@pytest.mark.parametrize("side", range(16, 98))
def test_any_size(side):
    other = 16 + (side * 37) % 82  # every size once in each direction
    model = create_model("lite").eval()
    nn.init.normal_(model.model.head.weight, std=0.1)
    for size in ((side, other), (other, side)):
        with torch.inference_mode():
            fused = model(torch.rand(1, 2, *size))
        assert fused.shape == (1, 1, *size)
        assert fused.isfinite().all()


@pytest.mark.parametrize("size", [(16, 16), (17, 30), (31, 18)])
def test_any_size_of_base(size):
    with torch.inference_mode():
        fused = narrow_kernel_base("hybrid").eval()(torch.rand(1, 2, *size))
    assert fused.shape == (1, 1, *size)
    assert fused.isfinite().all()


def test_padding_continues_the_image():
    model, sources = create_model("lite").eval(), torch.rand(1, 2, 24, 40)
    nn.init.normal_(model.model.head.weight, std=0.1)
    cut = sources[..., :21, :35]
    mirrored = nn.functional.pad(cut, (0, 5, 0, 3), mode="reflect")
    torch.testing.assert_close(model(cut), model(mirrored)[..., :21, :35])


@pytest.mark.parametrize("size", [(15, 64), (64, 15), (1, 1)])
def test_too_small(size):
    with pytest.raises(InputError, match=rf"16x16 pixels, got {size[0]}x{size[1]}"):
        create_model("lite")(torch.rand(1, 2, *size))


@pytest.mark.parametrize("fusion", [True, False])
def test_lite_starts_at_the_brighter_source(fusion):
    sources = torch.rand(2, 2, 33, 47)
    fused = create_model("lite", fusion=fusion)(sources)
    torch.testing.assert_close(fused, sources.amax(dim=1, keepdim=True), rtol=0, atol=0)


def test_lite_keeps_black_black():
    model = create_model("lite").eval()
    nn.init.normal_(model.model.head.weight)
    sources = torch.rand(1, 2, 32, 32)
    sources[..., 8:20] = 0
    assert model(sources)[..., 8:20].abs().max() == 0


def test_kernel_sizes_reach_the_layers():
    model = create_model("lite", kernel_sizes=(9, 5, 3))
    assert [b.large_kernel.kernel_size for b in model.model.encoder] == [(9, 9), (5, 5), (3, 3)]
    base = LKCFUNet("hybrid", PRESET_KERNELS["base"], width=32)
    encoder = [stage.residual.block1.conv.kernel_size for stage in base.encoder]
    assert encoder == [(15, 15), (11, 11), (5, 5)]


@pytest.mark.parametrize("sizes", [(15, 11), (15, 11, 6), (15, 11, -1)])
def test_unusable_kernel_sizes(sizes):
    with pytest.raises(InputError, match="three odd numbers"):
        create_model("lite", kernel_sizes=sizes)
    with pytest.raises(InputError, match="two odd numbers such as 7, 5"):
        create_model("nano", kernel_sizes=sizes[-2:] if len(sizes) == 3 else (15, 11, 7))


def test_unknown_preset_and_norm():
    with pytest.raises(InputError, match=r"'huge'.*lite, nano, base"):
        create_model("huge")
    with pytest.raises(InputError, match=r"'spectral'.*hybrid"):
        create_model("lite", norm="spectral")
