"""Clips for tests, written with PyAV directly: formats that our own writer does not make."""

from fractions import Fraction

import av
import cv2
import numpy as np

RNG = np.random.default_rng(0)
MOVFLAGS = {".mp4": {"movflags": "+faststart"}}


def smooth(shape, top=255):
    """A smooth random picture, which lossy codecs keep."""
    small = 0.2 + 0.6 * RNG.random((3, 4, *shape[2:]))
    large = cv2.resize(small, (shape[1], shape[0]))
    return (large * top).round().astype(np.uint8 if top <= 255 else np.uint16)


def write_clip(path, streams, rate=25, codec="ffv1", pixel_format=None, starts=(0, 0), **options):
    """Write streams (lists of pictures) into one file; return its path.

    Options: `times` in seconds for all streams, and attributes of the codec context.
    """
    times = options.pop("times", None)
    path = str(path)
    with av.open(path, "w", options=MOVFLAGS.get(path[-4:], {})) as container:
        opened = []
        for frames in streams:
            stream = container.add_stream(codec, rate=rate)
            stream.height, stream.width = frames[0].shape[:2]
            kinds = ("rgb24", "rgb48le") if frames[0].ndim == 3 else ("gray", "gray16le")
            kind = kinds[frames[0].dtype == np.uint16]
            stream.pix_fmt = pixel_format or {"rgb24": "bgr0"}.get(kind, kind)
            stream.codec_context.time_base = Fraction(1, 30000)
            for name, value in options.items():
                setattr(stream.codec_context, name, value)
            opened.append((stream, frames, kind))
        for (stream, frames, kind), start in zip(opened, starts, strict=False):
            for number, pixels in enumerate(frames):
                frame = av.VideoFrame.from_ndarray(pixels, format=kind)
                if pixel_format:
                    full = options.get("color_range") == 2
                    frame = frame.reformat(
                        format=pixel_format,
                        dst_colorspace=options.get("colorspace"),
                        dst_color_range="JPEG" if full else "MPEG",
                    )
                time = times[number] if times else Fraction(number) / rate + start
                frame.time_base = Fraction(1, 30000)
                frame.pts = round(time * 30000)
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    return path
