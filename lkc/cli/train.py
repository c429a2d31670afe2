"""`lkc train`: train a network on folders of registered pairs."""

import json
import math
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.markup import escape

from lkc.cli.options import TaskOption
from lkc.console import output, progress_bar
from lkc.errors import InputError
from lkc.tasks import get_task
from lkc.training.config import TrainConfig
from lkc.training.contrast_loss import ContrastWeights
from lkc.training.losses import LossWeights
from lkc.training.recipes import BRIGHTNESS_RECIPES, CONTRAST_RECIPES, RECIPES, cameras_for
from lkc.training.run import prepare_training
from lkc.training.target_image import TargetImage

PRECISIONS = ("no", "bf16", "fp16")
LARGEST_SEED = 2**31  # Seeds of numpy have 32 bits, and each process adds its number.
OUT = Path("runs/train")
NormOption = Annotated[
    str | None, typer.Option(help="hybrid (default), batch, instance, group or layer.")
]
StartOption = Annotated[
    Path | None, typer.Option("--weights", help="Start here; its held-out pairs stay so.")
]
TeacherOption = Annotated[
    Path | None, typer.Option("--teacher", help="Weights of a network to learn from.")
]
LossOption = Annotated[
    str, typer.Option(help="Changes to the recipe as JSON, such as '{\"ssim\": 2}'.")
]
ObjectiveOption = Annotated[
    str | None,
    typer.Option(help="brightness or contrast (ir-vis only); else that of the shipped weights."),
]
ResumeOption = Annotated[
    bool, typer.Option("--resume", help="Continue the run in --out: give all its options again.")
]


def train(
    data: Annotated[list[Path], typer.Option(help="Holds the two source folders; repeatable.")],
    task: TaskOption = "ir-vis",
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder for weights, curves.")] = OUT,
    preset: Annotated[str, typer.Option(help="lite, nano or base.")] = "lite",
    norm: NormOption = None,
    kernels: Annotated[str | None, typer.Option(help="Odd sizes, such as 15,11,7.")] = None,
    steps: Annotated[int, typer.Option(min=1)] = 10_000,
    batch: Annotated[int, typer.Option(min=1, help="Crops per step and process.")] = 16,
    crop: Annotated[int, typer.Option(min=16, help="Side of the crops.")] = 128,
    learning_rate: Annotated[float, typer.Option("--lr", min=0, max=1)] = 2e-3,
    seed: Annotated[int, typer.Option(min=0, max=LARGEST_SEED)] = 0,
    start: StartOption = None,
    teacher: TeacherOption = None,
    precision: Annotated[str, typer.Option(help="no, bf16 or fp16.")] = "no",
    objective: ObjectiveOption = None,
    loss: LossOption = "{}",
    save_every: Annotated[int, typer.Option(min=1, help="Steps between checkpoints.")] = 1000,
    resume: ResumeOption = False,
    cpu: Annotated[bool, typer.Option("--cpu", help="Use the CPU even if a GPU is there.")] = False,
) -> None:
    """Train on every pair of --data but a held-out tenth, which the run is judged on.

    The learning rate falls to 0 over --steps, so that --resume makes no run longer: train on from
    a finished one with --weights.
    """
    check_options(learning_rate, precision)
    weights = loss_weights(get_task(task).name, loss, objective)
    config = TrainConfig(
        steps,
        batch,
        learning_rate,
        seed=seed,
        crop=crop,
        loss=weights,
        cameras=cameras_for(weights),
    )
    run = prepare_training(
        data,
        task,
        out,
        preset,
        norm,
        kernel_sizes(kernels),
        start,
        teacher,
        config,
        precision,
        cpu,
        resume,
    )
    progress = progress_bar()
    progress.disable = not run.is_main
    with progress:
        bar = progress.add_task("training", total=steps, completed=run.trainer.step)
        for step in run.steps(save_every):
            progress.update(bar, completed=step)
    if scores := run.finish():
        output.print(" ".join(f"{name} {value:.3f}" for name, value in scores.items()))
        output.print(f"weights: {escape(str(run.weights))}")


def check_options(learning_rate: float, precision: str) -> None:
    """Refuse options that cannot work."""
    if math.isnan(learning_rate):  # which passes the bounds
        raise InputError("--lr nan: give a number from 0 to 1.")
    if precision not in PRECISIONS:
        raise InputError(f"--precision {precision}: choose one of {', '.join(PRECISIONS)}.")


def kernel_sizes(text: str | None) -> tuple[int, ...] | None:
    """Read "15,11,7"; nothing means the preset's own."""
    try:
        return tuple(int(size) for size in text.split(",")) if text else None
    except ValueError:
        raise InputError(f"--kernels {text}: give odd numbers such as 15,11,7.") from None


def choose_recipe(task: str, objective: str | None) -> LossWeights | ContrastWeights:
    """The weights that the user's changes start from."""
    if objective is None:
        return RECIPES[task]
    if objective == "brightness":
        return BRIGHTNESS_RECIPES[task]
    if objective != "contrast":
        raise InputError(f"--objective {objective}: choose brightness or contrast.")
    if task not in CONTRAST_RECIPES:
        tasks = ", ".join(CONTRAST_RECIPES)
        raise InputError(f"--objective contrast: there is a recipe for {tasks}, none for {task}.")
    return CONTRAST_RECIPES[task]


def loss_weights(
    task: str, changes: str, objective: str | None = None
) -> LossWeights | ContrastWeights:
    """The task's recipe with the user's changes."""
    recipe = choose_recipe(task, objective)
    try:
        given = json.loads(changes)
    except json.JSONDecodeError as error:
        raise InputError(f"--loss {changes} cannot be used: {error}.") from None
    return change(recipe, given, changes)


Weights = TypeVar("Weights", bound=LossWeights | ContrastWeights | TargetImage)


def change(weights: Weights, given: Any, changes: str) -> Weights:
    """Put numbers in place of others, those of the target image in a group of their own."""
    terms = asdict(weights)
    if not isinstance(given, dict) or not given.keys() <= terms.keys():
        raise InputError(f"--loss {changes} cannot be used: write weights of {', '.join(terms)}.")
    groups = {
        name: change(getattr(weights, name), value, changes)
        for name, value in given.items()
        if isinstance(terms[name], dict)
    }
    numbers = {name: value for name, value in given.items() if name not in groups}
    if not all(type(value) in (int, float) and math.isfinite(value) for value in numbers.values()):
        raise InputError(f"--loss {changes} cannot be used: every weight must be a number.")
    return replace(weights, **numbers, **groups)
