"""Fuse the newest frames of two sources for as long as both last."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import nn

from lkc.alignment.one_grid import OneGrid, find_grid
from lkc.fusion.images import check_pair
from lkc.fusion.modalities import warn_of_coloured_infrared
from lkc.fusion.steady import FrameFuser
from lkc.io.window import Windows
from lkc.live.cameras import NewestFrame, is_camera, newest_pair
from lkc.live.steady_window import SteadyWindow

FORGET = 0.9  # The stated rate is a mean in which each new frame counts for a tenth.


@dataclass(frozen=True)
class LiveFrame:
    """A fused frame.

    Attributes:
        fused: (H, W) or (H, W, 3), uint8.
        seconds: since the start.
        latency: seconds from the newer source frame to the fused one.
        rate: fused frames per second, lately.
        skipped: frames of the faster source that came too fast for the network so far.
    """

    fused: NDArray[np.uint8]
    seconds: float
    latency: float
    rate: float
    skipped: int


def fuse_live(
    first: str,
    second: str,
    task: str = "ir-vis",
    model: nn.Module | None = None,
    detail: float = 1.0,
    windows: Windows = (None, None),
    align: str | None = None,
    colour: str = "keep",
    steady: bool = True,
) -> Iterator[LiveFrame]:
    """Fuse two cameras while they film.

    Args:
        first, second: in the order of the task's name: the number of a camera, a device such as
            /dev/video2, an address, or a clip, which is played at its own pace.
        task, model, detail, colour: as in `lkc.fuse`.
        windows: fixed or full ones; None follows the percentiles of deep frames slowly.
        align: how the sources are placed on one grid, for `lkc.alignment.find_grid`; it is found
            once, from the first frames.
        steady: as in `lkc.fusion.fuse_clips`.

    Yields:
        Fused frames, until a source ends.

    Raises:
        InputError: a source cannot be read, the pair does not fit, or a window does not
            fit its source.

    Example:
        >>> for frame in fuse_live("0", "1"):  # doctest: +SKIP
        ...     print(f"{frame.rate:.0f} frames per second")
    """
    shown = [
        SteadyWindow(window, f"camera {source}" if is_camera(source) else source)
        for window, source in zip(windows, (first, second), strict=True)
    ]
    fuse_frame = FrameFuser(task, model, detail, colour, steady)
    grid: OneGrid | None = None
    seen, done, pause, changed = (0, 0), 0, 0.0, threading.Condition()
    with NewestFrame(first, changed) as a, NewestFrame(second, changed) as b:
        begun = before = time.monotonic()
        while (newest := newest_pair(a, b, seen)) is not None:
            frame_a, frame_b, seen = newest
            taken, done = time.monotonic(), done + 1
            if done == 1 and task == "ir-vis":
                warn_of_coloured_infrared(frame_a, shown[0].name)
            pair = shown[0].show(frame_a, taken - begun), shown[1].show(frame_b, taken - begun)
            if align is not None:
                grid = grid or find_grid(*pair, align, task)
                pair = grid.place(*pair)
            check_pair(*pair, (first, second))
            fused = fuse_frame(*pair, taken - begun)
            now = time.monotonic()
            pause = now - before if done == 1 else FORGET * pause + (1 - FORGET) * (now - before)
            before = now
            yield LiveFrame(fused, now - begun, now - taken, 1 / pause, max(seen) - done)
