"""Rank `lite` and `nano` beside the published methods whose values are at hand.

    python -m benchmarks.peers --data DATA --anchors ANCHORS        (ten minutes on two cores)

Writes peers.md (from peers_template.md), results/peers.csv and results/peers-pairs.csv.
"""

from argparse import ArgumentParser
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from string import Template

import pandas as pd

from benchmarks.detail_front import front_table
from benchmarks.kept_detail import kept_table
from benchmarks.peer_costs import cost_table
from benchmarks.published import SETS, find_sources, read_published
from benchmarks.run import marked
from lkc.console import run_command
from lkc.evaluation import compare, count_wins, mean_rank, mean_values, ranks
from lkc.evaluation.scoring import Method, Scores
from lkc.evaluation.tables import four_digits, markdown
from lkc.metrics import METRICS
from lkc.model.loading import load_model

HERE = Path(__file__).parent
OURS = ("lite", "nano")


def score_set(title: str, data: Path, anchors: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Score a set: values on pairs that nearly all methods have, and of methods with fewer pairs.

    Returns:
        Two tables by method and file; the second holds methods that have fewer pairs than half of
        them, with our networks on these pairs, and may be empty.
    """
    task = SETS[title][0]
    most, few = read_published(title, data, anchors)
    methods: dict[str, Method] = {**{name: load_model(name, task) for name in OURS}, **most}
    parts = [compare(*pair, methods, task) for pair in find_sources(title, data)]
    values = pd.concat(parts)
    return values, add_few(values, few)


def add_few(values: pd.DataFrame, few: Mapping[str, Scores]) -> pd.DataFrame:
    """The values of methods with few pairs."""
    rows = {
        (name, stem): row
        for name, files in few.items()
        for stem, row in files.items()
        if stem in values.index.unique("file")
    }
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(METRICS))


def wins_text(means: pd.DataFrame, name: str, ours: Iterable[str]) -> list[str]:
    """In how many metrics each of our networks beats a method."""
    return ["" if name == own else f"{count_wins(means, own, name)}" for own in ours]


def rank_table(values: pd.DataFrame, ours: Sequence[str]) -> pd.DataFrame:
    """Means, mean rank among all methods, and the wins of our networks; the best rank first."""
    means = mean_values(values)
    places, overall = ranks(means, ties="dense"), mean_rank(means)
    rows = []
    for name in overall.sort_values().index:
        numbers = [marked(four_digits(means.loc[name, k]), places.loc[name, k]) for k in METRICS]
        rows.append([name, *numbers, f"{overall[name]:.2f}", *wins_text(means, name, ours)])
    columns = ["method", *METRICS, "rank", *(f"{own} wins" for own in ours)]
    return pd.DataFrame(rows, columns=columns)


def sentence_on_few(values: pd.DataFrame, few: pd.DataFrame, ours: Sequence[str]) -> str:
    """How our networks do against methods that have values on fewer pairs."""
    text = ""
    for name in few.index.get_level_values(0).unique():
        own = few.loc[name]
        ours_there = values[values.index.isin(own.index, level="file")].loc[list(ours)]
        means = pd.concat([mean_values(ours_there), own.mean().rename(name).to_frame().T])
        wins = ", ".join(f"`{one}` {count_wins(means, one, name)}" for one in ours)
        text += f"\nAgainst {name}, on its {len(own)} pairs: {wins} of 11 metrics won.\n"
    return text


def main() -> None:
    """Score every set and write page and tables."""
    parser = ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="holds MSRS/, TNO/, Harvard/, ...")
    parser.add_argument("--anchors", type=Path, required=True, help="holds the published values")
    given = parser.parse_args()
    sections, means, pairs = "", [], []
    for title in SETS:
        values, few = score_set(title, given.data, given.anchors)
        count, table = len(values.index.unique("file")), rank_table(values, OURS)
        sections += f"## {title}, {count} pairs\n\n{markdown(table)}\n"
        sections += sentence_on_few(values, few, OURS) + "\n"
        rank = mean_rank(mean_values(values)).rename("rank")
        means.append(mean_values(values).join(rank).assign(set=title, pairs=count))
        pairs.append(values.loc[list(OURS)].assign(set=title))
        print(f"{title}: {count} pairs", rank.sort_values().head(5).round(2).to_dict(), flush=True)
    for name, tables in (("peers", means), ("peers-pairs", pairs)):
        pd.concat(tables).to_csv(
            HERE / "results" / f"{name}.csv", float_format="%.6g", lineterminator="\n"
        )
    kept = kept_table(pd.read_csv(HERE / "results" / "kept-detail.csv"))
    front = front_table(pd.read_csv(HERE / "results" / "detail-front.csv"))
    text = Template((HERE / "peers_template.md").read_text(encoding="utf-8")).substitute(
        date=date.today().isoformat(),
        costs=markdown(cost_table(OURS)),
        kept=markdown(kept),
        front=markdown(front),
        tables=sections.rstrip() + "\n",
    )
    (HERE / "peers.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    run_command(main)
