"""Uploads made visible: files that browsers do not show, through the window that fuses them."""

from pathlib import Path

import numpy as np

from lkc.errors import InputError
from lkc.io.reading import show
from lkc.io.window import parse_said

from .fuse_files import open_source
from .results import save, shown_by_browsers

made_of: dict[str, str] = {}
"""A prepared file -> the upload that it was made of."""


def prepare_upload(path: str) -> tuple[str, tuple[float, float] | None]:
    """Make an uploaded file one that a browser shows, with the pixels that `lkc.fuse` sees.

    Args:
        path: any file.

    Returns:
        The file itself, or a PNG in its place; and the values that became black and white, if it
        is not shown in full. What cannot be read is returned as it is: fusing it will say why.
    """
    name = Path(path).stem
    try:
        source = open_source(path, name)
        pixels, said = show(source)
    except InputError:
        return path, None
    window, limits = parse_said(said)
    full = window.kind == "full"
    as_it_is = full and (pixels.dtype == np.uint8 or source.values.dtype == np.uint16)
    if as_it_is and shown_by_browsers(path):
        return path, None
    prepared = save(pixels, name)
    remember(prepared, path)
    return prepared, None if full else limits


def remember(prepared: str, upload: str) -> None:
    """Note what a prepared file was made of, and forget those that were deleted."""
    for gone in [path for path in list(made_of) if not Path(path).exists()]:
        made_of.pop(gone, None)
    made_of[prepared] = upload


def original(path: str) -> Path:
    """Return the upload that a prepared file was made of; any other file is its own."""
    return Path(made_of.get(path, path))
