"""The `lkc` command: one module per subcommand."""

from typing import Annotated

import typer

from lkc import __version__
from lkc.cli.bench import bench
from lkc.cli.demo import demo
from lkc.cli.downstream import downstream
from lkc.cli.erf import erf
from lkc.cli.evaluate import evaluate
from lkc.cli.export import export
from lkc.cli.fuse import fuse
from lkc.cli.samples import samples
from lkc.cli.train import train
from lkc.console import output, run_command

app = typer.Typer(
    help="Fuse registered image pairs: infrared-visible, MRI-CT, MRI-PET, MRI-SPECT.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
for command in (fuse, evaluate, bench, train, demo, erf, export, samples):
    app.command()(command)
app.add_typer(downstream, name="downstream")


def print_version(asked: bool) -> None:
    """Print the version and end."""
    if asked:
        output.print(f"lkc {__version__}")
        raise typer.Exit


VersionOption = Annotated[
    bool,
    typer.Option(
        "--version", callback=print_version, is_eager=True, help="Print the version and end."
    ),
]


@app.callback()
def options(
    version: VersionOption = False,
) -> None:
    """Take what may stand before a subcommand."""


def main() -> None:
    """Run the command line."""
    run_command(app)
