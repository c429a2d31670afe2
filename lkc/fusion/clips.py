"""Fuse two clips frame by frame: one fixed window, one frame of each in memory, stopped at will.

The window is found once for a whole clip, and the statistics of the norms move slowly from frame to
frame (`lkc.fusion.steady`), so that what does not change in the scene does not flicker. Frames are
read ahead and written behind by threads of their own (`lkc.fusion.overlap`).
"""

from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from fractions import Fraction
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import nn

from lkc.alignment.one_grid import OneGrid, check_stored, find_grid
from lkc.errors import InputError
from lkc.fusion.images import check_colour, check_large_enough
from lkc.fusion.modalities import warn_of_coloured_infrared
from lkc.fusion.overlap import TimeSplit, WriteBehind, read_ahead
from lkc.fusion.steady import FrameFuser
from lkc.io.clip import Clip, Frame, read_clip, read_frames
from lkc.io.clip_writer import ClipWriter, is_clip
from lkc.io.image_data import ImageData
from lkc.io.pairing import refuse_overwriting
from lkc.io.pictures import warn_if_bytes_are_swapped
from lkc.io.pixels import check_same_size, to_16_bits
from lkc.io.thermal import check_unit, fixed_limits, without_stuck_pixels
from lkc.io.window import (
    EIGHT_BITS,
    NOTES,
    SIXTEEN_BITS,
    Window,
    Windows,
    apply_limits,
    check_preset,
    check_seen,
    default_window,
    describe,
    find_limits,
    warn_if_narrow,
)
from lkc.tasks import get_task

QUANTILES = 100_001  # So many values stand for a whole clip, finer than any percentile asked for.
REGISTERED = "the clips must be registered and have the same size (see lkc fuse --align)"
ALIGNMENT_TRIES = 5  # So many frames, a second apart, are tried before an alignment is given up.


@dataclass(frozen=True)
class ClipProgress:
    """How far `fuse_clips` is.

    Attributes:
        step: "measuring" (finding a percentile window in a first pass) or "fusing".
        done: frames so far in this step.
        of: how many there will be, as the files state it, or None.
        fused: the frame that was just written, (H, W) or (H, W, 3); None while measuring.
        notes: task and windows in words, as stored in the file.
        seconds: spent so far on "decode", "fuse" and "encode", which overlap, and on "wait" for
            the first or the last of them.
    """

    step: str
    done: int
    of: int | None
    fused: NDArray | None = None
    notes: Mapping[str, str] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)


def open_pair(first: str | PathLike, second: str | PathLike, one_grid: bool) -> tuple[Clip, Clip]:
    """Look at two clips, or at two streams of one file; only those on one grid, where asked."""
    first, second = Path(first), Path(second)
    same_file = first.exists() and second.exists() and first.samefile(second)
    a, b = read_clip(first), read_clip(second, stream=1 if same_file else 0)
    if one_grid:
        check_same_size(a.shape, b.shape, (a.name, b.name), REGISTERED)
    for clip in (a, b):
        check_large_enough(clip.shape, clip.name)
    return a, b


def count_values(clip: Clip) -> Generator[ClipProgress, None, NDArray[np.float32]]:
    """Read a whole clip once; return evenly spaced quantiles of its values."""
    counts = np.zeros(int(clip.full_range[1]) + 1, dtype=np.int64)
    for done, frame in enumerate(read_frames(clip), start=1):
        counts += np.bincount(frame.pixels.reshape(-1), minlength=len(counts))
        yield ClipProgress("measuring", done, clip.count)
    ranks = (np.arange(QUANTILES) + 0.5) / QUANTILES * counts.sum()
    return np.searchsorted(counts.cumsum(), ranks, side="right").astype(np.float32)


def find_clip_limits(
    clip: Clip, window: Window | None
) -> Generator[ClipProgress, None, tuple[Window, tuple[float, float]]]:
    """Find the window of a clip, and the values that become black and white in all its frames."""
    values = np.zeros(0, dtype=np.float32)
    deep_default = window is None and clip.full_range != EIGHT_BITS
    if deep_default or (window is not None and window.kind == "percentile"):
        values = yield from count_values(clip)
    if values.size:
        values = without_broken(values, clip)
    if window is None:
        window = default_window(values, clip.full_range, measured=False)
    elif window.kind == "full":
        warn_if_narrow(first_pixels(clip), clip.full_range, clip.name)
    check_preset(window, False, clip.name)
    if window.kind in ("fixed", "preset"):
        return window, (yield from check_fixed(clip, window))
    return window, find_limits(window, values, clip.full_range, {}, clip.name)


def without_broken(values: NDArray, clip: Clip) -> NDArray[np.float32]:
    """Leave out broken pixels of a clip's frame or quantiles, for judging what its values are."""
    image = np.atleast_2d(values).astype(np.float32)
    return without_stuck_pixels(ImageData(image, clip.full_range, clip.name)).values


def first_pixels(clip: Clip) -> NDArray:
    """The first frame of a clip, (H, W) or (H, W, 3)."""
    with closing(read_frames(clip)) as frames:
        return next(frames).pixels


def check_fixed(clip: Clip, window: Window) -> Generator[ClipProgress, None, tuple[float, float]]:
    """Refuse a fixed window in which a clip has no value; black and white in the clip's values.

    The first frame is looked at, and the whole clip only where that one shows nothing.
    """
    first, limits = first_pixels(clip), fixed_limits(window)
    check_unit(first, clip.full_range, window, clip.name)
    judged = without_broken(first, clip)
    if judged.max() < limits[0] or judged.min() > limits[1]:
        check_seen(without_broken((yield from count_values(clip)), clip), limits, clip.name)
    return limits


def shown_values(clip: Clip, limits: tuple[float, float]) -> NDArray | None:
    """Tabulate what each value of a clip's pixels is shown as, uint16; None where it stays."""
    if limits == clip.full_range == EIGHT_BITS:
        return None
    values = np.arange(clip.full_range[1] + 1, dtype=np.float32)
    return to_16_bits(apply_limits(values, limits))


def show(frame: Frame, table: NDArray | None) -> NDArray:
    """Apply a table of `shown_values`."""
    return frame.pixels if table is None else table[frame.pixels]


def nearest_in_time(
    pace: Iterator[Frame], other: Iterator[Frame], delay: Fraction, patience: Fraction
) -> Iterator[tuple[Frame, Frame]]:
    """Give every frame of one clip the frame of the other that is nearest in time.

    Args:
        pace: sets the times of the result.
        other: frames are repeated or left out as needed.
        delay: add this to times of `other`, in seconds.
        patience: end when `other` has been over for longer, in seconds.

    Yields:
        Frames of both, for as long as both last.

    Example:
        >>> slow, fast = ([Frame(None, Fraction(i, rate)) for i in range(rate)] for rate in (2, 6))
        >>> pairs = nearest_in_time(iter(fast), iter(slow), Fraction(0), Fraction(1, 4))
        >>> [float(other.time) for _, other in pairs]
        [0.0, 0.0, 0.5, 0.5, 0.5]
    """
    current, following = next(other, None), next(other, None)
    for frame in pace:
        if current is None:
            return
        time = frame.time - delay
        while following and abs(following.time - time) <= abs(current.time - time):
            current, following = following, next(other, None)
        if following is None and time - current.time > patience:
            return
        yield frame, current


def match(first: Clip, second: Clip) -> Generator[tuple[Frame, Frame, Fraction], None, None]:
    """Read pairs of frames and their time; the clip with more frames per second sets the pace."""
    swap = second.rate > first.rate
    pace, other = (second, first) if swap else (first, second)
    one_clock = second.stream > 0  # two files: each counts from its own first frame
    delay = Fraction(0) if one_clock else pace.start - other.start
    start = min(first.start, second.start) if one_clock else pace.start
    with closing(read_frames(pace)) as lead, closing(read_frames(other)) as follow:
        for frame, partner in nearest_in_time(lead, follow, delay, 1 / (2 * other.rate)):
            a, b = (partner, frame) if swap else (frame, partner)
            yield a, b, frame.time - start


def expected_count(first: Clip, second: Clip) -> int | None:
    """Estimate the number of fused frames from what the files state."""
    seconds = [clip.count / clip.rate for clip in (first, second) if clip.count]
    return round(min(seconds) * max(first.rate, second.rate)) if len(seconds) == 2 else None


@dataclass(frozen=True)
class ShownClips:
    """Two clips through their windows.

    Attributes:
        clips: the first and the second.
        tables: of each, from `shown_values`.
        notes: the windows in words.
    """

    clips: tuple[Clip, Clip]
    tables: tuple[NDArray | None, ...]
    notes: Mapping[str, str]

    def pairs(self) -> Generator[tuple[NDArray, NDArray, Fraction], None, None]:
        """Read pairs of frames as they are shown, and their time in seconds."""
        with closing(match(*self.clips)) as frames:
            for a, b, time in frames:
                yield show(a, self.tables[0]), show(b, self.tables[1]), time


def show_clips(
    clips: tuple[Clip, Clip], windows: Windows
) -> Generator[ClipProgress, None, ShownClips]:
    """Find the window of two clips, which may need a pass over all their frames."""
    notes, tables = {}, []
    for note, clip, window in zip(NOTES, clips, windows, strict=True):
        if clip.full_range == SIXTEEN_BITS:
            warn_if_bytes_are_swapped(first_pixels(clip), clip.name)
        chosen, limits = yield from find_clip_limits(clip, window)
        words = (chosen.low, chosen.high) if chosen.unit else limits
        notes[note] = describe(chosen, words, chosen.unit)
        tables.append(shown_values(clip, limits))
    return ShownClips(clips, tuple(tables), notes)


def find_grid_of_clips(shown: ShownClips, how: str, task: str) -> tuple[OneGrid, NDArray, NDArray]:
    """Find how clips are placed on one grid; what a frame of theirs tells holds for all.

    Args:
        shown: the clips.
        how: for `lkc.alignment.find_grid`.
        task: as there.

    Returns:
        The grid of the first frames that can be aligned, of a few that are a second apart, and
        these two frames as they are.

    Raises:
        InputError: none of them can be aligned.
    """
    tries, refusal = 0, InputError(f"{shown.clips[0].name} holds no frame that can be read.")
    with closing(shown.pairs()) as pairs:
        for a, b, time in pairs:
            if time < tries:
                continue
            try:
                return find_grid(a, b, how, task), a, b
            except InputError as error:
                tries, refusal = tries + 1, error
            if tries == ALIGNMENT_TRIES:
                break
    raise refusal


def placed_pairs(
    shown: ShownClips, grid: OneGrid | None
) -> Generator[tuple[NDArray, NDArray, Fraction], None, None]:
    """Read pairs of frames on one grid, and their time in seconds."""
    with closing(shown.pairs()) as pairs:
        for a, b, time in pairs:
            yield *((a, b) if grid is None else grid.place(a, b)), time


def fuse_clips(
    first: str | PathLike,
    second: str | PathLike,
    out: str | PathLike,
    task: str = "ir-vis",
    model: nn.Module | None = None,
    detail: float = 1.0,
    windows: Windows = (None, None),
    align: str | None = None,
    colour: str = "keep",
    steady: bool = True,
) -> Generator[ClipProgress, None, None]:
    """Fuse two clips into one; nothing happens until the iterator is advanced.

    Frames are matched by time: the clip with more frames per second sets the times of the result,
    and gets the nearest frame of the other; the shorter clip ends it. Two files count from their
    first frames, two streams of one file share their clock. Sound is left out. To stop, close the
    iterator (or leave it by an exception): what was fused so far is a playable file.

    Args:
        first, second: files in the order of the task's name; the same file twice means its first
            and second stream. Gray of 9 to 16 bits is read in full.
        out: .mp4 (H.264, 8 bits) or .mkv (FFV1: lossless, and 16 bits where both sources have).
        task, model, detail: as in `lkc.fuse`.
        windows: what to show of each clip, the same for all its frames; None shows 8 bits as they
            are, and more bits in full where the clip uses much of them, else from percentile 1 to
            99 of all its frames.
        align: how to bring the clips onto one grid, for `lkc.alignment.find_grid`; it is found
            once and holds for all frames. None expects one grid.
        colour: as in `lkc.fuse`.
        steady: whether the statistics of norms move slowly from frame to frame, so that nothing
            flickers. False fuses each frame as a still.

    Yields:
        Progress, with each fused frame.

    Raises:
        InputError: unreadable clips, different sizes, or an output that cannot be written.

    Example:
        >>> for step in fuse_clips("ir.mkv", "vis.mp4", "fused.mp4"):  # doctest: +SKIP
        ...     print(step.done, step.of)
    """
    check_colour(colour, get_task(task))
    out = Path(out)
    if not is_clip(out):
        raise InputError(f"clips are written as MP4 or lossless MKV: name it {out.stem}.mp4.")
    refuse_overwriting(out, (first, second))
    clips = open_pair(first, second, one_grid=align is None)
    if align is not None:
        check_stored(align, task, (clips[0].shape, clips[1].shape))
    if task == "ir-vis":
        warn_of_coloured_infrared(first_pixels(clips[0]), clips[0].name)
    shown = yield from show_clips(clips, windows)
    notes, grid = {"task": task, **shown.notes}, None
    if align is not None:
        grid, *_ = find_grid_of_clips(shown, align, task)
        notes["alignment"] = f"{align}, {grid.found.sentence}"
    pace = max(clips, key=lambda clip: clip.rate)  # the first of equals
    count, split = expected_count(*clips), TimeSplit()
    fuse_pair = FrameFuser(task, model, detail, colour, steady)
    with (
        ClipWriter(out, pace.rate, pace.tick, notes) as writer,
        WriteBehind(writer.write, split) as write,
        closing(placed_pairs(shown, grid)) as pairs,
        closing(read_ahead(pairs, split)) as frames,
    ):
        for done, (a, b, time) in enumerate(frames, start=1):
            with split.of("fuse"):
                fused = fuse_pair(a, b, time)
            write(fused, time)
            yield ClipProgress("fusing", done, count, fused, notes, dict(split))
