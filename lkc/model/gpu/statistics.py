"""A norm in two small steps: the moments of each tile of pixels, then one scale and one shift.

Whichever kernel writes a map also writes the mean of every tile and its sum of squared differences
from that mean. `norm_as_affine` joins the tiles, so that no norm reads a map a second time, and the
next kernel applies scale and shift while it reads. Differences are taken from each tile's own mean:
a sum of squares minus a squared sum would lose all digits where the mean is large.

Source of the joining: Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for
computing sample variances" (1979).
"""

from dataclasses import dataclass

import torch
import triton
import triton.language as tl
from torch import Tensor, nn

from lkc.model.steady_norm import SteadyGroupNorm

VALUES_AT_ONCE = 8192


@dataclass(frozen=True)
class Moments:
    """Moments of a map (B, C, H, W), tile by tile.

    Attributes:
        values: (B, 2, C, T): means, then sums of squared differences from them.
        tile: pixels of a tile; the last may have fewer.
        pixels: H * W.
    """

    values: Tensor
    tile: int
    pixels: int


def empty_moments(x: Tensor, channels: int, pixels: int, tile: int) -> Moments:
    """Room for the moments of a map with `channels` channels, on the device of x."""
    values = x.new_empty(x.shape[0], 2, channels, triton.cdiv(pixels, tile))
    return Moments(values, tile, pixels)


@triton.jit
def save_moments(moments, values, sample, channel, tile, pixels, C, T: tl.constexpr):
    """Store the moments of a tile (channels, T) of a map; pixels outside of it do not count."""
    inside = (tile * T + tl.arange(0, T) < pixels)[None, :]
    count = tl.minimum(T, pixels - tile * T).to(tl.float32)
    mean = tl.sum(tl.where(inside, values, 0.0), 1) / count  # (channels,)
    centred = tl.where(inside, values - mean[:, None], 0.0)
    tiles = tl.cdiv(pixels, T)
    place = moments + (sample * 2 * C + channel) * tiles + tile
    tl.store(place, mean, channel < C)
    tl.store(place + C * tiles, tl.sum(centred * centred, 1), channel < C)


@triton.jit
def moments_kernel(x, moments, pixels, C, CHANNELS: tl.constexpr, T: tl.constexpr):
    """Moments of a map that a kernel from elsewhere has written."""
    tile, sample = tl.program_id(0), tl.program_id(1).to(tl.int64)
    channel, pixel = tl.arange(0, CHANNELS), tile * T + tl.arange(0, T)
    inside = (channel < C)[:, None] & (pixel < pixels)[None, :]
    place = (sample * C + channel[:, None]) * pixels + pixel[None, :]
    values = tl.load(x + place, inside, 0.0)
    save_moments(moments, values, sample, channel, tile, pixels, C, T)


def measure_moments(x: Tensor, tile: int = 256) -> Moments:
    """Moments of a contiguous map (B, C, H, W)."""
    samples, channels, height, width = x.shape
    moments = empty_moments(x, channels, height * width, tile)
    grid = (triton.cdiv(moments.pixels, tile), samples)
    size = triton.next_power_of_2(channels)
    moments_kernel[grid](x, moments.values, moments.pixels, channels, size, tile)
    return moments


def measure_moments_reference(x: Tensor, tile: int = 256) -> Moments:
    """What `measure_moments` computes, in plain torch."""
    tiles = x.flatten(2).split(tile, dim=2)
    means = torch.stack([part.mean(2) for part in tiles], dim=2)  # (B, C, T)
    squares = [(part - part.mean(2, keepdim=True)).square().sum(2) for part in tiles]
    values = torch.stack([means, torch.stack(squares, dim=2)], dim=1)  # (B, 2, C, T)
    return Moments(values, tile, x.shape[2] * x.shape[3])


@triton.jit(do_not_specialize=["pixels", "tiles", "C", "T"])
def affine_kernel(
    moments,
    before,
    gamma,
    beta,
    affine,
    pixels,
    tiles,
    eps,
    plus,
    memory,  # (B, 2, G): kept mean and variance, NaN where there are none
    share,  # how much this frame counts
    C,
    T,
    SIZE: tl.constexpr,  # channels of a group
    SLOTS: tl.constexpr,  # the next power of two
    AT_ONCE: tl.constexpr,
    HAS_BEFORE: tl.constexpr,
    HAS_MEMORY: tl.constexpr,
):
    """Scale and shift of one group of one sample."""
    sample = tl.program_id(1).to(tl.int64)
    slot = tl.arange(0, SLOTS)
    channel, there = tl.program_id(0) * SIZE + slot, slot < SIZE
    place = moments + ((sample * 2 * C + channel) * tiles)[:, None]
    total = tl.zeros([SLOTS], tl.float32)
    for start in range(0, tiles, AT_ONCE):
        tile = (start + tl.arange(0, AT_ONCE))[None, :]
        known = there[:, None] & (tile < tiles)
        count = tl.minimum(T, pixels - tile * T).to(tl.float32)
        total += tl.sum(count * tl.load(place + tile, known, 0.0), 1)
    mean = total / pixels  # of each channel
    squares = tl.zeros([SLOTS], tl.float32)
    for start in range(0, tiles, AT_ONCE):
        tile = (start + tl.arange(0, AT_ONCE))[None, :]
        known = there[:, None] & (tile < tiles)
        count = tl.minimum(T, pixels - tile * T).to(tl.float32)
        off = tl.where(known, tl.load(place + tile, known, 0.0) - mean[:, None], 0.0)
        squares += tl.sum(tl.load(place + C * tiles + tile, known, 0.0) + count * off * off, 1)
    if HAS_BEFORE:  # the norm sees the map after this scale and shift
        scale_before = tl.load(before + sample * 2 * C + channel, there, 0.0)
        shift_before = tl.load(before + (sample * 2 + 1) * C + channel, there, 0.0)
        mean = scale_before * mean + shift_before
        squares *= scale_before * scale_before
    group_mean = tl.sum(tl.where(there, mean, 0.0), 0) / SIZE
    off = tl.where(there, mean - group_mean, 0.0)
    variance = tl.sum(squares / pixels + off * off, 0) / SIZE
    if HAS_MEMORY:
        kept = memory + sample * 2 * tl.num_programs(0) + tl.program_id(0)
        kept_variance = kept + tl.num_programs(0)
        old_mean, old_variance, new = tl.load(kept), tl.load(kept_variance), tl.load(share)
        step = group_mean - old_mean
        starts = (new >= 1) | (old_mean != old_mean)
        mixed = old_variance + new * (variance - old_variance) + new * (1 - new) * step * step
        group_mean = tl.where(starts, group_mean, old_mean + new * step)
        variance = tl.where(starts, variance, mixed)
        tl.store(kept, group_mean)
        tl.store(kept_variance, variance)
    scale = tl.load(gamma + channel, there, 0.0) / tl.sqrt(variance + eps)
    shift = tl.load(beta + channel, there, 0.0) - group_mean * scale
    if HAS_BEFORE:
        shift += scale * shift_before
        scale *= scale_before
    tl.store(affine + sample * 2 * C + channel, scale + plus, there)
    tl.store(affine + (sample * 2 + 1) * C + channel, shift, there)


def norm_as_affine(
    norm: nn.Module, moments: Moments, before: Tensor | None = None, plus: float = 0.0
) -> Tensor:
    """Turn a norm of a map with known moments into y = scale * x + shift.

    Args:
        norm: group norm, or batch norm in evaluation mode; a memory that it has is updated.
        moments: of the map.
        before: a scale and a shift (B, 2, C) that the map still has to go through before the norm.
        plus: what to add to the scale: 1 makes it x + norm(x).

    Returns:
        (B, 2, C): scale, then shift; those of `before` are in them.
    """
    samples, _, channels, tiles = moments.values.shape
    if isinstance(norm, nn.BatchNorm2d):
        affine = batch_norm_as_affine(norm).expand(samples, -1, -1)
        return affine_after(affine, before, plus).contiguous()
    assert isinstance(norm, nn.GroupNorm)
    affine = moments.values.new_empty(samples, 2, channels)
    size = channels // norm.num_groups
    memory, share = None, None
    if isinstance(norm, SteadyGroupNorm):
        memory, share = norm.memory.buffers(affine, (samples, 2, norm.num_groups))
    affine_kernel[norm.num_groups, samples](
        moments.values,
        before,
        norm.weight,
        norm.bias,
        affine,
        moments.pixels,
        tiles,
        norm.eps,
        plus,
        memory,
        share,
        channels,
        moments.tile,
        size,
        triton.next_power_of_2(size),
        min(1024, VALUES_AT_ONCE // triton.next_power_of_2(size)),
        before is not None,
        memory is not None,
    )
    return affine


def batch_norm_as_affine(norm: nn.BatchNorm2d) -> Tensor:
    """Scale and shift (2, C) of a batch norm's running averages."""
    assert norm.running_mean is not None
    assert norm.running_var is not None
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    return torch.stack([scale, norm.bias - norm.running_mean * scale])


def affine_after(affine: Tensor, before: Tensor | None, plus: float = 0.0) -> Tensor:
    """Join two steps y = scale * x + shift, (B, 2, C) each, and add `plus` to the scale."""
    scale, shift = affine.unbind(1)
    if before is not None:
        scale, shift = scale * before[:, 0], shift + scale * before[:, 1]
    return torch.stack([scale + plus, shift], dim=1)  # (B, 2, C)


def norm_as_affine_reference(
    norm: nn.Module, x: Tensor, before: Tensor | None = None, plus: float = 0.0
) -> Tensor:
    """What `norm_as_affine` computes, in plain torch from the map (B, C, H, W) itself."""
    if isinstance(norm, nn.BatchNorm2d):
        return affine_after(batch_norm_as_affine(norm).expand(len(x), -1, -1), before, plus)
    assert isinstance(norm, nn.GroupNorm)
    y = x if before is None else apply_affine(x, before)
    groups = y.reshape(len(y), norm.num_groups, -1)
    variance, mean = torch.var_mean(groups, dim=2, correction=0)  # (B, G)
    repeats = norm.num_channels // norm.num_groups
    mean, variance = mean.repeat_interleave(repeats, 1), variance.repeat_interleave(repeats, 1)
    scale = norm.weight / torch.sqrt(variance + norm.eps)  # (B, C)
    return affine_after(torch.stack([scale, norm.bias - mean * scale], 1), before, plus)


def apply_affine(x: Tensor, affine: Tensor) -> Tensor:
    """Y = scale * x + shift, for x (B, C, H, W) and affine (B, 2, C)."""
    scale, shift = affine[..., None, None].unbind(1)  # (B, C, 1, 1)
    return scale * x + shift
