"""How a network is trained: objective, recipes, crops, the loop, and a whole run."""

from lkc.extras import need

need("accelerate", "training", extra="train")
from lkc.training.loop import TrainConfig, Trainer  # noqa: E402 - the sentence comes first
from lkc.training.losses import LossWeights, fusion_loss  # noqa: E402
from lkc.training.run import train  # noqa: E402

__all__ = ["LossWeights", "TrainConfig", "Trainer", "fusion_loss", "train"]
