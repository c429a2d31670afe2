"""Libraries that only some files need, and what they raise, each as one sentence."""

import os
import re
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from logging import getLogger
from os import PathLike
from pathlib import Path
from threading import Lock, local

from numpy import errstate

from lkc.errors import InputError

CHATTY = ("PIL.TiffImagePlugin", "libav", "nibabel.global", "pydicom", "tifffile")
DECODERS = re.compile(r"(PIL|imagecodecs|nibabel|pydicom|tifffile)\b")
READING = local()  # by thread: whether it is inside a decoder
ONE_AT_A_TIME = Lock()
STDERR = 2
STUMBLES = (  # of decoders over damage; their words are about Python, not about the file
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NameError,
    TypeError,
    UnicodeError,
    struct.error,
)


def first_sentence(error: BaseException) -> str:
    """Return the start of an error's text on one line, without a final stop."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text.split(". ")[0][:200].rstrip(".:")


for logger in CHATTY:
    getLogger(logger).addFilter(lambda record: not getattr(READING, "now", False))


@contextmanager
def silence() -> Iterator[None]:
    """Keep what decoders warn and log about damaged files away from the user.

    The filter of warnings stays: `catch_warnings` in threads that read side by side would leave
    any of their settings behind.
    """
    if not warnings.filters or warnings.filters[0][3] != DECODERS:
        warnings.filterwarnings("ignore", module=DECODERS.pattern)
    before, READING.now = getattr(READING, "now", False), True
    try:
        with errstate(all="ignore"):
            yield
    finally:
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
    except STUMBLES:
        raise InputError(f"{path.name} is damaged.") from None
    except Exception as error:
        raise InputError(f"{path.name} cannot be read: {first_sentence(error)}.") from None
