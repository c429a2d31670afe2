"""Compare fusion methods on the same pairs: scores, ranks, wins, bootstrap intervals, figure."""

from lkc.evaluation.files import read_scores, write_csv, write_json
from lkc.evaluation.ranking import (
    bootstrap_differences,
    count_wins,
    mean_rank,
    mean_values,
    ranks,
)
from lkc.evaluation.scoring import compare

__all__ = [
    "bootstrap_differences",
    "compare",
    "count_wins",
    "mean_rank",
    "mean_values",
    "ranks",
    "read_scores",
    "write_csv",
    "write_json",
]
