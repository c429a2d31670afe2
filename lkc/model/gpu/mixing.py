"""What follows the large kernel in a block: widen, cut at zero, narrow, add, in one pass."""

import torch
import triton
import triton.language as tl
from torch import Tensor, nn

from lkc.model.gpu.matrix_products import Halver, halve, load_halves, multiply, split
from lkc.model.gpu.statistics import Moments, apply_affine, empty_moments, save_moments


@triton.jit
def mix_kernel(
    far,
    x,
    before,
    widen,
    widen_bias,
    narrow,
    narrow_bias,
    out,
    moments,
    pixels,
    apart,
    C,
    CHANNELS: tl.constexpr,  # the next power of two
    HIDDEN: tl.constexpr,  # hidden channels at once
    TILE: tl.constexpr,
    HAS_BEFORE: tl.constexpr,
):
    """Widen, cut at zero, narrow and add the block's input, for one tile of pixels."""
    tile, sample = tl.program_id(0), tl.program_id(1).to(tl.int64)
    channel, pixel = tl.arange(0, CHANNELS), tile * TILE + tl.arange(0, TILE)
    inside = (channel < C)[:, None] & (pixel < pixels)[None, :]
    place = (sample * C + channel[:, None]) * pixels + pixel[None, :]
    far_high, far_low = split(tl.load(far + place, inside, 0.0))
    total = tl.zeros([CHANNELS, TILE], tl.float32)
    for start in tl.range(0, 2 * C, HIDDEN, num_stages=1):
        hidden = start + tl.arange(0, HIDDEN)
        known = (hidden < 2 * C)[:, None] & (channel < C)[None, :]
        factors = widen + hidden[:, None] * C + channel[None, :]
        high, low = load_halves(factors, apart, known)
        wide = tl.zeros([HIDDEN, TILE], tl.float32)
        wide = multiply(high, low, far_high, far_low, wide)
        wide += tl.load(widen_bias + hidden, hidden < 2 * C, 0.0)[:, None]
        wide_high, wide_low = split(tl.maximum(wide, 0.0))
        known = (channel < C)[:, None] & (hidden < 2 * C)[None, :]
        factors = narrow + channel[:, None] * (2 * C) + hidden[None, :]
        high, low = load_halves(factors, apart, known)
        total = multiply(high, low, wide_high, wide_low, total)
    values = tl.load(x + place, inside, 0.0)
    if HAS_BEFORE:
        scale = tl.load(before + sample * 2 * C + channel, channel < C, 0.0)
        shift = tl.load(before + (sample * 2 + 1) * C + channel, channel < C, 0.0)
        values = values * scale[:, None] + shift[:, None]
    values += total + tl.load(narrow_bias + channel, channel < C, 0.0)[:, None]
    tl.store(out + place, values, inside)
    save_moments(moments, values, sample, channel, tile, pixels, C, TILE)


def mix(
    far: Tensor,
    x: Tensor,
    before: Tensor | None,
    widen: nn.Conv2d,
    narrow: nn.Conv2d,
    halves: Halver = halve,
) -> tuple[Tensor, Moments]:
    """The two 1x1 convolutions of a block and its shortcut, in one pass over the map.

    Args:
        far: what the large kernel has seen, (B, C, H, W), contiguous.
        x: the block's input, (B, C, H, W), contiguous.
        before: a scale and a shift (B, 2, C) that x still has to go through, if any.
        widen, narrow: 1x1 convolutions C -> 2 C -> C.
        halves: from a weight to its halves.

    Returns:
        The block's output (B, C, H, W) and its moments.
    """
    samples, channels, height, width = x.shape
    out = torch.empty_like(x)
    tile = 128 if height * width >= 16384 else 64  # pixels; small maps need the programs
    moments = empty_moments(x, channels, height * width, tile)
    wide, narrowed = halves(widen.weight), halves(narrow.weight)
    assert wide.stride(0) == narrowed.stride(0)
    mix_kernel[triton.cdiv(height * width, tile), samples](
        far,
        x,
        before,
        wide,
        widen.bias,
        narrowed,
        narrow.bias,
        out,
        moments.values,
        height * width,
        wide.stride(0),
        channels,
        triton.next_power_of_2(channels),
        64,
        tile,
        before is not None,
    )
    return out, moments


def mix_reference(
    far: Tensor, x: Tensor, before: Tensor | None, widen: nn.Conv2d, narrow: nn.Conv2d
) -> Tensor:
    """What `mix` computes, in plain torch."""
    x = x if before is None else apply_affine(x, before)
    return x + narrow(torch.relu(widen(far)))
