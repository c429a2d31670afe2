"""The numbers on the study's page are those of its tables."""

import pandas as pd
import pytest

from experiments.report import (
    BEHIND,
    FOLDER,
    TASKS,
    at_k15,
    load_base_pairs,
    load_tables,
    read,
    references_of,
)
from experiments.tables import TESTED, base_differences, core, mean_ranks, over_seeds


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


def facts_of_kernels_and_builds() -> list[str]:
    """What the page says of kernels, the fusion module and the shortcut."""
    roads, heads = (load_tables()[task] for task in TASKS)
    by_kernels = [
        core(table).groupby("kernels").mean(numeric_only=True) for table in (roads, heads)
    ]
    fields = [means["field_kernels_99"].round().astype(int) for means in by_kernels]
    falls = [means.loc["k3"] - means.loc["k31"] for means in by_kernels]
    builds = [
        table[table["kernels"] == "k15"].groupby("build").mean(numeric_only=True)
        for table in (roads, heads)
    ]
    gains = [means.loc["no shortcut"] - means.loc["plain joins"] for means in builds]
    noise = pd.DataFrame({"roads": over_seeds(roads), "heads": over_seeds(heads)})
    qabf_noise = noise.loc["test_Qabf"].map(lambda x: short(x, 3))
    other_noise = noise.map(short)
    mi, qabf = builds[0]["test_MI"], builds[0]["test_Qabf"]
    return [
        f"from {fields[0]['k3']} to {fields[0]['k31']} pixels "
        f"(MRI-CT: {fields[1]['k3']} to {fields[1]['k31']}).",
        f"Qabf falls by {short(falls[0]['test_Qabf'], 3)} (15 of 15,",
        f"{short(falls[1]['kept_first'], 3)} less of an MRI",
        f"Qabf +{short(gains[0]['test_Qabf'], 3)} and AG +{short(gains[0]['test_AG'])} (15 of 15)",
        f"PSNR -{short(-gains[0]['test_PSNR'])} (12) and SSIM -{short(-gains[0]['test_SSIM'], 3)}",
        f"targets -{short(-gains[1]['kept_first'])} (14) and -{short(-gains[1]['kept_second'])}",
        f"{qabf_noise['roads']} (roads) and {qabf_noise['heads']} in Qabf, "
        f"{' and '.join(other_noise.loc['test_MI'])} in MI, "
        f"{' and '.join(other_noise.loc['kept_first'])} in the first",
        f"MI {mi['shortcut']:.2f} instead of {mi['no shortcut']:.2f}, "
        f"Qabf {short(qabf['shortcut'], 3)} instead of {short(qabf['no shortcut'], 3)};",
    ]


def facts_of_long_runs_and_base() -> list[str]:
    """What the page says of training time and of the paper's own network."""
    long = read("long").query("kernels == 'k15' and task == 'mri-ct'")
    after = long.query("steps == 6000").set_index("norm").loc["batch"]
    spread = long.groupby("steps")[["test_SD", "test_PSNR"]].std()
    base = read("base").set_index(["steps", "norm"]).loc[2600]
    gaps = base_differences(load_base_pairs())
    ssim = read("averages").pivot(index="averages", columns="variant", values="test_SSIM")
    k3, k15 = ssim["batch-k3"], ssim["batch-k15"]
    return [
        f"batch keeps {short(after['kept_first'])} and {short(after['kept_second'])}.",
        f"SD {spread['test_SD'][1200]:.1f} to {short(spread['test_SD'][6000])},",
        f"(MI {base['test_MI']['hybrid']:.2f} to {base['test_MI']['batch']:.2f},",
        f"by {base['batch_dependence']['batch']:.1f} gray levels and use differs from training by "
        f"{base['train_eval_gap']['batch']:.1f},",
        f"{(gaps['MI'] > BEHIND).sum()} of the {len(gaps)} slices",
        f"SSIM {k15['training']:.2f} to {short(k15['whole slices'])} and "
        f"{short(k3['whole slices'])},",
        f"the higher PSNR on {(gaps['PSNR'] < 0).sum()} of {len(gaps)}",
    ]


@pytest.mark.parametrize(
    "facts", [facts_of_norms, facts_of_kernels_and_builds, facts_of_long_runs_and_base]
)
def test_the_page_says_what_the_tables_hold(facts):
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert [fact for fact in facts() if fact not in page] == []
