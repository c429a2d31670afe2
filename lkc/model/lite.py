"""The default network: the paper's ideas at a thousandth of the cost.

What is kept: a hybrid of instance norm (in the stem) and group norm (in the blocks), depthwise
large kernels that grow towards the fine levels, and adaptive fusion at every level. What makes it
cheap: it works at half resolution (2x2 pixels become channels, and back), every large kernel is
depthwise, and it only has to learn what to change on top of the brighter source.

The change is a gain on the local brightness, not an offset: where both sources are black the fused
image stays black, however the per-image statistics of the norms shift the features.
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lkc.model.adaptive_fusion import LiteAdaptiveFusion
from lkc.model.norm import GROUP_SIZE, make_norm, norm_plan
from lkc.model.pixelwise import add_mixed_channels, can_run_in_bands


class Stem(nn.Module):
    """Sources plus their instance-normalised view: absolute brightness and sparse structure.

    Args:
        in_chs, out_chs: channels in and out, the latter a multiple of 8.
        norm: name for `lkc.model.norm.make_norm`.
    """

    def __init__(self, in_chs: int, out_chs: int, norm: str) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_chs, out_chs, 3, padding=1)
        self.norm = make_norm(norm, out_chs, GROUP_SIZE)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)  # (B, C, H, W)
        return x + self.norm(x)


class DepthwiseBlock(nn.Module):
    """Norm, look far with a depthwise KxK, mix channels with two 1x1, add the input.

    Args:
        channels: in and out, a multiple of 8.
        kernel_size: odd, of the depthwise convolution.
        norm: name for `lkc.model.norm.make_norm`.
    """

    def __init__(self, channels: int, kernel_size: int, norm: str) -> None:
        super().__init__()
        self.norm = make_norm(norm, channels, GROUP_SIZE)
        self.large_kernel = nn.Conv2d(
            channels, channels, kernel_size, padding=kernel_size // 2, groups=channels
        )
        self.widen = nn.Conv2d(channels, 2 * channels, 1)
        self.narrow = nn.Conv2d(2 * channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        looked = self.large_kernel(self.norm(x))
        if can_run_in_bands(looked, self.large_kernel, self.widen, self.narrow):
            return add_mixed_channels(x, looked, self.widen, self.narrow)  # the same, faster
        wide = torch.relu_(self.widen(looked))  # (B, 2 C, H, W)
        return x + self.narrow(wide)  # (B, C, H, W)


class Add(nn.Module):
    """The plain way to join decoder and skip, for comparison."""

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        return x + skip


def start_at_brighter(head: nn.Conv2d) -> None:
    """Set a head to predict no change, so that training starts at the brighter source."""
    for parameter in head.parameters():
        nn.init.zeros_(parameter)


def change_brighter(sources: Tensor, change: Tensor) -> Tensor:
    """Apply a gain (B, 1, H, W) to the brighter of the sources (B, 2, H, W): black stays black."""
    brighter = sources.amax(dim=1, keepdim=True)
    return brighter + brighter * change  # (B, 1, H, W)


class LiteUNet(nn.Module):
    """Fuse two sources with depthwise large kernels at half resolution.

    Args:
        norm: name for `lkc.model.norm.norm_plan`.
        kernel_sizes: odd kernel sizes of the levels, fine to coarse.
        widths: channels of the levels, multiples of 8.
        fusion: False replaces the adaptive fusion module by addition.
        shortcut: True predicts a gain on the brighter source, False the image itself.
    """

    def __init__(
        self,
        norm: str,
        kernel_sizes: Sequence[int],
        widths: Sequence[int] = (48, 64, 96),
        fusion: bool = True,
        shortcut: bool = True,
    ) -> None:
        super().__init__()
        plan = norm_plan(norm)
        self.multiple = 2 ** len(widths)
        self.shortcut = shortcut
        levels = list(zip(widths, kernel_sizes, strict=True))

        def block(channels: int, kernel_size: int) -> DepthwiseBlock:
            return DepthwiseBlock(channels, kernel_size, plan.large_kernel)

        def join(channels: int) -> nn.Module:
            return LiteAdaptiveFusion(channels, plan.fusion) if fusion else Add()

        self.stem = Stem(8, widths[0], plan.stem)
        self.encoder = nn.ModuleList(block(c, k) for c, k in levels)
        self.down = nn.ModuleList(
            nn.Conv2d(fine, coarse, 2, stride=2) for fine, coarse in pairwise(widths)
        )
        self.up = nn.ModuleList(nn.Conv2d(coarse, fine, 1) for fine, coarse in pairwise(widths))
        self.mid = block(*levels[-1])
        self.join = nn.ModuleList(join(c) for c in widths)
        self.decoder = nn.ModuleList(block(c, k) for c, k in levels)
        self.head = nn.Conv2d(widths[0], 4, 3, padding=1)
        if shortcut:
            start_at_brighter(self.head)

    def features(self, sources: Tensor) -> Tensor:
        """Run the U-Net: (B, 2, H, W) -> (B, C, H / 2, W / 2)."""
        x = self.stem(F.pixel_unshuffle(sources, 2))  # (B, C1, H / 2, W / 2)
        skips = []
        for level, block in enumerate(self.encoder):
            x = block(x)
            skips.append(x)
            if level < len(self.down):
                x = self.down[level](x)  # (B, C[level + 1], half the size)
        x = self.mid(x)
        for level in reversed(range(len(skips))):
            if level < len(self.up):
                x = F.interpolate(self.up[level](x), scale_factor=2, mode="nearest")
            x = self.decoder[level](self.join[level](x, skips[level]))
        return x

    def forward(self, sources: Tensor) -> Tensor:
        change = F.pixel_shuffle(self.head(self.features(sources)), 2)  # (B, 1, H, W)
        return change_brighter(sources, change) if self.shortcut else change
