"""Loss terms of a run as a CSV file that a resumed run continues."""

import csv
from pathlib import Path

from torch import Tensor

from lkc.errors import writing


class Curves:
    """Loss terms over time as a CSV file, averaged over an interval of steps.

    Args:
        path: the file; rows of an earlier run are kept up to `start`.
        every: steps in an interval.
        start: step at which the run begins or continues.
    """

    def __init__(self, path: Path, every: int, start: int) -> None:
        self.path, self.every = path, every
        self.sums: dict[str, Tensor] = {}
        self.count = 0
        lines = path.read_text().splitlines(keepends=True) if start and path.exists() else []
        kept = [row for row in lines[1:] if int(row.split(",")[0]) <= start]
        with writing(path):
            path.write_text("".join(lines[:1] + kept))

    def add(self, step: int, terms: dict[str, Tensor]) -> None:
        """Take one step's terms in; write a row when the interval is full."""
        for name, value in terms.items():
            self.sums[name] = self.sums.get(name, 0) + value
        self.count += 1
        if step % self.every == 0:
            self.flush(step)

    def flush(self, step: int) -> None:
        """Write what came since the last row, so that a run which stops here can be resumed."""
        if not self.count:
            return
        means = {name: f"{value.item() / self.count:.6f}" for name, value in self.sums.items()}
        row = {"step": step, **means}
        with writing(self.path), self.path.open("a", newline="") as file:
            writer = csv.DictWriter(file, list(row), lineterminator="\n")
            if not file.tell():
                writer.writeheader()
            writer.writerow(row)
        self.sums, self.count = {}, 0
