"""Figures of a comparison: box plots of every metric, and ranks as a heat map."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lkc.evaluation.ranking import direction, mean_rank, mean_values, ranks

COLUMNS = 4  # of box plots
WIDTH = 7.2  # inches: across both columns of a paper
FIRST, OTHERS = "#56b4e9", "#e3e3e3"  # the first method's boxes are darker, also in gray


def plot_boxes(values: pd.DataFrame, metric: str, ax: Axes) -> None:
    """Draw one box per method: median, quartiles, whiskers to 1.5 times their distance.

    Infinite values (PSNR of identical images) have no place on an axis and are not drawn.

    Args:
        values: table from `compare`.
        metric: one of its columns.
        ax: where to draw.
    """
    names = list(values.index.unique("method"))
    colors = dict(zip(names, [FIRST] + [OTHERS] * (len(names) - 1), strict=True))
    sns.boxplot(
        values[metric].replace(np.inf, np.nan).reset_index(),
        x=metric,
        y="method",
        hue="method",
        palette=colors,
        order=names,
        width=0.65,
        linewidth=0.7,
        fliersize=1.2,
        medianprops={"color": "black", "linewidth": 1.3},
        legend=False,
        ax=ax,
    )
    arrow = "↑" if direction(values.columns)[metric] > 0 else "↓"
    ax.set(title=f"{metric} {arrow}", xlabel="", ylabel="")
    ax.grid(axis="x", linewidth=0.4)
    ax.set_axisbelow(True)


def plot_ranks(values: pd.DataFrame, ax: Axes) -> None:
    """Draw each method's rank by metric mean, then its mean rank over the eleven metrics.

    Light is good: lightness alone carries the order, and each cell holds its number.

    Args:
        values: table from `compare`.
        ax: where to draw.
    """
    means = mean_values(values)
    cells = ranks(means)
    cells.insert(0, "mean", mean_rank(means))
    sns.heatmap(
        cells,
        annot=cells.map(lambda rank: f"{rank:.3g}"),  # NaN cells stay empty
        fmt="",
        cmap="Blues",
        vmin=0,  # the best is light, but not as white as a missing value
        vmax=len(cells),
        cbar=False,
        linewidths=0.8,
        ax=ax,
    )
    ax.axvline(1, color="white", linewidth=4)
    ax.set(title="Ranks of the means (1 is best), and their mean", xlabel="", ylabel="")
    ax.tick_params(axis="y", length=0, rotation=0)
    ax.tick_params(axis="x", length=0, rotation=25)


def plot_comparison(values: pd.DataFrame) -> Figure:
    """Draw box plots of every metric over the files, and the rank heat map below.

    Nothing is told by colour alone, so the figure also reads in gray.

    Args:
        values: table from `compare`.

    Returns:
        The figure, as wide as both columns of a paper; `savefig` writes it.

    Example:
        >>> from lkc.metrics import METRICS
        >>> index = pd.MultiIndex.from_product([["x", "y"], ["1", "2"]], names=["method", "file"])
        >>> figure = plot_comparison(pd.DataFrame(1.0, index, list(METRICS)))
        >>> len(figure.axes)
        13
    """
    methods = len(values.index.unique("method"))
    rows = -(-len(values.columns) // COLUMNS)
    box_height, map_height = 0.55 + 0.19 * methods, 0.75 + 0.24 * methods  # inches
    style = {"font.size": 7, "axes.titlesize": 8, "svg.fonttype": "none", "pdf.fonttype": 42}
    with plt.rc_context(sns.axes_style("ticks") | style):
        figure = Figure((WIDTH, rows * box_height + map_height), dpi=200, layout="constrained")
        heights = [rows * box_height, map_height]
        (boxes,), (ranking,) = figure.subfigures(2, 1, squeeze=False, height_ratios=heights)
        grid = boxes.subplots(rows, COLUMNS, sharey=True)
        for metric, ax in zip(values.columns, grid.flat, strict=False):
            plot_boxes(values, metric, ax)
        for ax in grid.flat[len(values.columns) :]:
            ax.set_axis_off()
        plot_ranks(values, ranking.subplots())
    return figure
