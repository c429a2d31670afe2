"""The one exception that means "the input is wrong", so that callers can show it as a sentence."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path


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


@contextmanager
def replacing(path: str | PathLike[str], *errors: type[Exception]) -> Iterator[Path]:
    """Write a file under a temporary name, and rename it at the end: never a partial file.

    When the block fails, or removes the temporary file, whatever was there before stays.

    Args:
        path: the target; its folder is made if it is missing.
        errors: what a library raises in the block instead of OSError.

    Yields:
        An empty file beside the target, with the target's suffixes.

    Raises:
        InputError: it could not be written.

    Example:
        >>> with replacing("scores.csv") as temporary:  # doctest: +SKIP
        ...     table.to_csv(temporary)
    """
    path = Path(path)
    with writing(path, *errors):
        path.parent.mkdir(parents=True, exist_ok=True)
        suffix = "".join(path.suffixes[-2:]) if path.suffix == ".gz" else path.suffix
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=suffix, delete=False) as file:
            temporary = Path(file.name)
        try:
            yield temporary
            if temporary.exists():
                temporary.chmod(0o644)
                temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
