"""Describe in words what a figure shows, for readers who cannot see it."""

import re

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.collections import QuadMesh
from matplotlib.container import BarContainer
from matplotlib.figure import Figure


def one_line(text: str) -> str:
    """Join the lines of a title."""
    return ", ".join(text.splitlines())


def kind_of_panel(ax: Axes) -> str:
    """Name the kind of picture or chart that axes hold."""
    if ax.images:
        return "picture" if ax.images[-1].get_cmap().name == "gray" else "map"
    if any(isinstance(each, QuadMesh) for each in ax.collections):
        return "table"
    if any(isinstance(each, BarContainer) for each in ax.containers):
        return "bars"
    return "chart"


def categories(axis: Axis) -> list[str]:
    """List the ticks of an axis that are names, not numbers."""
    texts = [label.get_text() for label in axis.get_ticklabels()]
    return [text for text in texts if re.search("[A-Za-z]", text) and "$" not in text]


def entries(ax: Axes, kind: str) -> list[str]:
    """List the names in a chart: of bars with their numbers, or of lines, rows and columns."""
    if kind == "bars":
        bars = zip(ax.get_yticklabels(), ax.texts, strict=False)
        return [f"{name.get_text()} {number.get_text()}" for name, number in bars]
    return ax.get_legend_handles_labels()[1] + categories(ax.yaxis) + categories(ax.xaxis)


def describe_panel(ax: Axes) -> str:
    """Say what one panel shows: its kind, title, axes, and the names in it."""
    kind = kind_of_panel(ax)
    shown = [one_line(ax.get_title())]
    shown.append(" over ".join(filter(None, (ax.get_ylabel(), ax.get_xlabel()))))
    shown.append(", ".join(entries(ax, kind)))
    return f"{kind}: " + "; ".join(filter(None, shown))


def describe_figure(figure: Figure) -> str:
    """Say what a figure shows: the kind of each panel, its title, axes, and the names in it.

    Args:
        figure: pictures, maps or charts.

    Returns:
        A clause for each panel; colour bars are left out.

    Example:
        >>> figure = Figure()
        >>> _ = figure.subplots().imshow([[0, 1]], cmap="gray")
        >>> figure.axes[0].set_title("infrared") and describe_figure(figure)
        'Picture: infrared.'
    """
    panels = [ax for ax in figure.axes if ax.axison and ax.get_label() != "<colorbar>"]
    clauses = [one_line(figure.get_suptitle()), *map(describe_panel, panels)]
    return " ".join(f"{clause[0].upper()}{clause[1:]}." for clause in clauses if clause)
