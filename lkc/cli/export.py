"""`lkc export`: a network as one ONNX file."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from lkc.cli.options import PresetOption, TaskOption, WeightsOption
from lkc.console import output
from lkc.errors import InputError, writing
from lkc.export import export_onnx
from lkc.io.result_files import check_targets


def export(
    out: Annotated[Path, typer.Option("-o", "--out", help="The file to write, *.onnx.")],
    task: TaskOption = "ir-vis",
    preset: PresetOption = "lite",
    weights: WeightsOption = None,
    precision: Annotated[
        str, typer.Option(help="fp32; fp16 for GPUs, half the size; int8, a third of it.")
    ] = "fp32",
) -> None:
    """Write a network as one ONNX file for onnxruntime, phones and browsers.

    The file takes images of any size. Inputs "first" and "second" (sources in the order of the
    task's name) and output "fused" are luma in [0, 1]; the file's metadata says the rest.
    """
    check_targets(out)
    if out.suffix.lower() != ".onnx":
        raise InputError(f"{out.name}: name a .onnx file.")
    with writing(out):
        notes = export_onnx(out, task, preset, weights, precision)
    output.print(f"{escape(str(out))}, {out.stat().st_size / 1e6:.1f} MB")
    for key, text in notes.items():
        output.print(f"  {key}: {escape(text)}")
