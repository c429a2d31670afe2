"""Write downstream.md from its template and the stored rows: python -m benchmarks.downstream."""

from pathlib import Path
from string import Template

import pandas as pd

from benchmarks.lesions import RESULTS as lesion_rows
from benchmarks.lesions import lesion_table
from lkc.downstream.contrast import summarise_contrasts
from lkc.downstream.study import MEAN, compare_inputs, percent, score_cells, summarise
from lkc.evaluation.tables import markdown
from lkc.tasks import get_task

HERE = Path(__file__).parent
STUDIES = {  # file -> task
    "msrs": "ir-vis",
    "msrs-7000": "ir-vis",
    "msrs-one-seed": "ir-vis",
    "ir-vis": "ir-vis",
    "ir-vis-medium": "ir-vis",
    "ir-vis-full": "ir-vis",
    "mri-ct-full": "mri-ct",
    "mri-pet-full": "mri-pet",
}


def score_table(summary: pd.DataFrame, by: str, order: list[str]) -> str:
    """A line per input; a column per class over all pairs, or per condition the classes' mean."""
    return markdown(score_cells(summary, by).loc[order].reset_index())


def hidden_table(found: pd.DataFrame, order: list[str]) -> str:
    """Recall of each class of objects that hide from one camera: a line per input."""
    hides = {"infrared only": "from visible", "visible only": "from infrared"}
    shown = found[found["condition"].isin(hides) & (found["class"] != MEAN)]
    cells = shown.assign(
        cell=shown.apply(percent, axis=1),
        title=shown["class"] + ", hides " + shown["condition"].map(hides),
    )
    wide = cells.pivot(index="input", columns="title", values="cell")
    return markdown(wide.loc[order].reset_index())


def best_first(summary: pd.DataFrame) -> list[str]:
    """Inputs by their mean IoU over all pairs."""
    means = summary[(summary["condition"] == "all") & (summary["class"] == MEAN)]
    return list(means.sort_values("iou", ascending=False)["input"])


def sentences(rows: pd.DataFrame, task: str) -> str:
    """Every pair of inputs that the question is about, as a list."""
    chosen, there = get_task(task), set(rows["input"])
    pairs = [(one, other) for one in ("lite", "stacked") for other in (chosen.first, chosen.second)]
    pairs += [("lite", "stacked"), ("lite", "maximum"), ("lite", "laplacian")]
    pairs += [("laplacian", chosen.first)]
    said = [compare_inputs(rows, *pair) for pair in pairs if set(pair) <= there]
    return "\n".join(f"- {sentence}" for sentence in said)


def contrast_lines(path: Path) -> dict[str, str]:
    """The table of hot objects, and how many there are."""
    rows = pd.read_csv(path)
    table = summarise_contrasts(rows)
    interval = table.apply(lambda x: f"{x['mean']:.1f} [{x['low']:.1f}, {x['high']:.1f}]", axis=1)
    shown = pd.DataFrame(
        {
            "image": table.index,
            "contrast": table["contrast"].map("{:.0f}".format),
            "noise": table["noise"].map("{:.0f}".format),
            "ratio": table["ratio"].map("{:.1f}".format),
            "mean ratio of pairs, 95 %": interval,
            "at least the better source": table["both"].map("{:.0%}".format),
            "seen (5 or more)": table["seen"].map("{:.0%}".format),
            "among the brightest": table["brightest"].map("{:.0%}".format),
        }
    )
    objects = len(rows[["pair", "object"]].drop_duplicates())
    return {
        "contrast": markdown(shown),
        "objects": str(objects),
        "pairs": str(rows["pair"].nunique()),
    }


def main() -> None:
    """Fill the template."""
    fields = contrast_lines(HERE / "results" / "downstream-contrast.csv")
    lesions = pd.read_csv(lesion_rows)
    fields |= {
        f"lesions_{t.replace('-', '_')}": lesion_table(lesions, t) for t in set(lesions["task"])
    }
    for study, task in STUDIES.items():
        rows = pd.read_csv(HERE / "results" / f"downstream-{study}.csv")
        summary, name = summarise(rows), study.replace("-", "_")
        order = best_first(summary)
        fields[f"{name}_classes"] = score_table(summary, "class", order)
        fields[f"{name}_conditions"] = score_table(summary, "condition", order)
        fields[f"{name}_answers"] = sentences(rows, task)
        if (regions := rows[rows["iou"].isna()]).size:
            found = summarise(regions, "recall")
            fields[f"{name}_found"] = score_table(found, "condition", order)
            fields[f"{name}_hidden"] = hidden_table(found, order)
    names = dict.fromkeys(pd.read_csv(HERE / "results" / "downstream-ir-vis.csv")["input"])
    fields["inputs"] = "".join(f"\\\n    --input {name} " for name in names).strip()
    template = Template((HERE / "downstream_template.md").read_text(encoding="utf-8"))
    (HERE / "downstream.md").write_text(template.substitute(fields), encoding="utf-8")


if __name__ == "__main__":
    main()
