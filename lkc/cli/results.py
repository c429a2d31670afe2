"""Where results of a command go: tables on stdout, and files."""

from pathlib import Path

from rich.console import Console
from rich.table import Table

from lkc.errors import InputError

UNLIMITED = 1000  # characters; a table takes what it needs


def print_whole(table: Table) -> None:
    """Print a table without cutting cells, even where the console is narrower or none."""
    Console(width=UNLIMITED, highlight=False).print(table)


def check_targets(*paths: Path | None) -> None:
    """Refuse results that could not be written, before the work is done."""
    for path in paths:
        if path is None:
            continue
        if path.is_dir():
            raise InputError(f"{path} is a folder: name a file.")
        if not path.resolve().parent.is_dir():
            raise InputError(f"{path} cannot be written: its folder does not exist.")
