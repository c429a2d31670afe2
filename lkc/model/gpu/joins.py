"""The adaptive fusion of a decoder map x and a skip in two passes over both.

Its norm needs the moments of proj(mixed) before any gate can be computed. The first pass computes
mixed and proj(mixed) for the moments alone and writes neither; the second computes them again:
multiplying twice is cheaper here than a map written and read. A decoder map of half the size is
read as it lies: nearest neighbours need no copy.
"""

import torch
import torch.nn.functional as F
import triton
import triton.language as tl
from torch import Tensor, nn

from lkc.model.adaptive_fusion import ChannelPath, LiteAdaptiveFusion, mean_and_max
from lkc.model.gpu.matrix_products import Halver, halve, load_halves, multiply, split
from lkc.model.gpu.statistics import (
    Moments,
    empty_moments,
    norm_as_affine,
    save_moments,
)
from lkc.model.steady_norm import SteadyChannelPath

JOIN_VALUES = 4096  # One program holds so many values, channels times pixels.


@triton.jit
def where_kernel(
    skip,
    weight,
    bias,
    out,
    moments,
    pixels,
    C,
    CHANNELS: tl.constexpr,
    TILE: tl.constexpr,
):
    """Weigh channel mean and channel maximum of every pixel of a tile."""
    tile, sample = tl.program_id(0), tl.program_id(1).to(tl.int64)
    channel, pixel = tl.arange(0, CHANNELS), tile * TILE + tl.arange(0, TILE)
    inside = (channel < C)[:, None] & (pixel < pixels)[None, :]
    place = (sample * C + channel[:, None]) * pixels + pixel[None, :]
    values = tl.load(skip + place, inside, 0.0)
    mean = tl.sum(values, 0) / C  # (TILE,)
    largest = tl.max(tl.where((channel < C)[:, None], values, float("-inf")), 0)
    logit = tl.load(weight) * mean + tl.load(weight + 1) * largest + tl.load(bias)
    tl.store(out + sample * pixels + pixel, logit, pixel < pixels)
    save_moments(moments, logit[None, :], sample, tl.arange(0, 1), tile, pixels, 1, TILE)


def look_where(skip: Tensor, project: nn.Conv2d, tile: int = 128) -> tuple[Tensor, Moments]:
    """The spatial path before its norm: skip (B, C, H, W) -> (B, 1, H, W) and its moments."""
    samples, channels, height, width = skip.shape
    out = skip.new_empty(samples, 1, height, width)
    moments = empty_moments(skip, 1, height * width, tile)
    where_kernel[triton.cdiv(moments.pixels, tile), samples](
        skip,
        project.weight,
        project.bias,
        out,
        moments.values,
        moments.pixels,
        channels,
        triton.next_power_of_2(channels),
        tile,
    )
    return out, moments


def look_where_reference(skip: Tensor, project: nn.Conv2d) -> Tensor:
    """What `look_where` computes, in plain torch."""
    return project(mean_and_max(skip))


@triton.jit(do_not_specialize=["pixels", "tiles", "R", "T"])
def what_kernel(
    moments,
    squeeze,
    squeeze_bias,
    spread,
    spread_bias,
    logit,
    logit_bias,
    affine,
    pixels,
    tiles,
    memory,  # (B, C): kept means, NaN where there are none
    share,  # how much this frame counts
    C,
    R,  # channels of the hidden layer
    T,
    CHANNELS: tl.constexpr,
    HIDDEN: tl.constexpr,
    AT_ONCE: tl.constexpr,
    HAS_MEMORY: tl.constexpr,
):
    """Turn the channel means of one sample into its logit, and add it to the spatial shift."""
    sample = tl.program_id(0).to(tl.int64)
    channel, hidden = tl.arange(0, CHANNELS), tl.arange(0, HIDDEN)
    total = tl.zeros([CHANNELS], tl.float32)
    for start in range(0, tiles, AT_ONCE):
        tile = (start + tl.arange(0, AT_ONCE))[None, :]
        known = (channel < C)[:, None] & (tile < tiles)
        means = tl.load(moments + (sample * 2 * C + channel[:, None]) * tiles + tile, known, 0.0)
        total += tl.sum(means * tl.minimum(T, pixels - tile * T).to(tl.float32), 1)
    mean = total / pixels
    if HAS_MEMORY:
        kept, new = memory + sample * C + channel, tl.load(share)
        old = tl.load(kept, channel < C, 0.0)
        mixed = tl.where(new >= 1, mean, old + new * (mean - old))
        mean = tl.where(old != old, mean, mixed)
        tl.store(kept, mean, channel < C)
    known = (hidden < R)[:, None] & (channel < C)[None, :]
    factors = tl.load(squeeze + hidden[:, None] * C + channel[None, :], known, 0.0)
    values = tl.sum(factors * mean[None, :], 1)  # (HIDDEN,)
    values = tl.maximum(values + tl.load(squeeze_bias + hidden, hidden < R, 0.0), 0.0)
    known = (channel < C)[:, None] & (hidden < R)[None, :]
    factors = tl.load(spread + channel[:, None] * R + hidden[None, :], known, 0.0)
    what = tl.sum(factors * values[None, :], 1)  # (CHANNELS,)
    what += tl.load(spread_bias + channel, channel < C, 0.0)
    total = tl.sum(what * tl.load(logit + channel, channel < C, 0.0), 0) + tl.load(logit_bias)
    shift = affine + sample * 2 + 1
    tl.store(shift, tl.load(shift) + total)


def add_what(affine: Tensor, x: Moments, path: ChannelPath, logit: nn.Conv2d) -> None:
    """Add the channel path's logit, from the moments of x, to the shift in affine (B, 2, 1)."""
    samples, _, channels, tiles = x.values.shape
    squeeze, _, spread = path.mlp
    hidden, memory, share = squeeze.out_channels, None, None
    if isinstance(path, SteadyChannelPath):
        memory, share = path.memory.buffers(affine, (samples, channels, 1, 1))
    what_kernel[(samples,)](
        x.values,
        squeeze.weight,
        squeeze.bias,
        spread.weight,
        spread.bias,
        logit.weight,
        logit.bias,
        affine,
        x.pixels,
        tiles,
        memory,
        share,
        channels,
        hidden,
        x.tile,
        triton.next_power_of_2(channels),
        triton.next_power_of_2(hidden),
        64,
        memory is not None,
        num_warps=8,
    )


def add_what_reference(affine: Tensor, x: Tensor, path: ChannelPath, logit: nn.Conv2d) -> Tensor:
    """What `add_what` leaves in affine, in plain torch from the map x (B, C, H, W)."""
    return affine + logit(path(x))[:, :, 0] * affine.new_tensor([0.0, 1.0])[:, None]


@triton.jit(do_not_specialize=["width"])
def join_kernel(
    x,
    skip,
    spatial,
    spatial_affine,
    proj,
    affine,
    out,
    moments,
    pixels,
    width,
    apart,
    C,
    CHANNELS: tl.constexpr,
    TILE: tl.constexpr,
    SCALE: tl.constexpr,  # 2 where x has half the size of skip
    GATE: tl.constexpr,
):
    """Mix x and skip of a tile and project: take the moments of that, or gate with it and store."""
    tile, sample = tl.program_id(0), tl.program_id(1).to(tl.int64)
    channel, pixel = tl.arange(0, CHANNELS), tile * TILE + tl.arange(0, TILE)
    inside = (channel < C)[:, None] & (pixel < pixels)[None, :]
    place = (sample * C + channel[:, None]) * pixels + pixel[None, :]
    row, col = pixel // width // SCALE, pixel % width // SCALE
    small = pixels // (SCALE * SCALE)
    x_place = (sample * C + channel[None, :]) * small + (row * (width // SCALE) + col)[:, None]
    x_inside = (pixel < pixels)[:, None] & (channel < C)[None, :]
    logit = tl.load(spatial + sample * pixels + pixel, pixel < pixels, 0.0)
    logit = logit * tl.load(spatial_affine + sample * 2) + tl.load(spatial_affine + sample * 2 + 1)
    share = tl.sigmoid(logit)[None, :]
    low = tl.load(skip + place, inside, 0.0)
    deep = tl.trans(
        tl.load(x + x_place, x_inside, 0.0)
    )  # neighbouring threads, neighbouring pixels
    mixed = low + share * (deep - low)  # (CHANNELS, TILE)

    known = (channel < C)[:, None] & (channel < C)[None, :]
    factors = proj + channel[:, None] * C + channel[None, :]
    factors_high, factors_low = load_halves(factors, apart, known)
    mixed_high, mixed_low = split(mixed)
    gate = tl.zeros([CHANNELS, TILE], tl.float32)
    gate = multiply(factors_high, factors_low, mixed_high, mixed_low, gate)
    if GATE:
        scale = tl.load(affine + sample * 2 * C + channel, channel < C, 0.0)
        shift = tl.load(affine + (sample * 2 + 1) * C + channel, channel < C, 0.0)
        gate = mixed * tl.sigmoid(gate * scale[:, None] + shift[:, None])
        tl.store(out + place, gate, inside)
    save_moments(moments, gate, sample, channel, tile, pixels, C, TILE)


def join_maps(
    join: LiteAdaptiveFusion,
    x: tuple[Tensor, Moments],
    skip: Tensor,
    halves: Halver = halve,
) -> tuple[Tensor, Moments]:
    """Adaptive fusion of a decoder map and a skip.

    Args:
        join: the module.
        x: map (B, C, H, W), or of half the height and width, and its moments.
        skip: (B, C, H, W), contiguous.
        halves: from a weight to its halves.

    Returns:
        (B, C, H, W) and its moments.
    """
    small, small_moments = x
    samples, channels, height, width = skip.shape
    project, spatial_norm = join.spatial_path.conv, join.spatial_path.norm
    assert isinstance(project, nn.Conv2d)
    spatial, spatial_moments = look_where(skip, project)
    spatial_affine = norm_as_affine(spatial_norm, spatial_moments)  # (B, 2, 1)
    add_what(spatial_affine, small_moments, join.channel_path, join.channel_logit)
    size = triton.next_power_of_2(channels)
    tile = JOIN_VALUES // size  # pixels
    out, affine, proj = torch.empty_like(skip), None, halves(join.proj.weight)
    for gate in (False, True):
        moments = empty_moments(skip, channels, height * width, tile)
        join_kernel[triton.cdiv(moments.pixels, tile), samples](
            small,
            skip,
            spatial,
            spatial_affine,
            proj,
            affine,
            out,
            moments.values,
            height * width,
            width,
            proj.stride(0),
            channels,
            size,
            tile,
            width // small.shape[3],
            gate,
        )
        affine = affine if gate else norm_as_affine(join.norm, moments)
    return out, moments


def join_maps_reference(join: LiteAdaptiveFusion, x: Tensor, skip: Tensor) -> Tensor:
    """What `join_maps` computes, in plain torch."""
    return join(F.interpolate(x, size=skip.shape[2:], mode="nearest"), skip)
