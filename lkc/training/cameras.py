"""Other cameras: crops as another sensor, lens or display setting might have shown them.

Roads seen by one pair of cameras teach that pair's brightness, noise and sharpness. Each source of
each crop is changed by itself, so that the network must look at content.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from lkc.training.target_image import smooth

BLUR_SIGMA = 0.8


@dataclass(frozen=True)
class Cameras:
    """How strongly crops are changed; 0 leaves a thing as it is.

    Attributes:
        gamma: deviation of the logarithm of the power.
        gain: deviation of the logarithm of the factor.
        window: share of crops whose source is stretched between other black and white points.
        turned: share of crops whose first source has the other polarity (black is hot).
        blurred: share of crops with one source out of focus.
        noise: largest deviation of noise that is added, which the target image does not have.
        noisy: share of crops whose source gets noise.
    """

    gamma: float = 0.25
    gain: float = 0.1
    window: float = 0.0
    turned: float = 0.0
    blurred: float = 0.0
    noise: float = 0.0
    noisy: float = 0.0


def per_image(like: Tensor, generator: torch.Generator | None, normal: bool = True) -> Tensor:
    """Draw one number for each source of each crop: (B, 2, H, W) -> (B, 2, 1, 1)."""
    draw = torch.randn if normal else torch.rand
    return draw(*like.shape[:2], 1, 1, generator=generator, device=like.device)


def vary_cameras(
    crops: Tensor, first: int, cameras: Cameras, generator: torch.Generator | None = None
) -> tuple[Tensor, Tensor]:
    """Show crops as other cameras might have.

    Args:
        crops: (B, 2, H, W) in [0, 1].
        first: the channel that holds the first source (infrared).
        cameras: how strongly.
        generator: of random numbers, on the crops' device.

    Returns:
        What the network sees and what its result is judged by, (B, 2, H, W) in [0, 1] each; they
        differ in noise alone.

    Example:
        >>> crops = torch.rand(2, 2, 32, 32)
        >>> seen, clean = vary_cameras(crops, 1, Cameras(gamma=0, gain=0))
        >>> torch.equal(seen, crops)
        True
    """
    x = crops
    if cameras.turned:
        turn = torch.rand(len(x), 1, 1, generator=generator, device=x.device) < cameras.turned
        source = x[:, first]
        x = x.clone()
        x[:, first] = torch.where(turn, 1 - source, source)
    if cameras.window:
        black = 0.25 * per_image(x, generator, normal=False)
        white = 1 - 0.25 * per_image(x, generator, normal=False)
        chosen = per_image(x, generator, normal=False) < cameras.window
        x = torch.where(chosen, ((x - black) / (white - black)).clamp(0, 1), x)
    if cameras.gamma or cameras.gain:
        power = (cameras.gamma * per_image(x, generator)).exp()
        factor = (cameras.gain * per_image(x, generator)).exp()
        x = (x.clamp_min(1e-4) ** power * factor).clamp(0, 1) if cameras.gamma else x * factor
        x = x.clamp(0, 1)
    if cameras.blurred:
        chosen = per_image(x, generator, normal=False) < cameras.blurred / 2
        x = torch.where(chosen, smooth(x, BLUR_SIGMA), x)
    seen = x
    if cameras.noise:
        chosen = per_image(x, generator, normal=False) < cameras.noisy
        level = cameras.noise * per_image(x, generator, normal=False) * chosen
        grain = torch.randn(x.shape, generator=generator, device=x.device)
        seen = (x + level * grain).clamp(0, 1)
    return seen, x
