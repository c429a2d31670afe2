"""Five networks small enough for a page, alike but for their norm, and how they were trained.

`python -m lkc.tutorial.exhibits.tiny` trains them again on generated streets, in a few minutes.
"""

from pathlib import Path

import torch
import torch.nn.functional as F
from accelerate import Accelerator
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from lkc.data.synthetic import TIMES
from lkc.model.lite import DepthwiseBlock, Stem
from lkc.model.norm import SINGLE_NORMS, norm_plan
from lkc.training.config import TrainConfig
from lkc.training.loop import Trainer
from lkc.training.recipes import BRIGHTNESS_RECIPES
from lkc.tutorial.train_one_yourself import street_sources

WEIGHTS = Path(__file__).parent / "tiny.safetensors"
PLANS = (*SINGLE_NORMS, "hybrid")
CHANNELS, KERNEL = 16, 7  # Two groups of 8 channels; the kernel sees 14 pixels of the image.
REACH = 2 * (1 + KERNEL // 2 + 1) + 1  # Kernels change pixels at most so far away.
SIZE = 96, 128  # This is the height and the width of a street.
SEEDS = range(100, 112)  # of the streets to train on
CONFIG = TrainConfig(
    steps=2500, batch=8, crop=64, learning_rate=4e-3, loss=BRIGHTNESS_RECIPES["ir-vis"]
)


class TinyNetwork(nn.Module):
    """Stem and block of `lite` and a head, at half resolution and without the shortcut.

    Args:
        norm: name for `lkc.model.norm.norm_plan`.
    """

    def __init__(self, norm: str) -> None:
        super().__init__()
        plan = norm_plan(norm)
        self.stem = Stem(8, CHANNELS, plan.stem)
        self.block = DepthwiseBlock(CHANNELS, KERNEL, plan.large_kernel)
        self.head = nn.Conv2d(CHANNELS, 4, 3, padding=1)

    def forward(self, sources: Tensor) -> Tensor:
        x = self.stem(F.pixel_unshuffle(sources, 2))  # (B, C, H / 2, W / 2)
        return F.pixel_shuffle(self.head(self.block(x)), 2)  # (B, 1, H, W)


def load_tiny(norm: str) -> TinyNetwork:
    """Load one of the trained networks.

    Args:
        norm: one of `PLANS`.

    Returns:
        The network in evaluation mode, float32.

    Example:
        >>> load_tiny("layer")(torch.zeros(1, 2, 32, 48)).shape
        torch.Size([1, 1, 32, 48])
    """
    start = f"{norm}."
    stored = load_file(WEIGHTS).items()
    weights = {name.removeprefix(start): w for name, w in stored if name.startswith(start)}
    network = TinyNetwork(norm)
    network.load_state_dict(weights)
    return network.eval().requires_grad_(False)


def train_all() -> dict[str, Tensor]:
    """Train the five from one seed each: weights in bfloat16, by the norm and their name."""
    images = [street_sources(seed, time, *SIZE) for seed in SEEDS for time in TIMES]
    weights: dict[str, Tensor] = {}
    for norm in PLANS:
        torch.manual_seed(CONFIG.seed)
        network = TinyNetwork(norm)
        for terms in Trainer(network, images, CONFIG, Accelerator(cpu=True)).run():
            loss = terms["total"].item()
        print(f"{norm}: loss {loss:.3f} in the last step", flush=True)
        weights |= {f"{norm}.{name}": value for name, value in network.state_dict().items()}
    # What counts batches is a whole number, and convolutions were trained channels last.
    return {n: w.bfloat16().contiguous() if w.dim() else w for n, w in weights.items()}


if __name__ == "__main__":
    save_file(train_all(), WEIGHTS)
