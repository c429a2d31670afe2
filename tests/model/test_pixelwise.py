"""Bands of pixels through both 1x1 convolutions of a block: the same numbers, and who is spared."""

import pytest
import torch
from torch import nn

import lkc.model.pixelwise as pixelwise
from lkc.model.lite import DepthwiseBlock
from lkc.model.pixelwise import can_run_in_bands


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def random_map(*shape: int) -> torch.Tensor:
    return torch.randn(shape).to(memory_format=torch.channels_last)


def new_block(channels: int = 16) -> DepthwiseBlock:
    block = DepthwiseBlock(channels, 5, "group").requires_grad_(False)
    return block.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


@pytest.mark.parametrize("shape", [(1, 16, 9, 13), (3, 16, 8, 8), (1, 24, 1, 40), (2, 8, 17, 1)])
@pytest.mark.parametrize("band", [1, 7 * 48, 2**18])
def test_bands_give_what_whole_maps_give(monkeypatch, shape, band):
    monkeypatch.setattr(pixelwise, "BAND_VALUES", band)
    block, x = new_block(shape[1]), random_map(*shape)
    with torch.no_grad():
        whole = block(x)
    before = x.clone()
    with torch.inference_mode():
        banded = block(x)
    assert torch.allclose(banded, whole, atol=1e-5)
    assert torch.equal(x, before)  # the input is not overwritten


def test_bands_run_only_where_a_map_may_be_overwritten():
    x, layer = random_map(1, 16, 8, 8), nn.Conv2d(16, 32, 1)
    assert not can_run_in_bands(x, layer)  # gradients may be asked for
    with torch.inference_mode():
        assert can_run_in_bands(x, layer)
        assert not can_run_in_bands(x.contiguous(), layer)
        assert not can_run_in_bands(x.double(), layer)
        with torch.autocast("cpu", torch.bfloat16):
            assert not can_run_in_bands(x, layer)
        torch.set_num_threads(2)
        assert not can_run_in_bands(x, layer)


@pytest.mark.parametrize("name", ["large_kernel", "widen", "narrow"])
def test_who_looks_at_a_layer_sees_its_whole_map(name):
    block, x, seen = new_block(), random_map(1, 16, 12, 10), []
    getattr(block, name).register_forward_hook(lambda layer, inputs, output: seen.append(output))
    with torch.no_grad():
        block(x)
    with torch.inference_mode():
        block(x)
    assert torch.equal(*seen)
