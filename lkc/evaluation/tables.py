"""Format numbers for tables: digits, marks of the best, a line of costs, Markdown."""

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from lkc.evaluation.ranking import mean_rank, mean_values, ranks

BEST, SECOND = 1, 2  # A table marks these dense ranks.
COST_COLUMNS = ("preset", "size", "mode", "parameters", "GFLOP", "ms", "quartiles", "peak MiB")

RANK = "rank"  # the last column: the mean of the ranks in the eleven metrics


@dataclass(frozen=True)
class Cell:
    """A number of a table of means.

    Attributes:
        value: the number.
        text: what to show of it.
        place: 1 for the best of its column, 2 for the second best; NaN where there is no value.
    """

    value: float
    text: str
    place: float


def difference_texts(row: pd.Series) -> list[str]:
    """Write a row of `bootstrap_differences`: the difference and both ends of its interval."""
    return [f"{value:+.3f}" if value == value else "–" for value in row]


def sure_side(row: pd.Series, better: int) -> str:
    """Say what an interval is beyond chance: "gain", "loss", or nothing; +1 is higher is better.

    >>> row = pd.Series({"difference": -2.0, "low": -3.0, "high": -1.0})
    >>> sure_side(row, 1), sure_side(row, -1)
    ('loss', 'gain')
    """
    low, high = sorted([row["low"] * better, row["high"] * better])
    return "gain" if low > 0 else "loss" if high < 0 else ""


def cells_of_means(values: pd.DataFrame) -> dict[str, dict[str, Cell]]:
    """Give what a table of means shows, by method, and by metric and `RANK`.

    Args:
        values: table from `compare`.

    Returns:
        The cells, methods and metrics in the order of `values`.

    Example:
        >>> from lkc.metrics import METRICS
        >>> index = pd.MultiIndex.from_product([["x", "y"], ["1"]], names=["method", "file"])
        >>> values = pd.DataFrame({key: [7.0, 6.0] for key in METRICS}, index)
        >>> cells_of_means(values)["y"]["EN"].text, cells_of_means(values)["x"]["rank"].text
        ('6.000', '1.00')
    """
    means = mean_values(values)
    places, overall = ranks(means, ties="dense"), mean_rank(means)
    overall_places = overall.rank(method="dense")
    rows: dict[str, dict[str, Cell]] = {}
    for name, row in means.iterrows():
        cells = {
            str(metric): Cell(value, four_digits(value), places.loc[name, metric])
            for metric, value in row.items()
        }
        cells[RANK] = Cell(overall[name], f"{overall[name]:.2f}", overall_places[name])
        rows[str(name)] = cells
    return rows


def four_digits(value: float) -> str:
    """Format a number with four digits, of which at most three are decimals."""
    if value != value:
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    whole_digits = len(str(int(abs(value))))
    return f"{value:.{max(0, min(3, 4 - whole_digits))}f}"


def cost_cells(case: dict[str, Any]) -> list[str]:
    """Write the costs of one case of `lkc bench`: a text for each of `COST_COLUMNS`."""
    gflops, memory = case["gflops"], case.get("peak_memory_mib")
    start = [
        case["preset"],
        f"{case['height']}x{case['width']}",
        case["mode"],
        f"{case['parameters']:,}",
        f"{gflops:.1f}" if gflops is not None else "–",
    ]
    if "error" in case:
        return [*start, "failed", "", ""]
    quartiles = f"{case['q1_ms']:.1f}–{case['q3_ms']:.1f}" if case["runs"] > 1 else "one run"
    return [
        *start,
        f"{case['median_ms']:.1f}",
        quartiles,
        f"{memory:.0f}" if memory is not None else "–",
    ]


def markdown(table: pd.DataFrame) -> str:
    """Write a table of texts as Markdown."""
    lines = [table.columns, ["---"] * len(table.columns), *table.astype(str).to_numpy()]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
