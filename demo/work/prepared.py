"""What stands behind a picture that the page shows: the file that was given, and its window."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Slice:
    """Which slice of a volume is shown.

    Attributes:
        axis: "axial", "coronal" or "sagittal".
        index: from 0, towards the head, the front or the right.
        grid: the file of the volume on whose grid it lies.
        is_tracer: whether it is coloured by uptake.
    """

    axis: str
    index: int
    grid: str
    is_tracer: bool = False


@dataclass(frozen=True)
class Moved:
    """How a source lies on the pixel grid of the other.

    Attributes:
        transform: a file as `lkc align` writes it.
        before: the picture of the source before it was moved.
        onto: the picture of the other.
        task: of both.
    """

    transform: str
    before: str
    onto: str
    task: str


@dataclass(frozen=True)
class Given:
    """A file as a visitor gave it.

    Attributes:
        file: its path on the server, or the folder of a DICOM series.
        window: what of it is shown, in the words of `--window`; "" is the default window.
        slice: of a volume.
        moved: where it was moved onto the grid of the other source.
    """

    file: str
    window: str = ""
    slice: Slice | None = None
    moved: Moved | None = None


made_of: dict[str, Given] = {}
"""A picture that was made for the browser -> what it was made of."""


def remember(picture: str, given: Given) -> None:
    """Note what a picture was made of, and forget pictures that were deleted."""
    for gone in [path for path in list(made_of) if not Path(path).exists()]:
        made_of.pop(gone, None)
    made_of[picture] = given


def given_for(picture: str) -> Given:
    """Return what a picture was made of; a file that browsers show is its own."""
    return made_of.get(picture, Given(picture))
