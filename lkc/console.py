"""What programs of this repository say on a terminal: results, errors, progress, exit statuses."""

import sys
from collections.abc import Callable
from io import TextIOWrapper

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from lkc.errors import InputError

FAILED, WRONG_USAGE = 1, 2  # exit status: some inputs failed; options that cannot work
INTERRUPTED = 130  # This is how typer ends on Ctrl-C.
UNLIMITED = 1000  # A table takes what it needs of so many characters.

errors = Console(stderr=True, soft_wrap=True, highlight=False)
output = Console(soft_wrap=True, highlight=False)


def say_error(sentence: str) -> None:
    """Print one sentence to stderr."""
    errors.print(f"[red]lkc:[/red] {escape(sentence)}")


def progress_bar(shown: bool = True) -> Progress:
    """A progress bar on stderr, so that stdout stays for results."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=errors,
        disable=not shown,
    )


def print_whole(table: Table) -> None:
    """Print a table without cutting cells, even where the console is narrower or none."""
    Console(width=UNLIMITED, highlight=False).print(table)


def write_to_any_terminal() -> None:
    """Print a question mark for what a terminal or a redirected file cannot encode."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def run_command(command: Callable[[], object]) -> None:
    """Run a command line; bad input ends in one sentence on stderr and status 1 or 2."""
    write_to_any_terminal()
    try:
        command()
    except InputError as error:
        say_error(str(error))
        sys.exit(WRONG_USAGE)
    except SystemExit as ended:
        if ended.code != INTERRUPTED:
            raise
        say_error("interrupted; what was finished is kept.")
        sys.exit(FAILED)
