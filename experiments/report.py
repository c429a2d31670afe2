"""Write tables.md and the figures from the study's CSV files: python -m experiments.report."""

from itertools import combinations
from pathlib import Path

import pandas as pd
from scipy.stats import wilcoxon

from experiments.grid import KERNELS, NORMS
from lkc.viz.style import make_axes, use_style

FOLDER = Path(__file__).parent
TASKS = ("ir-vis", "mri-ct")
SHOWN = {
    "test_MI": "MI",
    "test_VIFF": "VIFF",
    "test_Qabf": "Qabf",
    "test_SSIM": "SSIM",
    "test_PSNR": "PSNR",
    "test_EN": "EN",
    "test_SD": "SD",
    "test_AG": "AG",
    "hoyer": "Hoyer",
    "kept_first": "target kept",
    "batch_dependence": "batch mates",
    "train_eval_gap": "train/eval",
    "field_kernels_99": "field 99 %",
}
CLAIMS = ["test_Qabf", "test_SSIM", "test_AG", "hoyer", "kept_first"]


def core(table: pd.DataFrame) -> pd.DataFrame:
    """The norms x kernels part: no shortcut, with the fusion module."""
    return table[~table["shortcut"] & table["fusion"]]


def markdown(table: pd.DataFrame) -> str:
    """Write a table of texts as Markdown."""
    lines = [table.columns, ["---"] * len(table.columns), *table.astype(str).to_numpy()]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def means_by(table: pd.DataFrame, column: str) -> str:
    """Mean and standard deviation over runs, as Markdown."""
    groups = table.groupby(column)[list(SHOWN)]
    mean, spread = groups.mean(), groups.std()
    if column == "kernels":
        mean, spread = mean.loc[list(KERNELS)], spread.loc[list(KERNELS)]
    text = mean.map("{:.3g}".format) + " ± " + spread.map("{:.2g}".format)
    return markdown(text.rename(columns=SHOWN).reset_index())


def paired_tests(table: pd.DataFrame) -> str:
    """Differences between norms at equal kernels and seed, with Wilcoxon's signed-rank test."""
    rows = []
    for one, other in combinations(NORMS, 2):
        keys = ["kernels", "seed"]
        a = table[table["norm"] == one].set_index(keys).sort_index()
        b = table[table["norm"] == other].set_index(keys).sort_index()
        row = {"pair": f"{one} - {other}", "runs": len(a)}
        for column in CLAIMS:
            p = wilcoxon(a[column], b[column]).pvalue
            row[SHOWN[column]] = f"{(a[column] - b[column]).mean():+.3f} (p {p:.4f})"
        rows.append(row)
    return markdown(pd.DataFrame(rows))


def over_time(table: pd.DataFrame) -> str:
    """What a network reached in a short and in a long run, and how far apart the norms then lie."""
    short, long = (rows.set_index("variant") for _, rows in table.groupby("steps"))
    own_kernels = [name for name in long.index if name.endswith("k15")]
    text = short[list(SHOWN)].map("{:.3g}".format) + " → " + long[list(SHOWN)].map("{:.3g}".format)
    spread = [rows.loc[own_kernels, list(SHOWN)].std() for rows in (short, long)]
    text.loc["spread of the five norms"] = [
        f"{a:.2g} → {b:.2g}" for a, b in zip(*spread, strict=True)
    ]
    return markdown(text.rename(columns=SHOWN).reset_index())


def side_by_side(table: pd.DataFrame) -> str:
    """One line per network."""
    return markdown(
        table.set_index("variant")[list(SHOWN)]
        .map("{:.3g}".format)
        .rename(columns=SHOWN)
        .reset_index()
    )


def draw(tables: dict[str, pd.DataFrame], path: Path) -> None:
    """One dot per run: what norms do to planted targets, kernels to the field."""
    figure, axes = make_axes(2, 2)
    for index, (task, table) in enumerate(tables.items()):
        left, right = axes[index]
        for position, norm in enumerate(NORMS):
            runs = table[table["norm"] == norm]["kept_first"]
            left.plot([position] * len(runs), runs, "o", color="0.35", alpha=0.5)
        left.set_xticks(range(len(NORMS)), NORMS)
        left.set(title=f"{task}: share of a planted target kept", ylim=(0, None))
        for mark, norm in zip("osD^v", NORMS, strict=True):
            sides = table[table["norm"] == norm].groupby("kernels")["field_kernels_99"].mean()
            right.plot(list(KERNELS), sides[list(KERNELS)], mark + "-", label=norm, markersize=4)
        right.set(title=f"{task}: side of the field (99 %), pixels", ylim=(0, None))
        right.legend(fontsize=7, ncols=2)
    figure.savefig(path, dpi=110)


def main() -> None:
    """Write both."""
    use_style()
    tables = {t: core(pd.read_csv(FOLDER / "results" / f"{t}.csv")) for t in TASKS}
    parts = ["# Tables of the study\n\nMade by `python -m experiments.report`.\n"]
    for task, table in tables.items():
        whole = pd.read_csv(FOLDER / "results" / f"{task}.csv")
        build = whole[whole["kernels"] == "k15"].assign(
            build=lambda t: (
                t["shortcut"].map({True: "max shortcut", False: "no shortcut"})
                + t["fusion"].map({True: "", False: ", plain joins"})
            )
        )
        parts += [
            f"## {task}\n\n### By norm (4 kernels x 3 seeds)\n\n{means_by(table, 'norm')}\n",
            f"### By kernels (5 norms x 3 seeds)\n\n{means_by(table, 'kernels')}\n",
            f"### By build (kernels 15/11/7)\n\n{means_by(build, 'build')}\n",
            f"### Paired differences\n\n{paired_tests(table)}\n",
        ]
    long, base = (pd.read_csv(FOLDER / "results" / f"{name}.csv") for name in ("long", "base"))
    for task, table in long.groupby("task"):
        steps = " and ".join(map(str, sorted(set(table["steps"]))))
        parts.append(f"## {task}, {steps} steps, one seed\n\n{over_time(table)}\n")
    steps = base["steps"].iloc[0]
    parts.append(f"## base on mri-ct, {steps} steps, one seed\n\n{side_by_side(base)}\n")
    (FOLDER / "tables.md").write_text("\n".join(parts), encoding="utf-8")
    draw(tables, FOLDER / "norms.png")


if __name__ == "__main__":
    main()
