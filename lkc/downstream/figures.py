"""Labels over images, and which classes a network takes for which."""

from typing import Any

import numpy as np
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from lkc.downstream.classes import ClassTable
from lkc.downstream.labelled import LabelledPairs
from lkc.downstream.study import Run
from lkc.io.pixels import to_8_bits
from lkc.viz.grids import plot_images
from lkc.viz.style import RANK_MAP, figure_of, make_axes


def overlay(
    image: np.ndarray, labels: np.ndarray, classes: ClassTable, strength: float = 0.5
) -> np.ndarray:
    """Lay the classes' colours over an image; the first class, the background, stays as it is.

    Args:
        image: (H, W) or (H, W, 3) uint8.
        labels: (H, W) class indices.
        classes: their colours.
        strength: of the colours, 0 to 1.

    Returns:
        (H, W, 3) uint8.

    Example:
        >>> from lkc.downstream.classes import LESION
        >>> overlay(np.full((1, 2), 100, np.uint8), np.array([[0, 1]]), LESION)[0].tolist()
        [[100, 100, 100], [165, 85, 80]]
    """
    colour = image if image.ndim == 3 else np.stack([image] * 3, axis=-1)
    mixed = (1 - strength) * colour + strength * classes.paint(labels)
    return np.where(labels[..., None] > 0, to_8_bits(mixed / 255), colour)  # (H, W, 3)


def plot_confusion(
    confusion: np.ndarray, classes: ClassTable, title: str, ax: Any = None
) -> Figure:
    """Draw where the pixels of each true class went, as percentages of the class.

    Args:
        confusion: (C, C) pixel counts, rows true.
        classes: their names.
        title: of the axes.
        ax: to draw on; None makes a figure.

    Returns:
        The figure.
    """
    ax = make_axes(1, 1, height=0.45 * len(classes) + 1.5, width=7)[1][0, 0] if ax is None else ax
    shares = 100 * confusion / np.maximum(confusion.sum(1, keepdims=True), 1)
    names = list(classes.names)
    sns.heatmap(
        shares,
        annot=True,
        fmt=".0f",
        cmap=RANK_MAP,
        vmin=0,
        vmax=100,
        cbar=False,
        xticklabels=names,
        yticklabels=names,
        ax=ax,
    )
    ax.set(xlabel="predicted", ylabel="true class, % of its pixels", title=title)
    return figure_of(ax)


def add_legend(figure: Figure, classes: ClassTable) -> None:
    """Name the classes' colours below a figure; the first class, the background, is left out."""
    patches = [
        Patch(color=(red / 255, green / 255, blue / 255), label=name)
        for name, (red, green, blue) in zip(classes.names[1:], classes.colours[1:], strict=True)
    ]
    figure.legend(handles=patches, loc="outside lower center", ncols=min(len(patches), 6))


def plot_predictions(test: LabelledPairs, runs: list[Run], index: int) -> Figure:
    """Draw one test pair: both sources, the true labels, and what each network found.

    Args:
        test: the pairs that the networks were judged on.
        runs: whose predictions to show.
        index: which pair.

    Returns:
        The figure.
    """
    pictures = {
        f"{test.conditions[index]}, first source": test.first[index],
        "second source": test.second[index],
        "true labels": overlay(test.second[index], test.labels[index], test.classes),
    }
    for run in runs:
        labels = run.predicted[index].numpy()
        pictures[f"from {run.input}"] = overlay(test.second[index], labels, test.classes)
    figure = plot_images(pictures, columns=4)
    add_legend(figure, test.classes)
    return figure
