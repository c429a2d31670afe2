"""Uploads made visible: files that browsers do not show, through the window that fuses them."""

from pathlib import Path

import numpy as np

from lkc.errors import InputError
from lkc.io.window import parse_said

from .fuse_files import open_source, show_through
from .prepared import Given, remember
from .results import save, shown_by_browsers


def prepare_upload(path: str, window: str = "") -> tuple[str, tuple[float, float] | None]:
    """Make an uploaded file one that a browser shows, with the pixels that `lkc.fuse` sees.

    Args:
        path: any file.
        window: what to show, in the words of `--window`; "" is the default window.

    Returns:
        The file itself, or a PNG in its place; and the values that became black and white, if it
        is not shown in full. What cannot be read is returned as it is: fusing it will say why.

    Raises:
        InputError: a window that does not fit the file.
    """
    name = Path(path).stem
    try:
        source = open_source(path, name)
        pixels, said = show_through(source, window)
    except InputError:
        if window:
            raise
        return path, None
    shown, limits = parse_said(said)
    full = shown.kind == "full"
    as_it_is = full and (pixels.dtype == np.uint8 or source.values.dtype == np.uint16)
    if as_it_is and not window and shown_by_browsers(path):
        return path, None
    prepared = save(pixels, name)
    remember(prepared, Given(path, window))
    return prepared, None if full else limits
