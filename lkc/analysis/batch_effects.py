"""Measure side effects of normalization: batch mates, training against use, leaks into black."""

import copy

import torch
from torch import Tensor, nn

from lkc.metrics.statistics import BLACK
from lkc.model.cuda_graph import plain_network

GRAY_LEVELS = 255
BLACK_LUMA = BLACK / GRAY_LEVELS  # A source pixel counts as black up to this luma.


def with_batch_statistics(model: nn.Module) -> nn.Module:
    """Copy a network in evaluation mode whose batch norms use the batch at hand, as in training.

    >>> [m.training for m in with_batch_statistics(nn.Sequential(nn.BatchNorm2d(1), nn.ReLU()))]
    [True, False]
    """
    model = copy.deepcopy(plain_network(model)).eval()
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.train()
    return model


@torch.inference_mode()
def batch_dependence(model: nn.Module, sources: Tensor) -> float:
    """Measure how much a pair's result depends on the rest of its batch while training.

    Args:
        model: a network (B, 2, H, W) -> (B, 1, H, W).
        sources: (B, 2, H, W) in [0, 1], at least two pairs.

    Returns:
        Mean absolute difference between fusing the pairs together and one by one, in gray levels.
        0 for every norm but batch norm.

    Example:
        >>> from lkc import create_model
        >>> batch_dependence(create_model("lite", norm="group"), torch.rand(2, 2, 32, 32)) < 0.01
        True
    """
    model = with_batch_statistics(model)
    together = model(sources).clamp(0, 1)
    alone = torch.cat([model(pair[None]).clamp(0, 1) for pair in sources])
    return GRAY_LEVELS * (together - alone).abs().mean().item()


@torch.inference_mode()
def train_eval_gap(model: nn.Module, sources: Tensor) -> float:
    """Measure how much the network in use differs from the network that was trained.

    Args:
        model: a network (B, 2, H, W) -> (B, 1, H, W).
        sources: (B, 2, H, W) in [0, 1].

    Returns:
        Mean absolute difference between statistics of this batch and running averages, in gray
        levels. 0 for every norm but batch norm.
    """
    evaluated = copy.deepcopy(plain_network(model)).eval()(sources).clamp(0, 1)
    trained = with_batch_statistics(model)(sources).clamp(0, 1)
    return GRAY_LEVELS * (trained - evaluated).abs().mean().item()


def background_luma(fused: Tensor, sources: Tensor) -> Tensor:
    """Collect the values of a fused image where both sources are black.

    Args:
        fused: (B, 1, H, W) in [0, 1].
        sources: (B, 2, H, W) in [0, 1].

    Returns:
        Tensor (n,) of gray levels, one for each pixel whose sources are at most 2; empty if none.

    Example:
        >>> background_luma(torch.full((1, 1, 2, 2), 0.2), torch.zeros(1, 2, 2, 2))
        tensor([51., 51., 51., 51.])
    """
    black = sources.amax(1, keepdim=True) <= BLACK_LUMA
    return GRAY_LEVELS * fused[black]
