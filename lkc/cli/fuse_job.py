"""What `lkc fuse` does with each pair: read, show, fuse, write, and say so."""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from os.path import commonpath
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.progress import Progress
from torch import nn

from lkc.cli.fuse_volumes import Choice, fuse_to_volume
from lkc.console import output, progress_bar, say_error
from lkc.errors import InputError
from lkc.fusion.clips import fuse_clips
from lkc.fusion.files import fuse_files
from lkc.io.clip_writer import is_clip
from lkc.io.nifti import is_nifti
from lkc.io.window import EIGHT_BITS, NOTES, Windows, parse_said, parse_window
from lkc.processes import gather, is_first, share

Pair = tuple[Path, Path]


@dataclass(frozen=True)
class Job:
    """What all pairs of one call share.

    Attributes:
        task, model, detail: as in `lkc.fuse`.
        windows: what to show of the first and of the second source; None takes the default.
        axis: direction of the slices of volumes.
        align: for `lkc.alignment.find_grid` or `lkc.fusion.fuse_volumes`, or None.
        views: folder for the views of alignments, or None.
        colour: as in `lkc.fuse`.
        choice: series and frames of volumes.
        steady: for `fuse_clips` and `fuse_volumes`.
    """

    task: str
    model: nn.Module
    detail: float
    windows: Windows
    axis: str
    align: str | None = None
    views: Path | None = None
    colour: str = "keep"
    choice: Choice = field(default_factory=Choice)
    steady: bool = True


def parse_windows(texts: Sequence[str] | None) -> Windows:
    """Turn --window into one window for each source: given once, it counts for both."""
    windows = [parse_window(text) for text in texts or []]
    if len(windows) > 2:
        raise InputError("--window is given at most twice: for the first and the second source.")
    return (windows[0], windows[-1]) if windows else (None, None)


def fuse_to_clip(pair: Pair, target: Path, job: Job, progress: Progress) -> Mapping[str, str]:
    """Fuse two clips into an MP4 or MKV file; return the notes written into it."""
    notes: Mapping[str, str] = {}
    bar = progress.add_task("frames", total=None)
    steps = fuse_clips(
        *pair, target, job.task, job.model, job.detail, job.windows, job.align, job.colour,
        job.steady,
    )  # fmt: skip
    with closing(steps):
        for step in steps:
            what = "frames" if step.step == "fusing" else "window"
            progress.update(bar, description=what, completed=step.done, total=step.of)
            notes = step.notes
    return notes


@contextmanager
def warnings_as_sentences() -> Iterator[None]:
    """Print what warns of an input as a sentence, without the line of code that says it."""
    with warnings.catch_warnings():
        show = warnings.showwarning

        def say(message: Warning | str, category: type[Warning], *place: Any, **line: Any) -> None:
            if category is UserWarning:
                say_error(str(message))
            else:
                show(message, category, *place, **line)

        warnings.showwarning = say
        yield


def say_windows_differ(done: Sequence[Mapping[str, str]]) -> None:
    """Say once for each side that its images do not compare, if each has a window of its own."""
    for note, side in zip(NOTES, ("first", "second"), strict=True):
        found = [parse_said(notes[note]) for notes in done if note in notes]
        deep = {limits for _, limits in found if limits != EIGHT_BITS}
        own = [limits for window, limits in found if window.kind == "percentile"]
        if len(deep) > 1 and own:
            low, high = min(low for low, _ in own), max(high for _, high in own)
            say_error(
                f"the {side} sources have a window each, so that gray values of different images "
                f"do not compare: {low:g},{high:g} as the {side} --window shows all of them alike."
            )


def fuse_pairs(pairs: Sequence[Pair], targets: Sequence[Path], job: Job) -> int:
    """Fuse pair after pair; say which ones fail, and return how many.

    Several processes each fuse a part, and return the same number.
    """
    failed = 0
    done: list[Mapping[str, str]] = []
    root = commonpath([target.parent for target in targets]) if targets else ""
    with warnings_as_sentences(), progress_bar(is_first()) as progress:
        jobs = share(list(zip(pairs, targets, strict=True)))
        for pair, target in progress.track(jobs, description="fusing"):
            inside = target.parent.relative_to(root)
            name = str(inside / pair[0].name)
            try:
                if is_nifti(target):
                    fusion = (
                        job.windows, job.task, job.model, job.detail, job.axis, job.align,
                        job.steady,
                    )  # fmt: skip
                    notes = fuse_to_volume(pair, target, fusion, job.choice, progress)
                elif is_clip(target):
                    notes = fuse_to_clip(pair, target, job, progress)
                else:
                    notes = fuse_files(
                        *pair, target, job.task, job.model, job.detail, job.windows, job.align,
                        job.views and job.views / inside, job.colour,
                    )  # fmt: skip
            except InputError as error:
                failed += 1
                say_error(f"{name}: {error}")
                continue
            done.append(notes)
            if len(pairs) > 1 and "alignment" in notes:
                output.print(f"{escape(name)}: {notes['alignment']}")
    failed, done = sum(gather([failed])), gather(done)
    if is_first() and len(pairs) > 1:
        say_windows_differ(done)
    for key, text in done[0].items() if is_first() and len(pairs) == 1 and done else ():
        output.print(f"{key}: {escape(text)}")
    return failed
