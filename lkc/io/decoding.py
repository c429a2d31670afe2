"""What decoders of files raise, warn and print, as one sentence or not at all."""

import os
import re
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from gzip import BadGzipFile
from logging import LogRecord, getLogger
from os import PathLike
from pathlib import Path
from threading import Lock, local
from typing import Any

from numpy import errstate

from lkc.errors import InputError

CHATTY = ("PIL.TiffImagePlugin", "libav", "nibabel.global", "pydicom", "tifffile")
DECODERS = re.compile(r"(PIL|imagecodecs|nibabel|pydicom|tifffile)\b")
IGNORE_DECODERS = ("ignore", None, Warning, DECODERS, 0)  # an entry of `warnings.filters`
READING = local()  # by thread: whether it is inside a decoder
ONE_AT_A_TIME = Lock()
STDERR = 2
DECODER_BUGS = (  # What decoders raise over damage; their words do not help a user.
    ArithmeticError,
    AssertionError,
    AttributeError,
    BadGzipFile,
    EOFError,
    LookupError,
    NameError,
    TypeError,
    UnicodeError,
    struct.error,
    zlib.error,
)


def drop_while_reading(record: LogRecord) -> bool:
    """Let a record of a decoder pass unless this thread is inside one."""
    return not getattr(READING, "now", False)


def first_sentence(error: BaseException) -> str:
    """Return the start of an error's text on one line, without a final stop."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text.split(". ")[0][:200].rstrip(".:")


class Silence:
    """Ignore what decoders warn and log while any thread reads; leave no trace after the last one.

    Threads that read side by side share one filter, which the first sets and the last removes:
    `catch_warnings` in each of them would leave any of their settings behind.
    """

    def __init__(self) -> None:
        self.lock, self.readers = Lock(), 0

    def begin(self) -> None:
        """Put the filters in front, before those that others have set meanwhile."""
        with self.lock:
            self.readers += 1
            filters: list[Any] = warnings.filters  # type: ignore[assignment]
            if filters[:1] != [IGNORE_DECODERS]:
                # Past `filterwarnings`, which would let every warning shown once be shown again.
                filters.insert(0, IGNORE_DECODERS)
            for name in CHATTY:
                getLogger(name).addFilter(drop_while_reading)  # only once, says its contract

    def end(self) -> None:
        """Remove the filters when nobody reads any more."""
        with self.lock:
            self.readers -= 1
            if self.readers:
                return
            filters: list[Any] = warnings.filters  # type: ignore[assignment]
            while IGNORE_DECODERS in filters:
                filters.remove(IGNORE_DECODERS)
            for name in CHATTY:
                getLogger(name).removeFilter(drop_while_reading)


SILENCE = Silence()


@contextmanager
def silence() -> Iterator[None]:
    """Keep what decoders warn and log about damaged files away from the user."""
    before, READING.now = getattr(READING, "now", False), True
    SILENCE.begin()
    try:
        with errstate(all="ignore"):
            yield
    finally:
        SILENCE.end()
        READING.now = before


@contextmanager
def mute() -> Iterator[None]:
    """Keep what libpng, libtiff and OpenCV print about damaged files off the terminal.

    They write to descriptor 2, which belongs to the whole process: one thread at a time, and only
    around what does print.
    """
    with ONE_AT_A_TIME:
        try:
            kept = os.dup(STDERR)
        except OSError:  # a program without stderr
            yield
            return
        try:
            with open(os.devnull, "wb") as nothing:
                os.dup2(nothing.fileno(), STDERR)
            yield
        finally:
            os.dup2(kept, STDERR)
            os.close(kept)


@contextmanager
def one_sentence(path: str | PathLike[str]) -> Iterator[None]:
    """Turn whatever a decoder raises on a damaged file into an InputError that names the file.

    Decoders raise nearly every built-in exception (IndexError, struct.error, RecursionError, ...)
    on damaged headers, so that all of them are caught here, and only around decoders.
    """
    path = Path(path)
    try:
        with silence():
            yield
    except InputError:
        raise
    except FileNotFoundError:
        raise InputError(f"{path} does not exist.") from None
    except IsADirectoryError:
        raise InputError(f"{path} is a folder, not an image.") from None
    except MemoryError:
        raise InputError(f"{path.name} does not fit into memory.") from None
    except DECODER_BUGS:
        raise InputError(f"{path.name} is damaged.") from None
    except Exception as error:
        raise InputError(f"{path.name} cannot be read: {first_sentence(error)}.") from None
