"""The receptive fields of one pixel, a row for each source."""

from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle
from torch import Tensor

from lkc.analysis.receptive_field import area_by_mass
from lkc.viz.grids import Picture, plot_images
from lkc.viz.maps import mark_pixel
from lkc.viz.style import FIELD_MAP, WIDTH, hide_frame, make_axes

SHOWN_SHARE = 0.99
SCALE = LogNorm(1e-8, 1, clip=True)  # half of a field, spread over an image, is 1e-7 per pixel


def plot_map(ax: Axes, field: Tensor, index: int, name: str, pixel: tuple[int, int]) -> AxesImage:
    """Draw the map of one source with the square that holds nearly all of it."""
    image = ax.imshow((field[index] / field.max()).cpu().numpy(), cmap=FIELD_MAP, norm=SCALE)
    line = f"{100 * float(field[index].sum() / field.sum()):.0f} % in {name}"
    if field[index].sum() > 0:
        side = area_by_mass(field[index], (SHOWN_SHARE,), pixel)[SHOWN_SHARE]
        corner = (pixel[1] - side / 2, pixel[0] - side / 2)
        ax.add_patch(Rectangle(corner, side, side, fill=False, color="white", linewidth=1))
        line += f", side {side}"
    ax.set_title(line)
    hide_frame(ax)
    return image


def plot_pixel_fields(
    sources: Mapping[str, Picture], fields: Mapping[str, Tensor], pixel: tuple[int, int]
) -> Figure:
    """Show a pixel in its sources, and beside each source what reaches the pixel from there.

    Args:
        sources: name -> image (H, W) in [0, 1].
        fields: title -> field (S, H, W), one map for each source in the same order.
        pixel: row and column.

    Returns:
        The figure: a row per source, the source itself and then a column per field. A field's maps
        share one scale; the square, whose side in pixels stands above, holds 99 % of a map.

    Example:
        >>> import torch
        >>> images = {"infrared": torch.zeros(9, 9), "visible": torch.zeros(9, 9)}
        >>> figure = plot_pixel_fields(images, {"all": torch.ones(2, 9, 9)}, (4, 4))
        >>> [ax.get_title() for ax in figure.axes[2:4]]
        ['visible', '50 % in visible, side 9']
    """
    height, width = next(iter(fields.values())).shape[1:]
    columns = 1 + len(fields)
    figure, axes = make_axes(len(sources), columns, height=WIDTH / columns * height / width + 0.4)
    for row, (index, (name, image)) in zip(axes, enumerate(sources.items()), strict=True):
        plot_images({name: image}, axes=row[0])
        mark_pixel(row[0], pixel)
        for ax, field in zip(row[1:], fields.values(), strict=True):
            shown = plot_map(ax, field, index, name, pixel)
    for ax, title in zip(axes[0, 1:], fields, strict=True):
        ax.set_title(f"{title}\n{ax.get_title()}")
    label = "share of the largest value; the square holds 99 %"
    figure.colorbar(shown, ax=axes[:, 1:], label=label, location="bottom", aspect=50)
    return figure
