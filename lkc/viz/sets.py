"""Draw which feature maps share a mean and a variance, as a table of samples and channels."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torch import Tensor

from lkc.viz.style import FIRST, OTHERS, figure_of, own_or_new


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
