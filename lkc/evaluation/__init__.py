"""Compare fusion methods on the same pairs: scores, ranks, wins, bootstrap intervals, figure."""

from lkc.evaluation.commands import parse_command
from lkc.evaluation.files import read_scores, write_csv, write_json
from lkc.evaluation.ranking import (
    bootstrap_differences,
    bootstrap_means,
    count_wins,
    mean_rank,
    mean_values,
    ranks,
    worst_first,
)
from lkc.evaluation.scoring import compare

__all__ = [
    "bootstrap_differences",
    "bootstrap_means",
    "compare",
    "count_wins",
    "mean_rank",
    "mean_values",
    "parse_command",
    "ranks",
    "read_scores",
    "worst_first",
    "write_csv",
    "write_json",
]
