"""Lessons 08a and 08b: read, compare and draw the results of the ablation study.

They lie in the repository (experiments/results), beside the notebooks, not in an installed package.
"""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy.stats import wilcoxon

from lkc import metrics, viz
from lkc.errors import InputError
from lkc.tutorial.examples import REPOSITORY, read_stored

RESULTS = REPOSITORY / "experiments" / "results"
TASKS = ("ir-vis", "mri-ct")
NORMS = ("batch", "group", "layer", "hybrid", "instance")
KERNELS = ("k3", "k7", "k15", "k31")
METRICS = tuple(metrics.METRICS)
BUILDS = ("as is", "plain", "shortcut")


def load_results(task: str) -> pd.DataFrame:
    """Read the measurements of a task's networks.

    Args:
        task: "ir-vis" or "mri-ct".

    Returns:
        One row per network; metrics under their own names (means over the test pairs), and
        "build": "as is" (adaptive fusion, no shortcut), "plain" (joins that add) or "shortcut".

    Raises:
        InputError: there are no results of this task, or no clone of the repository.

    Example:
        >>> len(load_results("ir-vis"))
        90
    """
    table = read_stored(RESULTS / f"{task}.csv", task)
    table = table.rename(columns=lambda name: name.removeprefix("test_"))
    build = np.where(table["shortcut"], "shortcut", np.where(table["fusion"], "as is", "plain"))
    return table.assign(build=build)


def load_pair_results(task: str) -> pd.DataFrame:
    """Read the metrics of every network on every test pair: one row each.

    Raises:
        InputError: there are no results of this task, or no clone of the repository.
    """
    return read_stored(RESULTS / f"{task}-pairs.csv", f"{task}-pairs")


def load_references(task: str) -> pd.DataFrame:
    """Read the values of rules without a network, on the pairs of `load_results`.

    Args:
        task: "ir-vis" or "mri-ct".

    Returns:
        One row for the "maximum rule" and one for the "best image", the one that the objective asks
        for, found pixel by pixel; columns as in `load_results` where they were measured.

    Raises:
        InputError: there is no clone of the repository.

    Example:
        >>> list(load_references("mri-ct").index)
        ['maximum rule', 'best image']
    """
    rows = read_stored(RESULTS / "reference.csv", "reference")
    rows = rows[(rows["task"] == task) & (rows["every"] == 1)].set_index("rule")
    return rows.rename(columns=lambda name: name.removeprefix("test_"))


def load_averages() -> pd.DataFrame:
    """Read what networks with batch norm do when their averages are taken again, on mri-ct.

    Returns:
        One row for each network and for its averages of "training", of more "crops" and of "whole
        slices"; columns as in `load_references`.

    Raises:
        InputError: there is no clone of the repository.

    Example:
        >>> len(load_averages())
        6
    """
    rows = read_stored(RESULTS / "averages.csv", "averages").set_index(["variant", "averages"])
    return rows.rename(columns=lambda name: name.removeprefix("test_"))


def norms_by_kernels(table: pd.DataFrame) -> pd.DataFrame:
    """Keep the balanced part: 5 norms x 4 kernel sizes x 3 seeds, all built as is."""
    return table[table["build"] == "as is"]


def shares_of_variation(table: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Split the variation between networks into its causes.

    Args:
        table: a balanced design, see `norms_by_kernels`.
        columns: what varies.

    Returns:
        One row per column: shares of the sum of squares that "norm", "kernels", "both together"
        (what each does depends on the other) and "seed" account for; they add up to 1.

    Example:
        >>> shares = shares_of_variation(norms_by_kernels(load_results("ir-vis")), ["AG"])
        >>> float(round(shares.loc["AG"].sum(), 6))
        1.0
    """
    values = table[columns]

    def explained(*by: str) -> pd.Series:
        means = table.groupby(list(by))[columns].transform("mean")
        return ((means - values.mean()) ** 2).sum()

    total = ((values - values.mean()) ** 2).sum()
    norm, kernels = explained("norm"), explained("kernels")
    cells = explained("norm", "kernels")
    parts = {
        "norm": norm,
        "kernels": kernels,
        "both together": cells - norm - kernels,
        "seed": total - cells,
    }
    return pd.DataFrame(parts).div(total, axis=0)


def paired_test(table: pd.DataFrame, by: str, one: str, other: str, column: str) -> pd.Series:
    """Compare two settings on networks that are equal in everything else.

    Args:
        table: from `load_results`, or a part of it.
        by: column of the setting, such as "norm", "kernels" or "build".
        one, other: its values.
        column: what is compared.

    Returns:
        "runs" (pairs of networks), mean "difference" (one - other), in how many runs "one is
        higher", and "p" of Wilcoxon's signed-rank test.

    Raises:
        InputError: fewer than two pairs of networks.

    Example:
        >>> paired_test(load_results("mri-ct"), "build", "shortcut", "as is", "MI")["runs"].item()
        15.0
    """
    keys = [key for key in ("norm", "kernels", "build", "seed") if key != by]
    wide = table[table[by].isin([one, other])].pivot_table(column, keys, by)
    if not {one, other} <= set(wide) or len(wide.dropna()) < 2:
        raise InputError(f"no two pairs of networks that differ in {one!r} and {other!r} only.")
    difference = (wide[one] - wide[other]).dropna()
    return pd.Series(
        {
            "runs": len(difference),
            "difference": difference.mean(),
            "one is higher": (difference > 0).sum(),
            "p": wilcoxon(difference).pvalue,
        }
    )


def seeds_against_each_other(pairs: pd.DataFrame, metric: str) -> pd.Series:
    """Test networks of one and the same variant against each other, image by image.

    Args:
        pairs: from `load_pair_results`.
        metric: what is compared.

    Returns:
        p of Wilcoxon's signed-rank test over the test pairs, for each variant and pair of seeds.
    """
    result = {}
    for variant, rows in pairs.groupby("variant"):
        wide = rows.pivot(index="pair", columns="seed", values=metric)
        for one, other in ((0, 1), (0, 2), (1, 2)):
            result[variant, one, other] = wilcoxon(wide[one], wide[other]).pvalue
    return pd.Series(result, name="p").rename_axis(["variant", "seed", "other seed"])


def correlation_within(table: pd.DataFrame, x: str, y: str, by: str) -> float:
    """Correlate two columns among networks of equal `by`, after subtracting each group's mean.

    Example:
        >>> table = pd.DataFrame({"g": [0, 0, 1, 1], "x": [1, 2, 8, 9], "y": [5, 4, 8, 7]})
        >>> correlation_within(table, "x", "y", by="g")
        -1.0
    """
    centred = table[[x, y]] - table.groupby(by)[[x, y]].transform("mean")
    return round(float(centred[x].corr(centred[y])), 12)


def show_runs(task: str, column: str) -> Figure:
    """Draw one dot per network of the balanced part: the callback of the first widget."""
    table = norms_by_kernels(load_results(task))
    figure = viz.plot_runs(table, x=column, y="norm", marks="kernels", order=NORMS)
    figure.axes[0].set_title(task)
    return figure


def show_duel(task: str, one: str, other: str, metric: str) -> Figure:
    """Compare two variants by seed and by image: the callback of the second widget.

    Args:
        task: "ir-vis" or "mri-ct".
        one, other: names of variants, such as "hybrid-k15".
        metric: one of `METRICS`.

    Returns:
        Left the means of every seed, right the differences of every image and seed.
    """
    pairs = load_pair_results(task)
    wide = pairs.pivot_table(metric, ["seed", "pair"], "variant")
    figure, axes = viz.make_axes(1, 2, height=2.4)
    left, right = axes[0]
    for name, mark in ((one, "o-"), (other, "s--")):
        means = wide[name].groupby("seed").mean()
        left.plot(means.index.astype(str), means, mark, label=name)
    left.legend()
    left.set(xlabel="seed", ylabel=f"{metric}, mean over images")
    difference = wide[one] - wide[other]
    viz.plot_histograms({"": difference.to_numpy()}, bins=40, xlabel=f"{metric} by image", ax=right)
    right.axvline(0, color="black", linewidth=0.8)
    right.set_title(f"{one} is higher on {(difference > 0).mean():.0%} of the images")
    return figure
