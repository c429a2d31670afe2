"""A large pair is fused small first, since the whole takes seconds."""

from dataclasses import dataclass

from .fuse_files import check_options, fuse_pixels, load_method, read_pair, to_display
from .inside import shrink
from .results import save

LARGE = 2_000_000  # Of fewer pixels a preview would come little earlier than the whole.


@dataclass(frozen=True)
class Preview:
    """A small fused image of a large pair.

    Attributes:
        file: a PNG of 8 bits.
        size, whole: width and height of the preview, and of the pair.
    """

    file: str
    size: tuple[int, int]
    whole: tuple[int, int]


def fuse_small(
    first: str, second: str, task: str, method: str, detail: float, colour: str, precision: str
) -> Preview | None:
    """Fuse a copy of about as many pixels as the page has room for.

    Args:
        first, second, task, method, detail, colour, precision: as for `fuse_files`.

    Returns:
        The preview; None where the pair is not large.

    Raises:
        InputError: as `fuse_files`.
    """
    check_options(method, detail)
    a, b = read_pair(first, second, task)
    height, width = a.shape[:2]
    if height * width <= LARGE:
        return None
    model = load_method(method, task, precision)
    fused = to_display(fuse_pixels((shrink(a), shrink(b)), task, model, detail, colour))
    return Preview(save(fused, "preview"), (fused.shape[1], fused.shape[0]), (width, height))
