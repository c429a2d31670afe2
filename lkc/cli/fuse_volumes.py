"""What `lkc fuse` does with two volumes: read the series and frames that are meant, fuse, write."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.progress import Progress
from torch import nn

from lkc.errors import InputError
from lkc.fusion.volumes import fuse_volumes
from lkc.io.frames import OneFrameError
from lkc.io.nifti import write_nifti
from lkc.io.reading import read_volume
from lkc.io.volume import Volume
from lkc.io.window import Windows


@dataclass(frozen=True)
class Choice:
    """Which series and frame of the sources are meant.

    Attributes:
        series: numbers or UIDs: none, one for whichever source is a folder, or one for each.
        frames: counted from 1: none, one for whichever source has several, or one for each.
    """

    series: Sequence[str] = ()
    frames: Sequence[int] = ()

    def __post_init__(self) -> None:
        for option, values in (("--series", self.series), ("--frame", self.frames)):
            if len(values) > 2:
                raise InputError(
                    f"{option} is given at most twice: for the first and the second source."
                )

    def __bool__(self) -> bool:
        return bool(self.series or self.frames)


def read_source(path: Path, series: str | None, frame: int | None, lenient: bool) -> Volume:
    """Read a source; a lenient frame counts only where there are several."""
    try:
        return read_volume(path, series, frame)
    except OneFrameError:
        if not lenient:
            raise
    return read_volume(path, series)


def read_sources(pair: tuple[Path, Path], choice: Choice) -> tuple[Volume, Volume]:
    """Read two volumes.

    Args:
        pair: files or folders.
        choice: which series and frames are meant.

    Returns:
        The volumes.

    Raises:
        InputError: unreadable, or a choice that neither source offers.
    """
    folders = [path.is_dir() for path in pair]
    if choice.series and not any(folders):
        raise InputError("--series picks a DICOM series of a folder, and neither source is one.")
    series: list[str | None] = [*choice.series] or [None]
    frames: list[int | None] = [*choice.frames] or [None]
    if len(series) == 1:  # A folder has series, a file has none.
        series = [series[0] if folder else None for folder in folders]
    frames *= 3 - len(frames)
    lenient = len(choice.frames) == 1
    first, second = (
        read_source(*source, lenient) for source in zip(pair, series, frames, strict=True)
    )
    if lenient and choice.frames[0] > 1 and first.frames == second.frames == 1:
        raise InputError(f"neither source has a frame {choice.frames[0]}: both hold one frame.")
    return first, second


def fuse_to_volume(
    pair: tuple[Path, Path],
    target: Path,
    fusion: tuple[Windows, str, nn.Module, float, str, str | None, bool],
    choice: Choice,
    progress: Progress,
) -> Mapping[str, str]:
    """Fuse two volumes into a NIfTI file; return the notes written into it."""
    first, second = read_sources(pair, choice)
    slices = progress.add_task("slices", total=None)

    def show_progress(done: int, of: int) -> None:
        progress.update(slices, completed=done, total=of)

    fused = fuse_volumes(first, second, *fusion, progress=show_progress)
    write_nifti(target, fused.values, fused.affine, fused.notes)
    return {"first": str(first), "second": str(second)} | dict(fused.notes)
