"""A small run of the benchmark of damaged files, and what it would call wrong."""

import warnings

import numpy as np
import pytest

from benchmarks.damaged_files import DAMAGES, OUTCOMES, damage, is_silently_wrong, try_files
from benchmarks.whole_files import FORMATS

FAULTS = ["tracebacks", "hangs", "silently wrong"]


def test_sixty_damaged_files_are_read_or_refused(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python's, of forks beside threads
        table = try_files(60, seed=3, keep=tmp_path)
    assert list(table.columns) == list(OUTCOMES)
    assert table.to_numpy().sum() == 60
    assert (table[FAULTS].to_numpy() == 0).all(), [p.read_text() for p in tmp_path.glob("*.txt")]
    assert table["read"].sum() > 5
    assert table["refused"].sum() > 5


@pytest.mark.parametrize("how", DAMAGES)
def test_damage_is_done(how):
    rng, whole = np.random.default_rng(0), bytes(range(1, 256)) * 4
    broken = damage(whole, how, b"\0" * 300, rng)
    assert (broken == whole) == (how == "suffix")


@pytest.mark.parametrize(
    ("title", "how", "wrong"),
    [
        ("PNG, 8 bits", "bits", True),
        ("PNG, 8 bits", "header", False),  # may be another whole header
        ("BMP", "bits", False),  # which nothing in the file can tell
        ("BMP", "cut", True),
        ("csv", "cut", False),
        ("NIfTI", "appended", True),
    ],
)
def test_what_counts_as_silently_wrong(title, how, wrong):
    found = {"outcome": "read", "text": "", "values": "other"}
    assert is_silently_wrong(found, "whole", FORMATS[title], how) == wrong
    for change in ({"text": "a warning"}, {"values": "whole"}, {"outcome": "refused"}):
        assert not is_silently_wrong(found | change, "whole", FORMATS[title], how)
