"""Draw a comparison: box plots of every metric, and ranks as a heat map."""

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lkc import viz
from lkc.evaluation.ranking import direction, mean_rank, mean_values, ranks

COLUMNS = 4  # So many box plots stand side by side.
WIDTH = 7.2  # A figure goes across both columns of a paper, in inches.


def plot_metric(values: pd.DataFrame, metric: str, ax: Axes) -> None:
    """Draw one box per method, the first one highlighted.

    Args:
        values: table from `compare`.
        metric: one of its columns.
        ax: where to draw.
    """
    methods = list(values.index.unique("method"))
    viz.plot_boxes(values.reset_index(), metric, "method", highlight=methods[0], ax=ax)
    arrow = "↑" if direction(values.columns)[metric] > 0 else "↓"
    ax.set(title=f"{metric} {arrow}", xlabel="")


def plot_ranks(values: pd.DataFrame, ax: Axes) -> None:
    """Draw each method's rank by metric mean, after its mean rank over the eleven metrics.

    Args:
        values: table from `compare`.
        ax: where to draw.
    """
    means = mean_values(values)
    cells = ranks(means)
    cells.insert(0, "mean", mean_rank(means))
    viz.plot_ranks(cells, "Ranks of the means (1 is best), and their mean", ax=ax)
    ax.axvline(1, color="white", linewidth=4)


def plot_comparison(values: pd.DataFrame) -> Figure:
    """Draw box plots of every metric over the files, and the rank heat map below.

    No difference is shown by colour alone, so the figure can be read in gray.

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
    box_height, map_height = 0.55 + 0.19 * methods, 0.75 + 0.24 * methods  # These are inches.
    with mpl.rc_context(viz.style(font_size=7)):
        figure = Figure((WIDTH, rows * box_height + map_height), dpi=200, layout="constrained")
        heights = [rows * box_height, map_height]
        (boxes,), (ranking,) = figure.subfigures(2, 1, squeeze=False, height_ratios=heights)
        grid = boxes.subplots(rows, COLUMNS, sharey=True)
        for metric, ax in zip(values.columns, grid.flat, strict=False):
            plot_metric(values, metric, ax)
        for ax in grid.flat[len(values.columns) :]:
            ax.set_axis_off()
        plot_ranks(values, ranking.subplots())
    return figure
