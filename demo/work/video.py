"""Two clips into one, with a limit on its time and a way to stop it."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from numpy.typing import NDArray

from lkc.fusion.clips import ClipProgress, fuse_clips
from lkc.io.clip import read_clip
from lkc.io.clip_writer import ClipWriter
from lkc.io.image_files import read_image
from lkc.io.window import parse_window
from lkc.tasks import TASKS

from ..server.temporary_files import new_folder
from ..words.say import Complaint
from .fuse_files import MAX_MEGAPIXELS, check_options, list_examples, load_method

MAX_SECONDS = 300
CLIP_TYPES = [".mp4", ".mkv", ".mov", ".avi", ".webm"]
WINDOWS = ("full", "percentile")  # The first clip takes one of these for all its frames.
BEFORE = ClipProgress("measuring", 0, None)  # This stands for the time before any step.
EXAMPLE_FRAMES = 24
EXAMPLE_RATE = Fraction(12)


@dataclass
class ClipJob:
    """How far a clip is.

    Attributes:
        out: the fused clip; playable as soon as `fuse_pair_of_clips` has ended.
        step: the latest step of `fuse_clips`.
        frames: fused so far.
        shown: the latest fused frame, (H, W) or (H, W, 3).
        stopped: whether it ended before its time, by the user or the time limit.
    """

    out: Path
    step: ClipProgress
    frames: int = 0
    shown: NDArray | None = None
    stopped: bool = False


def check_clip(path: str, name: str) -> None:
    """Refuse frames that would keep a shared page busy for long."""
    height, width = read_clip(Path(path)).shape[:2]
    if height * width > MAX_MEGAPIXELS * 1_000_000:
        raise Complaint("pixels", name=name, limit=MAX_MEGAPIXELS)


def fuse_pair_of_clips(
    first: str | None,
    second: str | None,
    task: str,
    method: str,
    detail: float,
    window: str,
    should_stop: Callable[[], bool],
) -> Iterator[ClipJob]:
    """Fuse two clips; yields after each frame.

    Args:
        first, second: files, in the order of the task's name.
        task, method, detail: as for `fuse_files`.
        window: one of `WINDOWS`, what to show of the first clip.
        should_stop: asked after each frame.

    Yields:
        The job, which grows; its file is complete once the iterator has ended.

    Raises:
        InputError: a clip is missing, cannot be read, or does not fit the other.
    """
    check_options(method, detail)
    if not first or not second:
        raise Complaint("no_clips")
    for path, name in ((first, TASKS[task].first), (second, TASKS[task].second)):
        check_clip(path, name)
    job, end = ClipJob(new_folder() / "fused.mp4", BEFORE), time.monotonic() + MAX_SECONDS
    windows = (parse_window(window), None)
    model = load_method(method, task)
    with closing(fuse_clips(first, second, job.out, task, model, detail, windows)) as steps:
        for job.step in steps:
            if job.step.fused is not None:
                job.frames, job.shown = job.step.done, job.step.fused
            yield job
            if should_stop() or time.monotonic() > end:
                job.stopped = True
                break


def make_example_clips(examples: Path, task: str) -> tuple[str, str] | None:
    """Move a window over an example pair: two short lossless clips, or None without examples."""
    pairs = list_examples(examples, task)
    if not pairs:
        return None
    images = [read_image(path) for path in pairs[0]]
    height, width = (side // 4 * 3 // 2 * 2 for side in images[0].shape[:2])
    step = (images[0].shape[1] - width) / EXAMPLE_FRAMES
    folder, names = new_folder(), task.split("-")
    files = [folder / f"{name}.mkv" for name in names]
    for image, file in zip(images, files, strict=True):
        with ClipWriter(file, EXAMPLE_RATE, 1 / EXAMPLE_RATE, {}) as writer:
            for number in range(EXAMPLE_FRAMES):
                left = round(number * step)
                frame = image[:height, left : left + width].copy()
                writer.write(frame, number / EXAMPLE_RATE)
    return str(files[0]), str(files[1])
