"""Run the whole study again: every task, seed, long run and `base`.

    python -m experiments.run --data DATA --out runs/study

writes the tables that lie in results/. What is finished already is not run twice, so that a study
that was cut short goes on; `--part` runs one part alone.
"""

from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from experiments.ablate import FLOAT_FORMAT, ablate, choose
from experiments.batch_norm_averages import averages_rows
from experiments.data import StudyPairs, load_study_pairs
from experiments.reference import reference_rows, slice_rows
from lkc.console import run_command
from lkc.errors import InputError, writing
from lkc.io.result_files import make_folder
from lkc.model.loading import pick_device

# These lie under --data, each with train and test.
FOLDERS = {"ir-vis": "MSRS", "mri-ct": "Harvard/CT-MRI"}
SEEDS = (0, 1, 2)


@dataclass(frozen=True)
class Call:
    """One call of `ablate`; its fields are that function's options."""

    task: str
    seed: int = 0
    steps: int = 1200
    batch: int = 8
    crop: int = 96
    learning_rate: float = 2e-3
    l1_weight: float = 1.0
    grid: str = "full"
    every: int = 1
    test_pairs: int = 40

    def folders(self, data: Path) -> tuple[Path, Path]:
        """Where the pairs to train on and to test on lie."""
        return data / FOLDERS[self.task] / "train", data / FOLDERS[self.task] / "test"

    def tables(self, out: Path) -> tuple[Path, Path]:
        """What `ablate` writes: one row per network, and one per network and pair."""
        start = out / f"{self.steps}-steps" / f"{self.task}-{self.seed}"
        return start.with_suffix(".csv"), start.with_name(f"{start.name}-pairs.csv")


def long_calls() -> list[Call]:
    """A short and a long run of the norms; the long ones on roads saw a third of the pairs."""
    return [
        Call(task, steps=steps, grid="norms", every=3 if task == "ir-vis" else 1)
        for task in FOLDERS
        for steps in (1200, 6000)
    ]


def base_calls() -> list[Call]:
    """The paper's own network, on small crops as its memory asks for."""
    about = partial(Call, batch=32, crop=64, learning_rate=5e-4, grid="base", test_pairs=44)
    return [about("mri-ct", steps=steps) for steps in (500, 2600)]


def released_calls() -> list[Call]:
    """The paper's own network and loss on pixels in [-1, 1]: there L1 distances are twice as large.

    Distances of pixels in [0, 1] with twice the weight are the same loss, but for SSIM's constants.
    """
    about = partial(Call, steps=1300, batch=32, crop=64, learning_rate=5e-4, l1_weight=2)
    every = {"ir-vis": 3, "mri-ct": 1}
    return [
        about(task, seed, grid="base", every=every[task]) for task in FOLDERS for seed in (0, 1)
    ]


PARTS = {
    "ir-vis": [Call("ir-vis", seed) for seed in SEEDS],
    "mri-ct": [Call("mri-ct", seed) for seed in SEEDS],
    "long": long_calls(),
    "base": base_calls(),
    "base-released": released_calls(),
}
# Rules are run on these pairs.
COMPARED = [Call("ir-vis"), Call("ir-vis", every=3), Call("mri-ct")]
CHOICES = ("all", "reference", *PARTS)


def is_done(call: Call, table: Path) -> bool:
    """Whether the call has left a row for every network."""
    return table.exists() and len(pd.read_csv(table)) == len(choose(call.grid, ""))


def train_part(part: str, data: Path, out: Path, device: str) -> None:
    """Make those calls of a part that are not done, and join their tables."""
    tables = []
    for call in PARTS[part]:
        train, test = call.folders(data)
        table, of_pairs = call.tables(out / part)
        if not is_done(call, table):
            table.unlink(missing_ok=True)  # of a call that was cut short
            of_pairs.unlink(missing_ok=True)
            ablate(train=train, test=test, out=table.parent, device=device, **asdict(call))
        tables.append((table, of_pairs))
    for suffix, paths in zip(("", "-pairs"), zip(*tables, strict=True), strict=True):
        write_table(out / f"{part}{suffix}.csv", pd.concat(map(pd.read_csv, paths)))


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a table as CSV."""
    with writing(path):
        table.to_csv(path, index=False, lineterminator="\n", float_format=f"%{FLOAT_FORMAT}")


def load_for(call: Call, data: Path, device: str) -> StudyPairs:
    """Read the pairs of a call."""
    target = pick_device(device)
    return load_study_pairs(call.task, *call.folders(data), call.every, call.test_pairs, target)


def measure_references(data: Path, out: Path, device: str) -> None:
    """Measure what needs no training: references, other averages, and the slices of `base`."""
    rows = []
    for call in COMPARED:
        about = {"task": call.task, "every": call.every}
        rows += [about | row for row in reference_rows(load_for(call, data, device))]
    write_table(out / "reference.csv", pd.DataFrame(rows))
    pairs = load_for(Call("mri-ct"), data, device)
    write_table(out / "averages.csv", pd.DataFrame(averages_rows(pairs)))
    pairs = load_for(PARTS["base"][0], data, device)
    write_table(out / "base-slices.csv", pd.DataFrame(slice_rows(pairs.tested, pairs.test)))


def run(
    data: Annotated[Path, typer.Option(help=f"Folder with {' and '.join(FOLDERS.values())}.")],
    out: Annotated[Path, typer.Option(help="Folder for tables and weights.")],
    part: Annotated[str, typer.Option(help=f"One of {', '.join(CHOICES)}.")] = "all",
    device: str = "auto",
) -> None:
    """Train and measure all networks of the study, and write its tables."""
    if part not in CHOICES:
        raise InputError(f"--part {part}: choose one of {', '.join(CHOICES)}.")
    make_folder(out)
    if part in ("all", "reference"):
        measure_references(data, out, device)
    for name in PARTS:
        if part in ("all", name):
            train_part(name, data, out, device)


if __name__ == "__main__":
    run_command(lambda: typer.run(run))
