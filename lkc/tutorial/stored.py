"""Read tables that lie in the repository, beside the notebooks, not in an installed package."""

from pathlib import Path

import pandas as pd

from lkc.errors import InputError

REPOSITORY = Path(__file__).parents[2]


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
