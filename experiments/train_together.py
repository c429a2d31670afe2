"""Train many small networks side by side on the same crops.

A small network leaves most of a GPU idle, and one seed's networks should see the same data so that
their differences are the networks'. So each step cuts one batch and every network steps on it: on a
GPU as CUDA graphs on streams of their own, which overlap; on a CPU one after the other.
"""

from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor, nn

from lkc.training.config import TrainConfig
from lkc.training.contrast_loss import ContrastWeights, objective_terms
from lkc.training.crops import CropSampler
from lkc.training.losses import LossWeights
from lkc.training.replayed_step import ReplayedStep
from lkc.training.schedule import cosine_with_warmup


def distance_to_objective(
    fused: Tensor, crops: Tensor, weights: LossWeights | ContrastWeights
) -> Tensor:
    """The loss of fused crops (B, 1, H, W) of sources (B, 2, H, W)."""
    return objective_terms(fused, crops[:, :1], crops[:, 1:], weights)["total"]


def train_together(models: Sequence[nn.Module], images: Tensor, config: TrainConfig) -> None:
    """Train networks on the same crops, in step; leaves them in evaluation mode.

    Args:
        models: untrained, on the images' device.
        images: (N, 2, H, W) uint8, all of one size.
        config: how; its seed decides the crops.
    """
    generator = torch.Generator().manual_seed(config.seed)
    crops = torch.empty(config.batch, 2, config.crop, config.crop, device=images.device)
    sampler = CropSampler(list(images), config.crop, images.device)
    crops.copy_(sampler.sample(config.batch, generator))
    loss = partial(distance_to_objective, crops=crops, weights=config.loss)
    steps = [ReplayedStep(model, crops, loss, config.clip) for model in models]
    for number in range(config.steps):
        rate = config.learning_rate * cosine_with_warmup(number, config.steps)
        crops.copy_(sampler.sample(config.batch, generator))
        for step in steps:
            step.rate.fill_(rate)
        if not images.is_cuda:
            for step in steps:
                step()
            continue
        main = torch.cuda.current_stream()
        for step in steps:
            step.stream.wait_stream(main)
            with torch.cuda.stream(step.stream):
                step()
        for step in steps:
            main.wait_stream(step.stream)
    for model in models:
        model.eval()
