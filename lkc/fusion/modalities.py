"""Hold what files say that they are against what a task asks for."""

import warnings
from typing import Protocol

from lkc.tasks import get_task


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
