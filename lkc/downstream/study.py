"""Run the experiment: each input and seed, everything else equal; a row per class and run."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from lkc.downstream.inputs import build_input
from lkc.downstream.labelled import LabelledPairs
from lkc.downstream.scores import class_iou, class_recall, mean_interval
from lkc.downstream.training import (
    SegmentConfig,
    count_by_condition,
    predict,
    train_segmentation,
)

MEAN = "mean"
"""What stands in the column `class` for the mean over the classes."""


@dataclass(frozen=True)
class Run:
    """One trained network's results on the test pairs.

    Attributes:
        input: what it saw.
        seed: of its weights and batches.
        predicted: (N, H, W) uint8.
        confusions: condition or region -> (C, C) pixel counts, rows true.
    """

    input: str
    seed: int
    predicted: Tensor
    confusions: dict[str, np.ndarray]


def run_study(
    training: LabelledPairs,
    test: LabelledPairs,
    planned: Sequence[tuple[str, Sequence[int]]],
    config: SegmentConfig,
    device: torch.device,
) -> Iterator[Run]:
    """Train and judge one network per input and seed; each input is fused once.

    Args:
        training: pairs to fit.
        test: pairs to judge on.
        planned: names of inputs, each with its seeds.
        config: how to train; its seed is replaced.
        device: where to fuse and to train.

    Yields:
        The runs, as they end.
    """
    labels = torch.from_numpy(training.labels)
    classes = len(test.classes)
    for name, seeds in planned:
        images, unseen = (build_input(pairs, name, device.type) for pairs in (training, test))
        for seed in seeds:
            own = SegmentConfig(**{**vars(config), "seed": seed})
            model = train_segmentation(images, labels, classes, own, device)
            predicted = predict(model, unseen)
            yield Run(name, seed, predicted, count_by_condition(predicted, test))


def to_rows(run: Run, test: LabelledPairs) -> list[dict]:
    """Write a run as rows: input, seed, condition, class, IoU and recall.

    Args:
        run: its confusion matrices are read.
        test: the pairs it was judged on.

    Returns:
        One row per condition or region and class that occurs, and one for the mean of these.
        A region has no IoU: what was wrongly found outside of it is not counted.
    """
    rows = []
    for condition, confusion in run.confusions.items():
        recall = class_recall(confusion)
        iou = np.where(np.isnan(recall), np.nan, class_iou(confusion))
        if condition in test.regions:
            iou = np.full_like(iou, np.nan)
        start = {"input": run.input, "seed": run.seed, "condition": condition}
        values = [(MEAN, iou, recall)]
        values += [(name, iou[[i]], recall[[i]]) for i, name in enumerate(test.classes.names)]
        for name, ious, recalls in values:
            if not np.isnan(recalls).all():
                means = {"iou": average(ious), "recall": average(recalls)}
                rows.append(start | {"class": name} | means)
    return rows


def average(values: np.ndarray) -> float:
    """Average the values that are numbers, with five digits; NaN if there are none."""
    known = values[~np.isnan(values)]
    return round(float(known.mean()), 5) if known.size else float("nan")


def summarise(rows: pd.DataFrame, score: str = "iou") -> pd.DataFrame:
    """Average over the seeds, with a 95 % interval.

    Args:
        rows: as `to_rows` writes them.
        score: "iou" or "recall"; rows without it are left out.

    Returns:
        Columns input, condition, class, the score's, low, high, runs; inputs in the order of the
        rows.
    """
    keys = ["input", "condition", "class"]
    groups = rows.dropna(subset=score).groupby(keys, sort=False)[score]
    ends = groups.apply(lambda values: pd.Series(mean_interval(values), index=["low", "high"]))
    table = pd.concat([groups.mean(), ends.unstack(), groups.size().rename("runs")], axis=1)
    return table.reset_index()


def compare_inputs(rows: pd.DataFrame, one: str, other: str, condition: str = "all") -> str:
    """Say in a sentence which of two inputs has the better mean IoU, and whether beyond chance.

    Networks of one seed start from the same weights and see the same batches, so that their
    difference is what is judged: beyond chance is what its 95 % interval over the seeds excludes.

    Args:
        rows: as `to_rows` writes them.
        one, other: names of inputs; seeds that both have are compared.
        condition: of the test pairs.

    Returns:
        The sentence.

    Example:
        >>> keys = {"condition": "all", "class": "mean"}
        >>> table = pd.DataFrame([
        ...     {"input": name, "seed": seed, "iou": iou + 0.01 * seed, **keys}
        ...     for name, iou in (("lite", 0.5), ("infrared", 0.4)) for seed in range(3)
        ... ])
        >>> compare_inputs(table, "lite", "infrared")
        'lite 51.0 against infrared 41.0: +10.0 ±0.0 points of mIoU by seed, beyond chance.'
    """
    means = rows[(rows["condition"] == condition) & (rows["class"] == MEAN)]
    by_seed = 100 * means.pivot(index="seed", columns="input", values="iou")[[one, other]].dropna()
    gains = by_seed[one] - by_seed[other]
    low, high = mean_interval(gains)
    verdict = "beyond chance" if low > 0 or high < 0 else "not beyond chance"
    gain = f"{gains.mean():+.1f} ±{(high - low) / 2:.1f} points of mIoU by seed, {verdict}."
    if np.isnan(low):
        gain = f"{gains.mean():+.1f} points of mIoU, one run each, so no interval."
    return f"{one} {by_seed[one].mean():.1f} against {other} {by_seed[other].mean():.1f}: {gain}"


def percent(row: pd.Series) -> str:
    """Write a score in percent, with its interval where there is one."""
    middle = row["iou"] if "iou" in row else row["recall"]
    mean = f"{100 * middle:.1f}"
    return mean if pd.isna(row["low"]) else f"{mean} ±{100 * (row['high'] - middle):.1f}"


def score_cells(summary: pd.DataFrame, by: str) -> pd.DataFrame:
    """Tabulate a row per input, with a column per class, or the mean IoU per condition."""
    key, value = ("condition", "all") if by == "class" else ("class", MEAN)
    shown = summary[summary[key] == value]
    cells = shown.assign(cell=shown.apply(percent, axis=1)).pivot(
        index="input", columns=by, values="cell"
    )
    return cells.loc[list(dict.fromkeys(shown["input"])), list(dict.fromkeys(shown[by]))]
