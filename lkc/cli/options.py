"""Options that the subcommands share."""

from pathlib import Path
from typing import Annotated

import typer

from lkc.errors import InputError

TaskOption = Annotated[
    str, typer.Option("--task", help="ir-vis, mri-ct, mri-pet or mri-spect.", show_default=True)
]
PresetOption = Annotated[
    str,
    typer.Option(
        "--preset",
        help="lite, nano, base, or a baseline: maximum, average, laplacian, wavelet, guided.",
    ),
]
WeightsOption = Annotated[
    Path | None, typer.Option("--weights", help="A .safetensors or released .pth file.")
]
DeviceOption = Annotated[str, typer.Option("--device", help="auto, cpu, cuda or mps.")]
SteadyOption = Annotated[
    bool,
    typer.Option(
        "--steady/--no-steady",
        help="Norms remember other frames or slices, so that nothing flickers, or see one alone.",
    ),
]


def split_name(option: str, given: str) -> tuple[str, Path]:
    """Take NAME=PATH apart."""
    name, equals, path = given.partition("=")
    if not (name and equals and path):
        raise InputError(f"{option} {given} cannot be used: write {option} NAME=PATH.")
    return name, Path(path)
