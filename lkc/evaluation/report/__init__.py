"""One HTML file of a comparison, which opens anywhere without a server or a network."""

from lkc.evaluation.report.write import write_report

__all__ = ["write_report"]
