"""Train one small network for each of several objectives, and measure them on held-out pairs.

    python -m experiments.objectives --data DATA --out runs/objectives

DATA holds MSRS/official-train and RoadScene. What was found stands in objectives.md, its values in
results/objectives.csv.
"""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import pandas as pd
import torch
import typer
from accelerate import Accelerator
from torch import Tensor, nn

from experiments.ablate import FLOAT_FORMAT
from lkc.console import run_command
from lkc.errors import writing
from lkc.fusion.images import fuse_luma
from lkc.io.result_files import make_folder
from lkc.metrics import METRICS, evaluate_batch
from lkc.metrics.kept_contrast import clipped, detail_under_bright_partner
from lkc.model.checkpoint import save_weights
from lkc.model.loading import load_model
from lkc.model.network import FusionNet, create_model
from lkc.tasks import get_task
from lkc.training.augmentation import Cameras
from lkc.training.config import TrainConfig
from lkc.training.contrast_loss import ContrastWeights
from lkc.training.crops import load_pairs
from lkc.training.loop import Trainer
from lkc.training.losses import LossWeights
from lkc.training.recipes import BRIGHTNESS_RECIPES, CONTRAST_RECIPES, OTHER_CAMERAS
from lkc.training.target_image import TargetImage

# Stretches are held out, with so many pairs in each.
SETS = {"official-train": (8, 12), "RoadScene": (5, 5)}
EVERY = {"official-train": 4, "RoadScene": 1}  # Every n-th of the held-out pairs is measured.
ROAD_SHARE = 2  # RoadScene has few pairs: each is there twice
WINDOW = 15  # Places of this side are called flat or not.
FLATTEST, DARK = 0.2, 128.0

FIRST_LOOK = Cameras(gamma=0.25, gain=0.1)
SEARCHED = TargetImage(
    sigma=1,
    firmness=0.7,
    noise=1,
    average=0.68,
    salient=0.42,
    tone_level=2,
    lights=0.19,
    darks=0.34,
    gain=1.28,
    coarse_top=0.9,
    coarse_knee=0.7,
    knee=0.86,
    top=0.985,
)
SOFT = TargetImage(
    firmness=1.5,
    noise=1.5,
    tone_level=1,
    lights=0.28,
    gain=1.08,
    coarse_top=0.9,
    knee=0.86,
    top=0.985,
)
CHOSEN = CONTRAST_RECIPES["ir-vis"]
INFORMATION = replace(
    CHOSEN,
    information=0.1,
    kept=0,
    target=replace(CHOSEN.target, lights=0.22, darks=0.3, gain=1.16),
)
OBJECTIVES: dict[str, tuple[LossWeights | ContrastWeights, Cameras]] = {
    "brightness": (BRIGHTNESS_RECIPES["ir-vis"], Cameras()),
    "c1": (ContrastWeights(), FIRST_LOOK),
    "searched": (ContrastWeights(target=SEARCHED), FIRST_LOOK),
    "likeness": (replace(INFORMATION, information=0), OTHER_CAMERAS),
    "likeness and information": (INFORMATION, OTHER_CAMERAS),
    "all of it": (CHOSEN, OTHER_CAMERAS),
    "kept": (
        ContrastWeights(
            ssim=1, fidelity=0.2, information=0.06, correlation=0.2, kept=0.5, target=SOFT
        ),
        FIRST_LOOK,
    ),
}


def hold_out_stretches(names: list[str], stretches: int, length: int) -> list[str]:
    """Choose whole stretches of neighbouring names: frames of a drive resemble one another.

    >>> hold_out_stretches(list("abcdefgh"), stretches=2, length=2)
    ['b', 'c', 'f', 'g']
    """
    names = sorted(names)
    step = len(names) // stretches
    starts = [step * k + step // 2 - length // 2 for k in range(stretches)]
    return [name for start in starts for name in names[start : start + length]]


def split_pairs(pairs: dict[str, Tensor]) -> tuple[list[Tensor], dict[str, Tensor]]:
    """Images to train on, and held-out pairs to measure on by "data set/stem"."""
    training: list[Tensor] = []
    measured: dict[str, Tensor] = {}
    for name, (stretches, length) in SETS.items():
        own = [pair for pair in pairs if pair.startswith(f"{name}/")]
        held_out = hold_out_stretches(own, stretches, length)
        measured |= {pair: pairs[pair] for pair in held_out[EVERY[name] // 4 :: EVERY[name]]}
        share = ROAD_SHARE if name == "RoadScene" else 1
        training += [pairs[pair] for pair in own if pair not in held_out] * share
    return training, measured


def noise_gain(fused: Tensor, a: Tensor, b: Tensor) -> float:
    """How much stronger the finest structure is than the noisier source's, where all is flat, dark.

    Args:
        fused, a, b: (1, 1, H, W) in 0 to 255.

    Returns:
        Factor; NaN where neither source shows a flat and dark place.
    """

    def mean(x: Tensor) -> Tensor:
        return nn.functional.avg_pool2d(x, WINDOW, 1, WINDOW // 2, count_include_pad=False)

    def finest(x: Tensor) -> Tensor:
        return nn.functional.pad(x.diff(n=2, dim=2).diff(n=2, dim=3), (1, 1, 1, 1)).square()

    activity = mean((a - mean(a)).square()) + mean((b - mean(b)).square())
    calm = (activity <= activity.quantile(FLATTEST)) & (torch.maximum(a, b) < DARK)
    levels = [finest(x)[calm].mean().sqrt().item() for x in (fused, a, b)]
    return levels[0] / max(levels[1], levels[2], 1.0)


def measure(model: nn.Module, pairs: dict[str, Tensor], device: torch.device) -> pd.DataFrame:
    """Fuse and measure pairs: one row for each, with what is lost as numbers of pixels."""
    rows = {}
    for name, pair in pairs.items():
        sources = pair[None].float().to(device)  # (1, 2, H, W)
        a, b = sources[:, :1], sources[:, 1:]
        fused = fuse_luma(sources / 255, model).mul(255).round()
        row = {key: value.item() for key, value in evaluate_batch(fused, a, b).items()}
        at_risk, lost = detail_under_bright_partner(fused, a, b)
        row |= {"at risk": at_risk.sum().item(), "lost": lost.sum().item()}
        rows[name] = row | {"clip": clipped(fused).item(), "noise": noise_gain(fused, a, b)}
    return pd.DataFrame.from_dict(rows, orient="index")


def summarise(values: pd.DataFrame) -> pd.DataFrame:
    """Average by data set and over all; lost and clip in %, lost over all pixels at risk."""
    groups = {name: values[values.index.str.startswith(name)] for name in SETS}
    rows = {}
    for name, group in (groups | {"all": values}).items():
        means = group[[*METRICS, "noise"]].mean()
        means["lost"] = 100 * group["lost"].sum() / group["at risk"].sum()
        means["clip"] = 100 * group["clip"].mean()
        rows[name] = means
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("set").reset_index()


def train_lite(images: list[Tensor], config: TrainConfig, precision: str) -> FusionNet:
    """Train `lite` from the start that its seed gives."""
    torch.manual_seed(config.seed)
    accelerator = Accelerator(mixed_precision=precision)
    trainer = Trainer(create_model(), images, config, accelerator)
    for _ in trainer.run():
        pass
    return accelerator.unwrap_model(trainer.model).eval()


def train(
    name: str, images: list[Tensor], config: TrainConfig, precision: str, out: Path
) -> nn.Module:
    """Train `lite` for one objective and keep its weights."""
    model = train_lite(images, config, precision)
    info = {"task": "ir-vis", "training": config.to_dict()}
    save_weights(out / f"{name.replace(' ', '-')}.safetensors", model, info)
    return model


def main(
    data: Annotated[Path, typer.Option(help="Holds MSRS/official-train and RoadScene.")],
    out: Annotated[Path, typer.Option("-o", "--out")] = Path("runs/objectives"),
    steps: Annotated[int, typer.Option(min=1)] = 7300,
    batch: Annotated[int, typer.Option(min=1)] = 12,
    crop: Annotated[int, typer.Option(min=41)] = 128,
    precision: Annotated[str, typer.Option(help="no, bf16 or fp16.")] = "no",
    only: Annotated[list[str] | None, typer.Option(help="Objectives; repeatable.")] = None,
) -> None:
    """Write one row for each objective, rule and set of held-out pairs to objectives.csv."""
    make_folder(out)
    pairs = load_pairs([data / "MSRS/official-train", data / "RoadScene"], get_task("ir-vis"))
    images, held_out = split_pairs(pairs)
    device = Accelerator().device
    tables = {
        rule: measure(load_model(rule, device="cpu"), held_out, torch.device("cpu"))
        for rule in ("maximum", "laplacian")
    }
    for name in only or OBJECTIVES:
        loss, cameras = OBJECTIVES[name]
        config = TrainConfig(steps, batch, crop=crop, loss=loss, cameras=cameras)
        tables[name] = measure(train(name, images, config, precision, out), held_out, device)
        rows = [summarise(table).assign(objective=key) for key, table in tables.items()]
        with writing(out / "objectives.csv"):
            table = pd.concat(rows).set_index(["objective", "set"])
            table.to_csv(
                out / "objectives.csv", lineterminator="\n", float_format=f"%{FLOAT_FORMAT}"
            )


if __name__ == "__main__":
    run_command(lambda: typer.run(main))
