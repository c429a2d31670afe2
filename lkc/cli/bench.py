"""`lkc bench`: what the presets cost on this machine."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from lkc.console import FAILED, output, print_whole, progress_bar, say_error
from lkc.errors import InputError
from lkc.evaluation.costs import (
    SIZES,
    Case,
    base_over_lite,
    machine,
    measure_case,
    plan_cases,
    run_files,
)
from lkc.evaluation.tables import COST_COLUMNS, cost_cells
from lkc.evaluation.timing import in_fresh_process
from lkc.io.result_files import check_targets, write_numbers
from lkc.model.baselines import BASELINES
from lkc.model.network import MIN_SIDE, PRESET_KERNELS

ALL = [*PRESET_KERNELS, *BASELINES]


def parse_size(given: str) -> tuple[int, int]:
    """Turn 480x640 into height and width."""
    height, _, width = given.lower().partition("x")
    if not (height.isdigit() and width.isdigit()) or min(int(height), int(width)) < MIN_SIDE:
        raise InputError(f"--size {given}: write HEIGHTxWIDTH, such as 480x640, from 16x16 on.")
    return int(height), int(width)


def print_results(results: dict[str, Any]) -> None:
    """Print the table, and on stderr what failed."""
    about, cases, files = (results[key] for key in ("machine", "cases", "fuse_png_480x640"))
    table = Table(*COST_COLUMNS, box=box.SIMPLE_HEAD, pad_edge=False)
    for column in table.columns[3:]:
        column.justify = "right"
    for case in cases:
        table.add_row(*cost_cells(case))
    output.print(", ".join(f"{key} {escape(str(value))}" for key, value in about.items() if value))
    print_whole(table)
    for shape, by_mode in results["base_over_lite"].items():
        for mode, ratio in by_mode.items():
            output.print(f"base takes {ratio:.0f} times as long as lite ({shape}, {mode})")
    if "error" not in files:
        output.print(f"lkc.fuse of two 480x640 PNG files with lite: {files['median_ms']:.0f} ms")
    for case in failures(results):
        say_error(f"{case.get('preset', 'lkc.fuse')} {case.get('mode', '')}: {case['error']}")


def failures(results: dict[str, Any]) -> list[dict[str, Any]]:
    """What could not be measured."""
    return [case for case in [*results["cases"], results["fuse_png_480x640"]] if "error" in case]


def choose_cases(presets: list[str], sizes: list[str], device: str) -> list[Case]:
    """List what to measure, or say which option names nothing."""
    for name in presets:
        if name not in ALL:
            raise InputError(f"unknown preset {name!r}: choose one of {', '.join(ALL)}.")
    planned = plan_cases(presets, [parse_size(given) for given in sizes] or SIZES, device)
    if not planned:
        raise InputError(f"--device {device}: nothing to measure there on this machine.")
    return planned


def bench(
    preset: Annotated[
        list[str] | None,
        typer.Option(help="lite and nano by default; base, or a baseline; repeatable."),
    ] = None,
    size: Annotated[
        list[str] | None,
        typer.Option(help="HEIGHTxWIDTH; repeatable; 256x256 and 480x640 if none is given."),
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Every preset; base takes a minute on a CPU.")
    ] = False,
    device: Annotated[
        str, typer.Option(help="cpu or cuda: the modes of that device only.")
    ] = "auto",
    json_file: Annotated[Path | None, typer.Option("--json", help="The results.")] = None,
) -> None:
    """Measure parameters, FLOPs, time and memory of the presets on this machine.

    They run in every mode there is here. Memory on a CPU is what the run added to the process, on a
    GPU all tensors.
    """
    check_targets(json_file)
    presets = ALL if full else list(dict.fromkeys(preset or ["lite", "nano"]))
    planned = choose_cases(presets, size or [], device)
    with progress_bar() as progress:
        cases = [measure_case(case) for case in progress.track(planned, description="measuring")]
    results = {
        "machine": machine(),
        "cases": cases,
        "base_over_lite": base_over_lite(cases),
        "fuse_png_480x640": in_fresh_process(run_files, 480, 640),
    }
    print_results(results)
    if json_file:
        write_numbers(json_file, results)
    if failures(results):
        raise typer.Exit(FAILED)
