"""How notebooks show figures: charts as SVG, pictures at double resolution, both with words."""

import sys
from weakref import WeakKeyDictionary

from matplotlib.figure import Figure

from lkc.viz.words import describe_figure

LARGEST_SVG = 150_000  # characters; a chart of more marks is shown as a picture
Svg = tuple[str, dict[str, str]]
# IPython asks for both kinds of a figure one after the other, so a chart is drawn once for both.
just_drawn: WeakKeyDictionary[Figure, Svg | None] = WeakKeyDictionary()


def holds_pictures(figure: Figure) -> bool:
    """Whether pixels are shown anywhere in a figure."""
    return any(ax.images for ax in figure.axes)


def as_svg(figure: Figure) -> Svg | None:
    """Return a chart as text that is sharp at any size, and what HTML calls its `alt`."""
    just_drawn[figure] = drawn = draw_svg(figure)
    return drawn


def draw_svg(figure: Figure) -> Svg | None:
    """Draw a chart; nothing if it holds pictures, or so many marks that a picture is smaller."""
    from IPython.core.pylabtools import print_figure

    if holds_pictures(figure):
        return None
    words = describe_figure(figure)
    about = {"Title": words, "Date": None, "Creator": None}
    svg = str(print_figure(figure, "svg", metadata=about))
    return (svg, {"alt": words}) if len(svg) <= LARGEST_SVG else None


def as_png(figure: Figure) -> tuple[str, dict[str, str | int]] | None:
    """Return a figure with two pixels for one, its size on the page, and its `alt`."""
    from IPython.core.pylabtools import retina_figure

    if just_drawn.pop(figure, None) or as_svg(figure):
        return None
    png, size = retina_figure(figure, base64=True)
    return png, {**size, "alt": describe_figure(figure)}


def show_figures_in_notebooks() -> None:
    """Let a notebook show and store figures like this, if one is running."""
    ipython = sys.modules.get("IPython")
    shell = ipython and ipython.get_ipython()
    if shell:
        formatters = shell.display_formatter.formatters
        formatters["image/png"].for_type(Figure, as_png)
        formatters["image/svg+xml"].for_type(Figure, as_svg)
