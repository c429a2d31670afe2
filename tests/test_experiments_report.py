"""The stored study: its tables are whole and agree, and its pages say what they hold."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy.stats import wilcoxon

from experiments.grid import KERNELS, NORMS, full_grid, norm_grid
from experiments.report import (
    BEHIND,
    FOLDER,
    TASKS,
    at_k15,
    draw_figures,
    load_base_pairs,
    load_tables,
    read,
    references_of,
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
    markdown,
    mean_ranks,
    over_seeds,
    over_time,
    run_to_run,
    signed_rank_p,
    with_build,
)


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


def short(value: float, digits: int = 2) -> str:
    """A number as the page writes it: without the zero before the point."""
    return f"{value:.{digits}f}".replace("0.", ".", 1) if abs(value) < 1 else f"{value:.{digits}f}"


def facts_of_norms() -> list[str]:
    """What the page says of the norms at 1200 steps."""
    tables = load_tables()
    roads, heads = (core(tables[task]).groupby("norm").mean(numeric_only=True) for task in TASKS)
    rule, best = (references_of("ir-vis").loc[name] for name in ("maximum rule", "best image"))

    def kept(row: pd.Series) -> str:
        return f"{short(row['kept_first'])} and {short(row['kept_second'])}"

    def to(metric: str, digits: int) -> str:
        hybrid, batch = (short(roads.loc[norm, metric], digits) for norm in ("hybrid", "batch"))
        return f"({hybrid} to {batch})"

    ranks = [mean_ranks(means[list(TESTED)]).map("{:.2f}".format) for means in (roads, heads)]
    spans = {}
    for build in ("shortcut", "no shortcut"):
        by_norm = at_k15(tables["ir-vis"], build).groupby("norm")["test_MI"].mean()
        spans[build] = short(by_norm.max() - by_norm.min())
    return [
        f"{short(roads.loc['batch', 'kept_first'])} (infrared) and "
        f"{short(roads.loc['batch', 'kept_second'])} (visible); the *maximum rule* {kept(rule)};",
        f"Hybrid keeps {kept(roads.loc['hybrid'])}, instance {kept(roads.loc['instance'])}.",
        f"keeps {kept(best)}: so",
        f"hybrid keeps {kept(heads.loc['hybrid'])}, group {kept(heads.loc['group'])};",
        f"MI {to('test_MI', 2)}, Qabf {to('test_Qabf', 3)}",
        f"{ranks[0]['hybrid']} to {ranks[0]['batch']}; instance {ranks[0]['instance']}",
        f"{ranks[1]['hybrid']} both, group and layer {ranks[1]['group']}",
        f"MI spans {spans['shortcut']} over the norms, without the shortcut {spans['no shortcut']}",
    ]


def facts_of_long_runs_and_base() -> list[str]:
    """What the page says of training time and of the paper's own network."""
    long = read("long").query("kernels == 'k15' and task == 'mri-ct'")
    after = long.query("steps == 6000").set_index("norm").loc["batch"]
    spread = long.groupby("steps")[["test_SD", "test_PSNR"]].std()
    base = read("base").set_index(["steps", "norm"]).loc[2600]
    gaps = base_differences(load_base_pairs())
    return [
        f"batch keeps {short(after['kept_first'])} and {short(after['kept_second'])}.",
        f"SD {spread['test_SD'][1200]:.1f} to {short(spread['test_SD'][6000])},",
        f"(MI {base['test_MI']['hybrid']:.2f} to {base['test_MI']['batch']:.2f},",
        f"by {base['batch_dependence']['batch']:.1f} gray levels and use differs from training by "
        f"{base['train_eval_gap']['batch']:.1f},",
        f"{(gaps['MI'] > BEHIND).sum()} of the {len(gaps)} slices",
        f"the higher PSNR on {(gaps['PSNR'] < 0).sum()} of {len(gaps)}",
    ]


@pytest.mark.parametrize("fact", [*facts_of_norms(), *facts_of_long_runs_and_base()])
def test_the_page_says_what_the_tables_hold(fact):
    assert fact in (FOLDER / "README.md").read_text(encoding="utf-8")


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
