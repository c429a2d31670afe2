"""`lkc evaluate`: compare fusion methods on the same pairs."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import pandas as pd
import typer

from lkc import __version__
from lkc.cli.evaluate_tables import print_tables
from lkc.cli.options import DeviceOption, TaskOption, WeightsOption, split_name
from lkc.console import FAILED, progress_bar, say_error
from lkc.errors import InputError, writing
from lkc.evaluation import parse_command, read_scores, write_csv, write_json
from lkc.evaluation.commands import Command
from lkc.evaluation.latex import write_latex
from lkc.evaluation.scoring import (
    Method,
    Plan,
    plan_comparison,
    run_commands,
    score_pairs,
    to_table,
)
from lkc.io.result_files import check_figure, check_targets
from lkc.model.loading import load_model
from lkc.model.network import PRESET_KERNELS
from lkc.processes import count_processes, gather, is_first, meet, share

FusedOption = Annotated[
    list[str] | None, typer.Option(help="NAME=DIR with fused images; repeatable.")
]
PresetsOption = Annotated[
    list[str] | None,
    typer.Option(
        help="lite, nano, base, maximum, average, laplacian, wavelet or guided; repeatable."
    ),
]
CommandsOption = Annotated[
    list[str] | None,
    typer.Option(
        help='NAME="python test.py {first} {second} {fused}", run for each pair and timed, or once '
        "with {firsts} {seconds} {outs} for folders; repeatable."
    ),
]
PublishedOption = Annotated[
    list[str] | None,
    typer.Option(
        "--published",
        "--scores",
        help="FILE.json, or NAME=FILE.json, of published values; repeatable.",
    ),
]
JsonOption = Annotated[Path | None, typer.Option("--json", help="Values per image.")]
CsvOption = Annotated[Path | None, typer.Option("--csv", help="Values per image.")]
PlotOption = Annotated[Path | None, typer.Option("--plot", help="PNG, PDF or SVG.")]
ProfileOption = Annotated[
    str,
    typer.Option(
        help="Whose definitions of the metrics: lkc, cddfuse, vifb, ivif-zoo, or with --extra "
        "fmi-pixel, fmi-gradient, fmi-dct."
    ),
]
HtmlOption = Annotated[
    Path | None,
    typer.Option("--html", help="One file of tables, plots and the worst pairs, for any browser."),
]
LatexOption = Annotated[
    Path | None, typer.Option("--latex", help="Means, the best two of each metric marked.")
]


def published_methods(given: str, profile: str) -> dict[str, Method]:
    """Read FILE.json with all its methods, or NAME=FILE.json with one of them."""
    if "=" not in given or Path(given).exists():
        return dict(read_scores(given, profile))
    name, path = split_name("--published", given)
    methods = read_scores(path, profile)
    if name in methods:
        return {name: methods[name]}
    if len(methods) == 1:
        return {name: next(iter(methods.values()))}
    raise InputError(f"{path.name} has no method {name!r}: it has {', '.join(methods)}.")


def named_command(given: str) -> tuple[str, Command]:
    """Take NAME=COMMAND apart."""
    name, equals, text = given.partition("=")
    if not (name and equals and text):
        raise InputError(f"--command {given} cannot be used: write --command NAME='PROGRAM ...'.")
    return name, parse_command(text)


def gather_methods(
    fused: list[str],
    presets: list[str],
    commands: list[str],
    scores: list[str],
    task: str,
    weights: Path | None,
    device: str,
    profile: str,
) -> dict[str, Method]:
    """Collect the methods by name, in the order of the options' description."""
    if weights and not PRESET_KERNELS.keys() & set(presets):
        raise InputError("--weights are for a network: add --preset lite, nano or base.")
    named: list[tuple[str, Method]] = [split_name("--fused", given) for given in fused]
    for preset in presets:
        own_weights = weights if preset in PRESET_KERNELS else None
        named.append((preset, load_model(preset, task, own_weights, device)))
    named += map(named_command, commands)
    for given in scores:
        named += published_methods(given, profile).items()
    names = [name for name, _ in named]
    if twice := {name for name in names if names.count(name) > 1}:
        raise InputError(f"two methods are called {', '.join(sorted(twice))}: rename one.")
    return dict(named)


def run_plan(plan: Plan) -> tuple[pd.DataFrame, int]:
    """Score with a progress bar; name failed files on stderr; the table and how many failed.

    Several processes each score a part, and all return the whole table.
    """
    own = replace(plan, pairs=dict(share(list(plan.pairs.items()))))
    results: list[tuple[str, dict[str, Mapping[str, float]] | None]] = []
    for stem, why in plan.failed.items():
        say_error(f"{stem} left out: {why}")
    with progress_bar(is_first()) as progress:
        for stem, result in progress.track(
            score_pairs(own), total=len(own.pairs), description="evaluating"
        ):
            if isinstance(result, InputError):
                say_error(f"{stem} left out: {result}")
            results.append((stem, None if isinstance(result, InputError) else result))
    results = gather(results)
    for shown in gather([plan.shown]):
        for folder, said in shown.items():
            plan.shown.setdefault(folder, set()).update(said)
    rows = {stem: row for stem, row in results if row is not None}
    if not rows:
        say_error("no pair could be scored.")
        raise typer.Exit(FAILED)
    return to_table(rows), len(plan.failed) + len(results) - len(rows)


def run_commands_of(plan: Plan, folder: Path) -> Plan:
    """Run the commands with a progress bar."""
    commands = sum(isinstance(method, Command) for method in plan.methods.values())
    if not commands:
        return plan
    if count_processes() > 1:
        raise InputError("--command is for one process: start lkc evaluate without a launcher.")
    with progress_bar() as progress:
        bar = progress.add_task("commands", total=commands * len(plan.pairs))
        return run_commands(plan, folder, lambda: progress.advance(bar))


def say_what_was_shown(plan: Plan) -> None:
    """Say once for each source folder of more than 8 bits as what it was judged."""
    for folder, shown in plan.shown.items():
        first, *others = sorted(shown)
        more = f", and by {len(others)} other window{'s' * (len(others) > 1)}" if others else ""
        say_error(f"{folder} has more than 8 bits, and was judged by the {first}{more}.")


def write_figure(values: pd.DataFrame, path: Path) -> None:
    """Write the figure; the import takes a second that a table need not wait."""
    from lkc.evaluation.plot import plot_comparison

    with writing(path):
        plot_comparison(values).savefig(path)


def write_html(path: Path, plan: Plan, values: pd.DataFrame, sources: tuple[Path, Path]) -> None:
    """Write the report, with pictures of pairs that were scored."""
    from lkc.evaluation.report import write_report

    first, second = ("/".join(folder.resolve().parts[-2:]) for folder in sources)
    write_report(path, plan, values, (first, second), f"lkc {__version__}")


@dataclass(frozen=True)
class Files:
    """What to write a comparison to; None leaves a file out."""

    json: Path | None
    csv: Path | None
    plot: Path | None
    html: Path | None
    latex: Path | None

    def check(self) -> None:
        """Refuse what could not be written, before the work is done."""
        check_targets(self.json, self.csv, self.html, self.latex)
        check_figure(self.plot)


def write_files(values: pd.DataFrame, plan: Plan, files: Files, sources: tuple[Path, Path]) -> None:
    """Write the files that were asked for."""
    if files.json:
        write_json(files.json, values, plan.published, plan.seconds, plan.profile)
    if files.csv:
        write_csv(files.csv, values, plan.published)
    if files.plot:
        write_figure(values, files.plot)
    if files.latex:
        write_latex(files.latex, values, plan.published, plan.profile)
    if files.html:
        write_html(files.html, plan, values, sources)


def evaluate(
    a: Annotated[Path, typer.Option("--a", help="Folder of first sources: infrared or MRI.")],
    b: Annotated[Path, typer.Option("--b", help="Folder of second sources: visible, CT, ...")],
    fused: FusedOption = None,
    preset: PresetsOption = None,
    command: CommandsOption = None,
    published: PublishedOption = None,
    task: TaskOption = "ir-vis",
    weights: WeightsOption = None,
    device: DeviceOption = "auto",
    json_file: JsonOption = None,
    csv_file: CsvOption = None,
    plot_file: PlotOption = None,
    html_file: HtmlOption = None,
    latex_file: LatexOption = None,
    extra: Annotated[
        bool,
        typer.Option(
            "--extra", help="Also MS_SSIM, FMI, Nabf, hallucination, CE, NCIE, Qy, Qcv and Qcb."
        ),
    ] = False,
    profile: ProfileOption = "lkc",
) -> None:
    """Compare methods on the pairs that all of them have: tables, files, a report.

    The first method (--fused before --preset before --command before --published) is compared with
    each other.
    """
    files = Files(json_file, csv_file, plot_file, html_file, latex_file)
    files.check()
    meet()
    methods = gather_methods(
        fused or [], preset or [], command or [], published or [], task, weights, device, profile
    )
    plan = plan_comparison(a, b, methods, task, extra, profile)
    for sentence in plan.left_out if is_first() else ():
        say_error(sentence)
    with TemporaryDirectory() as folder:
        plan = run_commands_of(plan, Path(folder))
        values, failed = run_plan(plan)
        if is_first():
            say_what_was_shown(plan)
            try:
                write_files(values, plan, files, (a, b))
            finally:  # Neither loses the other's results.
                print_tables(values, plan)
    if failed:
        raise typer.Exit(FAILED)
