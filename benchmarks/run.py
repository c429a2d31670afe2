"""Evaluate `lite`, every baseline and the published images on the four held-out test folders.

    python -m benchmarks.run --data DATA --anchors ANCHORS

Writes README.md (from template.md), rank.png and results/*.csv beside this file, and
demo/benchmark.csv, which the page shows. The section on costs comes from results/costs.json, which
`lkc bench --full --json` writes.
"""

import json
import subprocess
from argparse import ArgumentParser, Namespace
from datetime import date
from functools import partial
from pathlib import Path
from string import Template

import matplotlib.pyplot as plt
import pandas as pd

from lkc.console import run_command
from lkc.evaluation import (
    bootstrap_differences,
    compare,
    count_wins,
    mean_rank,
    mean_values,
    ranks,
    read_scores,
    write_csv,
)
from lkc.evaluation.plot import plot_ranks
from lkc.evaluation.scoring import to_table
from lkc.evaluation.tables import (
    BEST,
    COST_COLUMNS,
    SECOND,
    cost_cells,
    four_digits,
    markdown,
)
from lkc.io.pairing import source_folders
from lkc.metrics import METRICS
from lkc.model.baselines import BASELINES, laplacian, maximum
from lkc.model.loading import RuleModel, load_model
from lkc.tasks import get_task

HERE = Path(__file__).parent
PAGE_TABLE = HERE.parent / "demo" / "benchmark.csv"
STRONGER = "laplacian, maximum base"
"""A pyramid outside the usual baselines; it stands in a sentence of its own below each table."""
REFERENCE = "LKC-FUNet, published"
MARKS: dict[float, str] = {BEST: "**{}**", SECOND: "*{}*"}
SETS = {  # title: task, folder under --data, file under --anchors
    "MSRS": ("ir-vis", "MSRS/test", "MSRS.json"),
    "MRI-CT": ("mri-ct", "Harvard/CT-MRI/test", "Harvard-CT-MRI.json"),
    "MRI-PET": ("mri-pet", "Harvard/PET-MRI/test", "Harvard-PET-MRI.json"),
    "MRI-SPECT": ("mri-spect", "Harvard/SPECT-MRI/test", "Harvard-SPECT-MRI.json"),
}


def score_set(task: str, folder: Path) -> pd.DataFrame:
    """Score `lite`, the baselines, and the stronger pyramid on a test folder."""
    methods = {name: load_model(name, task) for name in ("lite", *BASELINES)}
    methods[STRONGER] = RuleModel(partial(laplacian, base=maximum)).eval()
    return compare(*source_folders(folder, get_task(task)), methods, task)


def add_published(values: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Append the published methods that have the pairs of LKC-FUNet, and keep these pairs."""
    published = {
        f"{name.removesuffix(' released results')}, published": files
        for name, files in read_scores(path).items()
    }
    stems = [stem for stem in values.index.unique("file") if stem in published[REFERENCE]]
    whole = {name: files for name, files in published.items() if files.keys() >= set(stems)}
    rows = {stem: {name: files[stem] for name, files in whole.items()} for stem in stems}
    return pd.concat([values[values.index.isin(stems, level="file")], to_table(rows)])


def marked(text: str, place: float) -> str:
    """Mark the best and the second best in Markdown."""
    return MARKS.get(place, "{}").format(text)


def case(stem: str) -> str:
    """Name what a pair belongs to: a head (its number without the slice's), or a stretch of MSRS.

    The test folder holds six stretches of 20 frames, one in about 260 frame numbers.

    >>> case("16005"), case("00778N"), case("00850N"), case("01016N")
    ('16', 'stretch 2', 'stretch 2', 'stretch 3')
    """
    if stem[-1] in "DN":
        return f"stretch {(int(stem[:-1]) - 150) // 260}"
    return stem[:-3]


def beyond_chance(values: pd.DataFrame, other: str) -> str:
    """In how many metrics `lite` is surely better, and surely worse, than another method."""
    rows = bootstrap_differences(values, "lite", other, case)
    return f"{(rows['low'] > 0).sum()} : {(rows['high'] < 0).sum()}"


def markdown_table(values: pd.DataFrame) -> str:
    """Means, mean rank, and the wins of `lite`, as a Markdown table."""
    means = mean_values(values)
    places, overall = ranks(means, ties="dense"), mean_rank(means)
    overall_places = overall.rank(method="dense")
    header = ["method", *METRICS, "rank", "lite wins", "beyond chance"]
    lines = []
    for name, row in means.iterrows():
        numbers = [marked(four_digits(row[key]), places.loc[name, key]) for key in METRICS]
        rank = marked(f"{overall[name]:.2f}", overall_places[name])
        versus = ["", ""]
        if name != "lite":
            versus = [f"{count_wins(means, 'lite', name)} of 11", beyond_chance(values, name)]
        lines.append([name, *numbers, rank, *versus])
    return f"{markdown(pd.DataFrame(lines, columns=header))}\n"


def without_stronger(values: pd.DataFrame) -> pd.DataFrame:
    """Leave the stronger pyramid out."""
    return values.drop(STRONGER, level="method")


def stronger_pyramid(values: pd.DataFrame) -> str:
    """Say how `lite` does against the pyramid with the maximum as its base."""
    both = values.drop("laplacian", level="method")
    means = mean_values(both)
    overall = mean_rank(means)
    return (
        f"With the *maximum* as the base of the pyramid, in place of `laplacian`: mean rank "
        f"{overall[STRONGER]:.2f} to {overall['lite']:.2f} of `lite`, which wins "
        f"{count_wins(means, 'lite', STRONGER)} of 11 against it, beyond chance "
        f"{beyond_chance(both, STRONGER)}.\n"
    )


def section(title: str, values: pd.DataFrame) -> str:
    """A heading, the table of a set, and the sentence on the stronger pyramid."""
    table, stronger = markdown_table(without_stronger(values)), stronger_pyramid(values)
    return f"## {title}\n\n{table}\n{stronger}\n"


def costs_section(path: Path) -> str:
    """The table of `lkc bench`, or how to get it."""
    if not path.exists():
        return f"Not measured yet: `lkc bench --full --json benchmarks/results/{path.name}`."
    results = json.loads(path.read_text(encoding="utf-8"))
    about = ", ".join(f"{key} {value}" for key, value in results["machine"].items() if value)
    text = f"Untrained weights, one pair at a time, on: {about}. On a CPU the memory is what the\n"
    text += "run added to the process, on a GPU all tensors.\n\n"
    rows = [cost_cells(case) for case in results["cases"]]
    text += f"{markdown(pd.DataFrame(rows, columns=COST_COLUMNS))}\n"
    for size, ratios in results["base_over_lite"].items():
        for mode, ratio in ratios.items():
            text += f"\n`base` takes {ratio:.0f} times as long as `lite` ({size}, {mode}).\n"
    if "median_ms" in results["fuse_png_480x640"]:
        median = results["fuse_png_480x640"]["median_ms"]
        text += "\n`lkc.fuse` of two 480x640 PNG files with `lite`, reading included: "
        text += f"{median:.0f} ms.\n"
    return text


def artifacts_section(path: Path) -> str:
    """The table of `benchmarks.artifacts`."""
    return f"{markdown(pd.read_csv(path))}\n"


def base_section(path: Path) -> str:
    """The test means of the longest stored run of `base` with the hybrid norm."""
    rows = pd.read_csv(path).sort_values("steps")
    row = rows[rows["variant"] == "base-hybrid-own"].iloc[-1]
    means = [four_digits(row[f"test_{key}"]) for key in METRICS]
    line = [f"base, {row['steps']} steps", *means]
    return f"{markdown(pd.DataFrame([line], columns=['method', *METRICS]))}\n"


def write_values(task: str, values: pd.DataFrame) -> None:
    """Write the values of every image once; the stronger pyramid's to a file of their own."""
    values = values[~values.index.duplicated()]
    is_stronger = values.index.get_level_values("method") == STRONGER
    write_csv(HERE / "results" / f"{task}.csv", values[~is_stronger])
    write_csv(HERE / "results" / f"{task}-stronger-pyramid.csv", values[is_stronger])


def page_rows(task: str, values: pd.DataFrame) -> list[list[str]]:
    """What the page shows of a task: means of `lite` and of the published methods.

    Args:
        task: its name.
        values: by method and file, a column per metric.

    Returns:
        A row per method: task, method, number of pairs, the metrics, and the mean rank among all
        methods, those that are not shown included. Only pairs that every method has count.
    """
    methods = values.index.unique("method")
    counts = values.groupby(level="file").size()
    common = values[values.index.isin(counts[counts == len(methods)].index, level="file")]
    means, pairs = mean_values(common), len(common.index.unique("file"))
    places = mean_rank(means)
    return [
        [task, name, str(pairs), *(four_digits(row[key]) for key in METRICS), f"{places[name]:.2f}"]
        for name, row in means.iterrows()
        if name == "lite" or name.endswith("published")
    ]


def write_page_table(results: Path, target: Path) -> None:
    """Write what the page shows of the stored values."""
    rows = []
    for task, *_ in SETS.values():
        values = pd.read_csv(results / f"{task}.csv", index_col=["method", "file"])
        rows += page_rows(task, values)
    columns = ["task", "method", "pairs", *METRICS, "rank"]
    pd.DataFrame(rows, columns=columns).to_csv(target, index=False, lineterminator="\n")


def draw_ranks(compared: dict[str, pd.DataFrame]) -> None:
    """Write rank.png: one heat map per test folder."""
    with plt.rc_context({"font.size": 7, "axes.titlesize": 8}):
        figure, axes = plt.subplots(len(compared), figsize=(7.2, 9.2), layout="constrained")
        for ax, (title, values) in zip(axes, compared.items(), strict=True):
            plot_ranks(without_stronger(values), ax)
            ax.set_title(f"{title}, {len(values.index.unique('file'))} pairs: ranks of the means")
        figure.savefig(HERE / "rank.png", dpi=120)


def parse_arguments() -> Namespace:
    """Read the command line, and refuse folders that lack a set before the first is scored."""
    parser = ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="holds MSRS/ and Harvard/")
    parser.add_argument("--anchors", type=Path, required=True, help="holds the published values")
    given = parser.parse_args()
    for task, folder, anchor in SETS.values():
        source_folders(given.data / folder, get_task(task))
        read_scores(given.anchors / anchor)
    return given


def current_commit() -> str:
    """The commit that is checked out, marked where files differ from it."""
    command = ["git", "describe", "--always", "--dirty"]
    said = subprocess.run(command, cwd=HERE, capture_output=True, text=True).stdout.strip()
    return said or "unknown"


def main() -> None:
    """Run everything."""
    given, commit = parse_arguments(), current_commit()  # before results change it
    (HERE / "results").mkdir(exist_ok=True)
    tables, compared = "", {}
    for title, (task, folder, anchor) in SETS.items():
        values = score_set(task, given.data / folder)
        both = add_published(values, given.anchors / anchor)
        pairs, common = (len(table.index.unique("file")) for table in (values, both))
        compared[title] = both
        write_values(task, pd.concat([values, both]))
        which = f"all {pairs} pairs"
        if pairs > common:
            tables += section(f"{title}, {which}", values)
            which = f"the {common} pairs with published images"
        tables += section(f"{title}, {which}", both)
        print(f"{title}: {pairs} pairs, {common} with published images", flush=True)
    write_page_table(HERE / "results", PAGE_TABLE)
    draw_ranks(compared)
    text = Template((HERE / "template.md").read_text(encoding="utf-8")).substitute(
        date=date.today().isoformat(),
        commit=commit,
        ranks="![Ranks of the methods in each metric](rank.png)\n",
        tables=tables.rstrip() + "\n",
        artifacts=artifacts_section(HERE / "results" / "artifacts.csv"),
        base=base_section(HERE.parent / "experiments" / "results" / "base.csv"),
        costs=costs_section(HERE / "results" / "costs.json"),
    )
    (HERE / "README.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    run_command(main)
