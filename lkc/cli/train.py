"""`lkc train`: train a network on folders of registered pairs."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import torch
import typer
from accelerate import Accelerator
from rich.markup import escape

from lkc import metrics
from lkc.checkpoint import load_weights, read_header, save_weights
from lkc.cli.common import TaskOption, output, progress_bar
from lkc.data.crops import hold_out, load_pairs
from lkc.errors import InputError
from lkc.fusion import fuse_luma
from lkc.losses import LossWeights
from lkc.metrics.visual import VIF_SMALLEST
from lkc.network import FusionNet, create_model
from lkc.recipes import RECIPES
from lkc.tasks import get_task
from lkc.train import Curves, TrainConfig, Trainer

PRECISIONS = ("no", "bf16", "fp16")


def validate(model: FusionNet, pairs: dict[str, torch.Tensor], device: torch.device) -> dict:
    """Mean of the eleven metrics over the held-out pairs, on 8-bit images as a user would get."""
    rows = []
    for pair in pairs.values():
        sources = pair[None].to(device).float()  # (1, 2, H, W), 0 to 255
        fused = fuse_luma(sources / 255, model).mul(255).round()
        scores = metrics.evaluate_batch(fused, sources[:, 1:], sources[:, :1])
        rows.append({name: value.item() for name, value in scores.items()})
    return {name: sum(row[name] for row in rows) / len(rows) for name in rows[0]}


def train(
    data: Annotated[list[Path], typer.Option(help="Holds the two source folders; repeatable.")],
    task: TaskOption = "ir-vis",
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder for weights and curves.")] = Path(
        "runs/train"
    ),
    preset: Annotated[str, typer.Option(help="lite or base.")] = "lite",
    norm: Annotated[str, typer.Option(help="hybrid, batch, instance, group or layer.")] = "hybrid",
    kernels: Annotated[str, typer.Option(help="Three odd sizes, such as 15,11,7.")] = "",
    steps: Annotated[int, typer.Option(min=1)] = 10_000,
    batch: Annotated[int, typer.Option(min=1, help="Crops per step and process.")] = 16,
    crop: Annotated[int, typer.Option(min=16, help="Side of the crops.")] = 128,
    learning_rate: Annotated[float, typer.Option("--lr")] = 2e-3,
    seed: int = 0,
    start: Annotated[
        Path | None, typer.Option("--weights", help="Start here; its held-out pairs stay so.")
    ] = None,
    precision: Annotated[str, typer.Option(help="no, bf16 or fp16.")] = "no",
    loss: Annotated[
        str, typer.Option(help="Changes to the recipe as JSON, such as '{\"ssim\": 2}'.")
    ] = "{}",
    save_every: Annotated[int, typer.Option(min=1, help="Steps between checkpoints.")] = 1000,
    resume: Annotated[bool, typer.Option("--resume", help="Continue the run in --out.")] = False,
    cpu: Annotated[bool, typer.Option("--cpu", help="Use the CPU even if a GPU is there.")] = False,
) -> None:
    """Train on every pair of --data but a held-out tenth, which the run is judged on."""
    chosen = get_task(task)
    weights = loss_weights(task, loss)
    config = TrainConfig(steps, batch, learning_rate, seed=seed, crop=crop, loss=weights)
    if precision not in PRECISIONS:
        raise InputError(f"--precision {precision}: choose one of {', '.join(PRECISIONS)}.")
    pairs = load_pairs(data, chosen)
    training, validation = split(list(pairs), start)
    check_sizes({name: pairs[name] for name in validation})
    torch.manual_seed(seed)
    model = (
        load_weights(start, preset) if start else create_model(preset, norm, kernel_sizes(kernels))
    )
    accelerator = Accelerator(mixed_precision=precision, cpu=cpu)
    trainer = Trainer(model, [pairs[name] for name in training], config, accelerator)
    out.mkdir(parents=True, exist_ok=True)
    state = out / "state.pt"
    if resume:
        if not state.exists():
            raise InputError(f"{out} holds no run to resume (state.pt is missing).")
        trainer.load_state(state)
    run_steps(trainer, out, save_every)
    # Left to the interpreter's exit, threads of the process group may abort a finished process.
    accelerator.wait_for_everyone()
    accelerator.end_training()
    if not accelerator.is_main_process:
        return
    final = accelerator.unwrap_model(trainer.model).eval()
    scores = validate(final, {name: pairs[name] for name in validation}, accelerator.device)
    info = {
        "task": task,
        "training": config.to_dict() | {"processes": accelerator.num_processes},
        "data": {"training": training, "validation": validation},
        "started_from": read_header(start)["training"] if start else None,
        "validation_metrics": scores,
    }
    save_weights(out / f"{preset}-{task}.safetensors", final, info)
    output.print(" ".join(f"{name} {value:.3f}" for name, value in scores.items()))
    output.print(f"weights: {escape(str(out / f'{preset}-{task}.safetensors'))}")


def split(names: list[str], start: Path | None) -> tuple[list[str], list[str]]:
    """Training and held-out names; what earlier weights were judged on is never trained on."""
    if start is None:
        return hold_out(names)
    held_out = {name.rsplit("/")[-1] for name in read_header(start)["data"]["validation"]}
    training: list[str] = []
    validation: list[str] = []
    for name in sorted(names):
        (validation if name.rsplit("/")[-1] in held_out else training).append(name)
    return (training, validation) if validation else hold_out(names)


def check_sizes(validation: dict[str, torch.Tensor]) -> None:
    """Refuse before the training, not after it, what the run could not be judged on."""
    for name, pair in validation.items():
        height, width = pair.shape[-2:]
        if min(height, width) < VIF_SMALLEST:
            raise InputError(
                f"{name} is {width}x{height}: metrics need {VIF_SMALLEST} pixels a side."
            )


def kernel_sizes(text: str) -> tuple[int, ...] | None:
    """Read "15,11,7"; nothing means the preset's own."""
    try:
        return tuple(int(size) for size in text.split(",")) if text else None
    except ValueError:
        raise InputError(f"--kernels {text}: give three odd numbers such as 15,11,7.") from None


def loss_weights(task: str, changes: str) -> LossWeights:
    """The task's recipe with the user's changes."""
    try:
        return replace(RECIPES[task], **json.loads(changes))
    except (json.JSONDecodeError, TypeError) as error:
        raise InputError(f"--loss {changes} cannot be used: {error}.") from None


def run_steps(trainer: Trainer, out: Path, save_every: int) -> None:
    """Train to the end with a progress bar, curves as CSV, and checkpoints to resume from."""
    main = trainer.accelerator.is_main_process
    curves = Curves(out / "curves.csv", min(50, save_every), trainer.step) if main else None
    progress = progress_bar()
    progress.disable = not main
    with progress:
        bar = progress.add_task("training", total=trainer.config.steps, completed=trainer.step)
        for terms in trainer.run():
            progress.update(bar, completed=trainer.step)
            if curves:
                curves.add(trainer.step, terms)
            if trainer.step % save_every == 0 or trainer.step == trainer.config.steps:
                trainer.save_state(out / "state.pt")
