"""Show an exhibit below a cell of a notebook."""

import re
from dataclasses import dataclass
from html import escape

from lkc.tutorial.exhibits.build import build_page

TITLE = re.compile("<title>(.*?)</title>")
FIRST_HEIGHT = 640  # pixels, until the page has told its frame how high it is


@dataclass(frozen=True)
class Exhibit:
    """A page that a notebook shows in a frame.

    Attributes:
        name: one of `exhibit_names`.
        page: its HTML, which needs no other file.
    """

    name: str
    page: str

    def _repr_html_(self) -> str:
        title = TITLE.findall(self.page)[0]
        return (
            f'<iframe srcdoc="{escape(self.page)}" title="{title}" '
            f'style="width: 100%; height: {FIRST_HEIGHT}px; border: 0"></iframe>'
        )

    def __repr__(self) -> str:
        return f"Exhibit {self.name!r}: a browser shows it, or the site that `make docs` builds."


def exhibit(name: str) -> Exhibit:
    """Show an exhibit below the cell that ends with this call.

    Args:
        name: one of `exhibit_names`.

    Returns:
        What a notebook shows as a frame with the page in it.

    Raises:
        InputError: there is no such exhibit.

    Example:
        >>> exhibit("norm-sharing")
        Exhibit 'norm-sharing': a browser shows it, or ...
    """
    return Exhibit(name, build_page(name))
