"""Plant small bright targets in a source and measure how much of them a network keeps.

A person far away in an infrared image, a micro-calcification in a CT: a few bright pixels that
matter. Real ones have no ground truth; planted ones are known to the pixel.
"""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lkc.errors import InputError

SPACING, MARGIN = 16, 8  # Targets keep these distances in pixels to each other and the border.


@dataclass(frozen=True)
class PlantedTargets:
    """Sources in which targets are planted.

    Attributes:
        sources: (B, 2, H, W) in [0, 1].
        mask: (B, 1, H, W) bool, true within two sigma of a target.
        centres: (count, 2) row and column, the same in every sample.
    """

    sources: Tensor
    mask: Tensor
    centres: Tensor


def scatter_centres(height: int, width: int, count: int, seed: int) -> Tensor:
    """Draw `count` positions on a grid of cells, so that no two are close: (count, 2)."""
    rows, columns = (height - 2 * MARGIN) // SPACING, (width - 2 * MARGIN) // SPACING
    if rows * columns < count:
        raise InputError(f"{width}x{height} pixels have no room for {count} targets.")
    random = np.random.default_rng(seed)
    cells = random.choice(rows * columns, count, replace=False)
    corner = np.stack([cells // columns, cells % columns], axis=1) * SPACING + MARGIN
    return torch.from_numpy(corner + random.integers(SPACING // 4, SPACING // 2 + 1, corner.shape))


def plant_targets(
    sources: Tensor,
    channel: int,
    count: int = 12,
    sigma: float = 1.0,
    amplitude: float = 0.5,
    seed: int = 0,
) -> PlantedTargets:
    """Add Gaussian spots to one source.

    Args:
        sources: (B, 2, H, W) in [0, 1].
        channel: 0 or 1, which source gets them.
        count: spots per image.
        sigma: their standard deviation in pixels.
        amplitude: brightness added at the centre; the sum is cut off at 1.
        seed: of the positions.

    Returns:
        The new sources, the mask of the spots and their centres.

    Raises:
        InputError: the image is too small for so many.

    Example:
        >>> planted = plant_targets(torch.zeros(1, 2, 64, 64), channel=1, count=3)
        >>> planted.sources[0, 1].max().item(), planted.sources[0, 0].max().item()
        (0.5, 0.0)
    """
    height, width = sources.shape[-2:]
    centres = scatter_centres(height, width, count, seed)
    return plant_at(sources, channel, centres, sigma, amplitude)


def plant_at(
    sources: Tensor, channel: int, centres: Tensor, sigma: float, amplitude: float
) -> PlantedTargets:
    """Add Gaussian spots to one source in given places.

    Args:
        sources: (B, 2, H, W) in [0, 1].
        channel: 0 or 1, which source gets them.
        centres: (count, 2) row and column of each.
        sigma: their standard deviation in pixels.
        amplitude: brightness added at the centre; the sum is cut off at 1.

    Returns:
        The new sources, the mask of the spots and their centres.

    Example:
        >>> planted = plant_at(torch.zeros(1, 2, 9, 9), 0, torch.tensor([[2, 3]]), 1.0, 0.5)
        >>> planted.sources[0, 0, 2, 2:5]
        tensor([0.3033, 0.5000, 0.3033])
    """
    height, width = sources.shape[-2:]
    centres = centres.to(sources.device)
    rows = torch.arange(height, device=sources.device)[:, None, None] - centres[:, 0]  # (H, 1, n)
    columns = torch.arange(width, device=sources.device)[:, None] - centres[:, 1]  # (W, n)
    squared = (rows.square() + columns.square()).amin(-1)  # (H, W), to the nearest centre
    planted = sources.clone()
    planted[:, channel] += amplitude * torch.exp(-squared / (2 * sigma**2))
    mask = (squared <= (2 * sigma) ** 2).expand(len(sources), 1, -1, -1)
    return PlantedTargets(planted.clamp_(max=1), mask, centres)


def target_height(features: Tensor, mask: Tensor) -> Tensor:
    """Measure how far targets rise above the background, in the unit of the features.

    Args:
        features: (B, C, h, w), at the mask's resolution or a coarser one.
        mask: (B, 1, H, W) bool.

    Returns:
        Tensor (B, C): mean on the targets - mean of the rest.

    Example:
        >>> mask = torch.eye(4, dtype=torch.bool).view(1, 1, 4, 4)
        >>> target_height(3.0 * mask, mask)
        tensor([[3.]])
    """
    share = target_share(features, mask)
    return mean_over(features, share) - mean_over(features, 1 - share)


def target_contrast(features: Tensor, mask: Tensor) -> Tensor:
    """Measure how clearly targets stand out of the background in each feature map.

    Args:
        features: (B, C, h, w), at the mask's resolution or a coarser one.
        mask: (B, 1, H, W) bool.

    Returns:
        Tensor (B, C): `target_height` / standard deviation of the rest; 0 where the map is
        constant.

    Example:
        >>> mask = torch.zeros(1, 1, 4, 4, dtype=torch.bool)
        >>> mask[..., 0, 0] = True
        >>> target_contrast(torch.ones(1, 2, 4, 4), mask)
        tensor([[0., 0.]])
    """
    rest = 1 - target_share(features, mask)  # (B, 1, h, w)
    background = mean_over(features, rest)[..., None, None]
    spread = mean_over((features - background).square(), rest).sqrt()
    height = target_height(features, mask)
    return torch.where(spread > 0, height / spread.clamp_min(1e-12), 0.0)


def target_share(features: Tensor, mask: Tensor) -> Tensor:
    """Bring a mask to the resolution of features: (B, 1, h, w), 1 where a target is touched."""
    return F.adaptive_max_pool2d(mask.to(features.dtype), features.shape[-2:])


def mean_over(features: Tensor, weights: Tensor) -> Tensor:
    """Average maps (B, C, h, w) with weights (B, 1, h, w): (B, C)."""
    return (features * weights).sum((2, 3)) / weights.sum((2, 3))


@torch.inference_mode()
def kept_amplitude(model: nn.Module, sources: Tensor, planted: PlantedTargets) -> Tensor:
    """Measure the share of the planted brightness that arrives in the fused image.

    Args:
        model: (B, 2, H, W) -> (B, 1, H, W).
        sources: (B, 2, H, W) in [0, 1] without the targets.
        planted: the same with them.

    Returns:
        Tensor (B,): change of the fused image over change of the sources, summed over the targets'
        pixels; 1 keeps all, 0 loses all, above 1 exaggerates.

    Example:
        >>> sources = torch.zeros(1, 2, 96, 96)
        >>> average = lambda x: x.mean(1, keepdim=True)
        >>> kept_amplitude(average, sources, plant_targets(sources, channel=0))
        tensor([0.5000])
    """
    with_targets, without = (model(x).float().clamp(0, 1) for x in (planted.sources, sources))
    return kept_share(with_targets, without, sources, planted)


def kept_share(
    with_targets: Tensor, without: Tensor, sources: Tensor, planted: PlantedTargets
) -> Tensor:
    """Measure what `kept_amplitude` does, from images that are fused already.

    Args:
        with_targets, without: fused images (B, 1, H, W) in [0, 1], of the sources with the targets
            and without.
        sources, planted: see `kept_amplitude`.

    Returns:
        Tensor (B,), see `kept_amplitude`.

    Example:
        >>> sources = torch.zeros(1, 2, 96, 96)
        >>> planted = plant_targets(sources, channel=0)
        >>> kept_share(planted.sources[:, :1], sources[:, :1], sources, planted)
        tensor([1.])
    """
    added = (planted.sources - sources).sum(1, keepdim=True)
    mask = planted.mask
    return ((with_targets - without) * mask).sum((1, 2, 3)) / (added * mask).sum((1, 2, 3))
