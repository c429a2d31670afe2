"""The one style of all figures of the project."""

import re
from collections.abc import Sequence
from itertools import cycle
from typing import Any

import numpy as np
import seaborn as sns
from cycler import cycler
from matplotlib import RcParams, get_backend, pyplot
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray

from lkc.viz.shown import show_figures_in_notebooks

WIDTH = 8.5  # This is the text column of a notebook, in inches.
DPI = 90
FIRST, OTHERS = "#56b4e9", "#e3e3e3"  # The first one stands out in gray too.
FAINT_BAR = "#b0b0b0"  # Bars beside the one that is meant are gray.
MARK = "#d55e00"  # Vermilion is seen on gray images, also by colour-blind people.
# Printed in gray, negative values end near black and positive ones at a middle gray.
SIGNED_MAP = LinearSegmentedColormap.from_list(
    "signed", ["#08204f", "#5f87c4", "white", "#f08c3a", "#d95f02"]
)
FIELD_MAP = "magma"
RANK_MAP = "Blues"
DASHES = ("-", "--", ":", "-.", (0, (6, 1, 1, 1, 1, 1)), (0, (1, 3)), (0, (9, 3)))
MARKERS = "osD^vPX"
PALETTE = sns.color_palette("colorblind").as_hex()
# Each line looks the same in every figure, and any colour-blind reader can tell the norms apart.
NAMED_LOOKS = {
    "batch": {"color": PALETTE[0], "linestyle": DASHES[0]},  # blue
    "layer": {"color": PALETTE[7], "linestyle": DASHES[1]},  # gray
    "instance": {"color": "#000000", "linestyle": DASHES[2]},
    "group": {"color": PALETTE[5], "linestyle": DASHES[3]},  # brown
    "hybrid": {"color": PALETTE[3], "linestyle": DASHES[4]},  # vermilion
    "lite": {"color": PALETTE[2], "linestyle": DASHES[6]},  # green
}


def style(font_size: float = 9) -> RcParams:
    """Return settings for `matplotlib.rc_context`.

    Args:
        font_size: of all text, in points; titles are one larger.

    Returns:
        The settings, a dictionary that has been checked.

    Example:
        >>> style(7)["axes.titlesize"]
        8.0
    """
    settings = {
        **sns.axes_style("ticks"),
        "axes.prop_cycle": cycler(color=PALETTE),
        "axes.titlesize": font_size + 1,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.labelsize": font_size,
        "font.size": font_size,
        "legend.fontsize": font_size,
        "legend.title_fontsize": font_size,
        "legend.frameon": False,
        "xtick.labelsize": font_size,
        "ytick.labelsize": font_size,
        "figure.dpi": DPI,
        "image.interpolation": "nearest",
        "svg.fonttype": "none",
        "svg.hashsalt": "lkc",  # The same figure is the same text in every run.
        "pdf.fonttype": 42,
    }
    return RcParams(settings)


def use_style() -> None:
    """Draw everything that follows in the project's style.

    Example:
        >>> use_style()
        >>> import matplotlib
        >>> matplotlib.rcParams["figure.dpi"]
        90.0
    """
    pyplot.switch_backend(get_backend())  # Loaded, it lets IPython show figures.
    sns.set_theme(rc=style())
    show_figures_in_notebooks()


def line_looks(names: Sequence[str]) -> list[dict[str, Any]]:
    """Give each line of a chart a colour and dashes, norms the same in every chart.

    Args:
        names: of the lines; "batch-k3" is drawn as "batch" is.

    Returns:
        Settings for `Axes.plot`, one for each name; further lines of a norm have markers.

    Example:
        >>> [look["color"] for look in line_looks(["batch-k15", "other", "batch-k3"])]
        ['#0173b2', '#de8f05', '#0173b2']
    """
    kinds = [re.split(r"\W", name)[0] for name in names]
    taken = {NAMED_LOOKS[kind]["color"] for kind in kinds if kind in NAMED_LOOKS}
    colors = cycle([color for color in PALETTE if color not in taken])
    dashes = cycle(DASHES)
    looks: list[dict[str, Any]] = []
    for index, kind in enumerate(kinds):
        if kind not in NAMED_LOOKS:
            looks.append({"color": next(colors), "linestyle": next(dashes)})
            continue
        before = kinds[:index].count(kind)
        marker = {"marker": MARKERS[before - 1]} if before else {}
        looks.append(NAMED_LOOKS[kind] | marker)
    return looks


def make_axes(
    rows: int = 1, columns: int = 1, height: float = 2.6, width: float = WIDTH
) -> tuple[Figure, NDArray]:
    """Make a figure of a grid of axes.

    Args:
        rows, columns: of the grid.
        height: of one row, in inches.
        width: of the figure, in inches.

    Returns:
        The figure and its axes, an array (rows, columns).

    Example:
        >>> figure, axes = make_axes(2, 3)
        >>> axes.shape
        (2, 3)
    """
    figure = Figure((width, rows * height), layout="constrained")
    return figure, figure.subplots(rows, columns, squeeze=False)


def own_or_new(ax: Axes | None, height: float = 2.6, width: float = WIDTH) -> Axes:
    """Return the axes, or new ones in a figure of their own."""
    return ax if ax is not None else make_axes(height=height, width=width)[1][0, 0]


def figure_of(ax: Axes) -> Figure:
    """Return the figure that axes lie in, also those of a subfigure."""
    figure = ax.get_figure(root=True)
    assert isinstance(figure, Figure)
    return figure


def hide_frame(ax: Axes) -> None:
    """Hide the ticks and the frame of axes that hold a picture."""
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)


def flatten(axes: Any, count: int) -> list[Axes]:
    """Return axes as a list and switch off those beyond the first `count`."""
    every = list(np.ravel(axes))
    for ax in every[count:]:
        ax.set_axis_off()
    return every[:count]
