"""Train and measure the networks of the study: one task and one seed per call.

python -m experiments.ablate --task ir-vis --train DIR --test DIR --seed 0 --out FOLDER
"""

import csv
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import torch
import typer

from experiments.data import load_study_pairs
from experiments.grid import GRIDS, Variant
from experiments.measure import measure_network, pair_rows
from experiments.train_together import train_together
from lkc.console import run_command
from lkc.errors import InputError, writing
from lkc.io.result_files import make_folder
from lkc.model.checkpoint import save_weights
from lkc.model.loading import pick_device
from lkc.model.network import FusionNet
from lkc.training.config import TrainConfig
from lkc.training.losses import LossWeights

FLOAT_FORMAT = ".6g"


def append_rows(path: Path, rows: Iterable[dict]) -> None:
    """Add rows to a CSV file, with a header if it is new."""
    rows = list(rows)
    is_new = not path.exists()
    with writing(path), path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        if is_new:
            writer.writeheader()
        writer.writerows(rows)


def rounded(row: dict) -> dict:
    """Write floats with six digits."""
    return {k: format(v, FLOAT_FORMAT) if isinstance(v, float) else v for k, v in row.items()}


def build_all(variants: list[Variant], seed: int, device: torch.device) -> list[FusionNet]:
    """Make the networks; every one starts from the same seed."""
    networks = []
    for variant in variants:
        torch.manual_seed(seed)
        networks.append(variant.build().to(device))
    return networks


def choose(grid: str, only: str) -> list[Variant]:
    """The networks to train, or which there are."""
    if grid not in GRIDS:
        raise InputError(f"--grid {grid}: choose one of {', '.join(GRIDS)}.")
    variants = [variant for variant in GRIDS[grid]() if only in ("", variant.name)]
    if not variants:
        names = ", ".join(variant.name for variant in GRIDS[grid]())
        raise InputError(f"--only {only}: choose one of {names}.")
    return variants


def ablate(
    task: Annotated[str, typer.Option(help="ir-vis, mri-ct, mri-pet or mri-spect.")],
    train: Annotated[Path, typer.Option(help="Folder with the task's two source folders.")],
    test: Annotated[Path, typer.Option(help="The same for pairs that are only measured.")],
    out: Annotated[Path, typer.Option(help="Folder for tables and weights.")],
    seed: Annotated[int, typer.Option(min=0)] = 0,
    steps: Annotated[int, typer.Option(min=1)] = 1200,
    batch: Annotated[int, typer.Option(min=1)] = 8,
    crop: Annotated[int, typer.Option(min=16)] = 96,
    learning_rate: Annotated[float, typer.Option("--lr", min=0, max=1)] = 2e-3,
    l1_weight: Annotated[float, typer.Option(min=0, help="Of intensity and gradient.")] = 1.0,
    grid: Annotated[str, typer.Option(help=f"One of {', '.join(GRIDS)}.")] = "full",
    only: Annotated[str, typer.Option(help="Train this network of the grid alone.")] = "",
    every: Annotated[int, typer.Option(min=1, help="Use every n-th pair of --train.")] = 1,
    test_pairs: Annotated[int, typer.Option(min=1, help="Measure every n-th, so many.")] = 40,
    device: str = "auto",
) -> None:
    """Train a grid of networks on one task with one seed, and measure them."""
    variants, target = choose(grid, only), pick_device(device)
    table = out / f"{task}-{seed}.csv"
    if table.exists():
        raise InputError(f"{table} exists, and would hold its rows twice: name another --out.")
    pairs = load_study_pairs(task, train, test, every, test_pairs, target)
    make_folder(out)
    loss = LossWeights(intensity=l1_weight, gradient=l1_weight)
    config = TrainConfig(steps, batch, learning_rate, seed=seed, crop=crop, loss=loss)
    torch.backends.cudnn.benchmark = True  # every step has the same sizes
    start = time.perf_counter()
    networks = build_all(variants, seed, target)
    train_together(networks, pairs.fitting, config)
    print(f"{task} seed {seed}: trained in {time.perf_counter() - start:.0f} s", flush=True)
    for variant, network in zip(variants, networks, strict=True):
        about = {"task": task, **variant.to_dict(), "seed": seed, "steps": steps}
        info = {"task": task, "study": about, "training": config.to_dict()}
        save_weights(out / f"{task}-{variant.name}-{seed}.safetensors", network, info)
        row, per_pair = measure_network(network, pairs.validation, pairs.test)
        append_rows(table, [rounded(about | row)])
        label = {"variant": variant.name, "seed": seed, "steps": steps}
        named = (label | pair for pair in pair_rows(pairs.tested, per_pair))
        append_rows(out / f"{task}-{seed}-pairs.csv", named)
    print(f"{task} seed {seed}: measured after {time.perf_counter() - start:.0f} s", flush=True)


if __name__ == "__main__":
    run_command(lambda: typer.run(ablate))
