"""Format numbers for tables: digits, marks of the best, a line of costs, Markdown."""

from typing import Any

import pandas as pd

BEST, SECOND = 1, 2  # A table marks these dense ranks.
COST_COLUMNS = ("preset", "size", "mode", "parameters", "GFLOP", "ms", "quartiles", "peak MiB")


def four_digits(value: float) -> str:
    """Format a number with four digits, of which at most three are decimals."""
    if value != value:
        return "–"
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
