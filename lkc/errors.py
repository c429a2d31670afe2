"""The one exception that means "the input is wrong", so that callers can show it as a sentence."""


class InputError(ValueError):
    """Bad input from a user, described in one sentence that says what to do.

    >>> raise InputError("b.png is 64x64 but a.png is 48x64: the sources must have the same size.")
    Traceback (most recent call last):
    ...
    lkc.errors.InputError: b.png is 64x64 but a.png is 48x64: the sources must have the same size.
    """
