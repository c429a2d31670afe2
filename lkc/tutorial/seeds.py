"""Repeat a training from many seeds, to see how much of a difference is chance."""

from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from accelerate import Accelerator
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from lkc import viz
from lkc.model.network import FusionNet
from lkc.training.loop import TrainConfig, Trainer
from lkc.tutorial.train_one_yourself import judge


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
        rows[seed] = judge(net, held_out, config.loss)
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
    """Draw what studies with so many seeds would report: the callback of the slider.

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
