"""The paper's network: a three-level U-Net with large kernels and adaptive fusion at each level.

Source: "Rethinking Normalization Strategies and Convolutional Kernels for Multimodal Image Fusion",
network section. Attribute names and the flat lists `downs`, `mid`, `ups` follow the released
checkpoint; with `norm="released"` this is the released network (41,174,438 parameters, of which
91 % sit in dense 15x15 and 11x11 convolutions and 0.4 % in depthwise large kernels).
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from lkc.model.adaptive_fusion import MultiPathAdaptiveFusion
from lkc.model.blocks import ConvBlock, Downsample, LargeKernelBlock, ResidualBlock, Upsample
from lkc.model.norm import make_norm, norm_plan


class Entry(nn.Module):
    """One entry of a flat list; the released checkpoint calls its content `res_block`."""

    def __init__(self, block: nn.Module) -> None:
        super().__init__()
        self.res_block = block

    def forward(self, x: Tensor) -> Tensor:
        return self.res_block(x)


class UNet(nn.Module):
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
        fine = kernel_sizes[0]

        def residual(in_chs: int, kernel_size: int) -> Entry:
            return Entry(ResidualBlock(in_chs, width, kernel_size, plan.residual))

        def large_kernel(kernel_size: int) -> Entry:
            return Entry(LargeKernelBlock(width, kernel_size, plan.large_kernel))

        def join() -> nn.Module:
            return MultiPathAdaptiveFusion(width, plan.fusion) if fusion else Concatenate()

        self.init_conv = nn.Conv2d(2, stem_chs, 3, padding=1)
        self.IN_conv = nn.Sequential(
            make_norm(plan.stem, stem_chs),
            nn.ReLU(),
            nn.Dropout(0.2),
            nn.Conv2d(stem_chs, width, fine, padding=fine // 2),
        )
        self.downs, self.ups = nn.ModuleList(), nn.ModuleList()
        for level, k in enumerate(kernel_sizes):
            self.downs += [residual(width, k), large_kernel(k)]
            if level < len(kernel_sizes) - 1:
                self.downs.append(Downsample(width))
        self.mid = nn.Sequential(large_kernel(kernel_sizes[-1]), large_kernel(kernel_sizes[-1]))
        for level, k in reversed(list(enumerate(kernel_sizes))):
            self.ups += [join(), residual(2 * width, k), large_kernel(k)]
            if level > 0:
                self.ups += [large_kernel(k), Upsample(width)]
        self.ups.append(residual(width + stem_chs, fine))
        self.final_conv = ConvBlock(width, 1, 3, plan.residual)

    def forward(self, sources: Tensor) -> Tensor:
        stem = self.init_conv(sources)  # (B, C / 4, H, W)
        x = self.IN_conv(stem)  # (B, C, H, W)
        skips = []
        for entry in self.downs:
            if isinstance(entry, Downsample):
                skips.append(x)
            x = entry(x)  # (B, C, H / 2^level, W / 2^level)
        skips.append(x)
        x = self.mid(x)
        for entry in self.ups[:-1]:
            joins = isinstance(entry, MultiPathAdaptiveFusion | Concatenate)
            x = entry(x, skips.pop()) if joins else entry(x)
        x = self.ups[-1](torch.cat([x, stem], dim=1))  # (B, C, H, W)
        return self.final_conv(x)  # (B, 1, H, W), linear


class Concatenate(nn.Module):
    """The plain U-Net's way to join decoder and skip, for comparison."""

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        return torch.cat([x, skip], dim=1)  # (B, 2 C, H, W)
