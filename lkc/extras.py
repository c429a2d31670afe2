"""Libraries that only an extra installs, such as `lkc[medical]`, imported where they are needed."""

from importlib import import_module
from types import ModuleType

from lkc.errors import InputError


def need(module: str, purpose: str, extra: str = "medical") -> ModuleType:
    """Import a library of an extra where it is used.

    Args:
        module: its import name.
        purpose: what it is needed for, as the start of a sentence.
        extra: the group of optional dependencies in pyproject.toml that brings it.

    Returns:
        The module.

    Raises:
        InputError: it is not installed.

    Example:
        >>> need("no_such_library", "reading DICOM")
        Traceback (most recent call last):
        ...
        lkc.errors.InputError: reading DICOM needs no_such_library: pip install "lkc[medical]".
    """
    try:
        return import_module(module)
    except ImportError:
        name = module.partition(".")[0]
        raise InputError(f'{purpose} needs {name}: pip install "lkc[{extra}]".') from None
