"""Read published values, and write a comparison as JSON and CSV.

JSON is {"NAME": {"mean": {metric: value}, "pairs": {"file": {metric: value}}}}, files without
suffix, numbers with seven digits. An infinite value (PSNR of identical images) is the string "inf";
a metric that a method does not have is left out. A method with published values also has
{"published": true}, a command {"seconds": per pair}, and what was computed by another profile than
`lkc` {"profile": its name}.
"""

import json
import math
from collections.abc import Collection, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import pandas as pd

from lkc.errors import InputError, writing
from lkc.evaluation.ranking import mean_values
from lkc.evaluation.scoring import Scores
from lkc.metrics import METRICS


def plain(row: pd.Series) -> dict[str, float | str]:
    """Turn a row of a table into what JSON can hold."""
    rounded = {key: float(f"{value:.7g}") for key, value in row.dropna().items()}
    return {key: value if math.isfinite(value) else str(value) for key, value in rounded.items()}


def to_nested(
    values: pd.DataFrame, published: Collection[str], seconds: Mapping[str, float], profile: str
) -> dict[str, dict[str, Any]]:
    """Arrange a table from `compare` as the JSON described above."""
    return {
        name: {
            "mean": plain(mean),
            "pairs": {stem: plain(row) for stem, row in values.loc[name].iterrows()},
            **({"published": True} if name in published else {}),
            **({"profile": profile} if profile != "lkc" and name not in published else {}),
            **({"seconds": seconds[name]} if name in seconds else {}),
        }
        for name, mean in mean_values(values).iterrows()
    }


def write_json(
    path: str | PathLike[str],
    values: pd.DataFrame,
    published: Collection[str] = (),
    seconds: Mapping[str, float] | None = None,
    profile: str = "lkc",
) -> None:
    """Write a table from `compare` as JSON.

    Args:
        path: target.
        values: the table.
        published: methods whose values were not computed here.
        seconds: what commands took for a pair.
        profile: whose definitions of the metrics.

    Raises:
        InputError: the file cannot be written.
    """
    text = json.dumps(to_nested(values, published, seconds or {}, profile), indent=1) + "\n"
    with writing(path):
        Path(path).write_text(text, encoding="utf-8")


def write_csv(
    path: str | PathLike[str], values: pd.DataFrame, published: Collection[str] = ()
) -> None:
    """Write a table from `compare` as CSV: method, file, then a column per metric.

    Args:
        path: target.
        values: the table.
        published: methods whose values were not computed here; if there are any, the last column
            says True for them.

    Raises:
        InputError: the file cannot be written.
    """
    if published:
        values = values.assign(published=values.index.isin(published, level="method"))
    with writing(path):
        values.to_csv(path, float_format="%.7g", lineterminator="\n")


def check_profile(method: str, content: Mapping[str, Any], profile: str, name: str) -> None:
    """Refuse what `write_json` wrote of values by other definitions; others do not say theirs."""
    whose = content.get("profile", "lkc")
    if "pairs" in content and not content.get("published") and whose != profile:
        raise InputError(f"{name}, {method}: computed by profile {whose}, not {profile}.")


def read_scores(path: str | PathLike[str], profile: str = "lkc") -> dict[str, Scores]:
    """Read values per image that somebody else or an earlier comparison computed.

    Args:
        path: JSON of {"METHOD": {"file": {metric: value}}}, or as `write_json` writes it.
        profile: by whose definitions other methods are measured.

    Returns:
        The values by method, file name without suffix, and metric.

    Raises:
        InputError: unreadable, another layout or profile, or one of the eleven metrics is missing.
    """
    name = Path(path).name
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
        for method, values in content.items():
            check_profile(method, values, profile, name)
        return {
            method: {stem: as_row(row, f"{name}, {method}, {stem}") for stem, row in files.items()}
            for method, files in ((m, v.get("pairs", v)) for m, v in content.items())
        }
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{name} is not JSON: {error}.") from None
    except (AttributeError, TypeError):
        raise InputError(f'{name} must hold {{"METHOD": {{"file": {{metric: value}}}}}}.') from None


def as_row(row: dict[str, float | str], where: str) -> dict[str, float]:
    """Return the values of one image as numbers, or say what is missing."""
    if missing := [key for key in METRICS if key not in row]:
        raise InputError(f"{where}: no value for {', '.join(missing)}.")
    try:
        return {key: float(value) for key, value in row.items()}
    except ValueError as error:
        raise InputError(f"{where}: {error}.") from None
