"""The one exception that means "the input is wrong", so that callers can show it as a sentence."""

from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike


class InputError(ValueError):
    """Bad input from a user, described in one sentence that says what to do.

    >>> raise InputError("b.png is 64x64 but a.png is 48x64: the sources must have the same size.")
    Traceback (most recent call last):
    ...
    lkc.errors.InputError: b.png is 64x64 but a.png is 48x64: the sources must have the same size.
    """


@contextmanager
def writing(path: str | PathLike[str], *errors: type[Exception]) -> Iterator[None]:
    """Turn the system's refusal to write a file or folder into an InputError that names it.

    Args:
        path: what is written inside the `with` block.
        errors: what a library raises there instead of OSError.

    Raises:
        InputError: it could not be written.

    Example:
        >>> with writing("out.png"):
        ...     raise OSError(28, "No space left on device")
        Traceback (most recent call last):
        ...
        lkc.errors.InputError: out.png cannot be written: No space left on device.
    """
    caught: tuple[type[Exception], ...] = (OSError, *errors)
    try:
        yield
    except caught as error:
        reason = getattr(error, "strerror", None) or str(error).partition("\n")[0]
        raise InputError(f"{path} cannot be written: {reason.rstrip('.')}.") from None
