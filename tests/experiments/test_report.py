"""The stored study: its tables are whole and agree, and its pages say what they hold."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy.stats import wilcoxon

from experiments.grid import KERNELS, NORMS, full_grid, norm_grid
from experiments.report import (
    FOLDER,
    TASKS,
    draw_figures,
    load_base_pairs,
    load_tables,
    read,
    write_tables,
)
from experiments.tables import (
    MEASURES,
    TESTED,
    base_and_sources,
    base_by_slice,
    base_differences,
    by_norm,
    compare,
    core,
    difference,
    mean_ranks,
    over_seeds,
    over_time,
    run_to_run,
    signed_rank_p,
    with_build,
)
from lkc.evaluation.tables import markdown


def made_up(value, norms=NORMS, kernels=("k15",), seeds=range(3)) -> pd.DataFrame:
    """A table of runs in which every measure is what `value` makes of norm, kernels and seed."""
    rows = [
        {"norm": n, "kernels": k, "seed": s, "shortcut": False, "fusion": True}
        | {"variant": f"{n}-{k}"}
        | dict.fromkeys(MEASURES, float(value(n, k, s)))
        for n, k, s in product(norms, kernels, seeds)
    ]
    return with_build(pd.DataFrame(rows))


@pytest.mark.parametrize("task", TASKS)
def test_the_stored_study_is_whole(task):
    table = load_tables()[task]
    assert len(table) == len(table[["variant", "seed"]].drop_duplicates()) == 3 * len(full_grid())
    assert len(core(table)) == 3 * len(NORMS) * len(KERNELS)


def test_the_long_runs_are_whole():
    table = read("long")
    assert len(table) == len(TASKS) * 2 * len(norm_grid())
    assert set(table["variant"]) == {variant.name for variant in norm_grid()}


@pytest.mark.parametrize("name", [*TASKS, "base"])
def test_networks_have_the_means_of_their_pairs(name):
    key = ["variant", "seed", "steps"]
    means = read(f"{name}-pairs").groupby(key)[list(TESTED.values())].mean()
    networks = read(name).set_index(key).loc[means.index, list(TESTED)]
    assert np.allclose(means, networks, rtol=1e-4)


def test_slices_of_base_are_those_that_were_tested():
    slices = read("base-slices").set_index("pair")
    assert set(slices.index) == set(load_base_pairs()["pair"])
    assert slices.nunique().min() > 30  # measured, not filled in


def test_tables_md_is_made_from_the_stored_tables():
    assert write_tables() == (FOLDER / "tables.md").read_text(encoding="utf-8")


def test_the_page_links_every_figure_and_no_other():
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    drawn = {f"{name}.png" for name in draw_figures()}
    assert drawn == {path.name for path in FOLDER.glob("*.png")}
    assert all(f"({name})" in page for name in drawn)


def test_base_with_the_hybrid_ends_ahead_in_every_metric():
    base = read("base").set_index(["steps", "norm"])[list(TESTED)]
    ahead = base.xs("hybrid", level="norm") > base.xs("batch", level="norm")
    assert ahead.sum(axis=1).to_dict() == {500: 9, 2600: 11}


def test_markdown_has_one_line_per_row():
    assert markdown(pd.DataFrame({"a": [1, 2]})) == "| a |\n| --- |\n| 1 |\n| 2 |"


def test_noise_is_pooled_over_networks_and_ignores_what_sets_them_apart():
    table = made_up(lambda n, k, s: 100 * NORMS.index(n) + (3 * s if n == "batch" else 0))
    assert over_seeds(table)["hoyer"] == pytest.approx((9 / len(NORMS)) ** 0.5)


def test_differences_are_paired():
    table = made_up(lambda n, k, s: 10 * s + (n == "hybrid"), kernels=KERNELS)
    shown = compare(table, "norm", [("hybrid", "batch")])["hybrid - batch"]
    assert set(shown) == {"+1 (12 of 12, p 0.0005)"}
    assert set(compare(table, "norm", [("group", "batch")])["group - batch"]) == {"0"}


def test_p_is_that_of_wilcoxons_test():
    differences = pd.Series(np.random.default_rng(1).normal(0.4, 1, 13))
    assert signed_rank_p(differences) == pytest.approx(wilcoxon(differences).pvalue)
    assert signed_rank_p(pd.Series([1.0] * 12)) == 2 / 2**12
    assert signed_rank_p(pd.Series([2.0, -2, 0])) == 1


def test_p_is_left_out_where_it_cannot_be_small():
    one, other = pd.Series([2.0, 3, 4]), pd.Series([1.0, 2, 5])
    assert difference(one, other) == "+0.333 (2 of 3)"


def test_mean_rank_is_the_norm_with_the_highest_metrics():
    table = made_up(lambda n, k, s: NORMS.index(n))
    assert mean_ranks(table.groupby("norm")[list(TESTED)].mean())[NORMS[-1]] == 1
    reference = pd.DataFrame({"hoyer": [0.5]}, index=["rule"])
    lines = by_norm(table, reference, ["test_MI", *(m for m in TESTED if m != "test_MI"), "hoyer"])
    first = f"| MI | {' | '.join(f'{i} ± 0' for i in range(5))} | 4 | 0 |  |"
    assert first in lines.splitlines()
    assert lines.splitlines()[-2].endswith("| 4 | 0 | 0.5 |")


def test_over_time_compares_the_same_network_and_the_norms_spread():
    short = made_up(lambda n, k, s: 1 + 2 * (n == "hybrid"), ("batch", "hybrid"), seeds=[0])
    long = made_up(lambda n, k, s: 5, ("batch", "hybrid"), seeds=[0])
    table = pd.concat([short.assign(steps=10), long.assign(steps=20)])
    seeds = pd.Series(0.25, index=list(MEASURES))
    reference = pd.DataFrame({"kept_first": [0.5]}, index=["rule"])
    lines = over_time(table, seeds, reference).splitlines()
    assert lines[0] == (
        "| measure | batch-k15 | hybrid-k15 | spread of the five norms | over seeds | rule |"
    )
    assert lines[2] == "| EN | 1 → 5 | 3 → 5 | 1.4 → 0 | 0.25 |  |"  # root of 2


def test_two_runs_of_one_seed_are_compared_network_by_network():
    first = made_up(lambda n, k, s: NORMS.index(n))
    again = made_up(lambda n, k, s: NORMS.index(n) - (4 if n == "batch" else 1), seeds=[0])
    apart = run_to_run(again, first).loc["test_EN"].tolist()
    assert apart == [1, 4]


def test_base_is_compared_slice_by_slice():
    rows = [
        {"pair": pair, "variant": f"base-{norm}-own"} | dict.fromkeys(TESTED.values(), value)
        for norm, values in (("batch", (1.0, 2, 3)), ("hybrid", (2.0, 2.5, 1)))
        for pair, value in zip("abc", values, strict=True)
    ]
    gaps = base_differences(pd.DataFrame(rows))
    assert gaps["MI"].to_dict() == {"a": 1, "b": 0.5, "c": -2}
    line = base_by_slice(gaps, gaps["MI"] > 0.7).splitlines()[2]
    assert line == "| EN | -0.167 | +0.500 | +1.000 | -0.750 | 2 of 3 |"
    slices = pd.DataFrame({"pair": list("cba"), "mean_first": [3, 2, 1]})
    assert "| mean_first | -1.00 | 0.0000 |" in base_and_sources(gaps["MI"], slices)
