"""Rank methods, count wins, and estimate how sure a difference of means is."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata

from lkc.metrics import EXTRA_METRICS, METRICS

RESAMPLES = 2000
SEED = 0
LEVELS = (2.5, 97.5)  # 95 % of the values lie between these percentiles.
HUGE = 1e9  # This stands for infinity where an infinite value would spoil a sum with weight 0.
DIRECTION = {
    key: 1 if metric.better == "higher" else -1 for key, metric in (METRICS | EXTRA_METRICS).items()
}


def direction(columns: pd.Index) -> pd.Series:
    """Return +1 for metrics where higher is better, -1 for the others."""
    return pd.Series(DIRECTION).reindex(columns)


def mean_values(values: pd.DataFrame) -> pd.DataFrame:
    """Average a table from `compare` over the files: a row per method, a column per metric."""
    return values.groupby(level="method", sort=False).mean()


def six_digits(means: pd.DataFrame) -> pd.DataFrame:
    """Round to six digits, so that the rounding of float sums does not break ties.

    >>> six_digits(pd.DataFrame({"SD": [46.6288014, 46.6288023]}))["SD"].tolist()
    [46.6288, 46.6288]
    """
    return means.map(lambda value: float(f"{value:.6g}"))


def ranks(means: pd.DataFrame, ties: str = "average") -> pd.DataFrame:
    """Rank the methods in each metric, in the metric's direction.

    Args:
        means: one row per method, one column per metric.
        ties: "average" shares the ranks of equal values (to six digits), "dense" leaves no gap
            after them.

    Returns:
        The same shape; 1 is the best, NaN where a method has no value.

    Example:
        >>> means = pd.DataFrame({"EN": [7, 7, 6], "Nabf": [0.1, 0.2, 0.3]}, list("xyz"))
        >>> ranks(means)["EN"].tolist(), ranks(means)["Nabf"].tolist()
        ([1.5, 1.5, 3.0], [1.0, 2.0, 3.0])
    """
    return (six_digits(means) * direction(means.columns)).rank(ascending=False, method=ties)


def mean_rank(means: pd.DataFrame) -> pd.Series:
    """Average each method's rank over the eleven metrics; 1 is best in all of them."""
    return ranks(means[list(METRICS)]).mean(axis=1)


def count_wins(means: pd.DataFrame, first: str, other: str) -> int:
    """Count the metrics, of the eleven, in which the first method has the better mean."""
    rounded = six_digits(means)
    gain = (rounded.loc[first] - rounded.loc[other]) * direction(means.columns)
    return int((gain[list(METRICS)] > 0).sum())


def draw_with_replacement(count: int) -> NDArray[np.int64]:
    """Say how often each of `count` things is in each resample: (RESAMPLES, count)."""
    generator = np.random.default_rng(SEED)
    return generator.multinomial(count, np.full(count, 1 / count), RESAMPLES)


def bootstrap_differences(
    values: pd.DataFrame, first: str, other: str, group: Callable[[str], str] = str
) -> pd.DataFrame:
    """Estimate an interval for the mean difference of two methods by resampling pairs.

    The files are drawn with replacement, both methods on the same draw (paired bootstrap with
    percentile interval). Slices of one head, or frames of one drive, are not independent:
    name their group, and whole groups are drawn.

    Args:
        values: table from `compare`.
        first, other: two methods in it.
        group: file -> name of its group; by default each file is its own.

    Returns:
        One row per metric: "difference" (first minus other), and "low" and "high" of its 95 %
        interval; NaN where a value is missing or infinite.

    Source:
        Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapters 8 and 13; groups as
        in Davison and Hinkley, Bootstrap Methods and their Application (1997), section 3.8.

    Example:
        >>> index = pd.MultiIndex.from_product([["x", "y"], ["1", "2"]], names=["method", "file"])
        >>> values = pd.DataFrame({"EN": [7.0, 6.0, 5.0, 5.0]}, index)
        >>> bootstrap_differences(values, "x", "y").loc["EN"].tolist()
        [1.5, 1.0, 2.0]
    """
    differences = values.loc[first] - values.loc[other]  # (files, metrics)
    groups = differences.groupby(differences.index.map(group))
    draws = draw_with_replacement(groups.ngroups)
    with np.errstate(invalid="ignore"):
        sums = draws @ groups.sum(min_count=1).to_numpy()  # (resamples, metrics)
        means = sums / (draws @ groups.size().to_numpy())[:, None]
        low, high = np.percentile(means, LEVELS, axis=0)
    return pd.DataFrame(
        {"difference": differences.mean(skipna=False), "low": low, "high": high},
        index=differences.columns,
    )


def bootstrap_means(values: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Estimate an interval for each method's means and mean rank by resampling pairs.

    All methods see the same draws. Whether one method is better than another is told by
    `bootstrap_differences`, since these intervals may overlap even then.

    Args:
        values: table from `compare`; every method has the same files.

    Returns:
        Two tables, the lower and the upper ends of the 95 % intervals: one row per method, one
        column per metric, and "rank"; NaN where a value is missing or infinite.

    Source:
        As `bootstrap_differences`.

    Example:
        >>> index = pd.MultiIndex.from_product([["x", "y"], ["1", "2"]], names=["method", "file"])
        >>> values = pd.DataFrame({key: [7.0, 6.0, 5.0, 5.0] for key in METRICS}, index)
        >>> low, high = bootstrap_means(values)
        >>> low.loc["x", "EN"], high.loc["x", "EN"], high.loc["x", "rank"]
        (np.float64(6.0), np.float64(7.0), np.float64(1.0))
    """
    methods = values.index.unique("method")
    table = np.stack([values.loc[name].to_numpy() for name in methods])  # (methods, files, metrics)
    finite = np.isfinite(table).all(axis=1)  # (methods, metrics)
    draws = draw_with_replacement(table.shape[1]) / table.shape[1]  # (resamples, files)
    means = np.einsum("rf,mfk->rmk", draws, table.clip(-HUGE, HUGE), optimize=True)
    low, high = np.where(finite, np.percentile(means, LEVELS, axis=0), np.nan)
    low, high = (pd.DataFrame(end, methods, values.columns) for end in (low, high))
    ranked = means[..., values.columns.isin(list(METRICS))]  # (resamples, methods, 11)
    rounded = six_digits(pd.DataFrame(ranked.reshape(-1, len(METRICS)))).to_numpy()
    signs = direction(values.columns)[list(METRICS)].to_numpy()
    places = rankdata(-signs * rounded.reshape(ranked.shape), axis=1).mean(axis=2)
    low["rank"], high["rank"] = np.percentile(places, LEVELS, axis=0)
    return low, high


def worst_first(values: pd.DataFrame, method: str) -> list[str]:
    """Sort the files, where a method does worst first.

    Args:
        values: table from `compare`.
        method: one of its methods.

    Returns:
        The files by the method's rank on them among all methods, averaged over the eleven metrics;
        where that is equal, by how low its own values are there.

    Example:
        >>> index = pd.MultiIndex.from_product([["x", "y"], ["1", "2"]], names=["method", "file"])
        >>> values = pd.DataFrame({key: [7.0, 4.0, 5.0, 5.0] for key in METRICS}, index)
        >>> worst_first(values, "x"), worst_first(values, "y")
        (['2', '1'], ['1', '2'])
    """
    directed = values[list(METRICS)] * direction(pd.Index(list(METRICS)))
    among_all = directed.groupby(level="file").rank(ascending=False).mean(axis=1)
    among_own = directed.groupby(level="method").rank(ascending=False).mean(axis=1)
    both = pd.DataFrame({"all": among_all, "own": among_own}).loc[method]
    return list(both.sort_values(["all", "own"], ascending=False, kind="stable").index)
