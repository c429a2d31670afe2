"""Run a `lite` network through the kernels of this package: same modules, same result."""

from typing import TypeGuard

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lkc.model.adaptive_fusion import LiteAdaptiveFusion
from lkc.model.gpu.convolutions import convolve, finish
from lkc.model.gpu.joins import join_maps
from lkc.model.gpu.large_kernels import LARGEST_KERNEL, look_far
from lkc.model.gpu.matrix_products import Halver, halve
from lkc.model.gpu.mixing import mix
from lkc.model.gpu.statistics import Moments, measure_moments, norm_as_affine
from lkc.model.lite import DepthwiseBlock, LiteUNet

Map = tuple[Tensor, Moments]


def can_run(model: nn.Module, sources: Tensor) -> TypeGuard[LiteUNet]:
    """Whether there are kernels for a network's body: `lite` in float32, in evaluation mode."""
    if not isinstance(model, LiteUNet) or model.training:
        return False
    kernels = [m.kernel_size[0] for m in model.modules() if isinstance(m, nn.Conv2d)]
    tensors = [sources, *model.parameters()]
    plain = all(x.dtype == torch.float32 and x.is_contiguous() for x in tensors)
    return max(kernels) <= LARGEST_KERNEL and plain


def halve_weights(model: LiteUNet) -> Halver:
    """Split all weights that are multiplied at once; returns how to look one up."""
    blocks = [*model.encoder, model.mid, *model.decoder]
    convs = [model.stem.conv, *model.down, *model.up]
    convs += [conv for block in blocks for conv in (block.widen, block.narrow)]
    convs += [join.proj for join in model.join if isinstance(join, LiteAdaptiveFusion)]
    weights = [conv.weight for conv in convs]
    sizes = [weight.numel() for weight in weights]
    parts = halve(torch.cat([weight.flatten() for weight in weights])).split(sizes, dim=1)
    found = {id(weight): part for weight, part in zip(weights, parts, strict=True)}
    return lambda weight: found[id(weight)]


def run_block(block: nn.Module, x: Map, halves: Halver, before: Tensor | None = None) -> Map:
    """A depthwise block on a map (B, C, H, W) that still has to go through `before`, if any."""
    assert isinstance(block, DepthwiseBlock)
    values, moments = x
    affine = norm_as_affine(block.norm, moments, before)
    far = look_far(values, affine, block.large_kernel)
    return mix(far, values, before, block.widen, block.narrow, halves)


def run_join(join: nn.Module, x: Map, skip: Tensor, halves: Halver) -> Map:
    """Join a decoder map, which may have half the size, with the skip (B, C, H, W)."""
    if isinstance(join, LiteAdaptiveFusion):
        return join_maps(join, x, skip, halves)
    total = F.interpolate(x[0], size=skip.shape[2:], mode="nearest") + skip
    return total, measure_moments(total)


def run_conv(conv: nn.Module, x: Map, halves: Halver) -> Map:
    """A small convolution."""
    assert isinstance(conv, nn.Conv2d)
    return convolve(x[0], conv.weight, conv.bias, conv.stride[0], halves=halves)


def run_body(model: LiteUNet, sources: Tensor) -> Tensor:
    """Fuse two sources: (B, 2, H, W) in [0, 1] -> (B, 1, H, W); 8 divides H and W."""
    sources, halves = sources.contiguous(), halve_weights(model)
    stem = model.stem.conv
    x = convolve(sources, stem.weight, stem.bias, unshuffle=True, halves=halves)
    before = norm_as_affine(model.stem.norm, x[1], plus=1.0)  # x + norm(x) is applied on reading
    skips = []
    for level, block in enumerate(model.encoder):
        x = run_block(block, x, halves, None if level else before)
        skips.append(x[0])
        if level < len(model.down):
            x = run_conv(model.down[level], x, halves)
    x = run_block(model.mid, x, halves)
    for level in reversed(range(len(skips))):
        if level < len(model.up):
            x = run_conv(model.up[level], x, halves)
        x = run_join(model.join[level], x, skips[level], halves)
        x = run_block(model.decoder[level], x, halves)
    return finish(x[0], model.head, sources, model.shortcut)
