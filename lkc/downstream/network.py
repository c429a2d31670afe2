"""A compact segmentation network from the project's blocks."""

from collections.abc import Sequence
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lkc.model.blocks import ConvBlock, Downsample, ResidualBlock

NORM = "batch"  # This is usual in segmentation, and no norm that the paper argues for.


class SegmentationNet(nn.Module):
    """A small U-Net at half resolution: 2x2 pixels become channels and are unfolded at the end.

    Args:
        in_chs: planes of the input.
        classes: number of classes.
        widths: channels of the levels, fine to coarse.

    Source:
        Ronneberger, Fischer and Brox, "U-Net" (MICCAI 2015), with residual blocks.

    Example:
        >>> SegmentationNet(4, 7)(torch.zeros(1, 4, 32, 48)).shape
        torch.Size([1, 7, 32, 48])
    """

    def __init__(self, in_chs: int, classes: int, widths: Sequence[int] = (16, 32, 64)) -> None:
        super().__init__()
        self.multiple = 2 ** len(widths)  # Height and width must be multiples of it.
        self.stem = nn.Conv2d(4 * in_chs, widths[0], 3, padding=1)
        self.encoder = nn.ModuleList(ResidualBlock(c, c, 3, NORM) for c in widths)
        self.down = nn.ModuleList(
            nn.Sequential(Downsample(fine), nn.Conv2d(fine, coarse, 1))
            for fine, coarse in pairwise(widths)
        )
        self.up = nn.ModuleList(nn.Conv2d(coarse, fine, 1) for fine, coarse in pairwise(widths))
        self.decoder = nn.ModuleList(ResidualBlock(2 * c, c, 3, NORM) for c in widths[:-1])
        self.head = ConvBlock(widths[0], 4 * classes, 3, NORM)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(F.pixel_unshuffle(x, 2))  # (B, C1, H / 2, W / 2)
        skips = []
        for block, down in zip(self.encoder, self.down, strict=False):
            x = block(x)
            skips.append(x)
            x = down(x)  # (B, C[level + 1], half the size)
        x = self.encoder[-1](x)
        for level in reversed(range(len(skips))):
            x = F.interpolate(self.up[level](x), scale_factor=2, mode="nearest")
            x = self.decoder[level](torch.cat([x, skips[level]], dim=1))
        return F.pixel_shuffle(self.head(x), 2)  # (B, classes, H, W)
