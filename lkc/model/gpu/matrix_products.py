"""Matrix products on the tensor cores, exact to 1e-5.

Tensor cores multiply numbers of 8 to 11 bits. A float32 number is the sum of two bfloat16 numbers
up to its last 8 bits, and three of the four products of two such sums matter.
"""

from collections.abc import Callable

import torch
import triton
import triton.language as tl
from torch import Tensor

Halver = Callable[[Tensor], Tensor]


@triton.jit
def split(x):
    """Write float32 as a sum of two bfloat16: the upper 16 bits, and what they leave, rounded."""
    high = (x.to(tl.int32, bitcast=True) & -65536).to(tl.float32, bitcast=True)
    return high.to(tl.bfloat16), (x - high).to(tl.bfloat16)


@triton.jit(do_not_specialize=["size"])
def halves_kernel(x, high, low, size, T: tl.constexpr):
    """Split a vector."""
    place = tl.program_id(0) * T + tl.arange(0, T)
    x_high, x_low = split(tl.load(x + place, place < size))
    tl.store(high + place, x_high, place < size)
    tl.store(low + place, x_low, place < size)


def halve(x: Tensor) -> Tensor:
    """Write a contiguous tensor as a sum of two bfloat16 tensors: (...) -> (2, ...)."""
    halves = torch.empty(2, *x.shape, dtype=torch.bfloat16, device=x.device)
    size = x.numel()
    halves_kernel[triton.cdiv(size, 1024),](x, halves[0], halves[1], size, 1024)
    return halves


def halve_reference(x: Tensor) -> Tensor:
    """What `halve` computes, in plain torch."""
    high = (x.view(torch.int32) & -65536).view(torch.float32)  # the upper 16 bits
    return torch.stack([high.bfloat16(), (x - high).bfloat16()])


@triton.jit
def load_halves(place, apart, mask):
    """Load the same part of both halves of a tensor, so many elements apart."""
    return tl.load(place, mask, 0.0), tl.load(place + apart, mask, 0.0)


@triton.jit
def multiply(a_high, a_low, b_high, b_low, total):
    """Add the matrix product of two sums to a total; low times low is below the rounding."""
    total = tl.dot(a_low, b_high, total)
    total = tl.dot(a_high, b_low, total)
    return tl.dot(a_high, b_high, total)
