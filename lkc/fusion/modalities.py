"""Hold what files say that they are against what a task asks for."""

import warnings
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lkc.io.pixels import to_unit_range
from lkc.tasks import get_task

COLOURED = 0.03  # Channels that differ by less, of 1, are a gray image that JPEG has touched.


class Source(Protocol):
    """An image or a volume that was read.

    Attributes:
        name: of the file.
        modality: DICOM's code, or "" where the file has none.
    """

    @property
    def name(self) -> str: ...

    @property
    def modality(self) -> str: ...


def check_modalities(first: Source, second: Source, task: str) -> None:
    """Warn of sources that are, by their own word, of another kind than the task asks for."""
    for source, wanted in zip((first, second), get_task(task).modalities, strict=True):
        if source.modality and source.modality != wanted:
            expected = f"where {task} expects {wanted}" if wanted else f"which {task} is not for"
            warnings.warn(
                f"{source.name} says that it is {source.modality}, {expected}: check the order of "
                "the sources and --task.",
                stacklevel=3,
            )


def warn_of_coloured_infrared(infrared: NDArray, name: str) -> None:
    """Say that an infrared source has colour, whose brightness need not follow temperature.

    Args:
        infrared: a picture or the first frame of a film, (H, W) or (H, W, 3).
        name: what to call it.
    """
    if infrared.ndim == 3 and np.ptp(to_unit_range(infrared, name), axis=2).mean() > COLOURED:
        warnings.warn(
            f"{name} has colour, and only its brightness is fused, which need not rise with "
            "temperature: save the infrared in gray, or check the order of the sources.",
            stacklevel=3,
        )
