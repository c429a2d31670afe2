"""One network for three medical tasks, beside one network for each.

    python -m experiments.one_for_three --data DATA --out runs/one-for-three   (a GPU; minutes)

The release has one checkpoint for all medical images, and this project ships one network a task. So
both kinds are trained alike here: the same objective, batches and crops. The one network is also
trained for three times as many steps, so that it sees each task as often. What was found stands in
heads.md, its values in results/one-for-three.csv.
"""

from pathlib import Path
from typing import Annotated

import pandas as pd
import torch
import typer
from torch import Tensor

from experiments.heads import FOLDERS, measure
from experiments.run import write_table
from experiments.train_together import train_together
from lkc.console import run_command
from lkc.io.result_files import make_folder
from lkc.model.loading import pick_device
from lkc.model.network import FusionNet, create_model
from lkc.tasks import get_task
from lkc.training.config import TrainConfig
from lkc.training.crops import load_pairs
from lkc.training.recipes import RECIPES

SHARED = "mri-pet"  # Its objective is used for all networks; it was fixed before any was trained.
TOGETHER = "all three"


def train_seeds(images: Tensor, steps: int, seeds: int) -> list[FusionNet]:
    """Train `lite` once for each seed, side by side on the same crops of images (N, 2, H, W)."""
    models = []
    for seed in range(seeds):
        torch.manual_seed(seed)
        models.append(create_model().to(images.device))
    config = TrainConfig(steps, crop=96, loss=RECIPES[SHARED])
    train_together(models, images, config)
    return models


def plan(steps: int) -> list[tuple[str, list[str], int]]:
    """List the networks: a name, the tasks that it learns, and for how many steps.

    >>> [(name, len(tasks), count) for name, tasks, count in plan(10)][-2:]
    [('all three', 3, 10), ('all three', 3, 30)]
    """
    own = [(task, [task], steps) for task in FOLDERS]
    return [*own, (TOGETHER, list(FOLDERS), steps), (TOGETHER, list(FOLDERS), 3 * steps)]


def main(
    data: Annotated[Path, typer.Option(help="Holds Harvard/CT-MRI, PET-MRI and SPECT-MRI.")],
    out: Annotated[Path, typer.Option("-o", "--out")] = Path("runs/one-for-three"),
    steps: Annotated[int, typer.Option(min=1)] = 4000,
    seeds: Annotated[int, typer.Option(min=1)] = 2,
    device: str = "auto",
) -> None:
    """Write one row for each network, seed and test slice to one-for-three.csv."""
    make_folder(out)
    target = pick_device(device)
    folders = {name: data / "Harvard" / folder for name, folder in FOLDERS.items()}
    known = {n: load_pairs([f / "train"], get_task(n)) for n, f in folders.items()}
    tested = {n: load_pairs([f / "test"], get_task(n)) for n, f in folders.items()}
    rows: list[dict] = []
    for network, tasks, count in plan(steps):
        images = torch.stack([pair for task in tasks for pair in known[task].values()])
        for seed, model in enumerate(train_seeds(images.to(target), count, seeds)):
            about = {"network": network, "steps": count, "seed": seed}
            for task in tasks:
                measured = measure(model, tested[task], target)
                rows += [about | {"task": task} | row for row in measured]
        write_table(out / "one-for-three.csv", pd.DataFrame(rows))


if __name__ == "__main__":
    run_command(lambda: typer.run(main))
