"""The table in docs/metrics.md holds what the profiles give today, and nothing is left out."""

import re

import pandas as pd
import pytest

from benchmarks.metric_profiles import EXAMPLES, HERE, PAGE, TABLE, table_of
from lkc.fusion.images import fuse
from lkc.io.image_files import read_image
from lkc.metrics import EXTRA_METRICS, METRICS, PROFILES, evaluate

STORED = pd.read_csv(HERE / "results" / "metric-profiles.csv", index_col="profile")


def test_the_page_shows_the_stored_values():
    found = TABLE.search(PAGE.read_text(encoding="utf-8"))
    lines = found[0].splitlines()[1:-1]
    assert lines == table_of(STORED).splitlines()
    assert list(STORED.index) == list(PROFILES)


@pytest.mark.slow
@pytest.mark.parametrize("profile", ["lkc", "cddfuse", "vifb", "ivif-zoo"])
def test_stored_values_are_those_of_today(profile):
    first, second = (read_image(EXAMPLES / side / "night.png") for side in ("ir", "vis"))
    found = evaluate(fuse(first, second), first, second, profile=profile)
    expected = STORED.loc[profile].dropna().to_dict()
    assert {key: found[key] for key in expected} == pytest.approx(expected, rel=2e-3)


def test_the_page_has_every_metric_with_its_direction():
    page = PAGE.read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| (\w+) ([↑↓]) \|", page, re.MULTILINE))
    known = METRICS | EXTRA_METRICS
    assert rows == {key: "↑" if one.better == "higher" else "↓" for key, one in known.items()}
