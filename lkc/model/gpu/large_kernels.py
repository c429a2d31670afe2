"""Depthwise convolutions with large kernels as products of matrices.

A depthwise convolution is no matrix product, yet rows of it are: 16 neighbouring outputs depend on
32 neighbouring inputs through a band matrix that holds a row of the kernel, shifted once more in
each column. Half of such a matrix is zeros, but the tensor cores are fifteen times as fast as the
other units. `far_kernel` computes patches of 4 x 16 outputs; an input row counts for up to four
rows of outputs, so four bands lie side by side in one matrix.
"""

import torch
import triton
import triton.language as tl
from torch import Tensor, nn

from lkc.model.gpu.matrix_products import multiply, split
from lkc.model.gpu.statistics import apply_affine

LARGEST_KERNEL = 33
PATCH_ROWS = 4


@triton.jit(do_not_specialize=["height", "width", "padded_height", "C", "TOP"])
def prepare_kernel(
    x,
    affine,
    high,
    low,
    height,
    width,
    padded_height,
    padded_width,
    C,
    TOP,
    LEFT: tl.constexpr,
    T: tl.constexpr,
):
    """Normalise one channel, pad it with zeros and split it."""
    channel, sample = tl.program_id(1), tl.program_id(2).to(tl.int64)
    pixel = tl.program_id(0) * T + tl.arange(0, T)
    row, col = pixel // padded_width - TOP, pixel % padded_width - LEFT
    inside = (row >= 0) & (row < height) & (col >= 0) & (col < width)
    plane = sample * C + channel
    values = tl.load(x + plane * height * width + row * width + col, inside, 0.0)
    scale = tl.load(affine + sample * 2 * C + channel)
    shift = tl.load(affine + (sample * 2 + 1) * C + channel)
    values = tl.where(inside, values * scale + shift, 0.0)  # zeros are padded after the norm
    values_high, values_low = split(values)
    place = plane * padded_height * padded_width + pixel
    there = pixel < padded_height * padded_width
    tl.store(high + place, values_high, there)
    tl.store(low + place, values_low, there)


@triton.jit(do_not_specialize=["K", "BANDS"])
def bands_kernel(
    weight,
    high,
    low,
    K,
    BANDS,
    ROWS: tl.constexpr,
    COLS: tl.constexpr,
):
    """Write one row of a channel's kernel as a band matrix (2 COLS, COLS); zeros off its ends."""
    band, channel = tl.program_id(0), tl.program_id(1)
    window, output = tl.arange(0, 2 * COLS), tl.arange(0, COLS)
    row = band - (ROWS - 1)
    col = window[:, None] - output[None, :] + (K // 2 - COLS // 2)
    inside = (row >= 0) & (row < K) & (col >= 0) & (col < K)
    taps = tl.load(weight + channel * K * K + row * K + col, inside, 0.0)
    taps_high, taps_low = split(taps)
    place = (channel * BANDS + band) * (2 * COLS * COLS) + window[:, None] * COLS + output[None, :]
    tl.store(high + place, taps_high)
    tl.store(low + place, taps_low)


@triton.jit(do_not_specialize=["height", "padded_height", "C", "BANDS", "STEPS"])
def far_kernel(
    x_high,
    x_low,
    bands_high,
    bands_low,
    bias,
    out,
    height,
    width,
    padded_height,
    padded_width,
    C,
    BANDS,
    STEPS,
    ROWS: tl.constexpr,
    COLS: tl.constexpr,
    TILE: tl.constexpr,
):
    """Convolve one channel: TILE patches of ROWS x COLS outputs, an input row at a time."""
    WINDOW: tl.constexpr = 2 * COLS  # input columns of a patch
    channel, sample = tl.program_id(1), tl.program_id(2).to(tl.int64)
    across = tl.cdiv(width, COLS)
    last = tl.cdiv(height, ROWS) * across - 1
    patch = tl.minimum(tl.program_id(0) * TILE + tl.arange(0, TILE), last)
    top, left = patch // across * ROWS, patch % across * COLS
    window, output = tl.arange(0, WINDOW), tl.arange(0, ROWS * COLS)
    plane = sample * C + channel
    x_place = plane * padded_height * padded_width
    x_place += top[:, None] * padded_width + left[:, None] + window[None, :]
    band = ROWS - 1 - output // COLS  # of a patch's first input row: it lies above most outputs
    band_place = channel * (BANDS * WINDOW * COLS) + window[:, None] * COLS
    band_place += (band * (WINDOW * COLS) + output % COLS)[None, :]
    total = tl.zeros([TILE, ROWS * COLS], tl.float32)
    for step in tl.range(0, STEPS, num_stages=3):
        rows, bands = step * padded_width, step * (WINDOW * COLS)
        high, low = tl.load(x_high + x_place + rows), tl.load(x_low + x_place + rows)
        band_high = tl.load(bands_high + band_place + bands)
        band_low = tl.load(bands_low + band_place + bands)
        total = multiply(high, low, band_high, band_low, total)
    row = top[:, None] + (output // COLS)[None, :]
    col = left[:, None] + (output % COLS)[None, :]
    place = plane * height * width + row * width + col
    tl.store(out + place, total + tl.load(bias + channel), (row < height) & (col < width))


def look_far(x: Tensor, affine: Tensor, conv: nn.Conv2d) -> Tensor:
    """Depthwise convolution of scale * x + shift.

    Args:
        x: (B, C, H, W), contiguous.
        affine: scale and shift (B, 2, C).
        conv: depthwise KxK with K odd and at most 33, padded by K // 2.

    Returns:
        (B, C, H, W).
    """
    samples, channels, height, width = x.shape
    assert conv.bias is not None
    kernel = conv.kernel_size[0]
    rows, cols = PATCH_ROWS, 16 if kernel <= 17 else 32
    steps = rows + kernel - 1
    across, down = triton.cdiv(width, cols), triton.cdiv(height, rows)
    padded = (down * rows + kernel - 1, (across + 1) * cols)
    high, low = torch.empty(2, samples, channels, *padded, dtype=torch.bfloat16, device=x.device)
    prepare_kernel[triton.cdiv(padded[0] * padded[1], 1024), channels, samples](
        x, affine, high, low, height, width, *padded, channels, kernel // 2, cols // 2, 1024
    )
    bands = steps + rows - 1
    size = (channels, bands, 2 * cols, cols)
    bands_high, bands_low = torch.empty(2, *size, dtype=torch.bfloat16, device=x.device)
    bands_kernel[bands, channels](conv.weight, bands_high, bands_low, kernel, bands, rows, cols)
    out = torch.empty_like(x)
    tile = 64 if cols == 32 else 256 if across * down >= 1024 else 128  # patches
    far_kernel[triton.cdiv(down * across, tile), channels, samples](
        high,
        low,
        bands_high,
        bands_low,
        conv.bias,
        out,
        height,
        width,
        *padded,
        channels,
        bands,
        steps,
        rows,
        cols,
        tile,
        num_warps=max(4, tile // 32),
    )
    return out


def look_far_reference(x: Tensor, affine: Tensor, conv: nn.Conv2d) -> Tensor:
    """What `look_far` computes, in plain torch."""
    return conv(apply_affine(x, affine))
