"""Pairs that are held out of training: which ones, and how well a network does on them."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from lkc import metrics
from lkc.errors import InputError
from lkc.fusion.images import fuse_luma
from lkc.metrics.visual import VIF_SMALLEST


def hold_out(names: Sequence[str], every: int = 10) -> tuple[list[str], list[str]]:
    """Cut a validation split that depends on the names alone.

    Args:
        names: pair names.
        every: one pair in so many is held out.

    Returns:
        Names for training and names for validation.

    Example:
        >>> hold_out(["a", "b", "c", "d"], every=2)
        (['b', 'd'], ['a', 'c'])
    """
    ordered = sorted(names)
    return [n for i, n in enumerate(ordered) if i % every], ordered[::every]


def hold_out_again(names: Sequence[str], earlier: Sequence[str]) -> tuple[list[str], list[str]]:
    """Hold out what earlier weights were judged on, so that it is never trained on.

    Args:
        names: "data set/pair" each.
        earlier: the same of the pairs that were held out; the data set may have another name now.

    Returns:
        Names for training and names for validation; as from `hold_out` where none is there.

    Example:
        >>> hold_out_again(["here/a", "here/b", "here/c"], ["elsewhere/b"])
        (['here/a', 'here/c'], ['here/b'])
    """
    held_out = {name.rsplit("/")[-1] for name in earlier}
    training: list[str] = []
    validation: list[str] = []
    for name in sorted(names):
        (validation if name.rsplit("/")[-1] in held_out else training).append(name)
    return (training, validation) if validation else hold_out(names)


def check_sizes(pairs: Mapping[str, Tensor]) -> None:
    """Refuse before the training, not after it, what the run could not be judged on."""
    for name, pair in pairs.items():
        height, width = pair.shape[-2:]
        if min(height, width) < VIF_SMALLEST:
            raise InputError(
                f"{name} is {width}x{height}: metrics need {VIF_SMALLEST} pixels a side."
            )


def validate(
    model: nn.Module, pairs: Mapping[str, Tensor], device: torch.device
) -> dict[str, float]:
    """Mean of the eleven metrics over the held-out pairs, on 8-bit images as a user would get."""
    rows = []
    for pair in pairs.values():
        sources = pair[None].to(device).float()  # (1, 2, H, W), 0 to 255
        fused = fuse_luma(sources / 255, model).mul(255).round()
        scores = metrics.evaluate_batch(fused, sources[:, :1], sources[:, 1:])
        rows.append({name: value.item() for name, value in scores.items()})
    return {name: sum(row[name] for row in rows) / len(rows) for name in rows[0]}
