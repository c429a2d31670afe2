"""Figures in one style, readable in gray and for colour-blind people.

Every function draws what it is given and computes no results. It takes the axes to draw on, or
makes a figure of its own, and returns the figure. Figures are not registered with pyplot: a
notebook shows one when it is the last value of a cell, once, and nothing has to be closed.
"""

from lkc.viz.charts import (
    plot_bars,
    plot_boxes,
    plot_curves,
    plot_histograms,
    plot_lines,
    plot_runs,
)
from lkc.viz.grids import as_picture, plot_features, plot_images, plot_index_sets
from lkc.viz.maps import mark_pixel, mark_region, plot_field, plot_ranks, plot_signed
from lkc.viz.pixel_fields import plot_field_row, plot_pixel_fields
from lkc.viz.sheet import comparison_sheet
from lkc.viz.style import make_axes, style, use_style

__all__ = [
    "as_picture",
    "comparison_sheet",
    "make_axes",
    "mark_pixel",
    "mark_region",
    "plot_bars",
    "plot_boxes",
    "plot_curves",
    "plot_features",
    "plot_field",
    "plot_field_row",
    "plot_histograms",
    "plot_images",
    "plot_index_sets",
    "plot_lines",
    "plot_pixel_fields",
    "plot_ranks",
    "plot_runs",
    "plot_signed",
    "style",
    "use_style",
]
