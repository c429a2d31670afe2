"""Leave heads out: fuse every test slice by a network that never saw the slice's head.

    python -m experiments.heads --data DATA --out runs/heads        (a GPU; minutes a network)

The published split puts slices of one head on both sides. Here the heads of each medical task are
dealt out to three folds; a network is trained on all slices of two folds, those of both published
folders, and fuses the test slices of the third. What was found stands in heads.md, its values in
results/heads.csv.
"""

from pathlib import Path
from typing import Annotated

import pandas as pd
import torch
import typer
from accelerate import Accelerator
from torch import Tensor, nn

from experiments.ablate import FLOAT_FORMAT
from experiments.objectives import train_lite
from lkc.console import run_command
from lkc.errors import writing
from lkc.fusion.images import fuse_luma
from lkc.io.result_files import make_folder
from lkc.metrics import evaluate_batch
from lkc.tasks import get_task
from lkc.training.config import TrainConfig
from lkc.training.crops import load_pairs
from lkc.training.recipes import RECIPES

FOLDERS = {"mri-ct": "CT-MRI", "mri-pet": "PET-MRI", "mri-spect": "SPECT-MRI"}
FOLDS = 3


def head_of(name: str) -> str:
    """The number before the three digits of a slice in the name of a pair.

    >>> head_of("CT-MRI/test/16005")
    '16'
    """
    return name.rsplit("/", 1)[-1][:-3]


def deal_heads(names: list[str], folds: int = FOLDS) -> list[list[str]]:
    """Deal the heads of some pairs out to folds, by number.

    >>> deal_heads(["a/16005", "a/2001", "b/2002", "b/41001", "b/20007"])
    [['2', '41'], ['16'], ['20']]
    """
    heads = sorted({head_of(name) for name in names}, key=int)
    return [heads[fold::folds] for fold in range(folds)]


def train(images: list[Tensor], task: str, steps: int, precision: str, seed: int) -> nn.Module:
    """Train `lite` by the recipe of a task."""
    config = TrainConfig(steps, crop=96, seed=seed, loss=RECIPES[task])
    return train_lite(images, config, precision)


def measure(model: nn.Module, pairs: dict[str, Tensor], device: torch.device) -> list[dict]:
    """Fuse and measure pairs: one row for each."""
    rows = []
    for name, pair in pairs.items():
        sources = pair[None].float().to(device)  # (1, 2, H, W)
        fused = fuse_luma(sources / 255, model).mul(255).round()
        values = evaluate_batch(fused, sources[:, :1], sources[:, 1:])
        means = {key: value.item() for key, value in values.items()}
        rows.append({"file": name.rsplit("/", 1)[-1]} | means)
    return rows


def main(
    data: Annotated[Path, typer.Option(help="Holds Harvard/CT-MRI, PET-MRI and SPECT-MRI.")],
    out: Annotated[Path, typer.Option("-o", "--out")] = Path("runs/heads"),
    steps: Annotated[int, typer.Option(min=1)] = 3015,
    precision: Annotated[str, typer.Option(help="no, bf16 or fp16.")] = "no",
    task: Annotated[list[str] | None, typer.Option(help="Tasks; repeatable.")] = None,
) -> None:
    """Write one row for each test slice to heads.csv."""
    make_folder(out)
    rows: list[dict] = []
    for name in task or FOLDERS:
        folder = data / "Harvard" / FOLDERS[name]
        test = load_pairs([folder / "test"], get_task(name))
        pairs = load_pairs([folder / "train"], get_task(name)) | test
        for fold, heads in enumerate(deal_heads(list(pairs))):
            known = [pair for key, pair in pairs.items() if head_of(key) not in heads]
            unseen = {key: pair for key, pair in test.items() if head_of(key) in heads}
            model = train(known, name, steps, precision, seed=fold)
            measured = measure(model, unseen, Accelerator().device)
            rows += [{"task": name, "fold": fold} | row for row in measured]
            with writing(out / "heads.csv"):
                table = pd.DataFrame(rows)
                path = out / "heads.csv"
                table.to_csv(
                    path, index=False, lineterminator="\n", float_format=f"%{FLOAT_FORMAT}"
                )


if __name__ == "__main__":
    run_command(lambda: typer.run(main))
