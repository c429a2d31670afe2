"""Say which profile gives which number on an example pair, in docs/metrics.md.

    python -m benchmarks.metric_profiles        (half a minute on two cores)

Replaces the table of that page, and writes results/metric-profiles.csv.
"""

import re
from pathlib import Path

import pandas as pd

from lkc.console import run_command
from lkc.evaluation.tables import four_digits, markdown
from lkc.fusion.images import fuse
from lkc.io.image_files import read_image
from lkc.metrics import EXTRA_METRICS, METRICS, PROFILES, evaluate

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "metrics.md"
EXAMPLES = HERE.parent / "assets" / "examples" / "ir-vis"
TABLE = re.compile(r"(<!-- profiles -->\n).*?(<!-- end of profiles -->)", re.DOTALL)


def measure() -> pd.DataFrame:
    """Values of the fused example by profile, NaN where the evaluator has no such metric."""
    first, second = (read_image(EXAMPLES / side / "night.png") for side in ("ir", "vis"))
    fused = fuse(first, second)
    rows = {}
    for name, profile in PROFILES.items():
        extra = not set(profile.computes) <= set(METRICS)
        values = evaluate(fused, first, second, extra=extra, profile=name)
        rows[name] = {key: values[key] for key in profile.computes}
    columns = [key for key in METRICS | EXTRA_METRICS if any(key in row for row in rows.values())]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def table_of(values: pd.DataFrame) -> str:
    """The table as it stands on the page."""
    texts = values.map(four_digits)
    texts.insert(0, "profile", [f"`{name}`" for name in values.index])
    return markdown(texts)


def main() -> None:
    """Measure, and write the table and the page."""
    values = measure()
    target = HERE / "results" / "metric-profiles.csv"
    values.to_csv(target, float_format="%.6g", lineterminator="\n", index_label="profile")
    text = PAGE.read_text(encoding="utf-8")
    filled = TABLE.sub(lambda found: f"{found[1]}{table_of(values)}\n{found[2]}", text)
    PAGE.write_text(filled, encoding="utf-8")


if __name__ == "__main__":
    run_command(main)
