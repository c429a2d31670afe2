"""Other cameras: crops as another sensor, lens or display setting might have shown them.

Roads seen by one pair of cameras teach that pair's brightness, noise and sharpness. Each source of
each crop is changed by itself, so that the network must look at content.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from lkc.training.target_image import smooth

BLUR_SIGMA = 0.8
WINDOW = 0.25  # The new black and white point lie at most this far from the old ones.


@dataclass(frozen=True)
class Cameras:
    """How strongly crops are changed; 0 leaves a thing as it is.

    Attributes:
        gamma: deviation of the logarithm of the power.
        gain: deviation of the logarithm of the factor.
        window: share of sources that are stretched between other black and white points.
        turned: share of crops whose first source has the other polarity (black is hot).
        blurred: share of sources that are out of focus.
        noise: largest deviation of noise that is added, which the target image does not have.
        noisy: share of sources that get noise.
    """

    gamma: float = 0.0
    gain: float = 0.0
    window: float = 0.0
    turned: float = 0.0
    blurred: float = 0.0
    noise: float = 0.0
    noisy: float = 0.0


def draw(shape: tuple[int, ...], like: Tensor, generator: torch.Generator, normal: bool) -> Tensor:
    """Draw numbers where the generator lives, and hand them over on the device of a tensor."""
    numbers = torch.randn if normal else torch.rand
    return numbers(shape, generator=generator, device=generator.device).to(like.device)


def vary_cameras(
    crops: Tensor, cameras: Cameras, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Show crops as other cameras might have.

    Args:
        crops: (B, 2, H, W) in [0, 1], first source first.
        cameras: how strongly.
        generator: of random numbers; on the CPU a seed means the same on every device.

    Returns:
        What the network sees and what its result is judged by, (B, 2, H, W) in [0, 1] each; they
        differ in noise alone.

    Example:
        >>> crops = torch.rand(2, 2, 32, 32)
        >>> seen, clean = vary_cameras(crops, Cameras(noise=0.02, noisy=1), torch.Generator())
        >>> 0 < (seen - clean).std() < 0.02
        tensor(True)
    """
    sources = (*crops.shape[:2], 1, 1)

    def uniform() -> Tensor:
        return draw(sources, crops, generator, normal=False)

    def spread(deviation: float) -> Tensor:
        return (deviation * draw(sources, crops, generator, normal=True)).exp()

    turn = (uniform() < cameras.turned)[:, 0]  # (B, 1, 1)
    clean = crops.clone()
    clean[:, 0] = torch.where(turn, 1 - crops[:, 0], crops[:, 0])
    black, white = WINDOW * uniform(), 1 - WINDOW * uniform()
    stretched = ((clean - black) / (white - black)).clamp(0, 1)
    clean = torch.where(uniform() < cameras.window, stretched, clean)
    clean = (clean ** spread(cameras.gamma) * spread(cameras.gain)).clamp(0, 1)
    clean = torch.where(uniform() < cameras.blurred, smooth(clean, BLUR_SIGMA), clean)
    level = cameras.noise * uniform() * (uniform() < cameras.noisy)
    grain = draw(tuple(crops.shape), crops, generator, normal=True)
    return (clean + level * grain).clamp(0, 1), clean
