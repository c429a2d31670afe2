"""Write a comparison as a table for LaTeX."""

from collections.abc import Collection
from os import PathLike
from pathlib import Path

import pandas as pd

from lkc.errors import writing
from lkc.evaluation.ranking import direction
from lkc.evaluation.tables import BEST, SECOND, Cell, cells_of_means
from lkc.metrics import get_profile

PLAIN = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
PLAIN |= {character: f"\\{character}" for character in "&%$#_{}"}
SIGNS = {"–": "--", "∞": r"$\infty$", "-∞": r"$-\infty$"}
ARROWS = {1: r"$\uparrow$", -1: r"$\downarrow$"}
DAGGER = r"$^\dagger$"


def plain(text: str) -> str:
    r"""Write a text so that LaTeX prints it as it is.

    >>> print(plain("a_b 100%"))
    a\_b 100\%
    """
    return "".join(PLAIN.get(character, character) for character in text)


def marked(cell: Cell) -> str:
    """Write a number, the best bold and the second best underlined."""
    text = SIGNS.get(cell.text, cell.text)
    if cell.place == BEST:
        return rf"\textbf{{{text}}}"
    return rf"\underline{{{text}}}" if cell.place == SECOND else text


def latex_table(values: pd.DataFrame, published: Collection[str] = (), profile: str = "lkc") -> str:
    r"""Write the table of means for the package booktabs.

    Args:
        values: table from `compare`.
        published: methods whose values were not computed here; a dagger marks them.
        profile: whose definitions of the metrics.

    Returns:
        A `tabular`, best bold and second best underlined, after a comment that says so.

    Example:
        >>> from lkc.metrics import METRICS
        >>> index = pd.MultiIndex.from_product([["x", "y"], ["1"]], names=["method", "file"])
        >>> values = pd.DataFrame({key: [7.0, 6.0] for key in METRICS}, index)
        >>> r"x & \textbf{7.000} &" in latex_table(values)
        True
    """
    better = direction(values.columns)
    heads = ["method", *(f"{plain(str(key))}{ARROWS[way]}" for key, way in better.items())]
    heads.append(f"rank{ARROWS[-1]}")
    rows = [
        [plain(name) + DAGGER * (name in published), *map(marked, cells.values())]
        for name, cells in cells_of_means(values).items()
    ]
    pairs = len(values.index.unique("file"))
    lines = [
        f"% Means over {pairs} pairs; best bold, second best underlined. Needs booktabs.",
        f"% Metrics as defined by {get_profile(profile).source}.",
        rf"\begin{{tabular}}{{l{'r' * (len(heads) - 1)}}}",
        r"\toprule",
        " & ".join(heads) + r" \\",
        r"\midrule",
        *(" & ".join(row) + r" \\" for row in rows),
        r"\bottomrule",
        r"\end{tabular}",
    ]
    if published:
        lines.append("% The dagger marks published values, which were not computed here.")
    return "\n".join(lines) + "\n"


def write_latex(
    path: str | PathLike[str],
    values: pd.DataFrame,
    published: Collection[str] = (),
    profile: str = "lkc",
) -> None:
    """Write what `latex_table` returns.

    Raises:
        InputError: the file cannot be written.
    """
    with writing(path):
        Path(path).write_text(latex_table(values, published, profile), encoding="utf-8")
