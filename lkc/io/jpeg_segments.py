"""What JPEG files of thermal cameras hold beside their picture, seen without decoding anything."""

from collections.abc import Iterator
from typing import BinaryIO

JPEG = b"\xff\xd8\xff"
APP1, APP3, START_OF_SCAN = 0xE1, 0xE3, 0xDA  # markers
FLIR = b"FLIR\0"  # FLIR's segments start with it; then follow 1, the number and the last number.
FLIR_HEADER = 8  # bytes
DJI_RAW = 32_768  # The smallest sensor of DJI, of 160x120 pixels, fills more bytes.


def find_segments(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Walk the segments of a JPEG up to its pixels.

    Args:
        file: a JPEG; where it stands is changed.

    Yields:
        The marker's second byte, and what the segment holds.
    """
    file.seek(2)
    while len(head := file.read(4)) == 4 and head[0] == 0xFF and head[1] != START_OF_SCAN:
        if head[1] == 0xFF:  # a byte that only fills
            file.seek(-3, 1)
            continue
        length = int.from_bytes(head[2:], "big") - 2
        if length < 0:
            return
        yield head[1], file.read(length)


def flir_chunks(file: BinaryIO) -> list[bytes]:
    """The segments that FLIR cameras add, in the file's order, each with its header."""
    return [
        content
        for marker, content in find_segments(file)
        if marker == APP1 and content.startswith(FLIR)
    ]


def holds_flir(file: BinaryIO) -> bool:
    """Whether a JPEG holds the records of a FLIR camera."""
    return any(chunk[FLIR_HEADER:].startswith(b"FFF\0") for chunk in flir_chunks(file))


def holds_dji(file: BinaryIO) -> bool:
    """Whether a JPEG looks like DJI's R-JPEG: its EXIF names DJI, and APP3 holds much."""
    named, raw = False, 0
    for marker, content in find_segments(file):
        named |= marker == APP1 and content.startswith(b"Exif") and b"DJI\0" in content
        raw += len(content) * (marker == APP3)
    return named and raw > DJI_RAW
