"""Write tables.md and the figures from the study's CSV files: python -m experiments.report."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from experiments.figures import draw_base, draw_fields, draw_metrics, draw_targets
from experiments.grid import KERNELS, NORMS
from experiments.tables import (
    MEASURES,
    VALIDATED,
    base_and_sources,
    base_by,
    base_by_slice,
    base_differences,
    by_averages,
    by_measure,
    by_norm,
    compare,
    core,
    means_by,
    number,
    over_seeds,
    over_time,
    run_to_run,
    side_by_side,
    with_build,
)
from lkc.evaluation.tables import markdown
from lkc.viz.style import use_style

FOLDER = Path(__file__).parent
RESULTS = FOLDER / "results"
TASKS = ("ir-vis", "mri-ct")
LONG_EVERY = {"ir-vis": 3, "mri-ct": 1}  # The long runs used every n-th of the training pairs.
BASE_STEPS = 2600
BEHIND = 0.3  # No slice of `base` lies between 0.19 and 0.35 of MI.
NORM_PAIRS = [
    *product(["hybrid"], [norm for norm in NORMS if norm != "hybrid"]),
    *product(["batch"], ["instance", "group", "layer"]),
]
KERNEL_PAIRS = [(name, "k3") for name in KERNELS if name != "k3"]
BUILD_PAIRS = [("no shortcut", "plain joins"), ("shortcut", "no shortcut")]
INTRODUCTION = f"""# Tables of the study

Made by `python -m experiments.report` from the tables in [results](results), which have every run
and more columns; [README.md](README.md) says what was run. Metrics and *background* are means over
test pairs; *validation* and all other lines come from pairs held out of the training folder. Mean ±
standard deviation over the runs of a column; *over seeds* is that of one network over its three
seeds, pooled over networks: the noise to hold a difference against.

- *Target kept*: change of the fused image over change of the source on the pixels of planted spots.
  *Maximum rule* keeps the brighter source; *best image* is the objective's own minimum.
- *Target in the features*: how far spots stand out of the maps that the blocks' ReLUs pass, in
  standard deviations of the rest; sparsity, kurtosis, dead and saturated channels of the same maps.
- *Field 99 %*: side of the square with 99 % of the effective field; *of the kernels* with the
  statistics of whole images held constant, which otherwise reach everywhere.

In paired tables: mean difference (in how many pairs of runs it is above 0, p of Wilcoxon's
signed-rank test). The {len(MEASURES)} lines x {len(NORM_PAIRS)} columns of one of them are
{len(MEASURES) * len(NORM_PAIRS)} tests, of which {len(MEASURES) * len(NORM_PAIRS) // 20} would have
p < 0.05 if nothing differed: read 0.0005, the least that 12 pairs can give, as clear.
"""


def read(name: str) -> pd.DataFrame:
    """Read a table of results/."""
    return pd.read_csv(RESULTS / f"{name}.csv")


def references_of(task: str, every: int = 1) -> pd.DataFrame:
    """What was measured without a network on the same pairs, by rule."""
    rows = read("reference")
    return rows[(rows["task"] == task) & (rows["every"] == every)].set_index("rule")


def at_k15(table: pd.DataFrame, build: str) -> pd.DataFrame:
    """The networks of one build at the paper's kernels."""
    return table[(table["kernels"] == "k15") & (table["build"] == build)]


def task_parts(task: str, table: pd.DataFrame) -> Iterator[str]:
    """The norms of one task."""
    references = references_of(task)
    shown = by_norm(core(table), references, [*MEASURES, *VALIDATED])
    yield f"## {task}, 1200 steps\n\n### Norms (4 kernels x 3 seeds)\n\n{shown}\n"
    paired = by_measure(compare(core(table), "norm", NORM_PAIRS))
    yield f"### Norms, paired by kernels and seed\n\n{paired}\n"
    for build in ("no shortcut", "shortcut", "plain joins"):
        shown = by_norm(at_k15(table, build), references)
        yield f"### Norms, {build} (15/11/7, 3 seeds)\n\n{shown}\n"


def shared_parts(tables: dict[str, pd.DataFrame]) -> Iterator[str]:
    """Kernels, builds and noise of both tasks."""
    means, kernels, builds, norms, noise = {}, {}, {}, {}, {}
    for task, table in tables.items():
        means[task] = means_by(core(table), "kernels", list(KERNELS))
        kernels[task] = compare(core(table), "kernels", KERNEL_PAIRS)
        builds[task] = compare(table[table["kernels"] == "k15"], "build", BUILD_PAIRS)
        for build in ("no shortcut", "shortcut", "plain joins"):
            one = compare(at_k15(table, build), "norm", NORM_PAIRS[:1])
            norms[task, build] = one.set_axis([f"{task}, {build}"], axis=1)
        noise[f"over seeds, {task}"] = over_seeds(table)
    long = read("long")
    again = long[(long["task"] == "mri-ct") & (long["steps"] == 1200)]
    twice = run_to_run(again, core(tables["mri-ct"])).add_prefix("mri-ct, ")
    parts = {
        "Kernels (5 norms x 3 seeds)": side_by_side(means),
        "Kernels, paired by norm and seed": side_by_side(kernels),
        "Fusion module and shortcut, paired by norm and seed": side_by_side(builds),
        "Hybrid - batch in each build, paired by seed": pd.concat(norms.values(), axis=1),
        "Noise: standard deviations, and differences": twice.assign(**noise).map(number),
    }
    yield "## Both tasks, 1200 steps\n"
    for title, part in parts.items():
        yield f"### {title}\n\n{by_measure(part)}\n"


def long_parts(tables: dict[str, pd.DataFrame]) -> Iterator[str]:
    """Short against long runs."""
    long = read("long")
    for task, every in LONG_EVERY.items():
        seeds = over_seeds(at_k15(tables[task], "no shortcut"))
        shown = over_time(long[long["task"] == task], seeds, references_of(task, every))
        yield f"## {task}, 1200 → 6000 steps, one seed\n\n{shown}\n"


def base_parts(differences: pd.DataFrame) -> Iterator[str]:
    """The paper's own network."""
    behind = differences["MI"] > BEHIND
    shown = base_by("steps", "{} steps", read("base"), references_of("mri-ct"))
    yield f"## base on mri-ct, one seed\n\n{shown}\n"
    shown = base_by_slice(differences, behind)
    yield f"### Hybrid - batch, slice by slice, {BASE_STEPS} steps\n\n{shown}\n"
    slices = differences[behind].sort_values("MI", ascending=False)
    yield f"The slices far behind:\n\n{markdown(slices.map('{:+.3f}'.format).reset_index())}\n"
    sources = base_and_sources(differences["MI"], read("base-slices"))
    yield f"Does the difference in MI go with the sources' mean or spread?\n\n{sources}\n"
    averages = by_averages(read("averages"))
    yield f"## Batch norm's averages taken again, lite on mri-ct, 1200 steps\n\n{averages}\n"


def released_parts() -> Iterator[str]:
    """The paper's own network with the weights that the release's loss has."""
    table = read("base-released")
    for task, rows in table.groupby("task"):
        steps = rows["steps"].iloc[0]
        # Its roads are those of the official split, on which no rule was measured.
        references = references_of(str(task)).head(0 if task == "ir-vis" else None)
        shown = base_by("seed", "seed {}", rows, references)
        yield f"## base with the release's weights on {task}, {steps} steps\n\n{shown}\n"


def load_tables() -> dict[str, pd.DataFrame]:
    """Every network of the main study, by task."""
    return {task: with_build(read(task)) for task in TASKS}


def load_base_pairs() -> pd.DataFrame:
    """`base` on every slice after the longer training."""
    pairs = read("base-pairs")
    return pairs[pairs["steps"] == BASE_STEPS]


def write_tables() -> str:
    """The text of tables.md."""
    tables = load_tables()
    parts = [INTRODUCTION]
    for task, table in tables.items():
        parts += task_parts(task, table)
    parts += [*shared_parts(tables), *long_parts(tables)]
    parts += base_parts(base_differences(load_base_pairs()))
    parts += released_parts()
    return "\n".join(parts)


def draw_figures() -> dict[str, Figure]:
    """The figures of README.md by name."""
    tables = load_tables()
    references = {task: references_of(task) for task in TASKS}
    return {
        "targets": draw_targets(tables, read("long"), references),
        "metrics": draw_metrics(tables),
        "fields": draw_fields(tables),
        "base": draw_base(load_base_pairs()),
    }


def main() -> None:
    """Write all."""
    use_style()
    (FOLDER / "tables.md").write_text(write_tables(), encoding="utf-8")
    for name, figure in draw_figures().items():
        figure.savefig(FOLDER / f"{name}.png", dpi=110)


if __name__ == "__main__":
    main()
