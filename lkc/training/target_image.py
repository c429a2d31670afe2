"""The image that training aims at: detail of the stronger source at every scale, with headroom.

Brightness is not information: a target of max(a, b) loses dark content beside a bright partner.
Here each source is split into bands by scale, each place takes the band that is stronger there, and
what is left of brightness is laid out so that bands find room above and below it.

Source: pyramids and the choice by local energy after Burt and Kolczynski, ICCV (1993); the noise
floor from the finest structure after Immerkaer, Computer Vision and Image Understanding 64 (1996);
tone on the coarse part alone after Durand and Dorsey, SIGGRAPH (2002).
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from lkc.filters import blur, gaussian_window

LEVELS = 5
PYRAMID_SIGMA = 1.0
NOISE_GAIN = (
    6 * 0.6745
)  # of second differences both ways on white noise, times the median of |N(0, 1)|
# Each band holds so much of white noise of deviation 1.
NOISE_IN_BAND = (0.9, 0.25, 0.12, 0.06, 0.03)
TINY = 1e-9
KNEE_ROOM = 0.02


@dataclass(frozen=True)
class TargetImage:
    """How the target image is made; the defaults are those of the first look.

    Attributes:
        sigma: of the window, in pixels of its level, in which the energy of bands is compared.
        firmness: power of the energies in the choice; infinite takes the stronger band alone.
        noise: how many times the noise's own energy is taken off before bands are compared.
        average: share of the sources' mean in the coarsest image, which the brighter one gives up.
        salient: share of the coarsest image that follows the source of the stronger last band.
        tone_level: contrast is raised from this level on; finer bands keep their strength.
        lights: how much further above the image's mean what is brighter than it comes to lie.
        darks: how much further below the image's mean what is darker than it comes to lie.
        gain: factor on all bands.
        coarse_top: brightness that the coarse part stays below, so that bands have headroom.
        coarse_knee: from here on the coarse part is bent towards its top.
        knee: from here on the finished image is bent towards the brightest value of the sources.
        top: the highest value that the finished image comes close to.
        toe: below it the image is bent towards black.
    """

    sigma: float = 1.5
    firmness: float = math.inf
    noise: float = 0.0
    average: float = 0.5
    salient: float = 0.0
    tone_level: int = 0
    lights: float = 0.3
    darks: float = 0.25
    gain: float = 1.0
    coarse_top: float = math.inf
    coarse_knee: float = 0.6
    knee: float = 0.8
    top: float = 1.0
    toe: float = 0.04


def smooth(x: Tensor, sigma: float) -> Tensor:
    """Blur with a Gaussian, mirrored at the border: (B, C, H, W) -> (B, C, H, W)."""
    radius = math.ceil(2.5 * sigma)
    mode = "reflect" if min(x.shape[-2:]) > radius else "replicate"
    padded = F.pad(x, (radius, radius, radius, radius), mode=mode)
    return blur(padded, gaussian_window(2 * radius + 1, sigma, x))


def shrink(x: Tensor) -> Tensor:
    """Blur and take every 2x2 pixels together, odd ends included: (B, C, H, W) -> half the size."""
    return F.avg_pool2d(smooth(x, PYRAMID_SIGMA), 2, ceil_mode=True, count_include_pad=False)


def enlarge(x: Tensor, like: Tensor) -> Tensor:
    """Interpolate to the size of another tensor: (B, C, h, w) -> (B, C, H, W)."""
    return F.interpolate(x, size=like.shape[-2:], mode="bilinear", align_corners=False)


def split_bands(x: Tensor) -> tuple[list[Tensor], Tensor]:
    """Split images into bands by scale and the coarse rest; adding up gives the images again.

    Args:
        x: (B, C, H, W).

    Returns:
        Five bands, fine to coarse, (B, C, H / 2^k, W / 2^k), and the rest at half the last size.

    Example:
        >>> bands, rest = split_bands(torch.rand(1, 1, 64, 64))
        >>> [band.shape[-1] for band in bands], rest.shape[-1]
        ([64, 32, 16, 8, 4], 2)
    """
    bands = []
    for _ in range(LEVELS):
        smaller = shrink(x)
        bands.append(x - enlarge(smaller, x))
        x = smaller
    return bands, x


def noise_level(x: Tensor) -> Tensor:
    """Estimate the standard deviation of white noise in each image.

    Args:
        x: (B, 1, H, W).

    Returns:
        Tensor (B, 1, 1, 1), in the unit of x.

    Example:
        >>> ramp = torch.linspace(0, 1, 256).expand(1, 1, 256, 256)
        >>> noise_level(ramp + 0.1 * torch.randn(1, 1, 256, 256)).flatten().round(decimals=2)
        tensor([0.1000])
    """
    rough = x.diff(n=2, dim=2).diff(n=2, dim=3)  # blind to edges along an axis, and to ramps
    return rough.abs().flatten(1).median(dim=1).values.view(-1, 1, 1, 1) / NOISE_GAIN


def energies(bands: list[Tensor], noise: Tensor, options: TargetImage) -> list[Tensor]:
    """Local energy of each band beyond the noise's own: (B, 1, h, w) per level."""
    return [
        (smooth(band.square(), options.sigma) - options.noise * (share * noise).square()).clamp_min(
            TINY
        )
        for band, share in zip(bands, NOISE_IN_BAND, strict=True)
    ]


def choice_weights(
    bands_a: list[Tensor], bands_b: list[Tensor], noise: tuple[Tensor, Tensor], options: TargetImage
) -> list[Tensor]:
    """Share of the first source's band at each place and scale, by energy: (B, 1, h, w) each."""
    weights = []
    energy_a = energies(bands_a, noise[0], options)
    energy_b = energies(bands_b, noise[1], options)
    for strong_a, strong_b in zip(energy_a, energy_b, strict=True):
        if math.isinf(options.firmness):
            weights.append((strong_a > strong_b).to(strong_a.dtype))
        else:
            weights.append(torch.sigmoid(options.firmness * (strong_a.log() - strong_b.log())))
    return weights


def bend(x: Tensor, knee: float, top: Tensor) -> Tensor:
    """Leave what is below the knee, bend the rest so that it stays below the top.

    Args:
        x: (B, 1, H, W).
        knee: where bending begins.
        top: (B, 1, 1, 1) or scalar; at least a fiftieth of room is kept above the knee.

    Returns:
        Tensor (B, 1, H, W).

    Example:
        >>> bend(torch.tensor([0.5, 9.0]), 0.8, torch.tensor(1.0))
        tensor([0.5000, 1.0000])
    """
    room = (top - knee).clamp_min(KNEE_ROOM)
    return torch.where(x > knee, knee + room * torch.tanh((x - knee) / room), x)


def raise_contrast(x: Tensor, options: TargetImage) -> Tensor:
    """Move brightness away from the image's mean, and keep room for bands: same shape."""
    beyond = x - x.mean(dim=(1, 2, 3), keepdim=True)
    x = x + options.lights * beyond.clamp_min(0) + options.darks * beyond.clamp_max(0)
    if math.isinf(options.coarse_top):
        return x
    return bend(x, options.coarse_knee, x.new_full((), options.coarse_top))


@torch.no_grad()
def make_target(a: Tensor, b: Tensor, options: TargetImage) -> Tensor:
    """Make the image that training aims at.

    Args:
        a, b: sources (B, 1, H, W) in [0, 1], at least 16x16; their order does not matter.
        options: how.

    Returns:
        Tensor (B, 1, H, W) in [0, 1], without gradient.

    Example:
        >>> texture = 0.3 * torch.rand(1, 1, 64, 64)
        >>> fog = torch.full((1, 1, 64, 64), 0.8)
        >>> target = make_target(texture, fog, TargetImage())
        >>> bool(target.std() > 0.9 * texture.std())
        True
    """
    (bands_a, rest_a), (bands_b, rest_b) = split_bands(a), split_bands(b)
    weights = choice_weights(bands_a, bands_b, (noise_level(a), noise_level(b)), options)
    x = torch.lerp(torch.maximum(rest_a, rest_b), (rest_a + rest_b) / 2, options.average)
    x = torch.lerp(x, torch.lerp(rest_b, rest_a, shrink(weights[-1])), options.salient)
    for level in reversed(range(LEVELS)):
        band = torch.lerp(bands_b[level], bands_a[level], weights[level])
        x = enlarge(x, band) + options.gain * band
        if level == options.tone_level:
            x = raise_contrast(x, options)
    brightest = torch.maximum(a, b).amax(dim=(1, 2, 3), keepdim=True).clamp_max(options.top)
    x = bend(x, options.knee, brightest)
    return torch.where(x < options.toe, options.toe * (x / options.toe - 1).exp(), x).clamp(0, 1)
