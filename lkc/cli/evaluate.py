"""`lkc evaluate`: compare fusion methods on the same pairs."""

from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from lkc.cli.options import DeviceOption, TaskOption, WeightsOption, split_name
from lkc.console import FAILED, output, print_whole, progress_bar, say_error
from lkc.errors import InputError, writing
from lkc.evaluation import (
    bootstrap_differences,
    count_wins,
    mean_rank,
    mean_values,
    ranks,
    read_scores,
    write_csv,
    write_json,
)
from lkc.evaluation.ranking import direction
from lkc.evaluation.scoring import Method, Plan, plan_comparison, score_pairs, to_table
from lkc.evaluation.tables import BEST, SECOND, four_digits
from lkc.io.result_files import check_figure, check_targets
from lkc.metrics import METRICS
from lkc.model.loading import load_model
from lkc.model.network import PRESET_KERNELS

FusedOption = Annotated[
    list[str] | None, typer.Option(help="NAME=DIR with fused images; repeatable.")
]
PresetsOption = Annotated[
    list[str] | None,
    typer.Option(
        help="lite, nano, base, maximum, average, laplacian, wavelet or guided; repeatable."
    ),
]
ScoresOption = Annotated[
    list[str] | None,
    typer.Option(help="FILE.json, or NAME=FILE.json, of published values; repeatable."),
]
STYLES: dict[float, str] = {BEST: "bold green", SECOND: "underline"}


def published_methods(given: str) -> dict[str, Method]:
    """Read FILE.json with all its methods, or NAME=FILE.json with one of them."""
    if "=" not in given or Path(given).exists():
        return dict(read_scores(given))
    name, path = split_name("--scores", given)
    methods = read_scores(path)
    if name in methods:
        return {name: methods[name]}
    if len(methods) == 1:
        return {name: next(iter(methods.values()))}
    raise InputError(f"{path.name} has no method {name!r}: it has {', '.join(methods)}.")


def gather_methods(
    fused: list[str],
    presets: list[str],
    scores: list[str],
    task: str,
    weights: Path | None,
    device: str,
) -> dict[str, Method]:
    """Collect the methods by name, in the order of the options' description."""
    if weights and not PRESET_KERNELS.keys() & set(presets):
        raise InputError("--weights are for a network: add --preset lite, nano or base.")
    named: list[tuple[str, Method]] = [split_name("--fused", given) for given in fused]
    for preset in presets:
        own_weights = weights if preset in PRESET_KERNELS else None
        named.append((preset, load_model(preset, task, own_weights, device)))
    for given in scores:
        named += published_methods(given).items()
    names = [name for name, _ in named]
    if twice := {name for name in names if names.count(name) > 1}:
        raise InputError(f"two methods are called {', '.join(sorted(twice))}: rename one.")
    return dict(named)


def heading(metric: str, better: int) -> str:
    """A metric's column title with its direction."""
    return f"{metric}{'↑' if better > 0 else '↓'}"


def means_table(values: pd.DataFrame) -> Table:
    """Methods by metrics, best bold green and second best underlined, with the mean rank."""
    means = mean_values(values)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title="Means", title_justify="left")
    table.add_column("method", overflow="fold")
    for metric, better in direction(means.columns).items():
        table.add_column(heading(str(metric), better), justify="right", no_wrap=True)
    table.add_column("rank", justify="right", no_wrap=True)
    places, overall = ranks(means, ties="dense"), mean_rank(means)
    overall_places = overall.rank(method="dense")
    for name, row in means.iterrows():
        cells = [
            styled(four_digits(value), places.loc[name, metric]) for metric, value in row.items()
        ]
        rank = styled(f"{overall[name]:.2f}", overall_places[name])
        table.add_row(escape(str(name)), *cells, rank)
    return table


def styled(text: str, place: float) -> str:
    """Mark the best and the second best."""
    style = STYLES.get(place)  # a NaN rank has no style
    return f"[{style}]{text}[/]" if style else text


def differences_table(values: pd.DataFrame) -> Table:
    """The first method against each other: wins, and mean differences with their 95 % interval."""
    means = mean_values(values)
    first, *others = means.index
    table = Table(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        show_lines=True,
        title=f"{escape(first)} minus each other method, and the difference's 95 % interval",
        title_justify="left",
    )
    table.add_column("method", overflow="fold")
    table.add_column("wins", justify="right", no_wrap=True)
    better = direction(means.columns)
    for metric in means.columns:
        table.add_column(heading(metric, better[metric]), justify="right", no_wrap=True)
    for other in others:
        rows = bootstrap_differences(values, first, other)
        cells = [difference_cell(row, better[metric]) for metric, row in rows.iterrows()]
        wins = f"{count_wins(means, first, other)}/{len(METRICS)}"
        table.add_row(escape(other), wins, *cells)
    return table


def difference_cell(row: pd.Series, better: int) -> str:
    """Difference and interval in three lines: green for a sure gain, red for a sure loss."""
    lines = "\n".join(f"{row[key]:+.3f}" if row[key] == row[key] else "–" for key in row.index)
    gains = sorted([row["low"] * better, row["high"] * better])
    style = "green" if gains[0] > 0 else "red" if gains[1] < 0 else ""
    return f"[{style}]{lines}[/]" if style else lines


def run_plan(plan: Plan) -> tuple[pd.DataFrame, int]:
    """Score with a progress bar; name failed files on stderr; the table and how many."""
    rows, failed = {}, 0
    with progress_bar() as progress:
        for stem, result in progress.track(
            score_pairs(plan), total=len(plan.pairs), description="evaluating"
        ):
            if isinstance(result, InputError):
                failed += 1
                say_error(f"{stem} left out: {result}")
            else:
                rows[stem] = result
    if not rows:
        say_error("no pair could be scored.")
        raise typer.Exit(FAILED)
    return to_table(rows), failed


def say_what_was_shown(plan: Plan) -> None:
    """Say once for each source folder of more than 8 bits as what it was judged."""
    for folder, shown in plan.shown.items():
        first, *others = sorted(shown)
        more = f", and by {len(others)} other window{'s' * (len(others) > 1)}" if others else ""
        say_error(f"{folder} has more than 8 bits, and was judged by the {first}{more}.")


def print_tables(values: pd.DataFrame) -> None:
    """Print the means, and what the first method has before each other one."""
    output.print(f"{len(values.index.unique('file'))} pairs that all methods have")
    print_whole(means_table(values))
    if len(values.index.unique("method")) > 1:
        print_whole(differences_table(values))


def write_figure(values: pd.DataFrame, path: Path) -> None:
    """Write the figure; the import takes a second that a table need not wait."""
    from lkc.evaluation.plot import plot_comparison

    with writing(path):
        plot_comparison(values).savefig(path)


def evaluate(
    a: Annotated[Path, typer.Option("--a", help="Folder of first sources: infrared or MRI.")],
    b: Annotated[Path, typer.Option("--b", help="Folder of second sources: visible, CT, ...")],
    fused: FusedOption = None,
    preset: PresetsOption = None,
    scores: ScoresOption = None,
    task: TaskOption = "ir-vis",
    weights: WeightsOption = None,
    device: DeviceOption = "auto",
    json_file: Annotated[Path | None, typer.Option("--json", help="Values per image.")] = None,
    csv_file: Annotated[Path | None, typer.Option("--csv", help="Values per image.")] = None,
    plot_file: Annotated[Path | None, typer.Option("--plot", help="PNG, PDF or SVG.")] = None,
    extra: Annotated[
        bool,
        typer.Option(
            "--extra", help="Also MS_SSIM, FMI, Nabf, hallucination, CE, NCIE, Qy, Qcv and Qcb."
        ),
    ] = False,
) -> None:
    """Compare methods on the pairs that all of them have: table, JSON, CSV, figure.

    The first method (--fused before --preset before --scores) is compared with each other.
    """
    check_targets(json_file, csv_file)
    check_figure(plot_file)
    methods = gather_methods(fused or [], preset or [], scores or [], task, weights, device)
    plan = plan_comparison(a, b, methods, task, extra)
    for sentence in plan.left_out:
        say_error(sentence)
    values, failed = run_plan(plan)
    say_what_was_shown(plan)
    try:
        if json_file:
            write_json(json_file, values)
        if csv_file:
            write_csv(csv_file, values)
        if plot_file:
            write_figure(values, plot_file)
    finally:  # Neither loses the other's results.
        print_tables(values)
    if failed:
        raise typer.Exit(FAILED)
