"""What the networks are held against: the maximum rule, and the best image for the objective."""

from collections.abc import Iterator

import torch
from torch import Tensor

from experiments.data import StudyPairs
from experiments.measure import CHANNELS, FEATURE_PAIRS, measure_images, to_sources
from lkc.analysis.batch_effects import BLACK_LUMA
from lkc.analysis.targets import PlantedTargets, plant_targets
from lkc.model.baselines import maximum
from lkc.model.loading import RuleModel
from lkc.training.best_image import best_image
from lkc.training.losses import LossWeights

PATCH = 96  # The crops that the networks were trained on have this side.
STEPS, RATE = 150, 0.02  # 600 steps change what is kept by 0.002


def cut_around(images: Tensor, centres: Tensor) -> Tensor:
    """Cut a patch around every centre: (B, C, H, W) and (n, 2) -> (B * n, C, PATCH, PATCH)."""
    height, width = images.shape[-2:]
    patches = []
    for row, column in centres.tolist():
        top = min(max(row - PATCH // 2, 0), height - PATCH)
        left = min(max(column - PATCH // 2, 0), width - PATCH)
        patches.append(images[..., top : top + PATCH, left : left + PATCH])
    return torch.stack(patches, 1).flatten(0, 1)


def best_kept(sources: Tensor, planted: PlantedTargets) -> Tensor:
    """Measure which share of the planted brightness the best image keeps, see `kept_amplitude`.

    Only patches around the targets are searched: a target changes the best image nowhere else.

    Args:
        sources: (B, 2, H, W) in [0, 1] without the targets.
        planted: the same with them.

    Returns:
        Tensor (B,).
    """
    every = torch.cat([sources, planted.sources, planted.mask.to(sources.dtype)], 1)
    before, after, mask = cut_around(every, planted.centres).split([2, 2, 1], 1)
    best_after, best_before = (
        best_image(pair, LossWeights(), pair.amax(1, keepdim=True), STEPS, RATE).clamp(0, 1)
        for pair in (after, before)
    )
    kept = (best_after - best_before) * mask
    added = (after - before).sum(1, keepdim=True) * mask
    of_pair, in_all = (x.unflatten(0, (len(sources), -1)).flatten(1).sum(1) for x in (kept, added))
    return of_pair / in_all


def reference_rows(pairs: StudyPairs) -> Iterator[dict]:
    """Measure the maximum rule, and what the best image for the objective keeps of planted targets.

    The maximum is the brightness that the objective asks for; it asks for edges and structure too.

    Args:
        pairs: as the networks saw them.

    Yields:
        A row for each: "rule", the columns of `measure_images` that it has, and for the first the
        number of "black_pixels" behind the background columns.
    """
    row, _ = measure_images(RuleModel(maximum), pairs.validation, pairs.test)
    black = int((to_sources(pairs.test).amax(1) <= BLACK_LUMA).sum())
    yield {"rule": "maximum rule", **row, "black_pixels": black}
    some = to_sources(pairs.validation[:FEATURE_PAIRS])
    planted = {name: plant_targets(some, channel) for name, channel in CHANNELS.items()}
    yield {"rule": "best image"} | {
        f"kept_{name}": best_kept(some, each).mean().item() for name, each in planted.items()
    }


def slice_rows(names: list[str], images: Tensor) -> Iterator[dict]:
    """One row per test pair: mean and standard deviation of its sources, in gray levels."""
    for name, pair in zip(names, images.float(), strict=True):
        row: dict[str, str | float] = {"pair": name}
        for source, channel in CHANNELS.items():
            row[f"mean_{source}"] = pair[channel].mean().item()
            row[f"spread_{source}"] = pair[channel].std().item()
        yield row
