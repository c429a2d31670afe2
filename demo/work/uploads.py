"""Uploads made visible: files that browsers do not show, through the window that fuses them."""

from pathlib import Path

from lkc.errors import InputError
from lkc.io.window import parse_said

from .fuse_files import show_given
from .prepared import Given, remember
from .results import save, shown_by_browsers


def prepare_upload(path: str, window: str = "") -> tuple[str, tuple[float, float] | None]:
    """Make an uploaded image one that a browser shows, see `prepare`."""
    return prepare(Given(path, window))


def prepare(given: Given) -> tuple[str, tuple[float, float] | None]:
    """Make what was given visible to a browser, with the pixels that `lkc.fuse` sees.

    Args:
        given: any file, or a slice of a volume.

    Returns:
        The file itself, or a PNG in its place; and the values that became black and white, if it
        is not shown in full. What cannot be read is returned as it is: fusing it will say why.

    Raises:
        InputError: a window that does not fit the file.
    """
    name = name_of(given)
    try:
        pixels, said = show_given(given, name)
    except InputError:
        if given.window:
            raise
        return stand_in(given), None
    shown, limits = parse_said(said)
    in_full = shown.kind == "full"
    if in_full and given == Given(given.file) and shown_by_browsers(given.file):
        return given.file, None
    prepared = save(pixels, name)
    remember(prepared, given)
    return prepared, None if in_full else limits


def stand_in(given: Given) -> str:
    """A file for the browser where nothing can be shown; fusing it says why."""
    if given.slice is None:
        return given.file
    file = Path(given.file)
    path = str(next(file.iterdir()) if file.is_dir() else file)
    remember(path, given)
    return path


def name_of(given: Given) -> str:
    """What to call a picture of a file, which may be one slice of many."""
    stem = Path(Path(given.file).name.removesuffix(".gz")).stem
    return f"{stem}-{given.slice.axis}-{given.slice.index + 1}" if given.slice else stem
