"""Triton kernels against plain torch in double precision, on fresh random inputs and odd sizes.

They run on a CUDA device, and without one in Triton's interpreter (TRITON_INTERPRET=1).
"""

import os
from copy import deepcopy

import pytest
import torch
from torch import nn

import lkc
from lkc.model.network import create_model

pytest.importorskip("triton", reason="needs Triton")
if not torch.cuda.is_available() and os.environ.get("TRITON_INTERPRET") != "1":
    pytest.skip("needs a CUDA device or TRITON_INTERPRET=1", allow_module_level=True)

from lkc.model.adaptive_fusion import LiteAdaptiveFusion
from lkc.model.cuda_graph import CudaGraphModel
from lkc.model.gpu import (
    convolutions,
    joins,
    large_kernels,
    matrix_products,
    mixing,
    network,
    statistics,
)
from lkc.model.norm import SINGLE_NORMS, make_norm
from lkc.model.steady_network import with_memory

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
needs_cuda = pytest.mark.skipif(DEVICE == "cpu", reason="takes too long in the interpreter")
NORMS = ("hybrid", *SINGLE_NORMS, "released")


@pytest.fixture(autouse=True)
def without_gradients():
    with torch.inference_mode():
        yield


def random(*size):
    return torch.randn(*size, device=DEVICE)


def ready(module):
    """Random weights, norms away from one and zero, running averages too."""
    for name, tensor in [*module.named_parameters(), *module.named_buffers()]:
        if tensor.is_floating_point():
            tensor.data.add_(0.1 * torch.randn_like(tensor))  # 0.3 would amplify all rounding
            if "running_var" in name:
                tensor.data.abs_().add_(0.1)
    return module.to(DEVICE).eval().requires_grad_(False)


def close(actual, reference, *arguments, rtol=3e-5):
    """Compare with a reference that is run in double precision."""
    wide = [a.double() if isinstance(a, torch.Tensor | nn.Module) else a for a in arguments]
    expected = reference(*wide)
    for module in arguments:
        if isinstance(module, nn.Module):
            module.float()
    error = (actual.double() - expected).norm() / expected.norm()
    assert error < rtol, f"relative error {error:.1e}"
    most = (actual.double() - expected).abs().max() / expected.abs().max()
    assert most < 10 * rtol, f"largest error {most:.1e}"


def test_halves():
    x = random(37, 53) * torch.logspace(-6, 6, 53, device=DEVICE)
    assert torch.equal(matrix_products.halve(x), matrix_products.halve_reference(x))
    off = matrix_products.halve(x).double().sum(0) - x.double()
    assert (off.abs() <= x.abs() * 2**-16).all()


@pytest.mark.parametrize("size", [(1, 48, 24, 40), (2, 5, 17, 23)])
def test_moments_of_a_map_far_from_zero(size):
    x = random(*size) + 1000
    moments = statistics.measure_moments(x, 64)
    expected = statistics.measure_moments_reference(x.double(), 64)
    torch.testing.assert_close(moments.values.double(), expected.values, rtol=2e-4, atol=1e-4)


@pytest.mark.parametrize("norm", SINGLE_NORMS)
@pytest.mark.parametrize("before", [False, True])
def test_a_norm_as_scale_and_shift(norm, before):
    x = random(2, 24, 13, 21) * 3 + 7
    module = ready(make_norm(norm, 24, 8))
    earlier = random(2, 2, 24) if before else None
    affine = statistics.norm_as_affine(module, statistics.measure_moments(x, 64), earlier, plus=1.0)
    close(affine, statistics.norm_as_affine_reference, module, x, earlier, 1.0)
    if not before:
        plain = x + module(x)
        torch.testing.assert_close(statistics.apply_affine(x, affine), plain, rtol=1e-4, atol=1e-4)


LARGE = [pytest.param((1, 2, 201, 333), marks=needs_cuda)]  # more patches at once


@pytest.mark.parametrize("kernel", [3, 7, 15, 17, 19, 31, 33])
@pytest.mark.parametrize("size", [(1, 3, 24, 32), (2, 2, 19, 37), *LARGE])
def test_looking_far(kernel, size):
    x, affine = random(*size) + 2, random(size[0], 2, size[1])
    conv = nn.Conv2d(size[1], size[1], kernel, padding=kernel // 2, groups=size[1])
    conv = conv.to(DEVICE).requires_grad_(False)
    close(
        large_kernels.look_far(x, affine, conv), large_kernels.look_far_reference, x, affine, conv
    )


@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize("size", [(1, 48, 8, 24), (2, 96, 7, 13)])
def test_mixing_channels(size, before):
    channels = size[1]
    far, x = random(*size), random(*size)
    earlier = random(size[0], 2, channels) if before else None
    widen = ready(nn.Conv2d(channels, 2 * channels, 1))
    narrow = ready(nn.Conv2d(2 * channels, channels, 1))
    out, moments = mixing.mix(far, x, earlier, widen, narrow)
    close(out, mixing.mix_reference, far, x, earlier, widen, narrow)
    expected = statistics.measure_moments_reference(out, moments.tile).values
    torch.testing.assert_close(moments.values, expected, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(
    ("inputs", "outputs", "kernel", "stride", "unshuffle"),
    [(8, 48, 3, 1, True), (48, 64, 2, 2, False), (64, 48, 1, 1, False), (5, 7, 3, 1, False)],
)
def test_small_convolutions(inputs, outputs, kernel, stride, unshuffle):
    size = (2, inputs // 4, 28, 44) if unshuffle else (2, inputs, 14, 22)
    x, weight, bias = random(*size), random(outputs, inputs, kernel, kernel), random(outputs)
    arguments = (x, weight, bias, stride, unshuffle)
    out, moments = convolutions.convolve(*arguments)
    close(out, convolutions.convolve_reference, *arguments)
    expected = statistics.measure_moments_reference(out, moments.tile).values
    torch.testing.assert_close(moments.values, expected, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("shortcut", [False, True])
def test_the_head(shortcut):
    x, sources = random(2, 48, 11, 13), random(2, 2, 22, 26)
    head = ready(nn.Conv2d(48, 4, 3, padding=1))
    out = convolutions.finish(x, head, sources, shortcut)
    close(out, convolutions.finish_reference, x, head, sources, shortcut)


@pytest.mark.parametrize("norm", SINGLE_NORMS)
@pytest.mark.parametrize("scale", [1, 2])
def test_joining(norm, scale):
    skip, x = random(2, 48, 10, 26), random(2, 48, 10 // scale, 26 // scale)
    join = ready(LiteAdaptiveFusion(48, norm))
    out, moments = joins.join_maps(join, (x, statistics.measure_moments(x, 32)), skip)
    close(out, joins.join_maps_reference, join, x, skip)
    path, logit = join.channel_path, join.channel_logit
    before = random(2, 2, 1)
    affine = before.clone()
    joins.add_what(affine, statistics.measure_moments(x, 32), path, logit)
    close(affine, joins.add_what_reference, before, x, path, logit)
    project = join.spatial_path.conv
    close(joins.look_where(skip, project)[0], joins.look_where_reference, skip, project)
    expected = statistics.measure_moments_reference(out, moments.tile).values
    torch.testing.assert_close(moments.values, expected, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("norm", NORMS)
def test_a_whole_network(norm):
    model = ready(create_model("lite", norm=norm, kernel_sizes=(7, 5, 3))).model
    sources = random(2, 2, 24, 40)
    assert network.can_run(model, sources)
    fused = network.run_body(model, sources)
    expected = model.double()(sources.double())
    model.float()
    assert (fused.double() - expected).norm() < 1e-4 * expected.norm()


@pytest.mark.parametrize(("fusion", "shortcut"), [(False, True), (True, False)])
def test_variants_of_the_network(fusion, shortcut):
    model = create_model("lite", kernel_sizes=(5, 3, 3), fusion=fusion, shortcut=shortcut)
    model = ready(model).model
    sources = random(1, 2, 16, 32)
    fused = network.run_body(model, sources)
    expected = model.double()(sources.double())
    assert (fused.double() - expected).norm() < 1e-4 * expected.norm()


def test_the_same_pair_gives_the_same_bits():
    """A race between threads would show as results that change."""
    model = ready(create_model("lite")).model
    sources = random(1, 2, 480, 640) if DEVICE == "cuda" else random(1, 2, 16, 24)
    first = network.run_body(model, sources)
    for _ in range(50 if DEVICE == "cuda" else 1):
        assert torch.equal(network.run_body(model, sources), first)


@pytest.mark.parametrize("task", lkc.TASKS)
def test_shipped_weights(task):
    model = lkc.load_model("lite", task, device="cpu")
    sources = torch.rand(1, 2, 32, 48)
    expected = model(sources)
    assert not network.can_run(model.model, sources)  # channels_last
    body = model.to(DEVICE).to(memory_format=torch.contiguous_format).model
    assert network.can_run(body, sources.to(DEVICE))
    fused = network.run_body(body, sources.to(DEVICE)).cpu()
    torch.testing.assert_close(fused, expected, rtol=0, atol=1e-4)


SHARES = (1.0, 0.3, 0.1)


@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize("groups", [1, 3, 24])
def test_a_norm_with_a_memory_as_scale_and_shift(groups, before):
    norm = ready(nn.GroupNorm(groups, 24))
    ours, our_pace = with_memory(nn.Sequential(norm))
    plain, pace = with_memory(nn.Sequential(norm))
    earlier = random(2, 2, 24) if before else None
    for number, share in enumerate(SHARES):
        x = random(2, 24, 13, 21) * (number + 1) + 7
        our_pace.set(share)
        pace.set(share)
        affine = statistics.norm_as_affine(ours[0], statistics.measure_moments(x, 64), earlier)
        shown = x if earlier is None else statistics.apply_affine(x, earlier)
        expected = plain(shown)
        torch.testing.assert_close(
            statistics.apply_affine(x, affine), expected, rtol=1e-3, atol=1e-3
        )
    assert not torch.allclose(expected, norm(shown), atol=0.05)


def test_a_channel_path_with_a_memory():
    join = ready(LiteAdaptiveFusion(48, "group"))
    (ours, our_pace), (plain, pace) = with_memory(join), with_memory(join)
    for number, share in enumerate(SHARES):
        x, affine = random(2, 48, 10, 26) + number, random(2, 2, 1)
        our_pace.set(share)
        pace.set(share)
        expected = joins.add_what_reference(affine, x, plain.channel_path, plain.channel_logit)
        moments = statistics.measure_moments(x, 32)
        joins.add_what(affine, moments, ours.channel_path, ours.channel_logit)
        torch.testing.assert_close(affine, expected, rtol=1e-3, atol=1e-4)


def steady_film(norm):
    """A network with a memory, its pace, and a film that changes."""
    model = ready(create_model("lite", norm=norm, kernel_sizes=(7, 5, 3)))
    frames = [torch.rand(2, 2, 24, 40, device=DEVICE) * (n + 1) / 3 for n in range(3)]
    return model, list(zip(frames, SHARES, strict=True))


@pytest.mark.parametrize("norm", ["hybrid", "group", "batch"])
def test_norms_with_a_memory(norm):
    model, film = steady_film(norm)
    ours, our_pace = with_memory(model)
    plain, plain_pace = with_memory(deepcopy(model).double())
    for frame, share in film:
        our_pace.set(share)
        plain_pace.set(share)
        fused, expected = network.run_body(ours.model, frame), plain(frame.double())
        assert (fused - expected).norm() < 1e-3 * expected.norm()
    assert not torch.allclose(fused, model(frame), atol=1e-3)


@needs_cuda
def test_norms_with_a_memory_in_a_cuda_graph():
    model, film = steady_film("hybrid")
    graph, pace = with_memory(CudaGraphModel(model))
    plain, plain_pace = with_memory(deepcopy(model).double())
    for frame, share in film:
        pace.set(share)
        plain_pace.set(share)
        expected = plain(frame.double())
        assert (graph(frame) - expected).norm() < 1e-3 * expected.norm()
