"""One volume out of a file or series that holds several, as dynamic scans do."""

from lkc.errors import InputError


class OneFrameError(InputError):
    """A frame was asked for that a source of one frame does not have."""


def choose_frame(frame: int | None, frames: int, name: str, each: str = "") -> int:
    """Find the frame that a caller means.

    Args:
        frame: counted from 1; None where the caller named none.
        frames: how many there are.
        name: what to call the source in messages.
        each: what sets the frames apart, as a part of a sentence.

    Returns:
        The frame, counted from 0.

    Raises:
        InputError: there are several and none was named, or there is no such frame.

    Example:
        >>> choose_frame(3, 5, "pet.nii.gz")
        2
    """
    if frames == 1 and frame not in (None, 1):
        raise OneFrameError(f"{name} holds one frame only, so it has no frame {frame}.")
    if frames > 1 and frame is None:
        raise InputError(
            f"{name} holds {frames} frames{each}: pick one with --frame N, counted from 1 to "
            f"{frames}."
        )
    if frame is not None and not 1 <= frame <= frames:
        raise InputError(f"{name} has no frame {frame}: they are counted from 1 to {frames}.")
    return (frame or 1) - 1


def frame_name(name: str, index: int, frames: int) -> str:
    """What to call one frame of a source in messages.

    >>> frame_name("pet.nii.gz", 2, 5)
    'pet.nii.gz, frame 3 of 5'
    """
    return f"{name}, frame {index + 1} of {frames}" if frames > 1 else name
