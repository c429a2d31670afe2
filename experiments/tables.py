"""The tables of the study: one line per measure."""

from collections.abc import Iterable, Sequence
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata, spearmanr

from experiments.grid import NORMS
from lkc.evaluation import mean_rank
from lkc.evaluation.tables import markdown
from lkc.metrics import METRICS

TESTED = {f"test_{metric}": metric for metric in METRICS}
VALIDATED = {f"val_{metric}": f"{metric}, validation" for metric in METRICS}
MEASURES = {
    **TESTED,
    "kept_first": "target kept, 1st source",
    "kept_second": "target kept, 2nd source",
    "contrast_first": "target in the features, 1st source",
    "contrast_second": "target in the features, 2nd source",
    "hoyer": "Hoyer sparsity",
    "kurtosis": "kurtosis",
    "dead": "dead channels",
    "saturated": "saturated channels",
    "background_mean": "background, gray levels",
    "background_visible": "background above 4 levels",
    "batch_dependence": "batch mates, gray levels",
    "train_eval_gap": "train/eval gap, gray levels",
    "field_99": "field 99 %, pixels",
    "field_kernels_99": "field of the kernels 99 %",
}
KEYS = ("norm", "kernels", "build", "seed")
LEAST_RUNS = 6  # With fewer pairs no p is below 0.05.


def with_build(table: pd.DataFrame) -> pd.DataFrame:
    """Add "build": "no shortcut" (with the fusion module), "shortcut" or "plain joins"."""
    build = table["shortcut"].map({True: "shortcut", False: "no shortcut"})
    return table.assign(build=build.where(table["fusion"], "plain joins"))


def core(table: pd.DataFrame) -> pd.DataFrame:
    """The norms x kernels part: no shortcut, with the fusion module."""
    return table[table["build"] == "no shortcut"]


def by_measure(table: pd.DataFrame) -> str:
    """Write a table of texts as Markdown, one line per measure."""
    names = table.rename(index=MEASURES | VALIDATED)
    return markdown(names.rename_axis("measure").reset_index())


def number(value: float) -> str:
    """Three digits, or nothing where there is no value."""
    return "" if pd.isna(value) else f"{value:.3g}"


def over_seeds(table: pd.DataFrame, measures: Iterable[str] = MEASURES) -> pd.Series:
    """Standard deviation over the seeds of one network, pooled over all networks."""
    return table.groupby(["norm", "kernels", "build"])[list(measures)].var().mean() ** 0.5


def means_by(
    table: pd.DataFrame, column: str, order: Sequence[str], measures: Iterable[str] = MEASURES
) -> pd.DataFrame:
    """Mean ± standard deviation over runs."""
    groups = table.groupby(column)[list(measures)]
    mean, spread = groups.mean().loc[list(order)], groups.std().loc[list(order)]
    return (mean.map(number) + " ± " + spread.map("{:.2g}".format)).T


def mean_ranks(means: pd.DataFrame) -> pd.Series:
    """Average, over the eleven test metrics, of each row's rank: 1 is the highest value."""
    return mean_rank(means.rename(columns=TESTED))


def by_norm(
    table: pd.DataFrame, references: pd.DataFrame, measures: Iterable[str] = MEASURES
) -> str:
    """Means by norm, how far apart they and the seeds lie, the references, and mean ranks."""
    measures = list(measures)
    means = table.groupby("norm")[measures].mean()
    shown = means_by(table, "norm", NORMS, measures)
    shown["range of the means"] = (means.max() - means.min()).map(number)
    shown["over seeds"] = over_seeds(table, measures).map(number)
    for name, row in references.iterrows():
        shown[name] = row.reindex(measures).map(number)
    ranks = mean_ranks(means).map("{:.2f}".format)
    shown.loc["mean rank in 11 test metrics"] = ranks.reindex(shown.columns).fillna("")
    return by_measure(shown)


@cache
def sign_patterns(count: int) -> NDArray:
    """All ways to give so many differences a sign: (2 ** count, count) of -1 and 1."""
    return (np.arange(2**count)[:, None] >> np.arange(count)) % 2 * 2 - 1


def signed_rank_p(differences: pd.Series) -> float:
    """Count out p of Wilcoxon's signed-rank test: exact with ties too, zeros are dropped.

    >>> signed_rank_p(pd.Series([1, 2, 2, -1]))
    0.375
    """
    signed = differences[differences != 0].to_numpy()
    ranks = rankdata(np.abs(signed))
    sums = np.abs(sign_patterns(len(ranks)) @ ranks)
    return float(np.mean(sums >= abs(np.sign(signed) @ ranks)))


def difference(one: pd.Series, other: pd.Series) -> str:
    """Mean difference of runs that are equal in everything else, sign count and Wilcoxon's p."""
    differences = (one - other).round(9)  # equal values tie, whatever their last bit is
    if not differences.any():
        return "0"
    signs = f"{(differences > 0).sum()} of {len(differences)}"
    if len(differences) >= LEAST_RUNS:
        signs += f", p {signed_rank_p(differences):.4f}"
    return f"{differences.mean():+.3g} ({signs})"


def compare(table: pd.DataFrame, by: str, pairs: Iterable[tuple[str, str]]) -> pd.DataFrame:
    """Compare settings of one column, measure by measure, on runs that differ in nothing else."""
    keys = [key for key in KEYS if key != by]
    wide = table.set_index([*keys, by])[list(MEASURES)].unstack(by).dropna()
    columns = {
        f"{one} - {other}": {key: difference(wide[key][one], wide[key][other]) for key in MEASURES}
        for one, other in pairs
    }
    return pd.DataFrame(columns)


def side_by_side(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Join tables of equal lines; every column says which it comes from."""
    named = [table.rename(columns=f"{name}: {{}}".format) for name, table in tables.items()]
    return pd.concat(named, axis=1)


def over_time(table: pd.DataFrame, seeds: pd.Series, references: pd.DataFrame) -> str:
    """What a network reached in a short and in a long run, and how far apart the norms then lie."""
    short, long = (rows.set_index("variant")[list(MEASURES)] for _, rows in table.groupby("steps"))
    shown = (short.map(number) + " → " + long.map(number)).T
    own_kernels = [name for name in long.index if name.endswith("k15")]
    before, after = (rows.loc[own_kernels].std().map("{:.2g}".format) for rows in (short, long))
    shown["spread of the five norms"] = before + " → " + after
    shown["over seeds"] = seeds.map("{:.2g}".format)
    for name, row in references.iterrows():
        shown[name] = row.reindex(shown.index).map(number)
    return by_measure(shown)


def run_to_run(again: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """How far two runs with one seed and the same crops lie apart."""
    first = table[table["seed"] == 0].set_index("variant")[list(MEASURES)]
    second = again.set_index("variant")[list(MEASURES)]
    apart = (second - first.loc[second.index]).abs()
    columns = {"one seed twice, median": apart.median(), "one seed twice, largest": apart.max()}
    return pd.DataFrame(columns)


def base_by(column: str, label: str, table: pd.DataFrame, references: pd.DataFrame) -> str:
    """The paper's network with both norms, for each value of a column that the label names."""
    measures = [*MEASURES, *VALIDATED]
    columns = {}
    for value, rows in table.groupby(column):
        by_name = rows.set_index("norm")[measures].T
        for norm in by_name:
            columns[f"{norm}, {label.format(value)}"] = by_name[norm].map(number)
        gap = by_name["hybrid"] - by_name["batch"]
        columns[f"hybrid - batch, {label.format(value)}"] = gap.map("{:+.3g}".format)
    for name, row in references[["kept_first", "kept_second"]].iterrows():
        columns[name] = row.reindex(measures).map(number)
    return by_measure(pd.DataFrame(columns))


def base_differences(pairs: pd.DataFrame) -> pd.DataFrame:
    """Hybrid minus batch norm for every slice (rows) and metric (columns)."""
    wide = pairs.set_index(["pair", "variant"])[list(METRICS)].unstack("variant")
    return pd.DataFrame(
        {m: wide[m]["base-hybrid-own"] - wide[m]["base-batch-own"] for m in METRICS}
    )


def base_by_slice(differences: pd.DataFrame, behind: pd.Series) -> str:
    """Where the means come from: all slices, the middle one, those far behind and the rest."""
    columns = {
        "mean": differences.mean(),
        "median": differences.median(),
        f"mean of the {behind.sum()} far behind": differences[behind].mean(),
        f"mean of the other {(~behind).sum()}": differences[~behind].mean(),
    }
    shown = pd.DataFrame(columns).map("{:+.3f}".format)
    ahead = (differences > 0).sum().map(str) + f" of {len(differences)}"
    return by_measure(shown.assign(**{"hybrid is higher on": ahead}))


def by_averages(table: pd.DataFrame) -> str:
    """Networks with batch norm, and what their averages were taken over."""
    rows = table.set_index(table["variant"] + ": " + table["averages"])
    return by_measure(rows[[key for key in MEASURES if key in rows]].T.map(number))


def base_and_sources(gap: pd.Series, slices: pd.DataFrame) -> str:
    """Does the gap go with how bright or contrasty a slice's sources are? Rank correlations."""
    sources = slices.set_index("pair").loc[gap.index]
    rows = []
    for name in sources:
        test = spearmanr(gap, sources[name])
        row = {"of the slice": name, "rank correlation": f"{test.statistic:+.2f}"}
        rows.append(row | {"p": f"{test.pvalue:.4f}"})
    return markdown(pd.DataFrame(rows))
