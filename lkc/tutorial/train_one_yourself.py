"""Notebook 06: train a net that is small enough to watch, and see how much of it is chance."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
import torch
from accelerate import Accelerator
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from lkc import metrics, viz
from lkc.data.synthetic import street_scene
from lkc.fusion.images import fuse_luma
from lkc.io.pixels import luma, to_8_bits, to_unit_range
from lkc.model.lite import LiteUNet
from lkc.model.network import FusionNet, NetworkConfig
from lkc.training.config import TrainConfig
from lkc.training.loop import Trainer
from lkc.training.losses import LossWeights, fusion_loss

TINY_WIDTHS, TINY_KERNELS = (8, 16, 24), (7, 5, 3)
SMALL_WIDTHS = (16, 24, 32)


def street_sources(seed: int, time: str, height: int = 240, width: int = 320) -> Tensor:
    """Draw a street as training takes it: (2, H, W) uint8 luma, infrared first."""
    scene = street_scene(seed, height, width, time)
    visible = to_8_bits(luma(to_unit_range(scene.visible, "visible")))
    return torch.from_numpy(np.stack([scene.infrared, visible]))  # (2, H, W)


def streets(seeds: Sequence[int], times: Sequence[str] = ("day", "night")) -> list[Tensor]:
    """Draw every street at every time; see `street_sources`."""
    return [street_sources(seed, time) for seed in seeds for time in times]


def build_net(
    seed: int,
    norm: str = "hybrid",
    kernel_sizes: Sequence[int] = TINY_KERNELS,
    widths: Sequence[int] = TINY_WIDTHS,
    shortcut: bool = False,
) -> FusionNet:
    """Build an untrained `lite` net with few channels.

    Args:
        seed: of its weights.
        norm, kernel_sizes, shortcut: as for `lkc.create_model`.
        widths: channels of the three levels, multiples of 8.

    Returns:
        The net; its config does not know the widths, so it is for looking, not for saving.

    Example:
        >>> from lkc.model.network import count_parameters
        >>> count_parameters(build_net(0))
        17276
    """
    torch.manual_seed(seed)
    config = NetworkConfig("lite", norm, tuple(kernel_sizes), shortcut=shortcut)
    return FusionNet(config, LiteUNet(norm, kernel_sizes, widths, shortcut=shortcut))


@dataclass(frozen=True)
class Moment:
    """The state of a training at one step.

    Attributes:
        step: number of optimizer steps taken.
        terms: loss terms, means since the last moment; empty at step 0.
        fused: (H, W) in [0, 1], what the net makes of the watched pair.
    """

    step: int
    terms: dict[str, float]
    fused: Tensor


def watch_training(
    net: FusionNet, images: Sequence[Tensor], config: TrainConfig, watched: Tensor, every: int
) -> Iterator[Moment]:
    """Train a net on the CPU and yield its state from time to time.

    Args:
        net: trained in place.
        images: (2, H, W) uint8 each, first source first.
        config: how to train.
        watched: (1, 2, H, W) in [0, 1], a pair to fuse at every moment.
        every: steps between moments.

    Yields:
        The moment before the first step, and one after every `every` steps.
    """
    trainer = Trainer(net, list(images), config, Accelerator(cpu=True))

    def look(terms: dict[str, float]) -> Moment:
        fused = fuse_luma(watched, net.eval())[0, 0].clone()  # A clone is no inference tensor.
        return Moment(trainer.step, terms, fused)

    yield look({})
    recent: list[dict[str, Tensor]] = []
    for terms in trainer.run():
        recent.append(terms)
        if trainer.step % every == 0:
            means = {k: torch.stack([t[k] for t in recent]).mean().item() for k in terms}
            yield look(means)
            recent = []


def curves(moments: Sequence[Moment]) -> pd.DataFrame:
    """Tabulate loss terms: one row per moment and term, columns step, term and loss."""
    rows = [
        {"step": moment.step, "term": term, "loss": value}
        for moment in moments
        for term, value in moment.terms.items()
    ]
    return pd.DataFrame(rows, columns=["step", "term", "loss"])


@torch.inference_mode()
def judge(net: FusionNet, images: Sequence[Tensor], weights: LossWeights) -> dict[str, float]:
    """Score a net on pairs that it was not trained on.

    Args:
        net: trained.
        images: (2, H, W) uint8 of one size, first source first.
        weights: of the objective.

    Returns:
        "loss" and the eleven metrics, means over the pairs.
    """
    sources = torch.stack(list(images)).float()  # (B, 2, H, W), 0 to 255
    fused = net.eval()(sources / 255)
    loss = fusion_loss(fused, sources[:, :1] / 255, sources[:, 1:] / 255, weights)["total"]
    pixels = fused.clamp(0, 1).mul(255).round()
    scores = metrics.evaluate_batch(pixels, sources[:, :1], sources[:, 1:])
    return {"loss": loss.item(), **{name: value.mean().item() for name, value in scores.items()}}


def show_progress(moments: Sequence[Moment]) -> Figure:
    """Draw the loss terms so far beside the fused image of the watched pair.

    Args:
        moments: of one training, at least the first.

    Returns:
        A figure of two axes.
    """
    figure, axes = viz.make_axes(1, 2, height=2.7)
    table = curves(moments).pivot(index="step", columns="term", values="loss")
    if len(table):
        viz.plot_curves(table, "loss", ax=axes[0, 0])
    last = moments[-1]
    viz.plot_images({f"after {last.step} steps": last.fused}, axes=axes[0, 1])
    return figure


def train_seeds(
    build: Callable[[int], FusionNet],
    seeds: Sequence[int],
    images: Sequence[Tensor],
    held_out: Sequence[Tensor],
    steps: int = 120,
) -> pd.DataFrame:
    """Train the same net from several seeds: other weights and other crops, all else equal.

    Args:
        build: takes a seed and returns an untrained net.
        seeds: one training each.
        images, held_out: to train on and to be judged on, see `judge`.
        steps: optimizer steps of each.

    Returns:
        One row per seed, columns as from `judge`.
    """
    rows = {}
    for seed in seeds:
        net = build(seed)
        config = TrainConfig(steps=steps, batch=4, crop=48, learning_rate=4e-3, seed=seed)
        trainer = Trainer(net, list(images), config, Accelerator(cpu=True))
        for _ in trainer.run():
            pass
        rows[seed] = judge(net, held_out, LossWeights())
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("seed")


def study_differences(first: ArrayLike, second: ArrayLike, seeds: int) -> NDArray[np.float64]:
    """Simulate 10,000 studies that have few seeds each.

    Args:
        first, second: losses of two variants, one per seed that was run.
        seeds: how many of them, drawn with replacement, a study has of each variant.

    Returns:
        (10000,) mean of the first minus mean of the second, as each study would report it.

    Example:
        >>> study_differences([2.0, 2.0], [1.0, 1.0], seeds=1).std()
        np.float64(0.0)
    """
    random, size = np.random.default_rng(0), (10_000, seeds)
    drawn, other = random.choice(np.asarray(first), size), random.choice(np.asarray(second), size)
    return drawn.mean(axis=1) - other.mean(axis=1)


def wrong_way_share(better: ArrayLike, worse: ArrayLike, seeds: int) -> float:
    """Count how often a study with few seeds would report the opposite sign.

    Args:
        better, worse: losses of two variants; the first has the lower mean over all seeds.
        seeds: as for `study_differences`.

    Returns:
        Share of the studies in which the second has the lower mean.

    Example:
        >>> wrong_way_share([1.0, 1.0], [2.0, 2.0], seeds=1)
        0.0
    """
    return float(np.mean(study_differences(worse, better, seeds) < 0))


def show_studies(first: ArrayLike, second: ArrayLike, seeds: int, xlabel: str) -> Figure:
    """Draw what studies with so many seeds would report; what the slider calls.

    Args:
        first, second, seeds: as for `study_differences`.
        xlabel: what the differences are.

    Returns:
        A histogram with a line at no difference.
    """
    figure, axes = viz.make_axes(height=2.2)
    differences = {"studies": study_differences(first, second, seeds)}
    viz.plot_histograms(differences, limits=(-0.15, 0.15), xlabel=xlabel, ax=axes[0, 0])
    axes[0, 0].axvline(0, color="black", linewidth=0.8)
    axes[0, 0].set_title(f"seeds of each variant: {seeds}")
    return figure


def differences_of_halves(losses: ArrayLike) -> NDArray[np.float64]:
    """Compare a variant with itself: split its seeds in two halves in every possible way.

    Args:
        losses: of one variant, an even number of seeds.

    Returns:
        Mean of one half minus mean of the other, for every split.

    Example:
        >>> differences_of_halves([1.0, 3.0])
        array([-2.,  2.])
    """
    values = np.asarray(losses)
    halves = combinations(range(len(values)), len(values) // 2)
    means = np.array([values[list(half)].mean() for half in halves])
    return 2 * (means - values.mean())
