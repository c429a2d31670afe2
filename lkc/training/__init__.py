"""How a network is trained: objective, recipes, crops, the loop, and a whole run."""

from lkc.training.loop import TrainConfig, Trainer
from lkc.training.losses import LossWeights, fusion_loss
from lkc.training.run import train

__all__ = ["LossWeights", "TrainConfig", "Trainer", "fusion_loss", "train"]
