"""The smallest network: the ideas of `lite` at a twentieth of its operations.

Large kernels and adaptive fusion work at a quarter of the resolution, where they are nearly free.
Only a stem, one join and the head work at half of it. Their maps hold more values than both
sources have pixels, so that no detail has to pass the narrow middle.
"""

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor, nn

from lkc.model.adaptive_fusion import LiteAdaptiveFusion
from lkc.model.lite import Add, DepthwiseBlock, Stem, change_brighter, start_at_brighter
from lkc.model.norm import norm_plan

FINE, COARSE = 16, 24  # Channels at half and at a quarter of the resolution.


class NanoUNet(nn.Module):
    """Fuse two sources with two sizes of depthwise kernels at a quarter of the resolution.

    Args:
        norm: name for `lkc.model.norm.norm_plan`.
        kernel_sizes: odd kernel sizes at a quarter and at an eighth of the resolution.
        fusion: False replaces the adaptive fusion module by addition.
        shortcut: True predicts a gain on the brighter source, False the image itself.
    """

    multiple = 8

    def __init__(
        self, norm: str, kernel_sizes: Sequence[int], fusion: bool = True, shortcut: bool = True
    ) -> None:
        super().__init__()
        plan = norm_plan(norm)
        near, far = kernel_sizes
        self.shortcut = shortcut
        self.stem = Stem(8, FINE, plan.stem)
        self.down = nn.Conv2d(FINE, COARSE, 2, stride=2)
        self.encoder = DepthwiseBlock(COARSE, near, plan.large_kernel)
        self.mid = DepthwiseBlock(COARSE, far, plan.large_kernel)
        self.join = nn.ModuleList(
            LiteAdaptiveFusion(channels, plan.fusion) if fusion else Add()
            for channels in (FINE, COARSE)
        )
        self.decoder = DepthwiseBlock(COARSE, near, plan.large_kernel)
        self.up = nn.Conv2d(COARSE, FINE, 1)
        self.head = nn.Conv2d(FINE, 4, 3, padding=1)
        if shortcut:
            start_at_brighter(self.head)

    def features(self, sources: Tensor) -> Tensor:
        """Run the U-Net: (B, 2, H, W) -> (B, 16, H / 2, W / 2)."""
        fine = self.stem(F.pixel_unshuffle(sources, 2))  # (B, 16, H / 2, W / 2)
        coarse = self.encoder(self.down(fine))  # (B, 24, H / 4, W / 4)
        x = self.mid(F.avg_pool2d(coarse, 2))  # (B, 24, H / 8, W / 8)
        x = self.join[1](F.interpolate(x, scale_factor=2, mode="nearest"), coarse)
        x = self.up(self.decoder(x))  # (B, 16, H / 4, W / 4)
        return self.join[0](F.interpolate(x, scale_factor=2, mode="nearest"), fine)

    def forward(self, sources: Tensor) -> Tensor:
        change = F.pixel_shuffle(self.head(self.features(sources)), 2)  # (B, 1, H, W)
        return change_brighter(sources, change) if self.shortcut else change
