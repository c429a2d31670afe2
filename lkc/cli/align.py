"""`lkc align`: find the transform between two cameras once, and keep it in a file."""

from collections.abc import Generator
from pathlib import Path
from typing import Annotated

import typer
from numpy.typing import NDArray
from rich.markup import escape

from lkc.alignment.one_grid import SUFFIX, OneGrid, find_grid, usual_method, write_transform
from lkc.cli.fuse_job import parse_windows, warnings_as_sentences
from lkc.cli.options import TaskOption
from lkc.console import FAILED, output, say_error
from lkc.errors import InputError
from lkc.fusion.clips import ClipProgress, ShownClips, find_grid_of_clips, open_pair, show_clips
from lkc.fusion.files import read_pair, write_views
from lkc.io.kinds import has_suffix
from lkc.io.pairing import refuse_overwriting
from lkc.io.window import Windows
from lkc.tasks import get_task


def finish(steps: Generator[ClipProgress, None, ShownClips]) -> ShownClips:
    """Look at as much of two clips as their windows need."""
    while True:
        try:
            next(steps)
        except StopIteration as ended:
            return ended.value


def align_pair(
    first: Path, second: Path, method: str, task: str, windows: Windows
) -> tuple[OneGrid, NDArray, NDArray]:
    """Find the grid of two files; returns it with the two pictures that it was found from."""
    if has_suffix(first, "clip") or has_suffix(second, "clip"):
        shown = finish(show_clips(open_pair(first, second, one_grid=False), windows))
        return find_grid_of_clips(shown, method, task)
    a, b = (source.pixels for source in read_pair(first, second, windows))
    return find_grid(a, b, method, task), a, b


def align(
    first: Annotated[Path, typer.Argument(help="Infrared or MRI: an image or a clip.")],
    second: Annotated[Path, typer.Argument(help="Visible, CT, PET or SPECT.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="A .json file for lkc fuse --align.")],
    task: TaskOption = "ir-vis",
    method: Annotated[
        str | None,
        typer.Option(
            help="ecc, homography or mutual-information. If not given: ecc for ir-vis, "
            "mutual-information for the others."
        ),
    ] = None,
    window: Annotated[list[str] | None, typer.Option(help="What to show, as for lkc fuse.")] = None,
    views: Annotated[
        Path | None, typer.Option(help="Folder for a checkerboard and an edge overlay.")
    ] = None,
) -> None:
    """Find how two cameras look at one scene, and keep it for their images and clips."""
    get_task(task)
    windows = parse_windows(window)
    if out.suffix.lower() != SUFFIX:
        raise InputError(f"a stored alignment is a {SUFFIX} file: name it {out.stem}{SUFFIX}.")
    refuse_overwriting(out, (first, second))
    method = method or usual_method(task)
    try:
        with warnings_as_sentences():
            grid, a, b = align_pair(first, second, method, task, windows)
    except InputError as error:
        say_error(f"{first.name}: {error}")
        raise typer.Exit(FAILED) from None
    write_transform(out, grid, method)
    if views is not None:
        write_views(*grid.place(a, b), views / out.stem)
    output.print(f"{method}, {grid.found.sentence}")
    output.print(f"wrote {escape(str(out))}: give it to lkc fuse --align")
