"""Score predicted labels: intersection over union, and intervals over seeds."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor


def confusion_matrix(predicted: Tensor, labels: Tensor, classes: int) -> np.ndarray:
    """Count the pixels of every true class by predicted class.

    Args:
        predicted, labels: class indices, any one shape.
        classes: number of classes.

    Returns:
        (classes, classes) int64, rows true, columns predicted.

    Example:
        >>> confusion_matrix(torch.tensor([0, 1, 1]), torch.tensor([0, 0, 1]), 2).tolist()
        [[1, 1], [0, 1]]
    """
    pairs = classes * labels.flatten().long() + predicted.flatten()
    counts = torch.bincount(pairs, minlength=classes**2)
    return counts.view(classes, classes).cpu().numpy()


def class_iou(confusion: np.ndarray) -> np.ndarray:
    """Return each class's intersection over union.

    Args:
        confusion: (C, C) pixel counts, rows true, columns predicted.

    Returns:
        (C,) in [0, 1]; NaN for a class that neither occurs nor was predicted.

    Example:
        >>> class_iou(np.array([[1, 1], [0, 1]])).tolist()
        [0.5, 0.5]
    """
    hits = np.diag(confusion).astype(float)
    union = confusion.sum(0) + confusion.sum(1) - hits
    return np.divide(hits, union, out=np.full(len(hits), np.nan), where=union > 0)


def class_recall(confusion: np.ndarray) -> np.ndarray:
    """Return the share of each class's pixels that were found.

    Args:
        confusion: (C, C) pixel counts, rows true, columns predicted.

    Returns:
        (C,) in [0, 1]; NaN for a class that does not occur.

    Example:
        >>> class_recall(np.array([[3, 1], [0, 2]])).tolist()
        [0.75, 1.0]
    """
    hits, there = np.diag(confusion).astype(float), confusion.sum(1)
    return np.divide(hits, there, out=np.full(len(hits), np.nan), where=there > 0)


def mean_iou(confusion: np.ndarray) -> float:
    """Return the mean intersection over union of the classes that occur.

    A class that was predicted but never occurs has no line in a table of classes; its pixels count
    against the classes that they were taken from.

    Args:
        confusion: (C, C) pixel counts, rows true, columns predicted.

    Returns:
        The mean in [0, 1].

    Example:
        >>> mean_iou(np.array([[1, 1, 0], [0, 1, 0], [0, 0, 0]]))
        0.5
    """
    return float(class_iou(confusion)[confusion.sum(1) > 0].mean())


def mean_interval(values: Sequence[float], confidence: float = 0.95) -> tuple[float, float]:
    """Return Student's interval of the mean of independent values.

    Args:
        values: one number per run, or per image.
        confidence: chance that the interval holds the true mean, were the values normal.

    Returns:
        Its ends; both NaN for fewer than two values, which say nothing about their spread.

    Example:
        >>> [round(end, 3) for end in mean_interval([0.5, 0.6, 0.7])]
        [0.352, 0.848]
    """
    from scipy.special import stdtrit  # This is scipy.stats.t.ppf without its slow import.

    if len(values) < 2:
        return float("nan"), float("nan")
    half = stdtrit(len(values) - 1, (1 + confidence) / 2) * np.std(values, ddof=1)
    half /= np.sqrt(len(values))
    return float(np.mean(values) - half), float(np.mean(values) + half)
