"""How to train: what is stored with the weights, without the library that spreads the work."""

from dataclasses import asdict, dataclass, field
from typing import Any

from lkc.training.augmentation import Cameras
from lkc.training.contrast_loss import ContrastWeights
from lkc.training.losses import LossWeights


@dataclass(frozen=True)
class LoopConfig:
    """How to step, whatever is trained.

    Attributes:
        steps: optimizer steps.
        batch: samples per step and process.
        learning_rate: peak of the cosine schedule.
        clip: largest gradient norm.
        seed: of weights, samples and dropout.
    """

    steps: int = 10_000
    batch: int = 16
    learning_rate: float = 2e-3
    clip: float = 1.0
    seed: int = 0


@dataclass(frozen=True)
class TrainConfig(LoopConfig):
    """How to train a fusion network; stored in the header of the weights.

    Attributes:
        crop: side of the crops in pixels.
        loss: weights of the objective.
        cameras: how strongly crops are changed to look like other cameras'.
    """

    crop: int = 128
    loss: LossWeights | ContrastWeights = field(default_factory=LossWeights)
    cameras: Cameras = field(default_factory=Cameras)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return asdict(self)
