"""Read what the notebooks show: shipped pairs or the reader's own, and stored tables.

Set the environment variable LKC_DATA to a folder laid out like assets/examples (one folder per
task, two source folders in it), or to one data set such as MSRS/test, and every notebook that asks
for a pair of that task takes it from there.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from lkc.errors import InputError
from lkc.io.pairing import pair_folders, source_folders
from lkc.io.pixels import luma, to_unit_range
from lkc.io.reading import read_pixels
from lkc.tasks import get_task

REPOSITORY = Path(__file__).parents[2]  # Tables and pairs lie there, not in an installed package.
IN_CLONE = REPOSITORY / "assets" / "examples"
INSTALLED = Path(__file__).parents[1] / "examples"
SHIPPED = IN_CLONE if IN_CLONE.is_dir() else INSTALLED
VARIABLE = "LKC_DATA"


@dataclass(frozen=True)
class ExamplePair:
    """A registered pair as `lkc.fuse` sees it.

    Attributes:
        task: name of its task.
        name: file name without suffix.
        first: (H, W) or (H, W, 3) pixels of the first source of the task's name.
        second: the same of the second source.
    """

    task: str
    name: str
    first: NDArray
    second: NDArray

    @property
    def sources(self) -> Tensor:
        """The input of a network: (1, 2, H, W) luma in [0, 1], first source first."""
        planes = [luma(to_unit_range(image, self.name)) for image in (self.first, self.second)]
        return torch.from_numpy(np.stack(planes)[None])  # (1, 2, H, W)


def task_folder(task: str) -> Path:
    """Find the folder that holds a task's two source folders."""
    chosen = get_task(task)
    own = os.environ.get(VARIABLE)
    if not own:
        return SHIPPED / task
    for folder in (Path(own) / task, Path(own)):
        try:
            source_folders(folder, chosen)
        except InputError:
            continue
        return folder
    return SHIPPED / task


def find_pairs(task: str) -> dict[str, tuple[Path, Path]]:
    """List the files of a task's pairs by name."""
    folders = source_folders(task_folder(task), get_task(task))
    return {first.stem: (first, second) for first, second in pair_folders(*folders).pairs}


def pair_names(task: str) -> list[str]:
    """List the names of the pairs that are there for a task.

    Args:
        task: "ir-vis", "mri-ct", "mri-pet" or "mri-spect".

    Returns:
        Sorted names.

    Raises:
        InputError: unknown task.

    Example:
        >>> pair_names("ir-vis")
        ['fog', 'glare', 'night']
    """
    return list(find_pairs(task))


def load_pair(task: str, name: str | None = None) -> ExamplePair:
    """Read a pair of a task.

    Args:
        task: "ir-vis", "mri-ct", "mri-pet" or "mri-spect".
        name: from `pair_names`; in the reader's own folder (LKC_DATA) a name that is not there
            means its first pair, so that a notebook runs with any data.

    Returns:
        The pair.

    Raises:
        InputError: unknown task, or no such example.

    Example:
        >>> load_pair("ir-vis", "night").sources.shape
        torch.Size([1, 2, 480, 640])
    """
    pairs = find_pairs(task)
    chosen = name if name in pairs else next(iter(pairs))
    if name not in (None, chosen) and task_folder(task) == SHIPPED / task:
        raise InputError(f"there is no {task} example {name!r}: choose one of {', '.join(pairs)}.")
    first, second = pairs[chosen]
    return ExamplePair(task, chosen, read_pixels(first)[0], read_pixels(second)[0])


def read_stored(path: Path, name: str) -> pd.DataFrame:
    """Read a stored table.

    Args:
        path: a CSV file.
        name: what to call it in a sentence.

    Returns:
        The table.

    Raises:
        InputError: there is none, or no clone of the repository.
    """
    if not path.is_file():
        raise InputError(f"no results of {name!r} here: they come with a clone of the repository.")
    return pd.read_csv(path)


def expect(holds: bool, claim: str) -> None:
    """Check a claim of the text: an assertion for the shipped examples, a remark for other data.

    Args:
        holds: whether the numbers say so.
        claim: the sentence that the text relies on.

    Raises:
        AssertionError: it does not hold on the shipped examples.

    Example:
        >>> expect(1 + 1 == 2, "one and one are two")
    """
    if holds:
        return
    if not os.environ.get(VARIABLE):
        raise AssertionError(claim)
    print(f"Your data disagree with the text here: {claim}.")
