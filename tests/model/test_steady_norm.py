"""Norms with a memory: the exponential mean by hand, and nothing else changed."""

import numpy as np
import pytest
import torch
from torch import nn

import lkc
from lkc.model.adaptive_fusion import ChannelPath
from lkc.model.large_images import fuse_in_bands
from lkc.model.network import create_model
from lkc.model.norm import make_norm
from lkc.model.steady_network import with_memory
from lkc.model.steady_norm import SteadyGroupNorm

SHARES = (1.0, 0.3, 0.1)


@pytest.fixture(autouse=True)
def without_gradients():
    with torch.inference_mode():
        yield


def film(*size):
    """Frames whose means and variances differ."""
    return [torch.randn(*size) * (1 + n) + 3 * n for n in range(len(SHARES))]


def random_network(norm="hybrid"):
    """A network whose weights are not those of a fresh one, which does nothing."""
    model = create_model("lite", norm=norm, kernel_sizes=(5, 3, 3)).eval().requires_grad_(False)
    for parameter in model.parameters():
        parameter.add_(0.1 * torch.randn_like(parameter))
    return model


def play(model, frames, shares=SHARES, run=None):
    steady, pace = with_memory(model)
    fused = []
    for frame, share in zip(frames, shares, strict=True):
        pace.set(share)
        fused.append(steady(frame) if run is None else run(steady, frame))
    return fused


@pytest.mark.parametrize("groups", [1, 2, 4])
def test_the_memory_is_an_exponential_mean_of_x_and_its_square(groups):
    norm = nn.GroupNorm(groups, 4)
    norm.weight.copy_(torch.randn(4))
    norm.bias.copy_(torch.randn(4))
    frames = film(2, 4, 5, 6)
    got = play(nn.Sequential(norm), frames)
    mean = square = np.zeros((2, groups))
    for frame, share, y in zip(frames, SHARES, got, strict=True):
        values = frame.double().numpy().reshape(2, groups, -1)
        mean = (1 - share) * mean + share * values.mean(axis=2)
        square = (1 - share) * square + share * (values**2).mean(axis=2)
        spread = np.sqrt(square - mean**2 + norm.eps)
        expected = ((values - mean[..., None]) / spread[..., None]).reshape(2, 4, 5, 6)
        weight, bias = (p.numpy()[:, None, None] for p in (norm.weight, norm.bias))
        assert np.abs(y.numpy() - (expected * weight + bias)).max() < 1e-4


def test_both_ways_to_measure_agree():
    x = torch.randn(2, 6, 7, 5) * 4 + 9
    norm = SteadyGroupNorm(nn.GroupNorm(3, 6), with_memory(nn.Identity())[1])
    norm(x)
    kept = norm.memory.values
    torch.testing.assert_close(torch.stack(norm.moments(x), dim=1), kept, rtol=1e-4, atol=1e-5)
    groups = x.reshape(2, 3, -1)
    torch.testing.assert_close(kept[:, 1], groups.var(2, correction=0), rtol=1e-4, atol=1e-4)


def test_the_channel_path_has_a_memory():
    path = ChannelPath(16)
    frames = film(1, 16, 4, 4)
    got = play(nn.Sequential(path), frames)
    mean = torch.zeros(1, 16, 1, 1)
    for frame, share, y in zip(frames, SHARES, got, strict=True):
        mean = (1 - share) * mean + share * frame.mean((2, 3), keepdim=True)
        torch.testing.assert_close(y, path.mlp(mean), rtol=1e-4, atol=1e-5)


def test_the_first_frame_and_one_after_a_cut_are_stills_to_the_bit():
    model = lkc.load_model("lite", "ir-vis", device="cpu")
    frames = torch.rand(3, 1, 2, 40, 56)
    stills = [model(frame) for frame in frames]
    fused = play(model, frames, (1.0, 0.1, 1.0))
    assert torch.equal(fused[0], stills[0])
    assert not torch.allclose(fused[1], stills[1], atol=1e-4)
    assert torch.equal(fused[2], stills[2])
    assert all(
        torch.equal(model(frame), still) for frame, still in zip(frames, stills, strict=True)
    )


def test_a_copy_shares_the_weights():
    model = random_network()
    steady, _ = with_memory(model)
    ours = {p.data_ptr() for p in model.parameters()}
    assert {p.data_ptr() for p in steady.parameters()} == ours
    assert steady.state_dict().keys() == model.state_dict().keys()


@pytest.mark.parametrize("norm", ["hybrid", "group", "layer"])
def test_what_stays_still_is_left_alone(norm):
    """A hot thing in a corner: with a memory, what lies beyond the kernels' reach hardly moves."""
    model = random_network(norm)
    still = torch.rand(1, 2, 96, 160)
    hot = still.clone()
    hot[:, 0, :16, :16] = 1
    far = np.s_[..., 48:, 128:]
    own = (model(hot) - model(still))[far].abs().mean()
    first, second = play(model, [still, hot], (1.0, 0.01))
    assert (second - first)[far].abs().mean() < 0.03 * own
    assert (second - first)[..., :16, :16].abs().mean() > own


def test_in_bands_as_a_whole(monkeypatch):
    monkeypatch.setattr("lkc.model.large_images.BAND_VALUES", 2**12)
    model, frames = random_network(), [torch.rand(1, 2, 64, 48) * (n + 1) / 3 for n in range(3)]
    whole = play(model, frames)
    for a, b in zip(whole, play(model, frames, run=fuse_in_bands), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("model", [lkc.load_model("maximum"), random_network("batch")])
def test_without_statistics_of_an_image_nothing_changes(model):
    frames = torch.rand(3, 1, 2, 32, 32)
    if isinstance(model, type(random_network())):
        for module in model.modules():
            assert not isinstance(module, nn.GroupNorm)
        model.model.join = nn.ModuleList(lkc.model.lite.Add() for _ in range(3))
    for frame, fused in zip(frames, play(model, frames), strict=True):
        assert torch.equal(fused, model(frame))


def test_frames_of_another_number_start_anew():
    norm = nn.Sequential(make_norm("group", 8, 8))
    one, two = torch.randn(1, 8, 6, 6), torch.randn(2, 8, 6, 6) + 5
    _, fused = play(norm, [one, two], (1.0, 0.1))
    torch.testing.assert_close(fused, norm(two), rtol=1e-4, atol=1e-5)


def test_gradients_pass_through_a_memory():
    with torch.inference_mode(False), torch.enable_grad():
        steady, pace = with_memory(nn.Sequential(nn.GroupNorm(2, 4)))
        for share in SHARES:
            pace.set(share)
            x = torch.randn(1, 4, 5, 5, requires_grad=True)
            steady(x).square().sum().backward()
            assert torch.isfinite(x.grad).all()
            assert x.grad.abs().max() > 0
