"""Train a network: random crops, a cosine schedule, and weights that say how they were made.

One process or many: Hugging Face accelerate places model and data, so that `accelerate launch`
spreads the same command over several GPUs or machines.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import LambdaLR

from lkc.errors import InputError, replacing
from lkc.metrics.visual import VIF_SMALLEST
from lkc.training.accelerated import Accelerator, gather_object, set_seed
from lkc.training.augmentation import Cameras, vary_cameras
from lkc.training.config import LoopConfig, TrainConfig
from lkc.training.contrast_loss import ContrastWeights, objective_terms
from lkc.training.crops import CropSampler
from lkc.training.losses import distance_to_teacher
from lkc.training.schedule import cosine_with_warmup

STATE = {"about", "step", "model", "optimizer", "schedule", "random", "scaler"}


def differences(one: dict[str, Any], other: dict[str, Any], start: str = "") -> list[str]:
    """Name the entries in which two nested dicts differ.

    >>> differences({"a": {"b": 1, "c": 2}, "d": 3}, {"a": {"b": 1}, "d": 4})
    ['a.c', 'd']
    """
    names = []
    for key in sorted(one.keys() | other.keys()):
        mine, theirs = one.get(key), other.get(key)
        if isinstance(mine, dict) and isinstance(theirs, dict):
            names += differences(mine, theirs, f"{start}{key}.")
        elif mine != theirs:
            names.append(start + key)
    return names


def read_state(path: Path) -> dict[str, Any]:
    """Read what `Loop.save_state` wrote, or say that the file is something else."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception:  # an unpickler raises anything when it is fed arbitrary bytes
        raise InputError(f"{path} is damaged: start again without --resume.") from None
    if not isinstance(state, dict) or state.keys() != STATE:
        raise InputError(f"{path} holds no run of this version: start again without --resume.")
    return state


class Loop(ABC):
    """The state of a run: everything that a resumed run needs to continue bit for bit.

    Args:
        model: what to train.
        config: how to step.
        accelerator: places the model; its mixed precision is used.
    """

    def __init__(self, model: nn.Module, config: LoopConfig, accelerator: Accelerator) -> None:
        self.accelerator, self.steps, self.clip = accelerator, config.steps, config.clip
        set_seed(config.seed, device_specific=True)  # dropout differs between processes
        is_cpu = accelerator.device.type == "cpu"
        optimizer = torch.optim.AdamW(
            model.parameters(), lr=config.learning_rate, weight_decay=0, fused=is_cpu
        )
        schedule = LambdaLR(optimizer, lambda step: cosine_with_warmup(step, config.steps))
        if is_cpu:
            # Half the time of a step there.
            model = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.model, self.optimizer = accelerator.prepare(model, optimizer)
        self.parameters = list(self.model.parameters())  # A list once saves a walk in every step.
        self.schedule = schedule  # counts steps of the run, not of all processes
        self.generator = torch.Generator().manual_seed(
            config.seed * 1000 + accelerator.process_index  # every process draws its own samples
        )
        self.step = 0

    @abstractmethod
    def loss_terms(self) -> dict[str, Tensor]:
        """Draw a batch and return the terms of the objective; "total" is minimised."""

    def train_step(self) -> dict[str, Tensor]:
        """Take one optimizer step and return the loss terms."""
        if not self.model.training:  # Asking costs less than going through every part.
            self.model.train()
        terms = self.loss_terms()
        self.accelerator.backward(terms["total"])
        self.accelerator.clip_grad_norm_(self.parameters, self.clip)
        self.optimizer.step()
        self.schedule.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.step += 1
        return {name: term.detach() for name, term in terms.items()}

    def run(self) -> Iterator[dict[str, Tensor]]:
        """Step to the end, yielding the loss terms of each step."""
        while self.step < self.steps:
            yield self.train_step()

    def save_state(self, path: Path, about: dict[str, Any]) -> None:
        """Write what `load_state` needs, under a temporary name first; called by every process.

        Args:
            path: the file.
            about: plain values that say what the run is; one that differs cannot continue it.
        """
        own = {"crops": self.generator.get_state(), "dropout": torch.get_rng_state()}
        if self.accelerator.device.type == "cuda":
            own["cuda"] = torch.cuda.get_rng_state()
        random = gather_object([own])  # one entry per process
        if not self.accelerator.is_main_process:
            return
        state = {
            "about": about,
            "step": self.step,
            "model": self.accelerator.unwrap_model(self.model).state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
            "random": random,
            "scaler": self.accelerator.scaler and self.accelerator.scaler.state_dict(),  # of fp16
        }
        with replacing(path, RuntimeError) as temporary, temporary.open("wb") as file:
            torch.save(state, file)

    def load_state(self, path: Path, about: dict[str, Any]) -> None:
        """Continue where `save_state` was called with an equal `about`."""
        state = read_state(path)
        if len(state["random"]) != self.accelerator.num_processes:
            raise InputError(f"{path} was saved by {len(state['random'])} processes: use as many.")
        if names := differences(state["about"], about):
            raise InputError(
                f"{path} is of a run that differs in {', '.join(names)}: "
                "resume with the options it was started with, or start again in another folder."
            )
        own = state["random"][self.accelerator.process_index]
        self.step = state["step"]
        try:
            self.accelerator.unwrap_model(self.model).load_state_dict(state["model"])
        except RuntimeError:
            raise InputError(f"{path} holds another network than the one asked for.") from None
        self.optimizer.load_state_dict(state["optimizer"])
        self.schedule.load_state_dict(state["schedule"])
        self.generator.set_state(own["crops"])
        torch.set_rng_state(own["dropout"])
        if "cuda" in own:
            torch.cuda.set_rng_state(own["cuda"])
        if state["scaler"]:
            self.accelerator.scaler.load_state_dict(state["scaler"])


class Trainer(Loop):
    """A run that trains a fusion network.

    Args:
        model: (B, 2, H, W) -> (B, 1, H, W).
        images: training pairs, (2, H, W) uint8 each.
        config: how to train.
        accelerator: places the model; its mixed precision is used.
        teacher: a trained network whose result the model learns beside the objective.

    Raises:
        InputError: crops too small for the objective, or for the images.
    """

    def __init__(
        self,
        model: nn.Module,
        images: list[Tensor],
        config: TrainConfig,
        accelerator: Accelerator,
        teacher: nn.Module | None = None,
    ) -> None:
        super().__init__(model, config, accelerator)
        if isinstance(config.loss, ContrastWeights) and config.crop < VIF_SMALLEST:
            raise InputError(
                f"crops of {config.crop} pixels are too small: this objective needs {VIF_SMALLEST}."
            )
        self.config = config
        self.sampler = CropSampler(images, config.crop, accelerator.device)
        self.teacher = teacher and teacher.to(accelerator.device).requires_grad_(False).eval()

    def loss_terms(self) -> dict[str, Tensor]:
        """Fuse a batch of crops and score it."""
        sources = self.sampler.sample(self.config.batch, self.generator)  # (B, 2, crop, crop)
        seen = sources
        if self.config.cameras != Cameras():
            seen, sources = vary_cameras(sources, self.config.cameras, self.generator)
        with self.accelerator.autocast():
            fused = self.model(seen)
        fused = fused.float()
        terms = objective_terms(fused, sources[:, :1], sources[:, 1:], self.config.loss)
        if self.teacher is not None:
            terms["teacher"] = distance_to_teacher(fused, self.teacher(seen).clamp(0, 1))
            terms["total"] = terms["total"] + terms["teacher"]
        return terms
