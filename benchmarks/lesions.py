"""How well a lesion of generated heads stands out, in both sources and in every fused image.

Run: python -m benchmarks.lesions        (four minutes on two cores)
A lesion's contrast is the distance of its mean to that of a ring around it, in gray levels of 255;
noise is the ring's standard deviation, so that texture counts as noise. The heads are those of
lesson 10 with other seeds; no weights were trained on generated heads.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

import lkc
from lkc.downstream.contrast import Blob, contrast_and_noise, ring_around
from lkc.downstream.labelled import LabelledPairs, generate_pairs
from lkc.downstream.scores import mean_interval
from lkc.evaluation.tables import markdown
from lkc.io.pixels import luma, to_unit_range
from lkc.model.baselines import BASELINES
from lkc.model.loading import load_model
from lkc.tasks import TASKS, get_task

RESULTS = Path(__file__).parent / "results" / "lesions.csv"
HEADS, SIDE, FIRST_SEED = 100, 256, 50_000
FAINTEST = 0.1  # This share of the lesions has less contrast than the column says.
METHODS = ("lite", "nano", *BASELINES)


def gray_images(pairs: LabelledPairs, index: int, models: dict) -> Iterator[tuple[str, np.ndarray]]:
    """Name and show a head in both sources and fused by every method, (H, W) in 0 to 255."""
    task = get_task(pairs.task)
    first, second = pairs.first[index], pairs.second[index]
    yield task.first, first
    yield task.second, 255 * luma(to_unit_range(second, task.second))
    for name, model in models.items():
        yield name, lkc.fuse(first, second, pairs.task, model, colour="gray")


def measure_lesions(task: str) -> Iterator[dict]:
    """Measure a task's heads: a row per head and image."""
    pairs = generate_pairs(task, HEADS, SIDE, SIDE, start=FIRST_SEED)
    models = {name: load_model(name, task, device="cpu") for name in METHODS}
    whole = slice(0, SIDE), slice(0, SIDE)
    for index, labels in enumerate(pairs.labels):
        lesion = labels == 1
        blob = Blob(whole, lesion, ring_around(lesion))
        for name, image in gray_images(pairs, index, models):
            contrast, noise = contrast_and_noise(image, blob)
            row = {"task": task, "head": index, "image": name}
            yield row | {"contrast": round(abs(contrast), 2), "noise": round(noise, 2)}


def summarise_lesions(rows: pd.DataFrame, task: str) -> pd.DataFrame:
    """A line per image of a task: contrasts, noise, the ratio's interval, and ties or wins."""
    chosen, own = get_task(task), rows[rows["task"] == task]
    names = list(dict.fromkeys(own["image"]))
    own = own.assign(ratio=own["contrast"] / own["noise"])
    ratios = own.pivot(index="head", columns="image", values="ratio")[names]
    better = ratios[[chosen.first, chosen.second]].max(axis=1)
    medians = own.groupby("image")[["contrast", "noise"]].median().loc[names]
    low, high = zip(*(mean_interval(ratios[name]) for name in names), strict=True)
    contrasts = own.groupby("image")["contrast"]
    return medians.assign(
        faintest=contrasts.quantile(FAINTEST),
        mean=ratios.mean(),
        low=low,
        high=high,
        both=ratios.ge(better, axis=0).mean(),
    )


def lesion_table(rows: pd.DataFrame, task: str) -> str:
    """The summary of a task in Markdown."""
    table = summarise_lesions(rows, task)
    ratio = partial("{0[mean]:.1f} [{0[low]:.1f}, {0[high]:.1f}]".format)
    shown = pd.DataFrame(
        {
            "image": table.index,
            "contrast": table["contrast"].map("{:.0f}".format),
            "of the faintest tenth": table["faintest"].map("{:.0f}".format),
            "noise": table["noise"].map("{:.0f}".format),
            "mean ratio of heads, 95 %": table.apply(ratio, axis=1),
            "at least the better source": table["both"].map("{:.0%}".format),
        }
    )
    return markdown(shown)


def main() -> None:
    """Measure the three medical tasks, write the rows and print the tables."""
    tasks = [task for task in TASKS if task != "ir-vis"]
    rows = pd.DataFrame([row for task in tasks for row in measure_lesions(task)])
    rows.to_csv(RESULTS, index=False, lineterminator="\n")
    for task in tasks:
        print(f"\n{task}\n\n{lesion_table(rows, task)}")


if __name__ == "__main__":
    main()
