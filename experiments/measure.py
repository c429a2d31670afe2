"""What the study measures of one trained network."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from lkc import metrics
from lkc.analysis.batch_effects import background_luma, batch_dependence, train_eval_gap
from lkc.analysis.features import capture_features
from lkc.analysis.receptive_field import area_by_mass, effective_field
from lkc.analysis.sparsity import dead_share, excess_kurtosis, hoyer_sparsity, saturated_share
from lkc.analysis.targets import kept_amplitude, plant_targets, target_contrast

BEFORE_RELU = ".widen"  # The end of a module's name in `lite` and in `base`.
ALIVE = 1e-3  # The shape of a map means something from this standard deviation on.
VISIBLE = 4  # A black background looks gray from this gray level on.
FEATURE_PAIRS, FIELD_PAIRS = 8, 4
CHANNELS = {"first": 0, "second": 1}  # Networks take the sources in this order.


def to_sources(pairs: Tensor) -> Tensor:
    """(N, 2, H, W) uint8 to float in [0, 1]."""
    return pairs.float() / 255


@torch.inference_mode()
def fuse_all(model: nn.Module, pairs: Tensor) -> Tensor:
    """Fuse (N, 2, H, W) uint8 pair by pair to (N, 1, H, W) in [0, 1], rounded to gray levels."""
    fused = [model(to_sources(pair[None])).clamp(0, 1) for pair in pairs]
    return (torch.cat(fused) * 255).round() / 255


def score_pairs(fused: Tensor, pairs: Tensor) -> dict[str, Tensor]:
    """The eleven metrics of every pair: key -> (N,)."""
    rows = [
        metrics.evaluate_batch(f[None] * 255, pair[None, :1].float(), pair[None, 1:].float())
        for f, pair in zip(fused, pairs, strict=True)
    ]
    return {key: torch.cat([row[key].reshape(1) for row in rows]) for key in rows[0]}


def layers_before_relu(model: nn.Module) -> list[str]:
    """Name the wide layer of every large-kernel block, whose output goes through a ReLU."""
    return [name for name, _ in model.named_modules() if name.endswith(BEFORE_RELU)]


def measure_features(model: nn.Module, sources: Tensor) -> dict[str, float]:
    """Sparsity, and channels that do nothing, where the blocks' ReLUs act; mean over the blocks."""
    layers = layers_before_relu(model)
    with capture_features(model, layers) as features, torch.inference_mode():
        model(sources)
    hoyer, kurtosis, dead, saturated = [], [], [], []
    for before in features.values():
        after = before.relu()
        alive = after.std(dim=(2, 3)) > ALIVE  # (B, C)
        hoyer.append(hoyer_sparsity(after)[alive].mean())
        kurtosis.append(excess_kurtosis(after)[alive].median())
        dead.append(dead_share(before))
        saturated.append(saturated_share(before))
    return {
        "hoyer": torch.stack(hoyer).mean().item(),
        "kurtosis": torch.stack(kurtosis).mean().item(),
        "dead": sum(dead) / len(dead),
        "saturated": sum(saturated) / len(saturated),
    }


def measure_kept(model: nn.Module, sources: Tensor) -> dict[str, float]:
    """Share of small bright targets, planted in either source, that the fused image keeps."""
    planted = {name: plant_targets(sources, channel) for name, channel in CHANNELS.items()}
    return {
        f"kept_{name}": kept_amplitude(model, sources, each).mean().item()
        for name, each in planted.items()
    }


def measure_contrast(model: nn.Module, sources: Tensor) -> dict[str, float]:
    """How far the same targets stand out of the features where the blocks' ReLUs act."""
    result: dict[str, float] = {}
    layers = layers_before_relu(model)
    for name, channel in CHANNELS.items():
        planted = plant_targets(sources, channel)
        with capture_features(model, layers) as features, torch.inference_mode():
            model(planted.sources)
        contrast = [target_contrast(f.relu(), planted.mask).abs().mean() for f in features.values()]
        result[f"contrast_{name}"] = torch.stack(contrast).mean().item()
    return result


def measure_field(model: nn.Module, sources: Tensor) -> dict[str, float]:
    """Sides of the squares that hold 50 and 99 % of the effective receptive field."""
    result: dict[str, float] = {}
    for label, detach in (("field", False), ("field_kernels", True)):
        fields = [effective_field(model, pair[None], detach_norms=detach) for pair in sources]
        sides = area_by_mass(torch.stack(fields).mean(0).sum(0), (0.5, 0.99))
        result |= {f"{label}_{round(100 * share)}": side for share, side in sides.items()}
    return result


def measure_background(fused: Tensor, pairs: Tensor) -> dict[str, float]:
    """Mean luma where both sources are black, and the share of it that can be seen."""
    background = background_luma(fused, to_sources(pairs))
    return {
        "background_mean": background.mean().item(),
        "background_visible": (background > VISIBLE).float().mean().item(),
    }


def measure_images(
    model: nn.Module, validation: Tensor, test: Tensor
) -> tuple[dict[str, float], dict[str, Tensor]]:
    """Measure what anything that fuses makes of the pairs; see `measure`."""
    fused, fused_test = fuse_all(model, validation), fuse_all(model, test)
    per_pair = score_pairs(fused_test, test)
    row = {f"val_{k}": v.mean().item() for k, v in score_pairs(fused, validation).items()}
    row |= {f"test_{k}": v.mean().item() for k, v in per_pair.items()}
    row |= measure_background(fused_test, test)
    row |= measure_kept(model, to_sources(validation[:FEATURE_PAIRS]))
    return row, per_pair


def measure_network(
    model: nn.Module, validation: Tensor, test: Tensor
) -> tuple[dict[str, float], dict[str, Tensor]]:
    """Measure one network.

    Args:
        model: trained, in evaluation mode.
        validation, test: (N, 2, H, W) uint8 pairs it was not trained on, on its device.

    Returns:
        One number per column (metrics as val_* and test_*), and the test metrics of every pair.
    """
    row, per_pair = measure_images(model, validation, test)
    some = to_sources(validation[:FEATURE_PAIRS])
    row |= measure_features(model, some)
    row |= measure_contrast(model, some)
    row |= measure_field(model, some[:FIELD_PAIRS])
    row["batch_dependence"] = batch_dependence(model, some)
    row["train_eval_gap"] = train_eval_gap(model, some)
    return row, per_pair


def pair_rows(names: list[str], per_pair: dict[str, Tensor]) -> Iterator[dict]:
    """One row per pair, for a table."""
    for index, name in enumerate(names):
        yield {"pair": name} | {k: f"{v[index].item():.5g}" for k, v in per_pair.items()}
