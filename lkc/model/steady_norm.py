"""Norms with a memory: mean and variance move slowly from frame to frame of a film.

Instance, group and layer norm take their statistics from each image alone. In a film, a hot object
that enters changes them, and with them every other pixel: the picture flickers. Here each norm
keeps its statistics of the frames so far, and a new frame counts for a share only. The channel path
of the adaptive fusion looks at whole-image means as well, so it gets a memory too.

What is kept is the mean and variance of a mixture: old frames with 1 - share, the new one with
share. Its variance holds the shift between both means as well, so that it equals E[x^2] - E[x]^2
of both without the loss of digits.
"""

import torch
from torch import Tensor, nn

from lkc.model.adaptive_fusion import ChannelPath


class Pace:
    """How much the next frame counts in all memories of a network.

    Attributes:
        share: 0 keeps the memories as they are, 1 forgets what was before the next frame.
        memories: how many there are.
    """

    def __init__(self) -> None:
        self.share, self.memories = 1.0, 0
        self.copies: dict[torch.device, Tensor] = {}  # CUDA graphs read the share where they run

    def set(self, share: float) -> None:
        """Let the next frame count for a share of 0 to 1."""
        self.share = share
        for copy in self.copies.values():
            copy.fill_(share)

    def on(self, device: torch.device) -> Tensor:
        """The share as a tensor () on a device; it keeps its place in memory."""
        if device not in self.copies:
            with torch.inference_mode(False):
                self.copies[device] = torch.tensor(self.share, device=device)
        return self.copies[device]


class Memory:
    """Statistics that follow those of each frame slowly; NaN stands for none so far.

    Args:
        pace: how slowly.
    """

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        pace.memories += 1
        self.values: Tensor | None = None

    def room(self, like: Tensor, shape: tuple[int, ...]) -> Tensor:
        """The kept statistics, in a buffer of a shape on the device of `like`, updated in place."""
        kept = self.values
        if (
            kept is None
            or kept.shape != shape
            or (kept.device, kept.dtype) != (like.device, like.dtype)
        ):
            with torch.inference_mode(False):
                kept = torch.full(shape, torch.nan, dtype=like.dtype, device=like.device)
            self.values = kept
        return kept

    def buffers(self, like: Tensor, shape: tuple[int, ...]) -> tuple[Tensor, Tensor]:
        """Where a kernel finds the kept statistics, which it updates itself, and the share."""
        return self.room(like, shape), self.pace.on(like.device)

    def keep(self, old: Tensor, now: Tensor, mixed: Tensor) -> Tensor:
        """Keep the mixture, or the new statistics where nothing old counts any more."""
        starts = (self.pace.on(now.device) >= 1) | old.isnan()
        with torch.no_grad():
            return old.copy_(torch.where(starts, now, mixed))

    def follow_moments(self, mean: Tensor, variance: Tensor) -> tuple[Tensor, Tensor]:
        """Move kept mean and variance towards those of a frame, (B, G) each, and return them."""
        now = torch.stack([mean, variance], dim=1)  # (B, 2, G)
        old, share = self.room(now, now.shape), self.pace.on(now.device)
        step = mean - old[:, 0]
        between = share * (1 - share) * step.square()
        mixed = torch.lerp(old, now, share.to(now)) + torch.stack([0 * step, between], dim=1)
        kept = self.keep(old, now, mixed)
        return kept[:, 0], kept[:, 1]

    def follow_mean(self, mean: Tensor) -> Tensor:
        """Move a kept mean of any shape towards that of a frame, and return it."""
        old, share = self.room(mean, mean.shape), self.pace.on(mean.device)
        return self.keep(old, mean, torch.lerp(old, mean, share.to(mean)))


class SteadyGroupNorm(nn.GroupNorm):
    """A group norm whose mean and variance have a memory.

    Args:
        norm: shares its weights.
        pace: of the memory.
    """

    def __init__(self, norm: nn.GroupNorm, pace: Pace) -> None:
        super().__init__(norm.num_groups, norm.num_channels, norm.eps)
        self.weight, self.bias = norm.weight, norm.bias
        self.memory = Memory(pace)

    def scale_and_shift(self, mean: Tensor, variance: Tensor) -> tuple[Tensor, Tensor]:
        """Scale and shift (B, C, 1, 1) that normalize with statistics (B, G)."""
        repeats = self.num_channels // self.num_groups
        mean, variance = (x.repeat_interleave(repeats, 1) for x in (mean, variance))  # (B, C)
        scale = self.weight * (variance + self.eps).rsqrt()
        return scale[..., None, None], (self.bias - mean * scale)[..., None, None]

    def forward(self, x: Tensor) -> Tensor:
        if x.device.type != "cpu":
            scale, shift = self.scale_and_shift(*self.memory.follow_moments(*self.moments(x)))
            return torch.addcmul(shift, x.float(), scale)
        samples, channels, height, width = x.shape
        weights = self.weight, self.bias
        own, mean, inverse = torch.native_group_norm(  # moments in passing, on a CPU only
            x, *weights, samples, channels, height * width, self.num_groups, self.eps
        )
        moments = self.memory.follow_moments(mean, inverse.pow(-2) - self.eps)
        if self.memory.pace.share >= 1:
            return own  # the very bits that a still gets
        scale, shift = self.scale_and_shift(*moments)
        return torch.addcmul(shift, x, scale, out=None if own.requires_grad else own)

    def moments(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and variance of a map's groups in float32, (B, G) each."""
        groups = x.float().reshape(len(x), self.num_groups, -1)
        variance, mean = torch.var_mean(groups, dim=2, correction=0)
        return mean, variance


class SteadyChannelPath(ChannelPath):
    """A channel path whose whole-image means have a memory.

    Args:
        path: shares its weights.
        pace: of the memory.
    """

    def __init__(self, path: ChannelPath, pace: Pace) -> None:
        nn.Module.__init__(self)
        self.mlp = path.mlp
        self.memory = Memory(pace)

    def forward(self, x: Tensor) -> Tensor:
        return self.mlp(self.memory.follow_mean(x.mean(dim=(2, 3), keepdim=True)))
