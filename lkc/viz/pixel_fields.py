"""Draw receptive fields on one scale: of several networks, and of one pixel by source."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle
from torch import Tensor

from lkc.viz.grids import Picture, plot_images
from lkc.viz.maps import mark_pixel
from lkc.viz.style import FIELD_MAP, WIDTH, hide_frame, make_axes

PIXEL_DECADES = 8  # Half of a field, spread over an image, is 1e-7 of its peak per pixel.


def plot_map(
    ax: Axes,
    values: Tensor,
    top: float,
    decades: float,
    sides: Sequence[int],
    pixel: tuple[int, int],
) -> AxesImage:
    """Draw a field (H, W) relative to `top`, with squares of some sides around a pixel."""
    scale = LogNorm(10.0**-decades, 1, clip=True)
    shown = (values / top).cpu().numpy()
    image = ax.imshow(shown, cmap=FIELD_MAP, norm=scale, interpolation="auto")  # "auto" averages.
    for side in sides:
        corner = (pixel[1] - side / 2, pixel[0] - side / 2)
        ax.add_patch(Rectangle(corner, side, side, fill=False, color="white", linewidth=1))
    hide_frame(ax)
    return image


def plot_field_row(
    fields: Mapping[str, Tensor], sides: Mapping[str, tuple[int, int]], decades: float = 5
) -> Figure:
    """Show fields of the centre side by side.

    Args:
        fields: title -> field (H, W), not negative; shown relative to its largest value.
        sides: title -> sides in pixels of the squares that hold 50 and 99 % of the field.
        decades: how many powers of ten below the largest value are told apart.

    Returns:
        The figure with both squares; their sides stand below each title.

    Example:
        >>> import torch
        >>> figure = plot_field_row({"even": torch.ones(9, 9)}, {"even": (7, 9)})
        >>> figure.axes[0].get_title().splitlines()
        ['even', '50 % in 7, 99 % in 9']
    """
    height, width = next(iter(fields.values())).shape
    inches = WIDTH / len(fields) * height / width + 0.9
    figure, axes = make_axes(1, len(fields), height=inches)
    for ax, (title, field) in zip(axes[0], fields.items(), strict=True):
        half, most = sides[title]
        centre = field.shape[0] // 2, field.shape[1] // 2
        shown = plot_map(ax, field, field.max().item(), decades, [half, most], centre)
        ax.set(title=f"{title}\n50 % in {half}, 99 % in {most}")
        ax.set(xlim=(-0.5, field.shape[1] - 0.5), ylim=(field.shape[0] - 0.5, -0.5))
    label = "share of the largest value"
    figure.colorbar(shown, ax=axes, label=label, location="bottom", aspect=60)
    return figure


def plot_pixel_fields(
    sources: Mapping[str, Picture],
    fields: Mapping[str, Tensor],
    sides: Mapping[str, Sequence[int | None]],
    pixel: tuple[int, int],
) -> Figure:
    """Show a pixel in its sources, and beside each source what reaches the pixel from there.

    Args:
        sources: name -> image (H, W) in [0, 1].
        fields: title -> field (S, H, W), one map for each source in the same order.
        sides: title -> for each source, the side in pixels of the square that holds 99 % of its
            map; None where the map is zero.
        pixel: row and column.

    Returns:
        The figure: a row per source, the source itself and then a column per field. A field's maps
        share one scale; the square, whose side in pixels stands above, holds 99 % of a map.

    Example:
        >>> import torch
        >>> images = {"infrared": torch.zeros(9, 9), "visible": torch.zeros(9, 9)}
        >>> fields, sides = {"all": torch.ones(2, 9, 9)}, {"all": [9, 9]}
        >>> figure = plot_pixel_fields(images, fields, sides, (4, 4))
        >>> [ax.get_title() for ax in figure.axes[2:4]]
        ['visible', '50 % in visible, side 9']
    """
    height, width = next(iter(fields.values())).shape[1:]
    columns = 1 + len(fields)
    figure, axes = make_axes(len(sources), columns, height=WIDTH / columns * height / width + 0.4)
    for row, (index, (name, image)) in zip(axes, enumerate(sources.items()), strict=True):
        plot_images({name: image}, axes=row[0])
        mark_pixel(row[0], pixel)
        for ax, (title, field) in zip(row[1:], fields.items(), strict=True):
            part, side = field[index], sides[title][index]
            share = 100 * (part.sum() / field.sum()).item()
            squares = [] if side is None else [side]
            shown = plot_map(ax, part, field.max().item(), PIXEL_DECADES, squares, pixel)
            ax.set_title(f"{share:.0f} % in {name}, side {side}" if side else f"nothing in {name}")
    for ax, title in zip(axes[0, 1:], fields, strict=True):
        ax.set_title(f"{title}\n{ax.get_title()}")
    label = "share of the largest value; the square holds 99 %"
    figure.colorbar(shown, ax=axes[:, 1:], label=label, location="bottom", aspect=50)
    return figure
