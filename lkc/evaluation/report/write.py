"""Fill the page of a report: tables, plots, and pictures of the worst pairs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd

from lkc.errors import writing
from lkc.evaluation.ranking import (
    bootstrap_differences,
    bootstrap_means,
    count_wins,
    direction,
    mean_rank,
    mean_values,
    worst_first,
)
from lkc.evaluation.report.pictures import (
    LONGEST_SIDE,
    MOST_BYTES,
    pictures_that_fit,
    source_names,
)
from lkc.evaluation.scoring import Plan
from lkc.evaluation.tables import (
    BEST,
    RANK,
    SECOND,
    cells_of_means,
    difference_texts,
    four_digits,
    sure_side,
)
from lkc.metrics import EXTRA_METRICS, METRICS, get_profile

TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("lkc.evaluation", "report"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
TEMPLATES.globals.update(BEST=BEST, SECOND=SECOND)
TEMPLATES.policies["json.dumps_kwargs"] = {"sort_keys": False}  # Methods keep their order.


@dataclass(frozen=True)
class Dot:
    """A mean with its interval, placed along an axis.

    Attributes:
        method: whose.
        text: the mean and its interval, for readers.
        at, start, end: percent of the axis; None where there is no number.
    """

    method: str
    text: str
    at: float | None
    start: float | None
    end: float | None


@dataclass(frozen=True)
class DotPlot:
    """The means of all methods in one metric.

    Attributes:
        title: the metric.
        better: +1 where higher is better, else -1.
        about: what the metric measures.
        ends: what the axis begins and ends with.
        dots: one for each method.
    """

    title: str
    better: int
    about: str
    ends: tuple[str, str]
    dots: list[Dot]


def dot_plot(title: str, about: str, means: pd.Series, low: pd.Series, high: pd.Series) -> DotPlot:
    """Place means and their intervals along an axis that just holds them all."""
    numbers = pd.concat([means, low, high])
    numbers = numbers[numbers.abs() < float("inf")]
    start, end = numbers.min(), numbers.max()
    span = end - start if end > start else 1.0

    def place(value: float) -> float | None:
        at = 3 + 94 * (value - start) / span
        return round(at, 2) if 0 <= at <= 100 else None  # no number, or infinity

    dots = []
    for method, mean in means.items():
        limits = low[method], high[method]
        interval = " to ".join(map(four_digits, limits))
        dots.append(
            Dot(
                str(method),
                f"{four_digits(mean)} (95 % interval {interval})",
                place(mean),
                *map(place, limits),
            )
        )
    better = -1 if title == RANK else int(direction(pd.Index([title]))[title])
    return DotPlot(title, better, about, (four_digits(start), four_digits(end)), dots)


def plots(values: pd.DataFrame) -> Iterator[DotPlot]:
    """Draw the mean rank, then every metric."""
    low, high = bootstrap_means(values)
    means = mean_values(values)
    means[RANK] = mean_rank(means)
    abouts = {key: metric.description for key, metric in (METRICS | EXTRA_METRICS).items()}
    for key in (RANK, *values.columns):
        about = abouts.get(key, "the rank in each of the eleven metrics, averaged; 1 is best")
        yield dot_plot(str(key), about, means[key], low[key], high[key])


def differences(values: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Say what the first method has before each other one, by method."""
    means = mean_values(values)
    first, *others = means.index
    better = direction(values.columns)
    rows = {}
    for other in others:
        cells = []
        for metric, row in bootstrap_differences(values, first, other).iterrows():
            difference, *interval = difference_texts(row)
            sure = sure_side(row, better[metric])
            cells.append({"sure": sure, "difference": difference, "interval": interval})
        rows[str(other)] = {"wins": count_wins(means, first, other), "cells": cells}
    return rows


def per_pair(values: pd.DataFrame, file: str) -> dict[str, list[str]]:
    """Write the values of one pair, by method."""
    rows = values.xs(file, level="file")
    return {str(name): [four_digits(value) for value in row] for name, row in rows.iterrows()}


def describe(
    plan: Plan, values: pd.DataFrame, sources: tuple[str, str], made_by: str
) -> Mapping[str, Any]:
    """Gather what the page shows."""
    methods = list(values.index.unique("method"))
    orders = {name: worst_first(values, name) for name in methods}
    pictures = pictures_that_fit(plan, orders[methods[0]])
    there = {one.file: index for index, one in enumerate(pictures)}
    return {
        "task": plan.task,
        "made_by": made_by,
        "definitions": get_profile(plan.profile).source,
        "sources": dict(zip(source_names(plan.task), sources, strict=True)),
        "methods": methods,
        "files": list(values.index.unique("file")),
        "columns": direction(values.columns).to_dict(),
        "means": cells_of_means(values),
        "published": plan.published,
        "seconds": plan.seconds,
        "plots": list(plots(values)),
        "differences": differences(values),
        "longest": LONGEST_SIDE,
        "megabytes": MOST_BYTES // 10**6,
        "pictures": [
            {"file": one.file, "shown": one.shown, "values": per_pair(values, one.file)}
            for one in pictures
        ],
        "orders": {
            name: [there[file] for file in files if file in there] for name, files in orders.items()
        },
    }


def write_report(
    path: str | PathLike[str],
    plan: Plan,
    values: pd.DataFrame,
    sources: tuple[str, str],
    made_by: str = "lkc",
) -> None:
    """Write a comparison as one HTML file with everything in it.

    Args:
        path: target, *.html.
        plan: whose pairs were scored; its files must still be there for the pictures.
        values: what was scored, a table as from `compare`.
        sources: what to call the folders of the first and the second sources.
        made_by: program and version.

    Raises:
        InputError: the file cannot be written, or an image cannot be read.
    """
    page = TEMPLATES.get_template("page.html").render(describe(plan, values, sources, made_by))
    with writing(path):
        Path(path).write_text(page, encoding="utf-8")
