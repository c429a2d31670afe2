"""Write downstream.md from its template and the stored rows: python -m benchmarks.downstream."""

from pathlib import Path
from string import Template

import pandas as pd

from experiments.report import markdown
from lkc.cli.downstream import percent
from lkc.downstream.contrast import summarise_contrasts
from lkc.downstream.study import MEAN, compare_inputs, summarise
from lkc.tasks import get_task

HERE = Path(__file__).parent
TASKS = ("ir-vis", "mri-ct", "mri-pet")


def iou_table(summary: pd.DataFrame, by: str) -> str:
    """A line per input, best mean first; a column per class, or per condition the mean IoU."""
    key, value = ("condition", "all") if by == "class" else ("class", MEAN)
    shown = summary[summary[key] == value]
    means = shown[shown[by] == ("mean" if by == "class" else "all")].set_index("input")["iou"]
    cells = shown.assign(cell=shown.apply(percent, axis=1))
    wide = cells.pivot(index="input", columns=by, values="cell")[list(dict.fromkeys(shown[by]))]
    return markdown(wide.loc[means.sort_values(ascending=False).index].reset_index())


def sentences(summary: pd.DataFrame, task: str) -> str:
    """Every pair of inputs that the question is about, as a list."""
    chosen = get_task(task)
    pairs = [(one, other) for one in ("lite", "stacked") for other in (chosen.first, chosen.second)]
    pairs.append(("lite", "stacked"))
    return "\n".join(f"- {compare_inputs(summary, *pair)}" for pair in pairs)


def contrast_lines(path: Path) -> dict[str, str]:
    """The table of hot objects, and how many there are."""
    rows = pd.read_csv(path)
    table = summarise_contrasts(rows)
    interval = table.apply(lambda x: f"{x['mean']:.2f} [{x['low']:.2f}, {x['high']:.2f}]", axis=1)
    shown = pd.DataFrame(
        {
            "image": table.index,
            "median": table["median"].map("{:.2f}".format),
            "mean of pairs, 95 %": interval,
            "share of infrared's": table["kept"].map("{:.0%}".format),
            "at least the better source": table["both"].map("{:.0%}".format),
            "seen (5 or more)": table["seen"].map("{:.0%}".format),
        }
    )
    count = {"objects": str(len(rows)), "pairs": str(rows["pair"].nunique())}
    return {"contrast": markdown(shown), **count}


def main() -> None:
    """Fill the template."""
    fields = contrast_lines(HERE / "results" / "downstream-contrast.csv")
    for task in TASKS:
        summary = summarise(pd.read_csv(HERE / "results" / f"downstream-{task}.csv"))
        name = task.replace("-", "_")
        fields[f"{name}_classes"] = iou_table(summary, "class")
        fields[f"{name}_conditions"] = iou_table(summary, "condition")
        fields[f"{name}_answers"] = sentences(summary, task)
    template = Template((HERE / "downstream_template.md").read_text(encoding="utf-8"))
    (HERE / "downstream.md").write_text(template.substitute(fields), encoding="utf-8")


if __name__ == "__main__":
    main()
