"""`lkc downstream`: does fusion help a machine see?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
import torch
import typer
from rich import box
from rich.markup import escape
from rich.table import Table
from torch import Tensor

from lkc.cli.options import DeviceOption, TaskOption, split_name
from lkc.console import output, print_whole, progress_bar
from lkc.downstream.contrast import measure_contrasts, summarise_contrasts
from lkc.downstream.inputs import STACKED, check_input, input_names
from lkc.downstream.labelled import LabelledPairs, generate_pairs
from lkc.downstream.msrs import read_msrs
from lkc.downstream.study import Run, compare_inputs, run_study, score_cells, summarise, to_rows
from lkc.downstream.training import SegmentConfig
from lkc.errors import InputError, writing
from lkc.fusion.images import fuse_luma
from lkc.io.image_files import read_image
from lkc.io.pairing import images_by_stem
from lkc.io.result_files import check_targets, make_folder
from lkc.model.baselines import BASELINES
from lkc.model.loading import load_model, pick_device
from lkc.tasks import get_task
from lkc.training.crops import load_pairs, to_luma

DataOption = Annotated[
    Path | None, typer.Option(help="MSRS with labels, else generated; full: for a GPU.")
]
SizeOption = Annotated[
    str, typer.Option(help="small: minutes of a CPU; medium: an hour; full: a GPU.")
]
InputsOption = Annotated[
    list[str] | None, typer.Option("--input", help="Repeatable; all if none is given.")
]
FiguresOption = Annotated[
    Path | None, typer.Option("-o", "--out", help="Folder for confusions and overlays.")
]

downstream = typer.Typer(
    help="Does fusion help a machine see? Segment, or find hot objects.",
    no_args_is_help=True,
    add_completion=False,
)


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
MSRS_IN_FULL = SegmentConfig(steps=7000, batch=16, widths=(32, 64, 128, 256), crop=256)


def choose_config(size: str, data: Path | None, steps: int | None) -> SegmentConfig:
    """How to train: the real pairs have a full size of their own."""
    config = MSRS_IN_FULL if data and size == "full" else SIZES[size].config
    return replace(config, steps=steps) if steps else config


def labelled_pairs(task: str, data: Path | None, size: Size) -> tuple[LabelledPairs, LabelledPairs]:
    """Read the training and test pairs of MSRS, or generate them."""
    if data is not None:
        if task != "ir-vis":
            raise InputError(f"--data is for MSRS, which is ir-vis: --task {task} is generated.")
        return read_msrs(data / "train"), read_msrs(data / "test")
    height, width = size.street if task == "ir-vis" else (size.head, size.head)
    pairs = generate_pairs(task, size.training + size.test, height, width)
    return pairs.cut(0, size.training), pairs.cut(size.training, len(pairs))


def read_rows(file: Path, about: dict[str, Any]) -> pd.DataFrame:
    """Read what an earlier call wrote with the same settings, or refuse to add to another file."""
    if not file.exists() or not file.stat().st_size:
        return pd.DataFrame(columns=["input", "seed"])
    try:
        rows = pd.read_csv(file)
    except ValueError:  # of text that is no table, and of bytes that are no text
        raise InputError(f"{file} holds no table of results: name another file.") from None
    keys = list(about)
    if list(rows)[: len(keys)] != keys or not (rows[keys] == about).all(axis=None):
        raise InputError(f"{file} holds results of other settings: name another file.")
    return rows


def plan_runs(names: list[str], seeds: int, rows: pd.DataFrame) -> list[tuple[str, Sequence[int]]]:
    """List what is still to train: what the file holds from an earlier call is kept."""
    done = set(zip(rows["input"], rows["seed"], strict=True))
    left = [(name, [s for s in range(seeds) if (name, s) not in done]) for name in names]
    return [(name, own) for name, own in left if own]


def results_table(summary: pd.DataFrame, by: str, title: str) -> Table:
    """The scores for a terminal."""
    cells = score_cells(summary, by)
    table = Table(title, *cells.columns, box=box.SIMPLE_HEAD, pad_edge=False)
    for name, row in cells.iterrows():
        table.add_row(str(name), *row)
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


def write_figures(folder: Path, test: LabelledPairs, runs: list[Run]) -> None:
    """Write figures: a confusion matrix per input, and overlays of one pair per condition."""
    from matplotlib import rc_context

    from lkc.downstream.figures import plot_confusion, plot_predictions
    from lkc.viz.style import DPI, style

    firsts = list({run.input: run for run in reversed(runs)}.values())[::-1]
    with rc_context(style()), writing(folder):
        for run in firsts:
            figure = plot_confusion(run.confusions["all"], test.classes, f"from {run.input}")
            figure.savefig(folder / f"confusion-{run.input}.png", dpi=DPI)
        for condition in sorted(set(test.conditions)):
            figure = plot_predictions(test, firsts, test.conditions.index(condition))
            figure.savefig(folder / f"overlays-{condition.replace(' ', '-')}.png", dpi=DPI)


def train_networks(
    planned: list[tuple[str, Sequence[int]]],
    pairs: tuple[LabelledPairs, LabelledPairs],
    config: SegmentConfig,
    device: torch.device,
    save: Callable[[Run], None],
) -> list[Run]:
    """Train and judge what is planned with a progress bar, and save each run when it ends."""
    from accelerate import Accelerator  # `lkc.downstream` has said so if it is missing

    precision = "bf16" if device.type == "cuda" else "no"
    accelerator = Accelerator(cpu=device.type == "cpu", mixed_precision=precision)
    runs = []
    with progress_bar() as progress:
        bar = progress.add_task("networks", total=sum(len(own) for _, own in planned))
        for run in run_study(*pairs, planned, config, accelerator):
            save(run)
            runs.append(run)
            progress.advance(bar)
    accelerator.end_training()
    return runs


def append_run(run: Run, test: LabelledPairs, about: dict[str, Any], file: Path) -> None:
    """Add a run's rows to the file, below a header if it is new."""
    rows = pd.DataFrame(to_rows(run, test))
    rows = pd.DataFrame([about] * len(rows)).join(rows)
    is_new = not file.exists() or not file.stat().st_size
    with writing(file):
        rows.to_csv(file, mode="a", header=is_new, index=False)


@downstream.command()
def segment(
    csv_file: Annotated[Path, typer.Option("--csv", help="Results; a rerun continues it.")],
    task: TaskOption = "ir-vis",
    data: DataOption = None,
    size: SizeOption = "small",
    inputs: InputsOption = None,
    seeds: Annotated[int, typer.Option(min=1, help="Networks per input.")] = 3,
    steps: Annotated[int | None, typer.Option(min=1, help="Instead of those of --size.")] = None,
    figures: FiguresOption = None,
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
    chosen_device, config = pick_device(device), choose_config(size, data, steps)
    kind = "MSRS" if data else "generated"
    about = {"data": kind, "task": task, "size": size, "steps": config.steps}
    planned = plan_runs(names, seeds, read_rows(csv_file, about))
    if figures and not planned:
        raise InputError(f"{csv_file} has all runs, and no predictions to draw: leave out --out.")
    if planned:
        if figures:
            make_folder(figures)
        training, test = labelled_pairs(task, data, SIZES[size])
        save = partial(append_run, test=test, about=about, file=csv_file)
        runs = train_networks(planned, (training, test), config, chosen_device, save)
        if figures:
            write_figures(figures, test, runs)
    say_results(pd.read_csv(csv_file), task)
    output.print(f"rows: {escape(str(csv_file))}")


def to_gray(fused: Tensor) -> np.ndarray:
    """(1, 1, H, W) in [0, 1] to (H, W) uint8."""
    return fused[0, 0].mul(255).round().byte().cpu().numpy()


def read_fused(name: str, files: dict[str, dict[str, Path]]) -> dict[str, np.ndarray]:
    """Read the luma of one pair's published images, by method."""
    for method, by_stem in files.items():
        if name not in by_stem:
            raise InputError(f"--fused {method} has no image {name}.")
    paths = {method: by_stem[name] for method, by_stem in files.items()}
    return {method: to_luma(read_image(path), path.name).numpy() for method, path in paths.items()}


def contrast_table(rows: pd.DataFrame) -> Table:
    """A line per image: medians over the objects, and how often they are seen."""
    titles = (
        "image",
        "contrast",
        "noise",
        "ratio",
        "mean of pairs",
        "at least both",
        "seen",
        "brightest",
    )
    table = Table(*titles, box=box.SIMPLE_HEAD, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    for name, line in summarise_contrasts(rows).iterrows():
        table.add_row(
            str(name),
            f"{line['contrast']:.0f}",
            f"{line['noise']:.0f}",
            f"{line['ratio']:.1f}",
            f"{line['mean']:.1f} [{line['low']:.1f}, {line['high']:.1f}]",
            f"{line['both']:.0%}",
            f"{line['seen']:.0%}",
            f"{line['brightest']:.0%}",
        )
    return table


@downstream.command()
def contrast(
    data: Annotated[Path, typer.Option(help="Holds the infrared and the visible folder.")],
    names: Annotated[
        str, typer.Option(help="Pairs to take, such as '*N' for MSRS by night.")
    ] = "*",
    fused: Annotated[
        list[str] | None, typer.Option(help="NAME=FOLDER of images fused elsewhere; repeatable.")
    ] = None,
    csv_file: Annotated[
        Path | None, typer.Option("--csv", help="One row per object and image.")
    ] = None,
    device: DeviceOption = "auto",
) -> None:
    """Measure how well hot upright objects stand out, without labels.

    Contrast to a ring around each, and the ring's own variation, in gray levels: in both sources,
    fused by every baseline and by lite, and in the images of --fused. The infrared chooses the
    objects and is favoured by that; cold objects are not asked for.
    """
    check_targets(csv_file)
    files = {n: images_by_stem(p) for n, p in (split_name("--fused", g) for g in fused or [])}
    pairs = {n.rsplit("/")[-1]: p for n, p in load_pairs([data], get_task("ir-vis")).items()}
    chosen = {name: pair for name, pair in pairs.items() if fnmatch(name, names)}
    if not chosen:
        raise InputError(f"--names {names} matches none of the {len(pairs)} pairs.")
    chosen_device = pick_device(device)
    models = {n: load_model(n, "ir-vis", device=chosen_device.type) for n in ("lite", *BASELINES)}
    found = []
    with progress_bar() as progress:
        for name, pair in progress.track(chosen.items(), description="pairs"):
            sources = pair[None].to(chosen_device).float() / 255  # (1, 2, H, W)
            images = {n: to_gray(fuse_luma(sources, model)) for n, model in models.items()}
            images |= read_fused(name, files)
            first, second = pair.numpy()
            found += [{"pair": name, **row} for row in measure_contrasts(first, second, images)]
    if not found:
        raise InputError("no hot upright object was found in these pairs.")
    rows = pd.DataFrame(found)
    print_whole(contrast_table(rows))
    objects = len(rows[["pair", "object"]].drop_duplicates())
    output.print(f"{objects} objects in {rows['pair'].nunique()} of {len(chosen)} pairs")
    if csv_file:
        with writing(csv_file):
            rows.round(3).to_csv(csv_file, index=False)
