"""Compare each profile of the metrics with what the evaluator's own code gave, in docs/metrics.md.

    python -m benchmarks.evaluators --shared SHARED        (two minutes on two cores)

results/evaluators.csv holds what the evaluators gave on 18 fused images: the maximum and the mean
of both sources of nine pairs in SHARED/data. Their code is not part of this project.
"""

import re
from argparse import ArgumentParser
from pathlib import Path

import pandas as pd
from torch import Tensor

from lkc.console import run_command
from lkc.evaluation.tables import markdown
from lkc.io.image_files import read_image
from lkc.metrics import METRICS, evaluate
from lkc.metrics.inputs import to_gray

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "metrics.md"
TABLE = re.compile(r"(<!-- evaluators -->\n).*?(<!-- end of evaluators -->)", re.DOTALL)
FOLDERS = {"MSRS": ("ir", "vi"), "CT-MRI": ("MRI", "CT")}
FOLDERS |= {"PET-MRI": ("MRI", "PET"), "SPECT-MRI": ("MRI", "SPECT")}


def read_pair(data: Path, pair: str) -> tuple[Tensor, Tensor]:
    """Read both sources of a pair, whose folder is a star in its name, as gray (1, 1, H, W)."""
    kinds = next(FOLDERS[part] for part in pair.split("/") if part in FOLDERS)
    first, second = (to_gray(read_image(data / pair.replace("*", kind))) for kind in kinds)
    return first, second


def fuse_simply(first: Tensor, second: Tensor, rule: str) -> Tensor:
    """The maximum of both, or their mean in whole gray levels, half a level to the even one."""
    return first.maximum(second) if rule == "maximum" else ((first + second) / 2).round()


def differences(theirs: pd.DataFrame, data: Path) -> pd.DataFrame:
    """Compute every value anew, and take theirs away.

    Args:
        theirs: by profile, pair and fused, a column per metric; NaN where there is none.
        data: folder of the pairs.

    Returns:
        A table like theirs.
    """
    rows = []
    for profile, pair, rule in theirs.index:
        first, second = read_pair(data, pair)
        rows.append(evaluate(fuse_simply(first, second, rule), first, second, profile=profile))
    return pd.DataFrame(rows, theirs.index)[list(METRICS)] - theirs


def table_of(found: pd.DataFrame) -> str:
    """The largest difference by profile and metric, in the metric's unit."""
    worst = found.abs().groupby(level="profile", sort=False).max()
    texts = worst.map(lambda value: "–" if value != value else f"{value:.0e}")
    texts.insert(0, "profile", [f"`{name}`" for name in worst.index])
    return markdown(texts)


def main() -> None:
    """Compare, and write the table into the page."""
    parser = ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shared", type=Path, required=True, help="holds data/MSRS, data/Harvard")
    given = parser.parse_args()
    keys = ["profile", "pair", "fused"]
    theirs = pd.read_csv(HERE / "results" / "evaluators.csv", index_col=keys)
    table = table_of(differences(theirs, given.shared / "data"))
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(TABLE.sub(lambda m: f"{m[1]}{table}\n{m[2]}", text), encoding="utf-8")
    print(table)


if __name__ == "__main__":
    run_command(main)
