"""How a network is trained: objective, recipes, crops, the loop, and a whole run.

The last two need the extra `train`, and are loaded when they are first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from lkc.training.config import TrainConfig
from lkc.training.losses import LossWeights, fusion_loss

if TYPE_CHECKING:
    from lkc.training.loop import Trainer
    from lkc.training.run import train

__all__ = ["LossWeights", "TrainConfig", "Trainer", "fusion_loss", "train"]

HOMES = {"Trainer": "lkc.training.loop", "train": "lkc.training.run"}

if not TYPE_CHECKING:  # a type checker would take every name for one that is here

    def __getattr__(name: str) -> Any:
        """Load what needs accelerate when it is first used."""
        if name not in HOMES:
            raise AttributeError(f"module 'lkc.training' has no attribute {name!r}")
        found = globals()[name] = getattr(import_module(HOMES[name]), name)
        return found
