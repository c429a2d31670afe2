"""Write frames into a clip that is playable however the writing ends."""

from collections.abc import Mapping
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from lkc.errors import replacing, writing
from lkc.extras import need

CLIP_SUFFIXES = (".mp4", ".mkv")
LOSSLESS = {"gray": "gray", "gray16le": "gray16le", "rgb24": "bgr0", "rgb48le": "gbrp16le"}
LOSSY_CODECS = ("libx264", "libopenh264", "mpeg4")  # builds of PyAV differ in what they bring
FINEST_MPEG4_TICK = Fraction(1, 30000)  # the codec stores 16 bits; a multiple of the usual rates


def is_clip(path: Path) -> bool:
    """Whether the name is that of a clip to write.

    >>> is_clip(Path("fused.MP4"))
    True
    """
    return path.suffix.lower() in CLIP_SUFFIXES


class ClipWriter:
    """Write frames into a clip under a temporary name; leaving the block makes it playable.

    Whether the block ends, is left early or fails: the frames written so far are in the file.

    Args:
        path: .mp4 (H.264, 8 bits) or .mkv (FFV1, lossless, 8 or 16 bits).
        rate: frames per second, on average.
        tick: the unit of the time stamps in seconds.
        notes: texts to store in the file, by keyword.

    Raises:
        InputError: the folder cannot be written.

    Example:
        >>> with ClipWriter(Path("out.mkv"), rate, tick, {}) as writer:  # doctest: +SKIP
        ...     writer.write(pixels, Fraction(0))
    """

    def __init__(self, path: Path, rate: Fraction, tick: Fraction, notes: Mapping[str, str]):
        self.path, self.rate, self.tick, self.notes = Path(path), rate, tick, notes
        self.target = ExitStack()  # leaving it renames the temporary file
        self.temporary = Path()
        self.container: Any = None
        self.stream: Any = None

    def __enter__(self) -> Self:
        av = need("av", "writing clips", extra="video")
        index_first = {"movflags": "+faststart"} if self.path.suffix.lower() == ".mp4" else {}
        with ExitStack() as target:
            self.temporary = target.enter_context(replacing(self.path, av.FFmpegError))
            self.container = av.open(f"file:{self.temporary}", "w", options=index_first)
            self.target = target.pop_all()
        self.container.metadata["comment"] = "; ".join(f"{k}: {v}" for k, v in self.notes.items())
        return self

    def add_stream(self, pixels: NDArray, pixel_format: str) -> None:
        """Set up the encoder for frames like the first one."""
        import av

        lossless = self.path.suffix.lower() == ".mkv"
        codec = "ffv1"
        if not lossless:
            codec = next(name for name in LOSSY_CODECS if name in av.codecs_available)
        stream = self.container.add_stream(codec, rate=self.rate)
        stream.height, stream.width = pixels.shape[:2]
        context = stream.codec_context
        context.thread_type = "AUTO"  # several frames at once, where the codec can
        context.time_base = max(self.tick, FINEST_MPEG4_TICK) if codec == "mpeg4" else self.tick
        if lossless:
            stream.pix_fmt = LOSSLESS[pixel_format]
        else:
            odd = any(side % 2 for side in pixels.shape[:2])
            stream.pix_fmt = "yuv444p" if odd and codec == "libx264" else "yuv420p"
            context.color_range = av.video.reformatter.ColorRange.MPEG
            context.colorspace = av.video.reformatter.Colorspace.ITU601
            stream.options = {"crf": "18"} if codec == "libx264" else {}
            context.qmin, context.qmax = (2, 5) if codec == "mpeg4" else (-1, -1)
        self.stream = stream

    def write(self, pixels: NDArray, time: Fraction) -> None:
        """Append a frame (H, W) or (H, W, 3), uint8 or uint16, at a time in seconds."""
        import av

        kinds = ("rgb24", "rgb48le") if pixels.ndim == 3 else ("gray", "gray16le")
        pixel_format = kinds[pixels.dtype == np.uint16]
        if self.stream is None:
            self.add_stream(pixels, pixel_format)
        frame = av.VideoFrame.from_ndarray(pixels, format=pixel_format)
        if self.path.suffix.lower() == ".mp4":
            frame = frame.reformat(
                format=self.stream.pix_fmt, dst_colorspace="ITU601", dst_color_range="MPEG"
            )
        frame.time_base = self.stream.codec_context.time_base
        frame.pts = round(time / frame.time_base)
        self.mux(frame)

    def mux(self, frame: Any) -> None:
        """Encode a frame, or what the encoder still holds (None), into the file."""
        import av

        with writing(self.path, av.FFmpegError):
            for packet in self.stream.encode(frame):
                packet.duration = packet.duration or round(1 / self.rate / packet.time_base)
                self.container.mux(packet)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self.target:
            if self.stream is None:
                self.container.close()
                self.temporary.unlink()
                return
            try:
                self.mux(None)
            finally:
                self.container.close()
