"""Measure what a fused image shows and neither source has: python -m benchmarks.artifacts --data D.

Two things, on the four test folders: light where both sources are black, and patterns that repeat
every two pixels, such as checkerboards and combs along edges. Writes results/artifacts.csv.
"""

from argparse import ArgumentParser
from pathlib import Path

import pandas as pd
import torch
import torch.nn.functional as F
from torch import Tensor

from benchmarks.run import HERE, SETS
from lkc.analysis.pixel_patterns import alternation
from lkc.fusion.images import fuse_luma
from lkc.metrics.statistics import BLACK
from lkc.model.loading import load_model
from lkc.tasks import get_task
from lkc.training.crops import load_pairs

METHODS = ("lite", "nano", "maximum", "laplacian")
LEAK = 4  # The fused image may reach this gray level where both sources are black.
PATTERN, EXCESS, NEAR = 4, 1.5, 5  # gray levels beyond 1.5 times what a source has within 5x5


def pattern(image: Tensor) -> Tensor:
    """Strength of what repeats every two pixels: (1, 1, H, W) -> (1, 2, H, W), along y and x."""
    return alternation(F.pad(image, (2, 2, 2, 2), mode="reflect"))


def pattern_share(fused: Tensor, sources: Tensor) -> float:
    """Share of pixels with a two-pixel pattern that the sources nearby do not have.

    Args:
        fused: (1, 1, H, W), 0 to 255.
        sources: (1, 2, H, W), 0 to 255.

    Returns:
        The share, 0 to 1.

    Example:
        >>> stripes = torch.arange(16.0).remainder(2).expand(1, 1, 16, 16) * 20
        >>> flat = torch.zeros(1, 2, 16, 16)
        >>> pattern_share(stripes, flat), pattern_share(stripes, flat + stripes)
        (1.0, 0.0)
    """
    known = torch.maximum(pattern(sources[:, :1]), pattern(sources[:, 1:]))
    known = F.max_pool2d(known, NEAR, 1, NEAR // 2)
    beyond = pattern(fused) - EXCESS * known
    return (beyond.amax(dim=1) > PATTERN).float().mean().item()


def measure_artifacts(pair: Tensor, model: torch.nn.Module) -> dict[str, float]:
    """Measure one pair (2, H, W) uint8; `black` counts the pixels that are black in both."""
    sources = pair[None].float()
    fused = fuse_luma(sources / 255, model).mul(255).round()
    black = (sources <= BLACK).all(dim=1, keepdim=True)
    return {
        "black": black.sum().item(),
        "leaking": (fused[black] > LEAK).sum().item(),
        "pattern": pattern_share(fused, sources),
    }


def main() -> None:
    """Measure every method on every test folder, and print the means."""
    parser = ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="holds MSRS/ and Harvard/")
    given = parser.parse_args()
    rows = []
    for task, folder, _ in SETS.values():
        pairs = load_pairs([given.data / folder], get_task(task))
        for method in METHODS:
            model = load_model(method, task, device="cpu")
            table = pd.DataFrame([measure_artifacts(pair, model) for pair in pairs.values()])
            rows.append(
                {
                    "task": task,
                    "method": method,
                    "pairs": len(pairs),
                    "black pixels": int(table["black"].sum()),
                    "of them above 4, %": 100 * table["leaking"].sum() / table["black"].sum(),
                    "two-pixel pattern, %": 100 * table["pattern"].mean(),
                }
            )
            print(rows[-1], flush=True)
    pd.DataFrame(rows).round(4).to_csv(HERE / "results" / "artifacts.csv", index=False)


if __name__ == "__main__":
    main()
