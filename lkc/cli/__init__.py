"""The `lkc` command: one module per subcommand."""

import sys

import typer

from lkc.cli.bench import bench
from lkc.cli.common import FAILED, WRONG_USAGE, say_error
from lkc.cli.demo import demo
from lkc.cli.downstream import downstream
from lkc.cli.erf import erf
from lkc.cli.evaluate import evaluate
from lkc.cli.export import export
from lkc.cli.fuse import fuse
from lkc.cli.samples import samples
from lkc.cli.train import train
from lkc.errors import InputError

INTERRUPTED = 130  # how typer ends on Ctrl-C

app = typer.Typer(
    help="Fuse registered image pairs: infrared-visible, MRI-CT, MRI-PET, MRI-SPECT.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
for command in (fuse, evaluate, bench, train, demo, erf, export, samples):
    app.command()(command)
app.add_typer(downstream, name="downstream")


def main() -> None:
    """Run the command line; bad input ends in one sentence on stderr and status 1 or 2."""
    try:
        app()
    except InputError as error:
        say_error(str(error))
        sys.exit(WRONG_USAGE)
    except SystemExit as ended:
        if ended.code != INTERRUPTED:
            raise
        say_error("interrupted; what was finished is kept.")
        sys.exit(FAILED)
