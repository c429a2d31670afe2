"""A whole training: read the pairs, hold some out, train with checkpoints, judge and write."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from os import PathLike
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from lkc.errors import InputError
from lkc.io.result_files import make_folder
from lkc.model.checkpoint import load_weights, read_header, save_weights
from lkc.model.network import FusionNet, create_model
from lkc.tasks import get_task
from lkc.training.accelerated import Accelerator
from lkc.training.config import TrainConfig
from lkc.training.crops import load_pairs
from lkc.training.curves import Curves
from lkc.training.held_out import check_sizes, hold_out, hold_out_again, validate
from lkc.training.loop import Trainer
from lkc.training.recipes import RECIPES, cameras_for

CURVE_STEPS = 50  # Steps that a row of curves.csv is averaged over.


def read_start(path: Path) -> dict[str, Any]:
    """Read what the weights to start from say about themselves, their held-out pairs before all."""
    known = read_header(path) if path.suffix == ".safetensors" or not path.is_file() else {}
    if not {"training", "data"} <= known.keys():
        raise InputError(
            f"{path.name} does not say which pairs it was judged on, so that they could be held "
            "out: start from weights of lkc train."
        )
    digest = sha256(path.read_bytes()).hexdigest()
    return known | {"training": known["training"] | {"sha256": digest}}


def read_teacher(path: Path) -> tuple[FusionNet, dict[str, Any]]:
    """Load a trained network of ours to learn from, and say which one it is."""
    network = read_header(path)["network"]
    return load_weights(path, network["preset"]), {
        "file": path.name,
        "network": network,
        "sha256": sha256(path.read_bytes()).hexdigest(),
    }


def make_network(
    preset: str,
    norm: str | None,
    kernel_sizes: Sequence[int] | None,
    start: Path | None,
    seed: int,
) -> FusionNet:
    """Load the network of the weights to start from, or build one."""
    torch.manual_seed(seed)
    if start:
        return load_weights(start, preset)
    return create_model(preset, norm or "hybrid", kernel_sizes)


@dataclass(frozen=True)
class TrainingRun:
    """A training that can start, or go on where it stopped.

    Attributes:
        trainer: takes the steps.
        held_out: (2, H, W) uint8 by name, what the network is judged on.
        about: what makes the run what it is, for its state and for the header of its weights.
        weights: the file that `finish` writes; curves and state lie beside it.
    """

    trainer: Trainer
    held_out: dict[str, Tensor]
    about: dict[str, Any]
    weights: Path

    @property
    def state(self) -> Path:
        """The file that a stopped run goes on from."""
        return self.weights.parent / "state.pt"

    @property
    def is_main(self) -> bool:
        """Whether this is the one process of the run that writes."""
        return self.trainer.accelerator.is_main_process

    def resume(self) -> None:
        """Go on where the run stopped, or say that there is none."""
        if not self.state.exists():
            folder, name = self.state.parent, self.state.name
            raise InputError(f"{folder} holds no run to resume ({name} is missing).")
        self.trainer.load_state(self.state, self.about)

    def steps(self, save_every: int = 1000) -> Iterator[int]:
        """Train to the end: yield the number of steps taken after each one.

        Curves go into a CSV file; every `save_every` steps, and at the end, the state is saved.
        """
        trainer, every = self.trainer, min(CURVE_STEPS, save_every)
        path = self.weights.with_name("curves.csv")
        curves = Curves(path, every, trainer.step) if self.is_main else None
        for terms in trainer.run():
            if curves:
                curves.add(trainer.step, terms)
            if trainer.step % save_every == 0 or trainer.step == trainer.config.steps:
                if curves:
                    curves.flush(trainer.step)
                trainer.save_state(self.state, self.about)
            yield trainer.step

    def finish(self) -> dict[str, float] | None:
        """Judge the network on the held-out pairs and write its weights: the metrics by key.

        Only the main process does; the others return None.
        """
        accelerator = self.trainer.accelerator
        # Left to the interpreter's exit, threads of the process group may abort a finished process.
        accelerator.wait_for_everyone()
        accelerator.end_training()
        if not self.is_main:
            return None
        model = accelerator.unwrap_model(self.trainer.model).eval()
        scores = validate(model, self.held_out, accelerator.device)
        save_weights(self.weights, model, self.about | {"validation_metrics": scores})
        return scores


def prepare_training(
    folders: Sequence[str | PathLike[str]],
    task: str = "ir-vis",
    out: str | PathLike[str] = "runs/train",
    preset: str = "lite",
    norm: str | None = None,
    kernel_sizes: Sequence[int] | None = None,
    start: str | PathLike[str] | None = None,
    teacher: str | PathLike[str] | None = None,
    config: TrainConfig | None = None,
    precision: str = "no",
    cpu: bool = False,
    resume: bool = False,
) -> TrainingRun:
    """Read the pairs, hold some out, build the network; arguments and errors are those of `train`.

    Returns:
        The run, whose `steps` are to be taken and which is then to `finish`.
    """
    if start and (norm or kernel_sizes):
        raise InputError("norm and kernels are those of the weights to start from: leave them out.")
    recipe = RECIPES[get_task(task).name]
    config = config or TrainConfig(loss=recipe, cameras=cameras_for(recipe))
    start = Path(start) if start else None
    known = read_start(start) if start else None
    pairs = load_pairs([Path(folder) for folder in folders], get_task(task))
    names = list(pairs)
    training, validation = (
        hold_out_again(names, known["data"]["validation"]) if known else hold_out(names)
    )
    held_out = {name: pairs[name] for name in validation}
    check_sizes(held_out)
    network = make_network(preset, norm, kernel_sizes, start, config.seed)
    accelerator = Accelerator(mixed_precision=precision, cpu=cpu)
    taught_by, about_teacher = read_teacher(Path(teacher)) if teacher else (None, None)
    images = [pairs[name] for name in training]
    trainer = Trainer(network, images, config, accelerator, taught_by)
    how = {"processes": accelerator.num_processes, "precision": accelerator.mixed_precision}
    about = {
        "task": task,
        "data": {"training": training, "validation": validation},
        "network": network.config.to_dict(),
        "training": config.to_dict() | how,
        "started_from": known and known["training"],
        "taught_by": about_teacher,
    }
    run = TrainingRun(trainer, held_out, about, Path(out) / f"{preset}-{task}.safetensors")
    if resume:
        run.resume()
    make_folder(Path(out))
    return run


def train(
    folders: Sequence[str | PathLike[str]],
    task: str = "ir-vis",
    out: str | PathLike[str] = "runs/train",
    preset: str = "lite",
    norm: str | None = None,
    kernel_sizes: Sequence[int] | None = None,
    start: str | PathLike[str] | None = None,
    teacher: str | PathLike[str] | None = None,
    config: TrainConfig | None = None,
    precision: str = "no",
    cpu: bool = False,
    resume: bool = False,
    save_every: int = 1000,
) -> dict[str, float] | None:
    """Train a network on all pairs but a held-out tenth, as `lkc train` does.

    Args:
        folders: each holds the task's two source folders.
        task: "ir-vis", "mri-ct", "mri-pet" or "mri-spect".
        out: folder for weights, curves and the state of the run.
        preset: "lite", "nano" or "base".
        norm: "hybrid" (None), "batch", "instance", "group" or "layer".
        kernel_sizes: three odd numbers, two for "nano"; None takes the preset's own.
        start: weights of an earlier training; what they were judged on stays held out.
        teacher: weights of a larger network whose results are learnt beside the objective.
        config: steps, batch, crops, learning rate and objective; None takes the task's recipe.
        precision: "no", "bf16" or "fp16".
        cpu: use the CPU even if a GPU is there.
        resume: go on with the run in `out`, which was started with the same arguments.
        save_every: steps between checkpoints.

    Returns:
        Means of the eleven metrics over the held-out pairs, by key; None in a process that is not
        the main one.

    Raises:
        InputError: pairs that cannot be used, unknown names, or no such run to resume.

    Example:
        >>> train(["DATA/MSRS/train"], "ir-vis", config=TrainConfig(steps=500))  # doctest: +SKIP
        {'EN': 6.7, ...}
    """
    run = prepare_training(
        folders,
        task,
        out,
        preset,
        norm,
        kernel_sizes,
        start,
        teacher,
        config,
        precision,
        cpu,
        resume,
    )
    for _ in run.steps(save_every):
        pass
    return run.finish()
