"""How steady gray values are from slice to slice of a fused head, and what steadier ones cost.

Run: python -m benchmarks.slices --data DATA        (some minutes on two cores; DATA holds Harvard/)

Three ways to take the statistics of norms: of each slice, of the slices so far (an exponential
mean), and of the whole volume (a first pass gathers them, a second fuses). Heads of the training
folder of Harvard CT-MRI, in the order of their slices; and a generated head in which a lesion
appears from one slice to the next, while the rest stays. Writes results/slices.csv.
"""

from argparse import ArgumentParser
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray

import lkc
from benchmarks.film_measures import Film
from lkc.data.synthetic import head_phantom
from lkc.fusion.images import fuse
from lkc.fusion.volumes import with_statistics_of
from lkc.io.image_files import read_image
from lkc.metrics import METRICS, evaluate
from lkc.model.steady_network import with_memory

TABLE = Path(__file__).parent / "results" / "slices.csv"
SHARES = {"each slice": 1.0, "moving, 1/2": 0.5, "moving, 1/5": 0.2}
AGREE = 4  # Sources agree where their means around a pixel change by so many levels at most.
AROUND = 31  # pixels
BLACK = 5
QUANTILES = (0.25, 0.5, 0.75, 0.9)
MIN_SLICES = 10
HEADS = 4  # generated ones


def fuse_slices(first: Film, second: Film, ways: str) -> Film:
    """Fuse slices (S, H, W) with statistics taken in one of the ways."""
    plain = lkc.load_model("lite", "mri-ct", device="cpu")
    pairs = list(zip(first, second, strict=True))
    if ways == "whole volume":
        shown = [(a / np.float32(255), b / np.float32(255)) for a, b in pairs]
        model = with_statistics_of(shown, plain, "mri-ct")
        return np.stack([fuse(*pair, "mri-ct", model) for pair in pairs])
    model, pace = with_memory(plain)
    fused = []
    for number, pair in enumerate(pairs):
        pace.set(SHARES[ways] if number else 1.0)
        fused.append(fuse(*pair, "mri-ct", model))
    return np.stack(fused)


def jump_where_sources_agree(film: Film, first: Film, second: Film) -> float:
    """Mean change of local means from slice to slice, in levels, where both sources keep theirs."""
    local = [
        np.stack([cv2.blur(image.astype(np.float32), (AROUND, AROUND)) for image in images])
        for images in (film, first, second)
    ]
    jumps = []
    for now, after in pairwise(range(len(film))):
        change, *others = (np.abs(maps[after] - maps[now]) for maps in local)
        agree = np.logical_and.reduce([other <= AGREE for other in others])
        agree &= np.maximum(first[now], second[now]) > BLACK
        if agree.any():
            jumps.append(change[agree].mean())
    return float(np.mean(jumps))


def jump_of_quantiles(film: Film) -> float:
    """Mean change of quantiles of what is not black from slice to slice, in levels."""
    found = np.stack([np.quantile(image[image > BLACK], QUANTILES) for image in film])
    return float(np.abs(np.diff(found, axis=0)).mean())


def read_heads(folder: Path) -> dict[str, tuple[Film, Film]]:
    """MRI and CT of each head with slices enough; three digits of a name are the slice."""
    names = defaultdict(list)
    for path in sorted((folder / "MRI").iterdir()):
        names[path.stem[:-3]].append(path.name)
    heads = {}
    for head, files in names.items():
        if len(files) >= MIN_SLICES:
            mri, ct = (
                np.stack([read_gray(folder / kind / name) for name in files])
                for kind in ("MRI", "CT")
            )
            heads[head] = (mri, ct)
    return heads


def read_gray(path: Path) -> NDArray[np.uint8]:
    """A gray image, (H, W)."""
    pixels = np.asarray(read_image(path))
    gray = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    return gray.astype(np.uint8)


def measure_heads(heads: dict[str, tuple[Film, Film]]) -> list[dict[str, object]]:
    """Measure all ways on all heads; one row a way, and one of the sources."""
    found = defaultdict(list)
    for first, second in heads.values():
        for kind, film in (("MRI", first), ("CT", second)):
            found[kind].append({"quantiles": jump_of_quantiles(film)})
        for ways in (*SHARES, "whole volume"):
            fused = fuse_slices(first, second, ways)
            values = [evaluate(f, a, b) for f, a, b in zip(fused, first, second, strict=True)]
            found[ways].append(
                {
                    "quantiles": jump_of_quantiles(fused),
                    "where sources agree": jump_where_sources_agree(fused, first, second),
                    **pd.DataFrame(values)[list(METRICS)].mean(),
                }
            )
    return [{"statistics": ways, **pd.DataFrame(rows).mean()} for ways, rows in found.items()]


def shift_by_lesion(ways: str) -> float:
    """How far a lesion that appears in the second slice shifts what lies far from it, in levels."""
    shifts = []
    for seed in range(HEADS):
        with_lesion, without = (head_phantom(seed, lesion=lesion) for lesion in (True, False))
        heads = (without, with_lesion)
        mri, ct = (np.stack([getattr(head, kind) for head in heads]) for kind in ("mri", "ct"))
        fused = fuse_slices(mri, ct, ways).astype(np.int16)
        same = (mri[0] == mri[1]) & (ct[0] == ct[1]) & (np.maximum(mri[0], ct[0]) > BLACK)
        size = np.ones((AROUND, AROUND), np.uint8)
        far = cv2.erode(same.astype(np.uint8), size) > 0
        shifts.append(np.abs(fused[1] - fused[0])[far].mean() if far.any() else np.nan)
    return float(np.nanmean(shifts))


def main() -> None:
    """Measure and write the table."""
    parser = ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="holds Harvard/")
    given = parser.parse_args()
    heads = read_heads(given.data / "Harvard" / "CT-MRI" / "train")
    print({head: len(first) for head, (first, _) in heads.items()}, flush=True)
    table = pd.DataFrame(measure_heads(heads))
    table["lesion"] = [
        shift_by_lesion(way) if way not in ("MRI", "CT") else np.nan for way in table["statistics"]
    ]
    columns = ["statistics", "quantiles", "where sources agree", "lesion", *METRICS]
    table[columns].round(3).to_csv(TABLE, index=False, lineterminator="\n")
    print(table[columns].round(3).to_string())


if __name__ == "__main__":
    main()
