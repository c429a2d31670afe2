"""Frames of a camera, or of a clip that plays at its own pace in place of one.

A camera does not wait. Each is read by a thread of its own that keeps the newest frame only, so
that a slow network drops frames and never falls behind.
"""

import threading
import time
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from lkc.errors import InputError
from lkc.io.clip import read_clip, read_frames

PATIENCE = 10.0  # A camera that gives no frame for so many seconds has gone.
NETWORK = ("rtsp://", "http://", "https://", "udp://")


def is_camera(source: str) -> bool:
    """Whether a source is a camera: its number, a device, or an address in the network.

    >>> is_camera("0"), is_camera("/dev/video2"), is_camera("ir.mkv")
    (True, True, False)
    """
    return source.isdecimal() or source.startswith(("/dev/video", *NETWORK))


def as_gray_or_rgb(frame: NDArray) -> NDArray:
    """Turn a frame as OpenCV gives it into (H, W) of 8 or 16 bits, or RGB (H, W, 3)."""
    if frame.ndim == 3 and frame.shape[2] == 1:
        frame = frame[..., 0]
    return np.ascontiguousarray(frame[..., ::-1]) if frame.ndim == 3 else frame


def camera_frames(source: str) -> Generator[NDArray, None, None]:
    """Read a camera; one that gives 16 bits a pixel, as FLIR's Y16, keeps them.

    Args:
        source: a number, a device or an address.

    Yields:
        Frames, (H, W) uint8 or uint16, or RGB (H, W, 3) uint8.

    Raises:
        InputError: there is no such camera.
    """
    capture = cv2.VideoCapture(int(source) if source.isdecimal() else source)
    try:
        if not capture.isOpened():
            raise InputError(f"camera {source} cannot be opened.")
        if int(capture.get(cv2.CAP_PROP_FOURCC)).to_bytes(4, "little") == b"Y16 ":
            capture.set(cv2.CAP_PROP_CONVERT_RGB, 0)
        while True:
            is_there, frame = capture.read()
            if not is_there:
                return
            yield as_gray_or_rgb(frame)
    finally:
        capture.release()


def played_frames(path: Path) -> Generator[NDArray, None, None]:
    """Read a clip's frames when they are due by its clock.

    Args:
        path: whatever `lkc.io.clip` reads.

    Yields:
        Frames, (H, W) or (H, W, 3), uint8 or uint16.

    Raises:
        InputError: it is no clip.
    """
    clip = read_clip(path)
    begun = time.monotonic()
    with closing(read_frames(clip)) as frames:
        for frame in frames:
            time.sleep(max(0.0, begun + float(frame.time - clip.start) - time.monotonic()))
            yield frame.pixels


def open_source(source: str) -> Generator[NDArray, None, None]:
    """Frames of a camera or of a clip."""
    return camera_frames(source) if is_camera(source) else played_frames(Path(source))


class NewestFrame:
    """The newest frame of a source, kept by a thread; use it in a `with` block.

    Args:
        source: a camera or a clip, see `open_source`.
        changed: told whenever there is news.

    Attributes:
        number: how many frames there were so far.
        frame: the newest one, or None.
        error: why the source cannot be read, or None.
        has_ended: whether no frame will come any more.
    """

    def __init__(self, source: str, changed: threading.Condition) -> None:
        self.source, self.changed = source, changed
        self.number = 0
        self.frame: NDArray | None = None
        self.error: InputError | None = None
        self.has_ended = self.is_wanted = False
        self.thread = threading.Thread(target=self.keep_reading, daemon=True)

    def __enter__(self) -> Self:
        self.is_wanted = True
        self.thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.is_wanted = False
        self.thread.join(PATIENCE)

    def keep_reading(self) -> None:
        """Replace the frame until the source ends, or nobody wants it any more."""
        try:
            with closing(open_source(self.source)) as frames:
                for frame in frames:
                    with self.changed:
                        self.frame, self.number = frame, self.number + 1
                        self.changed.notify_all()
                    if not self.is_wanted:
                        return
        except InputError as error:
            self.error = error
        finally:
            with self.changed:
                self.has_ended = True
                self.changed.notify_all()


def newest_pair(
    a: NewestFrame, b: NewestFrame, seen: tuple[int, int]
) -> tuple[NDArray, NDArray, tuple[int, int]] | None:
    """Wait until one of two sources, which share a condition, has a frame that was not seen.

    Args:
        a, b: the sources.
        seen: how many frames of each were seen.

    Returns:
        The newest frame of each, and how many there were; None when a source has ended.

    Raises:
        InputError: a source cannot be read, or gives nothing any more.
    """

    def is_news() -> bool:
        both = a.frame is not None and b.frame is not None
        return a.has_ended or b.has_ended or (both and (a.number, b.number) != seen)

    with a.changed:
        in_time = a.changed.wait_for(is_news, PATIENCE)
        for source in (a, b):
            if source.error is not None:
                raise source.error
        if a.frame is None or b.frame is None or (a.number, b.number) == seen:
            if in_time:
                return None
            raise InputError(f"{a.source} and {b.source} gave nothing for {PATIENCE:.0f} seconds.")
        return a.frame, b.frame, (a.number, b.number)
