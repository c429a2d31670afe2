"""The small convolutions: stem, down, up and head."""

import torch
import torch.nn.functional as F
import triton
import triton.language as tl
from torch import Tensor, nn

from lkc.model.gpu.matrix_products import Halver, halve, load_halves, multiply, split
from lkc.model.gpu.statistics import Moments, empty_moments, save_moments


# A step known to be 1 would make neighbouring threads read neighbouring taps, not pixels.
@triton.jit(do_not_specialize=["height", "width", "out_width", "row_step", "col_step"])
def conv_kernel(
    x,
    weight,
    bias,
    out,
    moments,
    height,
    width,
    pixels,
    out_width,
    row_step,
    col_step,
    apart,
    OUTPUTS,
    INPUTS: tl.constexpr,  # so that the loop is unrolled: else registers spill
    CHANNELS: tl.constexpr,  # outputs, the next power of two
    K: tl.constexpr,
    STRIDE: tl.constexpr,
    PAD: tl.constexpr,
    UNSHUFFLE: tl.constexpr,
    TERMS: tl.constexpr,  # of the sum over inputs and taps, at once
    TILE: tl.constexpr,
    HAS_BIAS: tl.constexpr,
    MOMENTS: tl.constexpr,
):
    """A small convolution of one tile of pixels: a product with gathered inputs."""
    tile, sample = tl.program_id(0), tl.program_id(1).to(tl.int64)
    channel, pixel = tl.arange(0, CHANNELS), tile * TILE + tl.arange(0, TILE)
    top, left = pixel // out_width * STRIDE - PAD, pixel % out_width * STRIDE - PAD
    image = x + sample * INPUTS * height * width
    total = tl.zeros([CHANNELS, TILE], tl.float32)
    for start in tl.range(0, INPUTS * K * K, TERMS, num_stages=1):
        term = start + tl.arange(0, TERMS)
        source, tap = term // (K * K), term % (K * K)
        row, col = top[:, None] + (tap // K)[None, :], left[:, None] + (tap % K)[None, :]
        inside = (pixel < pixels)[:, None] & (term < INPUTS * K * K)[None, :]
        inside &= (row >= 0) & (row < height) & (col >= 0) & (col < width)
        if UNSHUFFLE:  # channel 4 s + 2 i + j of pixel (h, w) is pixel (2 h + i, 2 w + j) of s
            first = source // 4 * (4 * height * width) + source // 2 % 2 * (2 * width) + source % 2
        else:
            first = source * (height * width)
        place = first[None, :] + row * row_step + col * col_step
        high, low = split(tl.trans(tl.load(image + place, inside, 0.0)))
        known = (channel < OUTPUTS)[:, None] & (term < INPUTS * K * K)[None, :]
        factors = weight + channel[:, None] * (INPUTS * K * K) + term[None, :]
        factors_high, factors_low = load_halves(factors, apart, known)
        total = multiply(factors_high, factors_low, high, low, total)
    if HAS_BIAS:
        total += tl.load(bias + channel, channel < OUTPUTS, 0.0)[:, None]
    place = (sample * OUTPUTS + channel[:, None]) * pixels + pixel[None, :]
    tl.store(out + place, total, (channel < OUTPUTS)[:, None] & (pixel < pixels)[None, :])
    if MOMENTS:
        save_moments(moments, total, sample, channel, tile, pixels, OUTPUTS, TILE)


def convolve(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int = 1,
    unshuffle: bool = False,
    halves: Halver = halve,
    with_moments: bool = True,
) -> tuple[Tensor, Moments]:
    """A convolution with a small kernel, padded by K // 2 where K is odd.

    Args:
        x: (B, C, H, W), contiguous; with `unshuffle`, (B, C / 4, 2 H, 2 W).
        weight: (O, C, K, K).
        bias: (O,), if any.
        stride: 1 or 2.
        unshuffle: take 2x2 pixels as channels first.
        halves: from a weight to its halves.
        with_moments: False leaves the moments empty.

    Returns:
        (B, O, H / stride, W / stride) and its moments.
    """
    outputs, inputs, size, _ = weight.shape
    samples, height, width = x.shape[0], x.shape[2], x.shape[3]
    if unshuffle:
        height, width = height // 2, width // 2
    pad = size // 2 if size % 2 else 0
    out_height = (height + 2 * pad - size) // stride + 1
    out_width = (width + 2 * pad - size) // stride + 1
    out = x.new_empty(samples, outputs, out_height, out_width)
    tile, terms = (128, 32) if unshuffle else (64, 64)
    moments = empty_moments(x, outputs, out_height * out_width, tile)
    factors = halves(weight)
    conv_kernel[triton.cdiv(moments.pixels, tile), samples](
        x,
        factors,
        bias,
        out,
        moments.values,
        height,
        width,
        moments.pixels,
        out_width,
        4 * width if unshuffle else width,
        2 if unshuffle else 1,
        factors.stride(0),
        outputs,
        inputs,
        max(16, triton.next_power_of_2(outputs)),
        size,
        stride,
        pad,
        unshuffle,
        terms,
        tile,
        bias is not None,
        with_moments,
    )
    return out, moments


def convolve_reference(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int = 1,
    unshuffle: bool = False,
) -> Tensor:
    """What `convolve` computes, in plain torch."""
    x = F.pixel_unshuffle(x, 2) if unshuffle else x
    return F.conv2d(x, weight, bias, stride, padding=weight.shape[2] // 2 if stride == 1 else 0)


@triton.jit(do_not_specialize=["height", "width"])
def head_kernel(parts, bias, sources, out, height, width, SHORTCUT: tl.constexpr, T: tl.constexpr):
    """Join nine 1x1 convolutions to one of 3x3, shuffle its four channels to pixels, apply."""
    sample = tl.program_id(1).to(tl.int64)
    pixel = tl.program_id(0) * T + tl.arange(0, T)
    full = 4 * height * width
    y, x = pixel // (2 * width), pixel % (2 * width)
    channel = y % 2 * 2 + x % 2
    change = tl.load(bias + channel)
    for tap in tl.static_range(9):
        row, col = y // 2 + (tap // 3 - 1), x // 2 + (tap % 3 - 1)
        inside = (pixel < full) & (row >= 0) & (row < height) & (col >= 0) & (col < width)
        plane = (sample * 36 + channel * 9 + tap) * height * width
        change += tl.load(parts + plane + row * width + col, inside, 0.0)
    if SHORTCUT:
        second = tl.load(sources + sample * 2 * full + pixel, pixel < full, 0.0)
        first = tl.load(sources + (sample * 2 + 1) * full + pixel, pixel < full, 0.0)
        brighter = tl.maximum(first, second)
        change = brighter + brighter * change
    tl.store(out + sample * full + pixel, change, pixel < full)


def finish(x: Tensor, head: nn.Conv2d, sources: Tensor, shortcut: bool) -> Tensor:
    """The head: features (B, C, H / 2, W / 2) and sources (B, 2, H, W) -> (B, 1, H, W).

    A 3x3 convolution is the sum of nine 1x1 convolutions, each shifted. Multiplied first and
    shifted afterwards, every feature is read once instead of nine times.
    """
    weight = head.weight.permute(0, 2, 3, 1).reshape(36, -1, 1, 1)
    parts, _ = convolve(x, weight, with_moments=False)  # (B, 36, H / 2, W / 2)
    out = torch.empty_like(sources[:, :1])
    pixels = out.shape[2] * out.shape[3]
    head_kernel[triton.cdiv(pixels, 512), len(x)](
        parts, head.bias, sources, out, *parts.shape[2:], shortcut, 512
    )
    return out


def finish_reference(x: Tensor, head: nn.Conv2d, sources: Tensor, shortcut: bool) -> Tensor:
    """What `finish` computes, in plain torch."""
    change = F.pixel_shuffle(head(x), 2)
    brighter = sources.amax(dim=1, keepdim=True)
    return brighter + brighter * change if shortcut else change
