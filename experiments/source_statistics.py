"""Are medical images sparser, sharper and less alike than road scenes? Measured on the sources.

The first version of the paper (arXiv v1, abstract and a third party's summary) argues so before it
chooses its norms. No network is needed to look: this takes minutes on a CPU.

Run: python -m experiments.source_statistics --data DATA    (DATA holds MSRS and Harvard)
"""

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
import typer
from numpy.typing import NDArray
from torch import Tensor

from lkc.analysis.sparsity import excess_kurtosis, hoyer_sparsity
from lkc.io.image_files import read_image
from lkc.io.pixels import luma, to_unit_range
from lkc.metrics.statistics import average_gradient, entropy, spatial_frequency

RESULTS = Path(__file__).parent / "results" / "source-statistics.csv"
SOURCES = {  # name -> folder inside DATA; training folders only
    "infrared": "MSRS/official-train/ir",
    "visible": "MSRS/official-train/vi",
    "MRI": "Harvard/CT-MRI/train/MRI",
    "CT": "Harvard/CT-MRI/train/CT",
    "PET": "Harvard/PET-MRI/train/PET",
    "SPECT": "Harvard/SPECT-MRI/train/SPECT",
}
IMAGES = 100  # So many are taken of each source, spread evenly over its folder.
BLACK = 8  # What lies above this gray level belongs to the head or the scene.
SIDE = 256  # AG and SF compare images of one size, so all get this side.


def read_gray(path: Path) -> Tensor:
    """Read an image as (1, 1, 256, 256) gray levels from 0 to 255, its centre cut out."""
    gray = torch.from_numpy(luma(to_unit_range(read_image(path), path.name)))[None, None]
    height, width = gray.shape[-2:]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = gray[..., top : top + side, left : left + side]  # (1, 1, side, side)
    if side != SIDE:
        square = F.interpolate(square, size=(SIDE, SIDE), mode="area")
    return (255 * square).round()


def cut_foreground(gray: Tensor) -> Tensor:
    """Cut out the smallest box that holds all that is not black: (1, 1, H, W) -> (1, 1, h, w)."""
    rows, columns = torch.nonzero(gray[0, 0] > BLACK, as_tuple=True)
    if len(rows) < 2:
        return gray
    return gray[..., rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]


def describe_image(gray: Tensor) -> dict[str, float]:
    """Measure one image: how sparse its values and its edges are, and how sharp it is."""
    steps = gray[..., 1:] - gray[..., :-1]  # (1, 1, H, W - 1), signed differences
    return {
        "black, %": 100 * (gray <= BLACK).float().mean().item(),
        "sparsity of values": hoyer_sparsity(gray).item(),
        "sparsity of edges": hoyer_sparsity(steps).item(),
        "kurtosis of edges": excess_kurtosis(steps).item(),
        "EN": entropy(gray).item(),
        "AG": average_gradient(gray).item(),
        "SF": spatial_frequency(gray).item(),
    }


def gray_shares(gray: Tensor) -> NDArray[np.float64]:
    """Return the share of each of 64 gray ranges: (64,)."""
    counts = np.histogram(gray.numpy(), bins=64, range=(0, 256))[0]
    return counts / counts.sum()


def mean_divergence(shares: list[NDArray[np.float64]]) -> float:
    """Average the Jensen-Shannon divergence, in bits, over all pairs of images of a source."""

    def bits(p: NDArray[np.float64]) -> float:
        positive = p[p > 0]
        return float(-(positive * np.log2(positive)).sum())

    pairs = combinations(shares, 2)
    return float(np.mean([bits((p + q) / 2) - (bits(p) + bits(q)) / 2 for p, q in pairs]))


def measure_source(folder: Path, name: str) -> Iterator[dict[str, object]]:
    """Measure a source over whole images and over their foreground; one row each."""
    files = sorted(path for path in folder.iterdir() if path.is_file())
    files = files[:: max(1, len(files) // IMAGES)][:IMAGES]
    whole = [read_gray(path) for path in files]
    for region, images in (("whole", whole), ("foreground", [cut_foreground(g) for g in whole])):
        table = pd.DataFrame([describe_image(gray) for gray in images])
        spread = table["AG"].std() / table["AG"].mean()
        divergence = mean_divergence([gray_shares(gray) for gray in images])
        yield {
            "source": name,
            "region": region,
            "images": len(images),
            **table.mean().to_dict(),
            "spread of AG": spread,
            "difference between images, bits": divergence,
        }


def main(data: Annotated[Path, typer.Option(help="Folder with MSRS and Harvard.")]) -> None:
    """Measure every source and write the table."""
    torch.set_grad_enabled(False)
    rows = [row for name, folder in SOURCES.items() for row in measure_source(data / folder, name)]
    table = pd.DataFrame(rows).round(4)
    table.to_csv(RESULTS, index=False)
    print(table.to_string(index=False))


if __name__ == "__main__":
    typer.run(main)
