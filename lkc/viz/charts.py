"""Draw charts: histograms, curves, boxes and bars. Colour is never the only sign."""

import warnings
from collections.abc import Mapping, Sequence
from itertools import cycle

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib import MatplotlibDeprecationWarning
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from pandas.api.types import is_numeric_dtype
from torch import Tensor

from lkc.viz.style import (
    DASHES,
    FAINT_BAR,
    FIRST,
    MARKERS,
    OTHERS,
    figure_of,
    line_looks,
    own_or_new,
)


def as_numbers(values: NDArray | Tensor) -> NDArray:
    """Return numbers of any shape as one row."""
    return np.ravel(values.detach().cpu().numpy() if isinstance(values, Tensor) else values)


def plot_histograms(
    values: Mapping[str, NDArray | Tensor],
    bins: int = 64,
    limits: tuple[float, float] | None = None,
    xlabel: str = "",
    ax: Axes | None = None,
) -> Figure:
    """Draw several histograms as outlines in one chart.

    Args:
        values: label -> numbers of any shape.
        bins: how many, the same edges for all.
        limits: first and last edge; None covers all values.
        xlabel: what the values are.
        ax: where to draw; None makes a figure.

    Returns:
        The figure; the vertical axis is the share of the values in a bin.

    Example:
        >>> figure = plot_histograms({"ramp": np.arange(10.0)}, bins=5)
        >>> figure.axes[0].get_xlabel()
        ''
    """
    ax = own_or_new(ax)
    flat = {label: as_numbers(each) for label, each in values.items()}
    edges = np.histogram_bin_edges(np.concatenate(list(flat.values())), bins, limits)
    for index, (label, numbers) in enumerate(flat.items()):
        counts = np.histogram(numbers, edges)[0]
        line = DASHES[index % len(DASHES)]
        ax.stairs(counts / numbers.size, edges, label=label, linestyle=line, linewidth=1.4)
    ax.set(xlabel=xlabel, ylabel="share of values")
    if len(flat) > 1:
        ax.legend()
    return figure_of(ax)


def plot_curves(
    curves: pd.DataFrame, ylabel: str = "", log_x: bool = False, ax: Axes | None = None
) -> Figure:
    """Draw a line for each column over the index.

    Args:
        curves: numbers; the index, whose name becomes the label of the horizontal axis, rises.
        ylabel: what the numbers are.
        log_x: True for a logarithmic horizontal axis.
        ax: where to draw; None makes a figure.

    Returns:
        The figure; lines differ in colour and in dashes, see `line_looks`.

    Example:
        >>> figure = plot_curves(pd.DataFrame({"loss": [3.0, 2.0, 1.0]}))
        >>> len(figure.axes[0].lines)
        1
    """
    ax = own_or_new(ax)
    names = [str(name) for name in curves]
    for name, look, (_, column) in zip(names, line_looks(names), curves.items(), strict=True):
        ax.plot(curves.index, column, label=name, linewidth=1.6, markersize=4.5, **look)
    ax.set(xlabel=curves.index.name or "", ylabel=ylabel, xscale="log" if log_x else "linear")
    if len(curves.columns) > 1:
        ax.legend()
    return figure_of(ax)


def plot_lines(table: pd.DataFrame, x: str, y: str, hue: str, ax: Axes | None = None) -> Figure:
    """Draw the mean over repetitions as a line for each variant, and their range as a band.

    Args:
        table: one row per repetition.
        x: column on the horizontal axis.
        y: column on the vertical axis.
        hue: column of names that tells the variants apart, by colour, marker and dashes.
        ax: where to draw; None makes a figure.

    Returns:
        The figure.

    Example:
        >>> table = pd.DataFrame({"k": [3, 15], "VIFF": [0.8, 0.9], "norm": ["hybrid", "hybrid"]})
        >>> plot_lines(table, "k", "VIFF", "norm").axes[0].get_ylabel()
        'VIFF'
    """
    ax = own_or_new(ax)
    names = list(table[hue].unique())
    for name, mark, look in zip(names, cycle(MARKERS), line_looks(names), strict=False):
        rows = table[table[hue] == name].groupby(x, sort=is_numeric_dtype(table[x]))[y]
        middle, low, high = rows.mean(), rows.min(), rows.max()
        ax.plot(middle.index, middle, label=name, markersize=4.5, **(look | {"marker": mark}))
        ax.fill_between(middle.index, low, high, color=look["color"], alpha=0.2, linewidth=0)
    ax.set(xlabel=x, ylabel=y)
    ax.legend(title=hue)
    return figure_of(ax)


def plot_boxes(
    table: pd.DataFrame,
    x: str,
    y: str,
    order: Sequence[str] | None = None,
    highlight: str | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Draw a horizontal box per group: median, quartiles, whiskers to 1.5 times their distance.

    Args:
        table: one row per value; infinite ones have no place on an axis and are not drawn.
        x: column of numbers.
        y: column of group names.
        order: of the groups from top to bottom; None is the order of appearance.
        highlight: the group to stand out.
        ax: where to draw; None makes a figure.

    Returns:
        The figure.

    Example:
        >>> table = pd.DataFrame({"EN": [6.0, 7.0, 5.0], "method": ["mine", "mine", "theirs"]})
        >>> figure = plot_boxes(table, "EN", "method", highlight="mine")
        >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
        ['mine', 'theirs']
    """
    names = list(order) if order is not None else list(table[y].unique())
    ax = own_or_new(ax, height=0.6 + 0.25 * len(names))
    colors = {name: FIRST if name == highlight else OTHERS for name in names}
    finite = table.assign(**{x: table[x].replace([np.inf, -np.inf], np.nan)})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MatplotlibDeprecationWarning)  # seaborn 0.13.2 causes it.
        sns.boxplot(
            finite, x=x, y=y, hue=y, order=names, palette=colors, legend=False, width=0.65,
            linewidth=0.7, fliersize=1.2, medianprops={"color": "black", "linewidth": 1.3}, ax=ax,
        )  # fmt: skip
    ax.set(ylabel="")
    ax.grid(axis="x", linewidth=0.4)
    ax.set_axisbelow(True)
    return figure_of(ax)


def plot_runs(
    table: pd.DataFrame,
    x: str,
    y: str,
    marks: str | None = None,
    order: Sequence[str] | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Draw every run as a mark in the row of its group, and the group's mean as a bar.

    Args:
        table: one row per run.
        x: column of numbers.
        y: column of group names.
        marks: column that tells runs of a group apart, by colour and marker; its values are drawn
            one below the other within a row.
        order: of the groups from top to bottom; None is the order of appearance.
        ax: where to draw; None makes a figure.

    Returns:
        The figure.

    Example:
        >>> table = pd.DataFrame({"Qabf": [0.6, 0.7, 0.5], "norm": ["batch", "batch", "layer"]})
        >>> figure = plot_runs(table, "Qabf", "norm")
        >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
        ['batch', 'layer']
    """
    names = list(order) if order is not None else list(table[y].unique())
    kinds = list(table[marks].unique()) if marks else [None]
    ax = own_or_new(ax, height=0.7 + 0.32 * len(names))
    looks = line_looks([str(kind) for kind in kinds])
    for index, (kind, look) in enumerate(zip(kinds, looks, strict=True)):
        rows = table if kind is None else table[table[marks] == kind]
        offset = 0.6 * ((index + 0.5) / len(kinds) - 0.5)
        height = [names.index(name) + offset for name in rows[y]]
        marker = {"marker": MARKERS[index], "color": look["color"], "markersize": 4.5}
        ax.plot(rows[x], height, linestyle="none", alpha=0.8, label=kind, **marker)
    means = table.groupby(y)[x].mean()[names]
    ax.plot(means, range(len(names)), "|", color="black", markersize=18, label="mean")
    ax.set_yticks(range(len(names)), names)
    ax.set(xlabel=x, ylim=(len(names) - 0.5, -0.5))
    if marks:  # A legend that says "mean" and nothing else takes room for nothing.
        ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    ax.grid(axis="x", linewidth=0.4)
    return figure_of(ax)


def plot_bars(
    values: pd.Series,
    xlabel: str = "",
    number: str = "{:.3g}",
    highlight: str | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Draw a horizontal bar per entry with its number beside it.

    Args:
        values: numbers by name, from top to bottom.
        xlabel: what the numbers are.
        number: format of the numbers.
        highlight: the bar to stand out.
        ax: where to draw; None makes a figure.

    Returns:
        The figure.

    Example:
        >>> figure = plot_bars(pd.Series({"dense": 91.2, "depthwise": 0.4}))
        >>> [text.get_text() for text in figure.axes[0].texts]
        ['91.2', '0.4']
    """
    ax = own_or_new(ax, height=0.5 + 0.26 * len(values))
    names = [str(name) for name in values.index]
    colors = [FIRST if highlight in (None, name) else FAINT_BAR for name in names]
    bars = ax.barh(names, values, color=colors, edgecolor="black", linewidth=0.5, height=0.7)
    ax.bar_label(bars, [number.format(value) for value in values], padding=3)
    ax.axvline(0, color="black", linewidth=0.8)
    ax.invert_yaxis()
    ax.margins(x=0.12)
    ax.tick_params(axis="y", length=0)
    ax.set(xlabel=xlabel)
    return figure_of(ax)
