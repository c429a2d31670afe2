"""Building blocks of the paper's network, from small to large.

Two kinds of large kernel live here, and only one is cheap: the residual block uses *dense* KxK
convolutions (every output channel sees every input channel), the large-kernel block a *depthwise*
one (each channel sees only itself) between two 1x1 convolutions.

Both compute what the blocks of the authors' release compute; the text of the paper could not be
read.

Source: the large-kernel block after RepLKNet (Ding et al., CVPR 2022); drop path after Huang et
al., "Deep Networks with Stochastic Depth" (ECCV 2016).
"""

import torch
from torch import Tensor, nn

from lkc.model.norm import make_norm


class DropPath(nn.Module):
    """Drop the whole branch of a sample with probability `rate` while training.

    Args:
        rate: in [0, 1).
    """

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.rate == 0:
            return x
        keep = torch.rand(x.shape[0], 1, 1, 1, device=x.device) >= self.rate
        return x * keep / (1 - self.rate)


class ConvBlock(nn.Module):
    """Norm, ReLU, dropout, convolution: the pre-activation unit that all dense layers share.

    Args:
        in_chs, out_chs: channels in and out.
        kernel_size: odd.
        norm: name for `lkc.model.norm.make_norm`.
        dropout: share of values set to 0 while training.
    """

    def __init__(
        self, in_chs: int, out_chs: int, kernel_size: int, norm: str, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.norm = make_norm(norm, in_chs)
        self.dropout = nn.Dropout(dropout)
        self.conv = nn.Conv2d(in_chs, out_chs, kernel_size, padding=kernel_size // 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(self.dropout(torch.relu(self.norm(x))))  # (B, out_chs, H, W)


class ResidualBlock(nn.Module):
    """Two dense KxK units plus the input.

    Args:
        in_chs, out_chs: channels in and out; where they differ, a 1x1 convolution fits the input.
        kernel_size: odd.
        norm: name for `lkc.model.norm.make_norm`.
    """

    def __init__(self, in_chs: int, out_chs: int, kernel_size: int, norm: str) -> None:
        super().__init__()
        self.block1 = ConvBlock(in_chs, out_chs, kernel_size, norm)
        self.block2 = ConvBlock(out_chs, out_chs, kernel_size, norm, dropout=0.2)
        self.shortcut = nn.Conv2d(in_chs, out_chs, 1) if in_chs != out_chs else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return self.block2(self.block1(x)) + self.shortcut(x)  # (B, out_chs, H, W)


class ConvNorm(nn.Module):
    """Convolution without bias, then the norm that takes the bias's place.

    Args:
        conv: the convolution.
        norm: name for `lkc.model.norm.make_norm`.
    """

    def __init__(self, conv: nn.Conv2d, norm: str) -> None:
        super().__init__()
        self.conv = conv
        self.norm = make_norm(norm, conv.out_channels)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.conv(x))


def depthwise(channels: int, kernel_size: int) -> nn.Conv2d:
    """One KxK filter per channel: the receptive field of a large kernel for 1/C of the price.

    Args:
        channels: in and out.
        kernel_size: odd.
    """
    padding = kernel_size // 2
    return nn.Conv2d(channels, channels, kernel_size, padding=padding, groups=channels, bias=False)


class LargeKernelBlock(nn.Module):
    """Widen with 1x1, look far with a depthwise KxK, narrow with 1x1, and add the input.

    Args:
        channels: in and out.
        kernel_size: odd, of the depthwise convolution.
        norm: name for `lkc.model.norm.make_norm`.
        expansion: channels of the wide part over `channels`.
        drop: probability of leaving the branch out while training.
    """

    def __init__(
        self, channels: int, kernel_size: int, norm: str, expansion: float = 1.5, drop: float = 0.2
    ) -> None:
        super().__init__()
        wide = int(channels * expansion)
        self.norm = make_norm(norm, channels)
        self.widen = ConvNorm(nn.Conv2d(channels, wide, 1, bias=False), norm)
        self.large_kernel = ConvNorm(depthwise(wide, kernel_size), norm)
        self.narrow = ConvNorm(nn.Conv2d(wide, channels, 1, bias=False), norm)
        self.drop_path = DropPath(drop)

    def forward(self, x: Tensor) -> Tensor:
        wide = torch.relu(self.widen(self.norm(x)))  # (B, 1.5 C, H, W)
        wide = torch.relu(self.large_kernel(wide))
        return x + self.drop_path(self.narrow(wide))  # (B, C, H, W)


class Downsample(nn.Module):
    """Halve height and width with a 3x3 convolution of stride 2."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, stride=2, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)  # (B, C, H / 2, W / 2)


class Upsample(nn.Module):
    """Double height and width by repetition, then smooth with a 3x3 convolution."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.up = nn.Upsample(scale_factor=2, mode="nearest")
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(self.up(x))  # (B, C, 2 H, 2 W)
