"""Each profile gives what the evaluator's own code gave on the parity pairs."""

import pandas as pd
import pytest

from benchmarks.evaluators import HERE, PAGE, TABLE, differences, table_of
from lkc.metrics import PROFILES

KEYS = ["profile", "pair", "fused"]
THEIRS = pd.read_csv(HERE / "results" / "evaluators.csv", index_col=KEYS)


@pytest.mark.slow
@pytest.mark.parametrize("profile", THEIRS.index.unique("profile"))
def test_a_profile_agrees_with_its_evaluator(shared, profile):
    theirs = THEIRS.loc[[profile]]
    assert len(theirs) == 18
    found = differences(theirs, shared / "data").abs()
    assert set(found.columns[found.notna().all()]) == set(PROFILES[profile].computes)
    assert found.max().max() < 1e-3


def test_the_page_has_a_row_for_every_profile_that_was_run():
    table = TABLE.search(PAGE.read_text(encoding="utf-8"))[0]
    for profile in THEIRS.index.unique("profile"):
        assert f"| `{profile}` |" in table


def test_the_table_names_the_largest_difference():
    index = pd.MultiIndex.from_tuples([("x", "a", "f"), ("x", "b", "f")], names=KEYS)
    found = pd.DataFrame({"EN": [0.0012, -0.0034], "VIFF": [None, None]}, index, dtype=float)
    assert table_of(found).splitlines()[-1] == "| `x` | 3e-03 | – |"
