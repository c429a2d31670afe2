"""The paper's network: a three-level U-Net with large kernels and adaptive fusion at each level.

With `norm="released"` this is the network of the authors' release: 41,174,438 parameters, of which
91 % sit in dense 15x15 and 11x11 convolutions and 0.4 % in depthwise large kernels. Its checkpoints
load here by `lkc.model.released_names`. The order of layers is that of the release; the text of the
paper could not be read.

Source: He et al., "Rethinking Normalization Strategies and Convolutional Kernels for Multimodal
Image Fusion", Pattern Recognition 173 (2026) 112903, abstract.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from lkc.model.adaptive_fusion import MultiPathAdaptiveFusion
from lkc.model.blocks import ConvBlock, Downsample, LargeKernelBlock, ResidualBlock, Upsample
from lkc.model.norm import NormPlan, norm_plan


class Stage(nn.Module):
    """One level of the encoder or decoder: a residual block, then a large-kernel block.

    Args:
        in_chs, out_chs: channels in and out.
        kernel_size: odd, of both blocks.
        plan: which norm goes where.
    """

    def __init__(self, in_chs: int, out_chs: int, kernel_size: int, plan: NormPlan) -> None:
        super().__init__()
        self.residual = ResidualBlock(in_chs, out_chs, kernel_size, plan.residual)
        self.large_kernel = LargeKernelBlock(out_chs, kernel_size, plan.large_kernel)

    def forward(self, x: Tensor) -> Tensor:
        return self.large_kernel(self.residual(x))  # (B, out_chs, H, W)


class Concatenate(nn.Module):
    """The plain U-Net's way to join decoder and skip, for comparison."""

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        return torch.cat([x, skip], dim=1)  # (B, 2 C, H, W)


class LKCFUNet(nn.Module):
    """Fuse two sources with dense and depthwise large kernels.

    Args:
        norm: name for `lkc.model.norm.norm_plan`.
        kernel_sizes: odd kernel sizes of levels 1, 2 and 3, fine to coarse.
        width: channels of every level, a multiple of 32.
        fusion: False replaces the adaptive fusion module by concatenation.
    """

    multiple = 4  # height and width must divide by it; `lkc.model.network.FusionNet` pads

    def __init__(
        self, norm: str, kernel_sizes: Sequence[int], width: int = 128, fusion: bool = True
    ) -> None:
        super().__init__()
        plan, stem_chs = norm_plan(norm), width // 4
        fine, coarse = kernel_sizes[0], kernel_sizes[-1]

        def large_kernel(kernel_size: int) -> LargeKernelBlock:
            return LargeKernelBlock(width, kernel_size, plan.large_kernel)

        def join() -> nn.Module:
            return MultiPathAdaptiveFusion(width, plan.fusion) if fusion else Concatenate()

        self.first_conv = nn.Conv2d(2, stem_chs, 3, padding=1)
        self.stem = ConvBlock(stem_chs, width, fine, plan.stem, dropout=0.2)
        self.encoder = nn.ModuleList(Stage(width, width, k, plan) for k in kernel_sizes)
        self.down = nn.ModuleList(Downsample(width) for _ in kernel_sizes[1:])
        self.mid = nn.Sequential(large_kernel(coarse), large_kernel(coarse))
        self.join = nn.ModuleList(join() for _ in kernel_sizes)
        self.decoder = nn.ModuleList(Stage(2 * width, width, k, plan) for k in kernel_sizes)
        self.up = nn.ModuleList(
            nn.Sequential(large_kernel(k), Upsample(width)) for k in kernel_sizes[1:]
        )
        self.last = ResidualBlock(width + stem_chs, width, fine, plan.residual)
        self.head = ConvBlock(width, 1, 3, plan.residual)

    def forward(self, sources: Tensor) -> Tensor:
        first = self.first_conv(sources)  # (B, C / 4, H, W)
        x = self.stem(first)  # (B, C, H, W)
        skips = []
        for level, stage in enumerate(self.encoder):
            x = stage(x)
            skips.append(x)
            if level < len(self.down):
                x = self.down[level](x)  # (B, C, half the size)
        x = self.mid(x)
        for level in reversed(range(len(skips))):
            x = self.decoder[level](self.join[level](x, skips[level]))
            if level > 0:
                x = self.up[level - 1](x)  # (B, C, twice the size)
        x = self.last(torch.cat([x, first], dim=1))  # (B, C, H, W)
        return self.head(x)  # (B, 1, H, W), linear
