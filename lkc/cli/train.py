"""`lkc train`: train a network on folders of registered pairs."""

import json
import math
from dataclasses import asdict, replace
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from accelerate import Accelerator
from rich.markup import escape

from lkc import metrics
from lkc.cli.options import TaskOption
from lkc.console import output, progress_bar
from lkc.errors import InputError
from lkc.fusion.images import fuse_luma
from lkc.io.result_files import make_folder
from lkc.metrics.visual import VIF_SMALLEST
from lkc.model.checkpoint import load_weights, read_header, save_weights
from lkc.model.network import FusionNet, create_model
from lkc.tasks import get_task
from lkc.training.crops import hold_out, load_pairs
from lkc.training.curves import Curves
from lkc.training.loop import TrainConfig, Trainer
from lkc.training.losses import LossWeights
from lkc.training.recipes import RECIPES

PRECISIONS = ("no", "bf16", "fp16")
CURVE_STEPS = 50
LARGEST_SEED = 2**31  # numpy's have 32 bits, and each process adds its number
OUT = Path("runs/train")
NormOption = Annotated[
    str | None, typer.Option(help="hybrid (default), batch, instance, group or layer.")
]
StartOption = Annotated[
    Path | None, typer.Option("--weights", help="Start here; its held-out pairs stay so.")
]
LossOption = Annotated[
    str, typer.Option(help="Changes to the recipe as JSON, such as '{\"ssim\": 2}'.")
]
ResumeOption = Annotated[
    bool, typer.Option("--resume", help="Continue the run in --out: give all its options again.")
]


def train(
    data: Annotated[list[Path], typer.Option(help="Holds the two source folders; repeatable.")],
    task: TaskOption = "ir-vis",
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder for weights, curves.")] = OUT,
    preset: Annotated[str, typer.Option(help="lite or base.")] = "lite",
    norm: NormOption = None,
    kernels: Annotated[str | None, typer.Option(help="Three odd sizes, such as 15,11,7.")] = None,
    steps: Annotated[int, typer.Option(min=1)] = 10_000,
    batch: Annotated[int, typer.Option(min=1, help="Crops per step and process.")] = 16,
    crop: Annotated[int, typer.Option(min=16, help="Side of the crops.")] = 128,
    learning_rate: Annotated[float, typer.Option("--lr", min=0, max=1)] = 2e-3,
    seed: Annotated[int, typer.Option(min=0, max=LARGEST_SEED)] = 0,
    start: StartOption = None,
    precision: Annotated[str, typer.Option(help="no, bf16 or fp16.")] = "no",
    loss: LossOption = "{}",
    save_every: Annotated[int, typer.Option(min=1, help="Steps between checkpoints.")] = 1000,
    resume: ResumeOption = False,
    cpu: Annotated[bool, typer.Option("--cpu", help="Use the CPU even if a GPU is there.")] = False,
) -> None:
    """Train on every pair of --data but a held-out tenth, which the run is judged on.

    The learning rate falls to 0 over --steps, so that --resume makes no run longer: train on from
    a finished one with --weights.
    """
    check_options(learning_rate, precision, start, norm, kernels)
    weights = loss_weights(get_task(task).name, loss)
    config = TrainConfig(steps, batch, learning_rate, seed=seed, crop=crop, loss=weights)
    known = read_start(start) if start else None
    pairs = load_pairs(data, get_task(task))
    training, validation = split(list(pairs), known)
    held_out = {name: pairs[name] for name in validation}
    check_sizes(held_out)
    network = make_network(preset, norm, kernels, start, seed)
    accelerator = Accelerator(mixed_precision=precision, cpu=cpu)
    trainer = Trainer(network, [pairs[name] for name in training], config, accelerator)
    about = {"task": task, "data": {"training": training, "validation": validation}}
    about |= describe(trainer, known)
    if resume:
        continue_run(trainer, out / "state.pt", about)
    make_folder(out)
    run_steps(trainer, out, save_every, about)
    finish(trainer, held_out, about, out / f"{preset}-{task}.safetensors")


def check_options(
    learning_rate: float, precision: str, start: Path | None, norm: str | None, kernels: str | None
) -> None:
    """Refuse options that cannot work, or would be ignored."""
    if math.isnan(learning_rate):  # which passes the bounds
        raise InputError("--lr nan: give a number from 0 to 1.")
    if precision not in PRECISIONS:
        raise InputError(f"--precision {precision}: choose one of {', '.join(PRECISIONS)}.")
    if start and (norm or kernels):
        raise InputError("--norm and --kernels are those of the --weights: leave them out.")


def kernel_sizes(text: str | None) -> tuple[int, ...] | None:
    """Read "15,11,7"; nothing means the preset's own."""
    try:
        return tuple(int(size) for size in text.split(",")) if text else None
    except ValueError:
        raise InputError(f"--kernels {text}: give three odd numbers such as 15,11,7.") from None


def loss_weights(task: str, changes: str) -> LossWeights:
    """The task's recipe with the user's changes."""
    recipe = RECIPES[task]
    terms = asdict(recipe)
    try:
        given = json.loads(changes)
    except json.JSONDecodeError as error:
        raise InputError(f"--loss {changes} cannot be used: {error}.") from None
    if not isinstance(given, dict) or not given.keys() <= terms.keys():
        raise InputError(f"--loss {changes} cannot be used: write weights of {', '.join(terms)}.")
    if not all(type(value) in (int, float) and math.isfinite(value) for value in given.values()):
        raise InputError(f"--loss {changes} cannot be used: every weight must be a number.")
    return replace(recipe, **given)


def read_start(path: Path) -> dict[str, Any]:
    """What the weights to start from say about themselves, their held-out pairs before all."""
    known = read_header(path) if path.suffix == ".safetensors" or not path.is_file() else {}
    if not {"training", "data"} <= known.keys():
        raise InputError(
            f"{path.name} does not say which pairs it was judged on, so that they could be held "
            "out: start from weights of lkc train."
        )
    digest = sha256(path.read_bytes()).hexdigest()
    return known | {"training": known["training"] | {"sha256": digest}}


def split(names: list[str], known: dict[str, Any] | None) -> tuple[list[str], list[str]]:
    """Training and held-out names; what earlier weights were judged on is never trained on."""
    if known is None:
        return hold_out(names)
    held_out = {name.rsplit("/")[-1] for name in known["data"]["validation"]}
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


def make_network(
    preset: str, norm: str | None, kernels: str | None, start: Path | None, seed: int
) -> FusionNet:
    """Load the network of the weights to start from, or build one."""
    torch.manual_seed(seed)
    if start:
        return load_weights(start, preset)
    return create_model(preset, norm or "hybrid", kernel_sizes(kernels))


def describe(trainer: Trainer, known: dict[str, Any] | None) -> dict[str, Any]:
    """What makes the run what it is, for its state and for the header of its weights."""
    accelerator = trainer.accelerator
    how = {"processes": accelerator.num_processes, "precision": accelerator.mixed_precision}
    return {
        "network": accelerator.unwrap_model(trainer.model).config.to_dict(),
        "training": trainer.config.to_dict() | how,
        "started_from": known and known["training"],
    }


def continue_run(trainer: Trainer, state: Path, about: dict[str, Any]) -> None:
    """Load a run's state, or say that there is none."""
    if not state.exists():
        raise InputError(f"{state.parent} holds no run to resume ({state.name} is missing).")
    trainer.load_state(state, about)


def run_steps(trainer: Trainer, out: Path, save_every: int, about: dict[str, Any]) -> None:
    """Train to the end with a progress bar, curves as CSV, and checkpoints to resume from."""
    main = trainer.accelerator.is_main_process
    every = min(CURVE_STEPS, save_every)
    curves = Curves(out / "curves.csv", every, trainer.step) if main else None
    progress = progress_bar()
    progress.disable = not main
    with progress:
        bar = progress.add_task("training", total=trainer.config.steps, completed=trainer.step)
        for terms in trainer.run():
            progress.update(bar, completed=trainer.step)
            if curves:
                curves.add(trainer.step, terms)
            if trainer.step % save_every == 0 or trainer.step == trainer.config.steps:
                if curves:
                    curves.flush(trainer.step)
                trainer.save_state(out / "state.pt", about)


def validate(
    model: FusionNet, pairs: dict[str, torch.Tensor], device: torch.device
) -> dict[str, float]:
    """Mean of the eleven metrics over the held-out pairs, on 8-bit images as a user would get."""
    rows = []
    for pair in pairs.values():
        sources = pair[None].to(device).float()  # (1, 2, H, W), 0 to 255
        fused = fuse_luma(sources / 255, model).mul(255).round()
        scores = metrics.evaluate_batch(fused, sources[:, 1:], sources[:, :1])
        rows.append({name: value.item() for name, value in scores.items()})
    return {name: sum(row[name] for row in rows) / len(rows) for name in rows[0]}


def finish(
    trainer: Trainer, held_out: dict[str, torch.Tensor], about: dict[str, Any], target: Path
) -> None:
    """Judge the network on the held-out pairs and write its weights."""
    accelerator = trainer.accelerator
    # Left to the interpreter's exit, threads of the process group may abort a finished process.
    accelerator.wait_for_everyone()
    accelerator.end_training()
    if not accelerator.is_main_process:
        return
    model = accelerator.unwrap_model(trainer.model).eval()
    scores = validate(model, held_out, accelerator.device)
    save_weights(target, model, about | {"validation_metrics": scores})
    output.print(" ".join(f"{name} {value:.3f}" for name, value in scores.items()))
    output.print(f"weights: {escape(str(target))}")
