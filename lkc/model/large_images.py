"""Run the `lite` network on large images band by band: exact, in a third of the memory.

Cutting an image into tiles and fusing each would show seams: instance and group norm take their
mean and variance from the whole image, and so does the channel path of the adaptive fusion. Here
every layer first gathers its statistics over the whole feature map, band by band, and then works on
bands with a halo as wide as its kernel reaches. Only feature maps are whole, and at most two of
them at a level; the wide ones inside the blocks exist for one band at a time.
"""

from collections.abc import Callable, Iterator
from typing import TypeGuard

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lkc.model.adaptive_fusion import LiteAdaptiveFusion, mean_and_max
from lkc.model.lite import DepthwiseBlock, LiteUNet
from lkc.model.network import FusionNet
from lkc.model.steady_norm import SteadyChannelPath, SteadyGroupNorm

# Values of a band in the widest map of a block, 16 MiB. The C library does not reuse blocks of 32
# MiB and more, which is slower.
BAND_VALUES = 2**22


class Statistics:
    """Mean and variance per channel, gathered over the bands of a map in double precision."""

    def __init__(self) -> None:
        self.count = 0
        self.sum = self.square_sum = torch.zeros(())

    def add(self, band: Tensor) -> None:
        """Take a band (B, C, R, W) into account."""
        mean = band.mean((2, 3), keepdim=True)
        var = (band - mean).square_().mean((2, 3))  # (B, C); var_mean takes five times as long
        var, mean = var.cpu().double(), mean[..., 0, 0].cpu().double()  # MPS has no double
        pixels = band.shape[2] * band.shape[3]
        self.count += pixels
        self.sum = self.sum + pixels * mean
        self.square_sum = self.square_sum + pixels * (var + mean * mean)

    @property
    def mean(self) -> Tensor:
        """Mean (B, C)."""
        return self.sum / self.count

    @property
    def mean_square(self) -> Tensor:
        """Mean of squares (B, C)."""
        return self.square_sum / self.count


def norm_as_affine(norm: nn.Module, statistics: Statistics) -> tuple[Tensor, Tensor]:
    """Turn a norm with known statistics into y = scale * x + shift.

    Args:
        norm: group norm, or batch norm in evaluation mode.
        statistics: of the map that the norm would see.

    Returns:
        Scale and shift, (B, C, 1, 1), on the norm's device.
    """
    if isinstance(norm, nn.BatchNorm2d):
        assert norm.running_mean is not None
        assert norm.running_var is not None
        mean, var = norm.running_mean.double()[None], norm.running_var.double()[None]  # (1, C)
    else:
        assert isinstance(norm, nn.GroupNorm)

        def over_groups(values: Tensor) -> Tensor:
            return values.unflatten(1, (norm.num_groups, -1)).mean(dim=2)  # (B, G)

        mean = over_groups(statistics.mean)
        var = over_groups(statistics.mean_square) - mean * mean
        if isinstance(norm, SteadyGroupNorm):
            mean, var = norm.memory.follow_moments(mean, var)
        repeats = norm.num_channels // norm.num_groups
        mean, var = mean.repeat_interleave(repeats, 1), var.repeat_interleave(repeats, 1)  # (B, C)
    gamma, beta = norm.weight.cpu().double(), norm.bias.cpu().double()
    scale = gamma / torch.sqrt(var.cpu() + norm.eps)
    shift = beta - mean.cpu() * scale
    return scale.to(norm.weight)[..., None, None], shift.to(norm.weight)[..., None, None]


def bands(x: Tensor, width: int) -> Iterator[tuple[int, int]]:
    """Cut the rows of a map so that a band with `width` channels stays small: (start, stop)."""
    rows = max(8, BAND_VALUES // (x.shape[0] * width * x.shape[3])) // 8 * 8
    for start in range(0, x.shape[2], rows):
        yield start, min(start + rows, x.shape[2])


def empty_map(like: Tensor, channels: int) -> Tensor:
    """Room for a map (B, C, H, W) as high and wide as another, in the layout that is fast."""
    layout = torch.channels_last if like.device.type == "cpu" else torch.contiguous_format
    size = (like.shape[0], channels, *like.shape[2:])
    return torch.empty(size, dtype=like.dtype, device=like.device, memory_format=layout)


def convolve(
    conv: nn.Conv2d, x: Tensor, start: int, stop: int, prepare: Callable[[Tensor], Tensor]
) -> Tensor:
    """Rows start to stop of conv(prepare(x)); the halo is read, and cut off again."""
    halo = conv.kernel_size[0] // 2
    first, last = max(0, start - halo), min(x.shape[2], stop + halo)
    return conv(prepare(x[:, :, first:last]))[:, :, start - first : stop - first]


def statistics_of(x: Tensor, prepare: Callable[[Tensor], Tensor] | None = None) -> Statistics:
    """Gather the statistics of a map, or of what a pixelwise function makes of it."""
    statistics = Statistics()
    for start, stop in bands(x, x.shape[1]):
        band = x[:, :, start:stop]
        statistics.add(band if prepare is None else prepare(band))
    return statistics


def run_stem(model: LiteUNet, sources: Tensor) -> Tensor:
    """The stem: (B, 2, H, W) -> (B, C, H / 2, W / 2)."""
    pixels = F.pixel_unshuffle(sources, 2)  # (B, 8, H / 2, W / 2)
    x, statistics = empty_map(pixels, model.stem.conv.out_channels), Statistics()
    for start, stop in bands(x, x.shape[1]):
        band = convolve(model.stem.conv, pixels, start, stop, lambda part: part)
        statistics.add(band)
        x[:, :, start:stop] = band
    scale, shift = norm_as_affine(model.stem.norm, statistics)
    return x.mul_(1 + scale).add_(shift)


def run_block(block: nn.Module, x: Tensor, out: Tensor) -> Tensor:
    """A depthwise block: (B, C, H, W) -> out (B, C, H, W)."""
    assert isinstance(block, DepthwiseBlock)
    scale, shift = norm_as_affine(block.norm, statistics_of(x))
    for start, stop in bands(x, 2 * x.shape[1]):
        far = convolve(
            block.large_kernel, x, start, stop, lambda part: torch.addcmul(shift, part, scale)
        )
        wide = torch.relu_(block.widen(far))  # (B, 2 C, R, W)
        torch.add(x[:, :, start:stop], block.narrow(wide), out=out[:, :, start:stop])
    return out


def run_join(join: nn.Module, x: Tensor, skip: Tensor) -> Tensor:
    """The adaptive fusion of decoder x and skip, (B, C, H, W), written over x."""
    if not isinstance(join, LiteAdaptiveFusion):
        return x.add_(skip)
    squeezed = statistics_of(x).mean.to(x)[..., None, None]  # (B, C, 1, 1)
    if isinstance(join.channel_path, SteadyChannelPath):
        squeezed = join.channel_path.memory.follow_mean(squeezed)
    channel_logit = join.channel_logit(join.channel_path.mlp(squeezed))  # (B, 1, 1, 1)
    project, norm = join.spatial_path.conv, join.spatial_path.norm

    scale, shift = norm_as_affine(
        norm, statistics_of(skip, lambda part: project(mean_and_max(part)))
    )
    mixed_statistics = Statistics()
    for start, stop in bands(x, 2 * x.shape[1]):
        rows = (slice(None), slice(None), slice(start, stop))
        spatial = torch.addcmul(shift, project(mean_and_max(skip[rows])), scale)
        mixed = torch.lerp(skip[rows], x[rows], torch.sigmoid(channel_logit + spatial))
        mixed_statistics.add(join.proj(mixed))
        x[rows] = mixed
    scale, shift = norm_as_affine(join.norm, mixed_statistics)
    for start, stop in bands(x, 2 * x.shape[1]):
        mixed = x[:, :, start:stop]
        mixed *= torch.sigmoid(torch.addcmul(shift, join.proj(mixed), scale))
    return x


def run_head(model: LiteUNet, x: Tensor, sources: Tensor) -> Tensor:
    """The head: features (B, C, H / 2, W / 2) and sources (B, 2, H, W) -> (B, 1, H, W)."""
    fused = torch.empty_like(sources[:, :1])
    for start, stop in bands(x, x.shape[1]):
        rows = slice(2 * start, 2 * stop)
        head = convolve(model.head, x, start, stop, lambda part: part)
        change = F.pixel_shuffle(head, 2)  # (B, 1, 2 R, W)
        if model.shortcut:
            brighter = sources[:, :, rows].amax(dim=1, keepdim=True)
            change = brighter + brighter * change
        fused[:, :, rows] = change
    return fused


def run_body(model: LiteUNet, sources: Tensor) -> Tensor:
    """The whole network: (B, 2, H, W) -> (B, 1, H, W); 8 divides H and W."""
    x = run_stem(model, sources)
    skips = []
    for level, block in enumerate(model.encoder):
        x = run_block(block, x, torch.empty_like(x))
        skips.append(x)
        if level < len(model.down):
            x = model.down[level](x)  # (B, C[level + 1], half the size)
    x = run_block(model.mid, x, torch.empty_like(x))
    for level in reversed(range(len(skips))):
        if level < len(model.up):
            x = F.interpolate(model.up[level](x), scale_factor=2, mode="nearest")
        skip = skips.pop()
        x = run_join(model.join[level], x, skip)
        x = run_block(model.decoder[level], x, out=skip)  # the skip has served
    return run_head(model, x, sources)


def can_stream(model: nn.Module) -> TypeGuard[FusionNet]:
    """Whether a model is a `lite` network, which `fuse_in_bands` can run."""
    return isinstance(model, FusionNet) and isinstance(model.model, LiteUNet)


@torch.inference_mode()
def fuse_in_bands(model: FusionNet, sources: Tensor) -> Tensor:
    """Do what a `lite` network does, in a third of the memory.

    Args:
        model: a `lite` network in evaluation mode.
        sources: (B, 2, H, W) in [0, 1] on its device, first source first; any size from 16x16.

    Returns:
        Tensor (B, 1, H, W), equal to `model(sources)` up to rounding.

    Raises:
        InputError: the image is too small.

    Example:
        >>> from lkc.model.network import create_model
        >>> model = create_model("lite").eval()
        >>> sources = torch.rand(1, 2, 40, 51)
        >>> torch.allclose(fuse_in_bands(model, sources), model(sources), atol=1e-5)
        True
    """
    body = model.model
    assert isinstance(body, LiteUNet)
    return model.on_padded(sources, lambda padded: run_body(body, padded))
