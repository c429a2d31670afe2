"""The image that an objective likes best, found without any network."""

import torch
from torch import Tensor

from lkc.training.losses import LossWeights, fusion_loss

STEPS, RATE = 250, 0.01  # Of Adam on the pixels: enough for 1/255 on the example pairs.


def best_image(
    sources: Tensor,
    weights: LossWeights,
    start: Tensor | None = None,
    steps: int = STEPS,
    rate: float = RATE,
) -> Tensor:
    """Minimise the objective over the pixels of the fused image with Adam.

    Args:
        sources: (B, 2, H, W) in [0, 1].
        weights: of the terms.
        start: (B, 1, H, W), where to begin; None is the average of the sources.
        steps: of the optimiser.
        rate: its first step in units of pixels; the rate falls to 0 in a line.

    Returns:
        Tensor (B, 1, H, W), not clamped: a minimum near the start, the objective has others.

    Example:
        >>> pair = torch.rand(1, 2, 16, 16)
        >>> only = LossWeights(intensity=1, gradient=0, ssim=0)
        >>> (best_image(pair, only) - pair.amax(1)).abs().max() < 0.02
        tensor(True)
    """
    image = sources.mean(1, keepdim=True) if start is None else start
    image = image.clone().requires_grad_()
    optimizer = torch.optim.Adam([image], rate)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1, 0, steps)
    for _ in range(steps):
        optimizer.zero_grad()
        fusion_loss(image, sources[:, :1], sources[:, 1:], weights)["total"].backward()
        optimizer.step()
        schedule.step()
    return image.detach()
