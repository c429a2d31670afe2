"""The `lkc` command: one module per subcommand, which is imported when it is called."""

from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from lkc import __version__
from lkc.console import output, run_command
from lkc.memory import keep_memory
from lkc.threads import wait_without_spinning

COMMANDS = {  # name of a module, and of the function or group in it: its first sentence
    "fuse": "Fuse two files, volumes or clips, or two folders whose files have the same names.",
    "info": "Print what a file is, its values, place, window and frames.",
    "align": "Find how two cameras look at one scene, and keep it for their images and clips.",
    "evaluate": "Compare methods on the pairs that all of them have: tables, files, a report.",
    "live": "Fuse two cameras while they film: a page shows it, and a file can record it.",
    "bench": "Measure parameters, FLOPs, time and memory of the presets on this machine.",
    "train": "Train on every pair of --data but a held-out tenth, which the run is judged on.",
    "demo": "Serve the web page where pairs are dropped and fused.",
    "erf": "Measure the effective receptive field: which source pixels change one fused pixel.",
    "export": "Write a network as one ONNX file for onnxruntime, phones and browsers.",
    "samples": "Download a few real pairs of public data sets, after asking.",
    "downstream": "Does fusion help a machine see? Segment, or find hot objects.",
}


def load_command(name: str) -> Any:
    """Import a subcommand, for which the list of commands holds a sentence only."""
    found = getattr(import_module(f"lkc.cli.{name}"), name)
    if not isinstance(found, typer.Typer):
        found, function = typer.Typer(add_completion=False), found
        found.command(name)(function)
    return typer.main.get_command(found)


class LazyGroup(TyperGroup):
    """A group that imports a subcommand when it is called, or its help is asked for."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, command, rest = super().resolve_command(ctx, args)
        return name, command and load_command(str(name)), rest


app = typer.Typer(
    cls=LazyGroup,
    help="Fuse registered image pairs: infrared-visible, MRI-CT, MRI-PET, MRI-SPECT.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
for name, sentence in COMMANDS.items():
    app.command(name, help=sentence)(lambda: None)


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
    wait_without_spinning()
    keep_memory()
    run_command(app)
