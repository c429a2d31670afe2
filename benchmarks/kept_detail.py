"""Measure what is lost under a bright partner, and what is burnt out, on all pairs of roads.

    python -m benchmarks.kept_detail --data DATA        (a quarter of an hour on two cores)

Writes results/kept-detail.csv, which `benchmarks.peers` puts on its page.
"""

from argparse import ArgumentParser
from pathlib import Path

import pandas as pd
import torch
from torch import Tensor, nn

from benchmarks.published import ROADS, SETS
from lkc.console import run_command
from lkc.fusion.images import fuse_luma
from lkc.metrics.kept_contrast import clipped, detail_under_bright_partner
from lkc.model.loading import load_model
from lkc.tasks import get_task
from lkc.training.crops import load_pairs

HERE = Path(__file__).parent
METHODS = ("lite", "nano", "maximum", "average", "laplacian", "guided")


def measure_pair(pair: Tensor, model: nn.Module) -> dict[str, float]:
    """Count, in one pair (2, H, W) uint8, the pixels at risk, those lost and those burnt out."""
    sources = pair[None].float()
    fused = fuse_luma(sources / 255, model).mul(255).round()
    at_risk, lost = detail_under_bright_partner(fused, sources[:, :1], sources[:, 1:])
    return {
        "pixels": fused.numel(),
        "at risk": at_risk.sum().item(),
        "lost": lost.sum().item(),
        "clipped": clipped(fused).item() * fused.numel(),
    }


def kept_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Lost and clipped in percent: a line per method, two columns per set.

    Args:
        rows: set, method, pairs, and the sums of what `measure_pair` counts.

    Returns:
        The table, as texts.
    """
    shares = rows.assign(
        lost=(100 * rows["lost"] / rows["at risk"]).map("{:.1f}".format),
        clipped=(100 * rows["clipped"] / rows["pixels"]).map("{:.2f}".format),
    )
    columns = {
        f"{name}, {what} %": part.set_index("method")[what]
        for name, part in shares.groupby("set", sort=False)
        for what in ("lost", "clipped")
    }
    return pd.DataFrame(columns).loc[list(METHODS)].reset_index()


@torch.inference_mode()
def main() -> None:
    """Measure every method on every set."""
    parser = ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="holds MSRS/, TNO/ and M3FD/")
    given = parser.parse_args()
    models = {name: load_model(name, "ir-vis", device="cpu") for name in METHODS}
    rows = []
    for title in ROADS:
        folders = [given.data / folder for folder in SETS[title][1]]
        pairs = load_pairs(folders, get_task("ir-vis"))
        for name, model in models.items():
            counts = pd.DataFrame([measure_pair(pair, model) for pair in pairs.values()]).sum()
            rows.append({"set": title, "method": name, "pairs": len(pairs), **counts.astype(int)})
            print(rows[-1], flush=True)
    pd.DataFrame(rows).to_csv(
        HERE / "results" / "kept-detail.csv", index=False, lineterminator="\n"
    )


if __name__ == "__main__":
    run_command(main)
