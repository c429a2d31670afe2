"""`lkc downstream`: does fusion help a machine see?"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from accelerate import Accelerator
from rich import box
from rich.markup import escape
from rich.table import Table

from lkc.cli.common import DeviceOption, TaskOption, output, progress_bar
from lkc.cli.contrast import contrast
from lkc.cli.results import check_targets, print_whole
from lkc.downstream.inputs import STACKED, check_input, input_names
from lkc.downstream.labelled import LabelledPairs, generate_pairs, read_msrs
from lkc.downstream.study import MEAN, Run, compare_inputs, run_study, summarise, to_rows
from lkc.downstream.training import SegmentConfig
from lkc.errors import InputError
from lkc.models import pick_device
from lkc.tasks import get_task

downstream = typer.Typer(
    help="Does fusion help a machine see? Segment, or find hot objects.", no_args_is_help=True
)
downstream.command()(contrast)


@dataclass(frozen=True)
class Size:
    """How large an experiment is.

    Attributes:
        street: rows and columns of a generated street.
        head: side of a generated head.
        training, test: number of generated pairs.
        config: how to train.
    """

    street: tuple[int, int]
    head: int
    training: int
    test: int
    config: SegmentConfig


SIZES = {
    "small": Size((96, 128), 96, 400, 160, SegmentConfig(steps=250, batch=6, learning_rate=4e-3)),
    "medium": Size((96, 128), 96, 600, 160, SegmentConfig(steps=800, batch=8, learning_rate=4e-3)),
    "full": Size(
        (240, 320), 256, 2000, 400, SegmentConfig(steps=1250, batch=16, widths=(32, 64, 128, 256))
    ),
}


def labelled_pairs(task: str, data: Path | None, size: Size) -> tuple[LabelledPairs, LabelledPairs]:
    """Read the training and test pairs of MSRS, or generate them."""
    if data is not None:
        if task != "ir-vis":
            raise InputError(f"--data is for MSRS, which is ir-vis: --task {task} is generated.")
        return read_msrs(data / "train"), read_msrs(data / "test")
    height, width = size.street if task == "ir-vis" else (size.head, size.head)
    pairs = generate_pairs(task, size.training + size.test, height, width)
    return pairs.cut(0, size.training), pairs.cut(size.training, len(pairs))


def plan_runs(
    names: list[str], seeds: int, file: Path, about: dict
) -> list[tuple[str, Sequence[int]]]:
    """List what is still to train: what the file holds from an earlier call is kept."""
    done = set()
    if file.exists() and file.stat().st_size:
        rows = pd.read_csv(file)
        if list(rows)[: len(about)] != list(about) or not (rows[list(about)] == about).all(
            axis=None
        ):
            raise InputError(f"{file} holds results of other settings: name another file.")
        done = set(zip(rows["input"], rows["seed"], strict=True))
    left = [(name, [s for s in range(seeds) if (name, s) not in done]) for name in names]
    return [(name, own) for name, own in left if own]


def percent(row: pd.Series) -> str:
    """Write a score in percent, with its interval where there is one."""
    middle = row["iou"] if "iou" in row else row["recall"]
    mean = f"{100 * middle:.1f}"
    return mean if pd.isna(row["low"]) else f"{mean} ±{100 * (row['high'] - middle):.1f}"


def results_table(summary: pd.DataFrame, by: str, title: str) -> Table:
    """A line per input; a column per class over all pairs, or per condition the classes' mean."""
    key, value = ("condition", "all") if by == "class" else ("class", MEAN)
    shown = summary[summary[key] == value]
    columns = list(dict.fromkeys(shown[by]))
    table = Table(title, *columns, box=box.SIMPLE_HEAD, pad_edge=False)
    for name, rows in shown.groupby("input", sort=False):
        cells = {row[by]: percent(row) for _, row in rows.iterrows()}
        table.add_row(str(name), *(cells[column] for column in columns))
    return table


def say_results(rows: pd.DataFrame, task: str) -> None:
    """Print both tables, and whether each fusion and the stack beat the sources."""
    summary, chosen = summarise(rows), get_task(task)
    print_whole(results_table(summary, "class", "IoU, %"))
    print_whole(results_table(summary, "condition", "mean IoU, %"))
    regions = rows[rows["iou"].isna()]
    if len(regions):
        found = summarise(regions, "recall")
        print_whole(results_table(found, "condition", "objects found, % of pixels, seen by"))
    there = list(dict.fromkeys(summary["input"]))
    for name in ("lite", STACKED):
        for other in (chosen.first, chosen.second, STACKED):
            if name != other and {name, other} <= set(there):
                output.print(compare_inputs(rows, name, other))


def draw(folder: Path, test: LabelledPairs, runs: list[Run]) -> None:
    """Write figures: a confusion matrix per input, and overlays of one pair per condition."""
    from matplotlib import rc_context

    from lkc.downstream.figures import plot_confusion, plot_predictions
    from lkc.viz.style import DPI, style

    firsts = list({run.input: run for run in reversed(runs)}.values())[::-1]
    folder.mkdir(parents=True, exist_ok=True)
    with rc_context(style()):
        for run in firsts:
            figure = plot_confusion(run.confusions["all"], test.classes, f"from {run.input}")
            figure.savefig(folder / f"confusion-{run.input}.png", dpi=DPI)
        for condition in sorted(set(test.conditions)):
            figure = plot_predictions(test, firsts, test.conditions.index(condition))
            figure.savefig(folder / f"overlays-{condition.replace(' ', '-')}.png", dpi=DPI)


@downstream.command()
def segment(
    csv_file: Annotated[Path, typer.Option("--csv", help="Results; a rerun continues it.")],
    task: TaskOption = "ir-vis",
    data: Annotated[
        Path | None, typer.Option(help="MSRS with labels: 7 CPU minutes a network. Else generated.")
    ] = None,
    size: Annotated[
        str, typer.Option(help="small: minutes of a CPU; medium: an hour; full: a GPU.")
    ] = "small",
    inputs: Annotated[
        list[str] | None, typer.Option("--input", help="Repeatable; all if none is given.")
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, help="Networks per input.")] = 3,
    figures: Annotated[
        Path | None, typer.Option("-o", "--out", help="Folder for confusions and overlays.")
    ] = None,
    device: DeviceOption = "auto",
) -> None:
    """Train one segmentation network on each source, both stacked, and every fusion of them.

    All else is equal: pairs, network, first weights, batches, steps. Streets have persons, cars,
    signs and more; heads (--task mri-ct, mri-pet, mri-spect) have a lesion.
    """
    chosen = get_task(task)
    if size not in SIZES:
        raise InputError(f"--size {size}: choose one of {', '.join(SIZES)}.")
    names = list(dict.fromkeys(inputs or input_names(task)))
    for name in names:
        check_input(name, chosen)
    check_targets(csv_file)
    place, config = pick_device(device), SIZES[size].config
    about = {"data": "MSRS" if data else "generated", "task": task, "size": size}
    planned = plan_runs(names, seeds, csv_file, about | {"steps": config.steps})
    if planned:
        training, test = labelled_pairs(task, data, SIZES[size])
        precision = "bf16" if place.type == "cuda" else "no"
        accelerator = Accelerator(cpu=place.type == "cpu", mixed_precision=precision)
        runs = []
        with progress_bar() as progress:
            bar = progress.add_task("networks", total=sum(len(own) for _, own in planned))
            for run in run_study(training, test, planned, config, accelerator):
                runs.append(run)
                rows = pd.DataFrame(to_rows(run, test))
                rows = pd.DataFrame([about | {"steps": config.steps}] * len(rows)).join(rows)
                is_new = not csv_file.exists() or not csv_file.stat().st_size
                rows.to_csv(csv_file, mode="a", header=is_new, index=False)
                progress.advance(bar)
        accelerator.end_training()
        if figures:
            draw(figures, test, runs)
    say_results(pd.read_csv(csv_file), task)
    output.print(f"rows: {escape(str(csv_file))}")
