"""Draw pictures side by side: pairs and their fused image, channels of a layer, sets of maps."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torch import Tensor

from lkc.errors import InputError
from lkc.viz.style import (
    FIRST,
    OTHERS,
    WIDTH,
    figure_of,
    flatten,
    hide_frame,
    make_axes,
    own_or_new,
)

Picture = NDArray | Tensor
PERCENTILES = (1, 99)  # A feature map is shown between these, so that outliers do not count.


def channels_last(image: Tensor) -> NDArray:
    """Return a tensor (..., 3 or 1, H, W) as array (H, W, 3) or (H, W)."""
    while image.ndim > 2 and len(image) == 1:
        image = image[0]
    colour = image.ndim == 3 and len(image) == 3
    return (image.movedim(0, 2) if colour else image).detach().cpu().numpy()


def as_picture(image: Picture) -> NDArray:
    """Turn an image into what `imshow` takes.

    Args:
        image: array (H, W) or (H, W, 3), or tensor (H, W), (1, H, W), (3, H, W) or with one more
            leading 1; floats in [0, 1] (what lies outside is cut off), integers at full scale.

    Returns:
        Array (H, W) or (H, W, 3) in [0, 1].

    Raises:
        InputError: another shape.

    Example:
        >>> import torch
        >>> as_picture(torch.rand(1, 3, 8, 9)).shape
        (8, 9, 3)
    """
    pixels = channels_last(image) if isinstance(image, Tensor) else image
    if pixels.ndim != 2 and not (pixels.ndim == 3 and pixels.shape[2] == 3):
        raise InputError(f"one picture is (H, W) or (H, W, 3), this is {pixels.shape}.")
    if np.issubdtype(pixels.dtype, np.integer):
        pixels = pixels / np.iinfo(pixels.dtype).max
    return np.clip(pixels.astype(np.float32), 0, 1)


def grid_for(count: int, columns: int, aspect: float, title_lines: int = 1) -> NDArray:
    """Make axes for pictures of one aspect (height / width), with a title above each."""
    rows = -(-count // columns)
    return make_axes(rows, columns, height=WIDTH / columns * aspect + 0.18 * title_lines + 0.1)[1]


def plot_images(
    images: Mapping[str, Picture], columns: int | None = None, axes: Any = None
) -> Figure:
    """Show images side by side; 0 is black and 1 is white.

    Args:
        images: title -> image, see `as_picture`.
        columns: of the grid; None puts all in one row.
        axes: as many axes as images, or more; None makes a figure.

    Returns:
        The figure.

    Example:
        >>> figure = plot_images({"dark": np.zeros((8, 8)), "bright": np.ones((8, 8))})
        >>> [ax.get_title() for ax in figure.axes]
        ['dark', 'bright']
    """
    pictures = {title: as_picture(image) for title, image in images.items()}
    if axes is None:
        height, width = next(iter(pictures.values())).shape[:2]
        lines = max(title.count("\n") + 1 for title in pictures)
        axes = grid_for(len(pictures), columns or len(pictures), height / width, lines)
    used = flatten(axes, len(pictures))
    for ax, (title, picture) in zip(used, pictures.items(), strict=True):
        ax.imshow(picture, cmap="gray", vmin=0, vmax=1)
        ax.set_title(title)
        hide_frame(ax)
    return figure_of(used[0])


def plot_features(
    features: Tensor,
    channels: Sequence[int] | None = None,
    columns: int = 8,
    limits: tuple[float, float] | None = None,
    axes: Any = None,
) -> Figure:
    """Show channels of a layer's output as gray maps.

    Args:
        features: (C, H, W) or (1, C, H, W).
        channels: which ones; None shows the first 16.
        columns: of the grid.
        limits: values that are black and white in all maps; None gives every map its own, from its
            1st to its 99th percentile.
        axes: as many axes as channels, or more; None makes a figure.

    Returns:
        The figure; each map's title is the number of its channel.

    Raises:
        InputError: another shape.

    Example:
        >>> import torch
        >>> len(plot_features(torch.rand(4, 8, 8), columns=2).axes)
        4
    """
    maps = features.detach().cpu().float().numpy()
    maps = maps[0] if maps.ndim == 4 and len(maps) == 1 else maps
    if maps.ndim != 3:
        raise InputError(f"features of one image are (C, H, W), these are {maps.shape}.")
    shown = list(channels) if channels is not None else list(range(min(16, len(maps))))
    if axes is None:
        axes = grid_for(len(shown), columns, maps.shape[1] / maps.shape[2])
    used = flatten(axes, len(shown))
    for ax, channel in zip(used, shown, strict=True):
        low, high = limits or np.percentile(maps[channel], PERCENTILES)
        ax.imshow(maps[channel], cmap="gray", vmin=low, vmax=high)
        ax.set_title(str(channel))
        hide_frame(ax)
    return figure_of(used[0])


def plot_index_sets(sets: NDArray | Tensor, title: str = "", ax: Axes | None = None) -> Figure:
    """Draw one cell per feature map; the cells with the same number share their statistics.

    Args:
        sets: (samples, channels) int, number of the set of each map.
        title: above the table.
        ax: where to draw; None makes a figure.

    Returns:
        The figure; the set of the first map is coloured.

    Example:
        >>> figure = plot_index_sets(np.array([[0, 1], [0, 1]]), "batch")
        >>> [text.get_text() for text in figure.axes[0].texts]
        ['0', '1', '0', '1']
    """
    numbers = np.asarray(sets)
    ax = own_or_new(ax, height=0.5 + 0.3 * len(numbers), width=0.5 + 0.3 * numbers.shape[1])
    is_first = numbers == numbers[0, 0]
    colors = ListedColormap([OTHERS, FIRST])
    ax.pcolormesh(is_first, cmap=colors, vmin=0, vmax=1, edgecolors="white", linewidth=1.5)
    for (sample, channel), number in np.ndenumerate(numbers):
        ax.text(channel + 0.5, sample + 0.5, str(number), ha="center", va="center", fontsize=7)
    ax.set(xlabel="channel", ylabel="sample", title=title, xticks=[], yticks=[], aspect="equal")
    ax.spines[:].set_visible(False)
    ax.invert_yaxis()
    return figure_of(ax)
