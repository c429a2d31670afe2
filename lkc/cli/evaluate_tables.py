"""The tables that `lkc evaluate` prints."""

from collections.abc import Collection, Mapping

import pandas as pd
from rich import box
from rich.markup import escape
from rich.table import Table

from lkc.console import output, print_whole
from lkc.evaluation import bootstrap_differences, count_wins, mean_values
from lkc.evaluation.ranking import direction
from lkc.evaluation.scoring import Plan
from lkc.evaluation.tables import BEST, SECOND, cells_of_means, difference_texts, sure_side
from lkc.metrics import METRICS, get_profile

STYLES: dict[float, str] = {BEST: "bold green", SECOND: "underline"}
SURE_STYLES = {"gain": "green", "loss": "red"}
PUBLISHED = " †"


def heading(metric: str, better: int) -> str:
    """A metric's column title with its direction."""
    return f"{metric}{'↑' if better > 0 else '↓'}"


def means_table(
    values: pd.DataFrame, published: Collection[str], seconds: Mapping[str, float]
) -> Table:
    """Methods by metrics, best bold green and second best underlined, with rank and time."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title="Means", title_justify="left")
    table.add_column("method", overflow="fold")
    for metric, better in direction(values.columns).items():
        table.add_column(heading(str(metric), better), justify="right", no_wrap=True)
    table.add_column("rank", justify="right", no_wrap=True)
    if seconds:
        table.add_column("s/pair", justify="right", no_wrap=True)
    for name, cells in cells_of_means(values).items():
        texts = [styled(cell.text, cell.place) for cell in cells.values()]
        time = [f"{seconds[name]:.2f}" if name in seconds else "–"] if seconds else []
        table.add_row(escape(name) + PUBLISHED * (name in published), *texts, *time)
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
    lines = "\n".join(difference_texts(row))
    style = SURE_STYLES.get(sure_side(row, better))
    return f"[{style}]{lines}[/]" if style else lines


def print_tables(values: pd.DataFrame, plan: Plan) -> None:
    """Print the means, and what the first method has before each other one."""
    output.print(f"{len(values.index.unique('file'))} pairs that all methods have")
    print_whole(means_table(values, plan.published, plan.seconds))
    if plan.profile != "lkc":
        output.print(f"metrics as defined by {get_profile(plan.profile).source}")
    if plan.published:
        output.print(f"{PUBLISHED.strip()} published values, which were not computed here")
    if plan.seconds:
        output.print("s/pair: a command from its start to its end; lkc bench measures presets")
    if len(values.index.unique("method")) > 1:
        print_whole(differences_table(values))
