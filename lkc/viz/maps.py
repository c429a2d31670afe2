"""Draw maps of numbers: signed differences and attributions, receptive fields, ranks."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray
from torch import Tensor

from lkc.viz.grids import Picture, as_picture
from lkc.viz.style import (
    FIELD_MAP,
    MARK,
    RANK_MAP,
    SIGNED_MAP,
    WIDTH,
    figure_of,
    hide_frame,
    own_or_new,
)

LABEL_SHARE = 0.08  # A line of text takes this share of a map's height.
SHOWN_SHARE = 99.5  # The colours of a signed map end at this percentile of |values|.


def as_map(values: Picture) -> NDArray:
    """Return a tensor or array (..., H, W), whose leading sizes are 1, as array (H, W)."""
    array = values.detach().cpu().numpy() if isinstance(values, Tensor) else values
    return array.reshape(array.shape[-2:])


def axes_for(values: NDArray, ax: Axes | None) -> Axes:
    """Return the axes, or new ones of the map's shape."""
    return own_or_new(ax, height=WIDTH / 2 * values.shape[0] / values.shape[1], width=WIDTH / 2)


def mark_pixel(ax: Axes, pixel: tuple[int, int]) -> None:
    """Draw a ring around a pixel (row, column)."""
    ax.plot(
        pixel[1], pixel[0], "o", markersize=9, markerfacecolor="none",
        markeredgecolor=MARK, markeredgewidth=1.8,
    )  # fmt: skip


def mark_region(ax: Axes, mask: Picture) -> None:
    """Draw the outline of a region given as a mask (H, W), seen on bright and dark ground."""
    for color, width in (("black", 2.6), ("white", 1.2)):
        ax.contour(as_map(mask).astype(float), levels=[0.5], colors=color, linewidths=width)


def plot_signed(
    values: Picture,
    title: str = "",
    limit: float | None = None,
    background: Picture | None = None,
    label: str = "",
    ax: Axes | None = None,
) -> Figure:
    """Show a signed map centred at zero: orange is positive, blue negative, white zero.

    Args:
        values: (H, W).
        title: above the map.
        limit: value of the strongest colours; None is the 99.5th percentile of |values|.
        background: image (H, W) under the map, which then is half transparent.
        label: of the colour bar.
        ax: where to draw; None makes a figure.

    Returns:
        The figure.

    Example:
        >>> plot_signed(np.array([[-1.0, 2.0]])).axes[0].images[0].get_clim()
        (-1.995, 1.995)
    """
    shown = as_map(values)
    ax = axes_for(shown, ax)
    top = limit or float(np.percentile(np.abs(shown), SHOWN_SHARE)) or 1.0
    opacity: float | NDArray = 1.0
    if background is not None:
        ax.imshow(as_picture(background), cmap="gray", vmin=0, vmax=1)
        opacity = np.clip(np.abs(shown) / top, 0, 1) ** 0.5
    image = ax.imshow(shown, cmap=SIGNED_MAP, vmin=-top, vmax=top, alpha=opacity)
    figure_of(ax).colorbar(image, ax=ax, label=label, shrink=0.85)
    ax.set_title(title)
    hide_frame(ax)
    return figure_of(ax)


def plot_field(
    field: Picture,
    title: str = "",
    pixel: tuple[int, int] | None = None,
    sides: Mapping[float, int] | None = None,
    decades: float = 5,
    ax: Axes | None = None,
) -> Figure:
    """Show an effective receptive field on a logarithmic scale.

    Args:
        field: (H, W), not negative; shown relative to its largest value.
        title: above the map.
        pixel: row and column whose field this is; None is the centre.
        sides: share of the field -> side in pixels of the square around the pixel that holds it,
            as `lkc.analysis.receptive_field.area_by_mass` returns; each square is drawn.
        decades: how many powers of ten below the largest value are told apart.
        ax: where to draw; None makes a figure.

    Returns:
        The figure.

    Example:
        >>> figure = plot_field(np.ones((9, 9)), sides={0.5: 7})
        >>> [text.get_text() for text in figure.axes[0].texts]
        ['50 % ']
    """
    shown = as_map(field)
    ax = axes_for(shown, ax)
    row, column = pixel or (shown.shape[0] // 2, shown.shape[1] // 2)
    scale = LogNorm(10.0**-decades, 1, clip=True)
    image = ax.imshow(shown / max(shown.max(), np.finfo(float).tiny), cmap=FIELD_MAP, norm=scale)
    figure_of(ax).colorbar(image, ax=ax, label="share of the largest value", shrink=0.85)
    for share, side in (sides or {}).items():
        left, top = column - side / 2, row - side / 2
        ax.add_patch(Rectangle((left, top), side, side, fill=False, color="white", linewidth=1))
        above = top > LABEL_SHARE * shown.shape[0]  # There is room for a label.
        ax.text(
            left + side, top, f"{share:.0%} ".replace("%", " %"), color="white", ha="right",
            va="bottom" if above else "top", clip_on=True,
            path_effects=[withStroke(linewidth=2, foreground="black")],
        )  # fmt: skip
    ax.set(title=title, xlim=(-0.5, shown.shape[1] - 0.5), ylim=(shown.shape[0] - 0.5, -0.5))
    hide_frame(ax)
    return figure_of(ax)


def plot_ranks(ranks: pd.DataFrame, title: str = "", ax: Axes | None = None) -> Figure:
    """Show ranks as a heat map: light is good, and each cell holds its number.

    Lightness alone carries the order, so the figure reads in gray.

    Args:
        ranks: one row per method, one column per metric, 1 is the best; NaN stays empty.
        title: above the map.
        ax: where to draw; None makes a figure.

    Returns:
        The figure.

    Example:
        >>> figure = plot_ranks(pd.DataFrame({"EN": [1.0, 2.0]}, ["mine", "theirs"]))
        >>> [text.get_text() for text in figure.axes[0].texts]
        ['1', '2']
    """
    ax = own_or_new(ax, height=0.75 + 0.26 * len(ranks))
    sns.heatmap(
        ranks,
        annot=ranks.map(lambda rank: f"{rank:.3g}"),  # Cells of NaN stay empty.
        fmt="",
        cmap=RANK_MAP,
        vmin=0,  # The best rank is light, but not as white as a missing value.
        vmax=len(ranks),
        cbar=False,
        linewidths=0.8,
        ax=ax,
    )
    ax.set(title=title, xlabel="", ylabel="")
    ax.tick_params(axis="y", length=0, rotation=0)
    ax.tick_params(axis="x", length=0, rotation=25)
    return figure_of(ax)
