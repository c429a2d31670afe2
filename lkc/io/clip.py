"""Clips: the frames of any file that PyAV opens, with all their bits."""

import re
import warnings
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lkc.errors import InputError
from lkc.extras import need
from lkc.io.decoding import one_sentence
from lkc.io.pixels import check_pixel_count

NOT_CLIPS = ("concat", "dash", "hls", "tty")  # playlists name other files; FFmpeg films plain text
MKV_DURATION = re.compile(r"(\d+):(\d+):(\d+(?:\.\d+)?)")  # a tag of each stream
USUAL_RATE = Fraction(25)
MIN_COMPLETE = Fraction(9, 10)  # A clip that lasts less of its stated time is cut off.
LIMITED_RANGE = 1  # This is what FFmpeg's AVCOL_RANGE_MPEG is.
GRAY_FORMATS = {f"gray{bits}{end}" for bits in (9, 10, 12, 14, 16) for end in ("le", "be")}


@dataclass(frozen=True)
class Clip:
    """A stream of moving pictures in a file.

    Attributes:
        path: the file.
        stream: which of its video streams, from 0.
        name: what to call it in messages.
        shape: of a frame, (H, W) or (H, W, 3).
        full_range: lowest and highest value that a pixel can take.
        rate: frames per second, on average.
        tick: the unit of its time stamps in seconds.
        start: time of the first frame in seconds.
        count: number of frames as the file states it, or None.
        seconds: how long it lasts, as the file states it, or None.
    """

    path: Path
    stream: int
    name: str
    shape: tuple[int, ...]
    full_range: tuple[float, float]
    rate: Fraction
    tick: Fraction
    start: Fraction
    count: int | None
    seconds: Fraction | None


@dataclass(frozen=True)
class Frame:
    """One picture of a clip.

    Attributes:
        pixels: (H, W) or (H, W, 3), uint8 or uint16.
        time: in seconds, as the file states it.
    """

    pixels: NDArray
    time: Fraction


def to_pixels(frame: Any) -> NDArray:
    """Return a frame as it is meant to be seen: gray with all bits, or RGB of 8 or 16 bits."""
    parts = frame.format.components
    deep = max(part.bits for part in parts) > 8
    if len(parts) <= 2 and not frame.format.has_palette:
        native = frame.format.name in GRAY_FORMATS
        pixels = frame.to_ndarray(format=None if native else "gray16le" if deep else "gray")
        if frame.color_range == LIMITED_RANGE:
            pixels = widen(pixels, value_range(frame)[1])
    else:
        pixels = frame.to_ndarray(
            format="rgb48le" if deep else "rgb24",
            src_colorspace=frame.colorspace,
            src_color_range=frame.color_range,
            dst_color_range="JPEG",  # its name for values from 0
        )
    matrix = frame.side_data.get("DISPLAYMATRIX")
    return pixels if matrix is None else turn(pixels, np.frombuffer(matrix, np.int32))


def widen(pixels: NDArray, top: float) -> NDArray:
    """Show gray of limited range, whose black is 16 and whose white is 235 of 255, in full range.

    FFmpeg takes gray for full, whatever the file says.

    Args:
        pixels: (H, W), uint8 or uint16.
        top: the highest value that a pixel can take.

    Returns:
        (H, W) of the same type, from 0 to `top`.

    Example:
        >>> widen(np.array([[16, 235, 255]], np.uint8), 255).tolist()
        [[0, 255, 255]]
    """
    unit = float(top + 1) / 256
    full = (pixels - 16 * unit) * (top / (219 * unit))
    return np.rint(full.clip(0, top)).astype(pixels.dtype)


def turn(pixels: NDArray, matrix: NDArray[np.int32]) -> NDArray:
    """Show a frame as its file asks, since phones film sideways and selfies are mirrored.

    Args:
        pixels: (H, W) or (H, W, 3).
        matrix: (9,), FFmpeg's display matrix: column x, row y is shown at (a x + c y, b x + d y).

    Returns:
        The frame, turned by quarters and mirrored.

    Example:
        >>> quarter = np.array([0, -1, 0, 1, 0, 0, 0, 0, 1], np.int32)
        >>> turn(np.array([[1, 2]]), quarter).tolist()
        [[2], [1]]
    """
    a, b, _, c, d = matrix[:5].tolist()
    if abs(b) > abs(a):
        pixels, a, d = pixels.swapaxes(0, 1), c, b
    return pixels[:: -1 if d < 0 else 1, :: -1 if a < 0 else 1]


def value_range(frame: Any) -> tuple[float, float]:
    """Lowest and highest value of what `to_pixels` returns."""
    bits = max(part.bits for part in frame.format.components)
    if frame.format.name in GRAY_FORMATS:
        return 0.0, float(2**bits - 1)
    return 0.0, 65535.0 if bits > 8 else 255.0


@contextmanager
def clip_sentence(path: Path) -> Iterator[None]:
    """Turn what PyAV raises into an InputError without numbers and folders."""
    av = need("av", "reading clips", extra="video")
    with one_sentence(path):
        try:
            yield
        except (FileNotFoundError, IsADirectoryError):
            raise
        except av.FFmpegError as error:
            message = f"{path.name} is not a clip that can be read: {error.strerror}."
            raise InputError(message) from None


@contextmanager
def open_stream(path: Path, number: int) -> Iterator[Any]:
    """Open a file's video stream for decoding; nothing but local files is touched."""
    with clip_sentence(path):
        import av

        options = {"protocol_whitelist": "file"}
        container = av.open(f"file:{path}", options=options, metadata_errors="replace")
    with container:
        covers = av.stream.Disposition.attached_pic
        streams = [s for s in container.streams.video if not s.disposition & covers]
        if container.format.name in NOT_CLIPS or not streams:
            raise InputError(f"{path.name} holds no moving pictures.")
        if number >= len(streams):
            raise InputError(
                f"{path.name} holds one stream of pictures: give it with a second file, or a file "
                "with two streams twice."
            )
        stream = streams[number]
        if stream.codec_context is None:
            raise InputError(f"{path.name} is coded in a way that PyAV does not know.")
        check_pixel_count(stream.width or 0, stream.height or 0, path.name)
        stream.thread_type = "AUTO"
        yield stream


def decode(stream: Any, path: Path) -> Iterator[Any]:
    """Decode a stream packet by packet; what is damaged is left out, and counted at the end."""
    import av

    packets, damaged = stream.container.demux(stream), 0
    while True:
        with clip_sentence(path):
            packet = next(packets, None)
            if packet is None:
                break
            try:
                frames = packet.decode()
            except av.FFmpegError:
                damaged += 1
                continue
        yield from frames
    if damaged:
        plural = "s" * (damaged > 1)
        warnings.warn(f"{path.name}: {damaged} damaged packet{plural} left out.", stacklevel=2)


def stated_seconds(stream: Any) -> Fraction | None:
    """How long a stream lasts: by its own header, else by that of the file with all its streams."""
    if stream.duration:
        return stream.duration * stream.time_base
    if tag := MKV_DURATION.fullmatch(stream.metadata.get("DURATION", "")):
        hours, minutes, seconds = map(Fraction, tag.groups())
        return 3600 * hours + 60 * minutes + seconds
    return Fraction(stream.container.duration or 0, 1_000_000) or None


def read_clip(path: Path, stream: int = 0) -> Clip:
    """Look at the first frame of a file's video stream.

    Args:
        path: whatever PyAV opens, also a numbered series such as ir/%04d.png.
        stream: which of its video streams, from 0.

    Returns:
        What the clip is like; `read_frames` reads it.

    Raises:
        InputError: missing, not a clip, damaged, or too large.

    Example:
        >>> read_clip(Path("thermal.mkv")).full_range  # doctest: +SKIP
        (0.0, 65535.0)
    """
    path = Path(path)
    with open_stream(path, stream) as opened:
        frame = next(decode(opened, path), None)
        if frame is None:
            raise InputError(f"{path.name} holds no frame that can be read.")
        with clip_sentence(path):
            rate = opened.average_rate or opened.guessed_rate or USUAL_RATE
            seconds = stated_seconds(opened)
            return Clip(
                path=path,
                stream=stream,
                name=path.name if not stream else f"stream {stream + 1} of {path.name}",
                shape=to_pixels(frame).shape,
                full_range=value_range(frame),
                rate=rate,
                tick=opened.time_base or 1 / rate,
                start=(frame.pts or 0) * (frame.time_base or 1 / rate),
                count=opened.frames or round((seconds or 0) * rate) or None,
                seconds=seconds,
            )


def warn_if_cut_off(clip: Clip, last: Fraction, step: Fraction) -> None:
    """Say that a clip ended well before the time that its file states.

    Args:
        clip: what the file says of itself.
        last: time of its last frame in seconds, shown for about as long as the one before it.
        step: seconds between the two.
    """
    lasted = max(last, last - clip.start) + step  # files count from their start, or from 0
    if clip.seconds and lasted + step < clip.seconds and lasted < MIN_COMPLETE * clip.seconds:
        warnings.warn(
            f"{clip.name} ends after {float(lasted):.1f} of {float(clip.seconds):.1f} s: "
            "is it cut off?",
            stacklevel=3,
        )


def read_frames(clip: Clip) -> Generator[Frame, None, None]:
    """Read the frames of a clip one by one, upright, in the order of their time stamps.

    Args:
        clip: from `read_clip`.

    Yields:
        Frames of the clip's shape, with rising times.

    Raises:
        InputError: the clip changes its size or kind of pixels on the way.

    Example:
        >>> for frame in read_frames(read_clip("thermal.mkv")):  # doctest: +SKIP
        ...     print(frame.time, frame.pixels.mean())
    """
    last, step = None, 1 / clip.rate
    with open_stream(clip.path, clip.stream) as stream:
        for frame in decode(stream, clip.path):
            if frame.pts is not None:
                time = frame.pts * frame.time_base
            else:
                time = clip.start if last is None else last + 1 / clip.rate
            if last is not None and time <= last:
                continue  # only damaged files step back
            with clip_sentence(clip.path):
                pixels = to_pixels(frame)
            if pixels.shape != clip.shape or value_range(frame) != clip.full_range:
                raise InputError(f"{clip.name} changes its size or kind of pixels on the way.")
            step = step if last is None else time - last
            last = time
            yield Frame(pixels, time)
    if last is not None:
        warn_if_cut_off(clip, last, step)
