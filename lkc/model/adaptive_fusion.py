"""The multi-path adaptive fusion module: decide, per pixel, how much decoder and how much skip.

A U-Net hands each decoder level two feature maps of the same size: x, which has seen the coarse
levels, and the skip g, which has kept the detail. One path looks at x as a whole (which channels
matter), the other at g in place (where something is); together they weigh the two maps and gate
the decoder.

`MultiPathAdaptiveFusion` computes what the authors' release computes; `LiteAdaptiveFusion` keeps
the idea at a tenth of the memory traffic.

Source: He et al., "Rethinking Normalization Strategies and Convolutional Kernels for Multimodal
Image Fusion", Pattern Recognition 173 (2026) 112903. Its abstract names the module and its purpose,
to calibrate scales and receptive fields; what it computes is taken from the release.
"""

import torch
from torch import Tensor, nn

from lkc.model.norm import GROUP_SIZE, make_norm


class ChannelPath(nn.Module):
    """What matters: squeeze x to one value per channel and let the channels talk.

    Args:
        channels: of x.
        reduction: how many times fewer channels the hidden layer has.
    """

    def __init__(self, channels: int, reduction: int = 8) -> None:
        super().__init__()
        self.mlp = nn.Sequential(
            nn.Conv2d(channels, channels // reduction, 1),
            nn.ReLU(),
            nn.Conv2d(channels // reduction, channels, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.mlp(x.mean(dim=(2, 3), keepdim=True))  # (B, C, 1, 1)


def mean_and_max(x: Tensor) -> Tensor:
    """Channel mean and channel maximum, stacked: (B, C, H, W) -> (B, 2, H, W)."""
    return torch.cat([x.mean(dim=1, keepdim=True), x.amax(dim=1, keepdim=True)], dim=1)


class SpatialPath(nn.Module):
    """Where it is: one value per pixel from the skip's channel mean and channel maximum.

    Args:
        norm: name for `lkc.model.norm.make_norm`.
    """

    def __init__(self, norm: str) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 1, 1)
        self.norm = make_norm(norm, 1)

    def forward(self, skip: Tensor) -> Tensor:
        return self.norm(self.conv(mean_and_max(skip)))  # (B, 1, H, W)


class MultiPathAdaptiveFusion(nn.Module):
    """Weigh decoder x against skip g, exchange what they agree on, and gate x with the result.

    Args:
        channels: channels of x and of g; the output has twice as many.
        norm: name for `lkc.model.norm.make_norm`.
    """

    def __init__(self, channels: int, norm: str) -> None:
        super().__init__()
        self.channel_path = ChannelPath(channels)
        self.spatial_path = SpatialPath(norm)
        self.path_norm = make_norm(norm, channels)
        self.selection = nn.Conv2d(channels, 2, 1)
        self.proj = nn.Conv2d(channels, channels, 1)
        self.norm = make_norm(norm, channels)
        self.expand = nn.Conv2d(channels, 2 * channels, 1)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        paths = self.path_norm(self.channel_path(x) + self.spatial_path(skip))  # (B, C, H, W)
        weights = torch.softmax(self.selection(paths), dim=1)  # (B, 2, H, W)
        x_plus = x + weights[:, :1] * x
        skip_plus = skip + weights[:, 1:] * skip
        mixed = x_plus * torch.sigmoid(skip_plus) + skip_plus * torch.sigmoid(x_plus)
        gate = torch.sigmoid(self.norm(self.proj(mixed)))
        return self.expand(gate * x)  # (B, 2 C, H, W)


class LiteAdaptiveFusion(nn.Module):
    """The same two paths and gate with one full-size product each.

    The paths meet as two logits per pixel instead of C normalised maps, the weights interpolate
    between x and g, and the gate acts on the mixture, so that detail from the skip passes directly.

    Args:
        channels: channels of x, of g and of the output.
        norm: name for `lkc.model.norm.make_norm`.
    """

    def __init__(self, channels: int, norm: str) -> None:
        super().__init__()
        self.channel_path = ChannelPath(channels)
        self.channel_logit = nn.Conv2d(channels, 1, 1)
        self.spatial_path = SpatialPath(norm)
        self.proj = nn.Conv2d(channels, channels, 1, bias=False)
        self.norm = make_norm(norm, channels, GROUP_SIZE)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        logit = self.channel_logit(self.channel_path(x)) + self.spatial_path(skip)  # (B, 1, H, W)
        share = torch.sigmoid(logit).type_as(skip)  # two-way softmax = one sigmoid; autocast mixes
        mixed = torch.lerp(skip, x.type_as(skip), share)
        return mixed * torch.sigmoid(self.norm(self.proj(mixed)))  # (B, C, H, W)
