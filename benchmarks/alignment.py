"""How near `lkc.alignment.align` comes to known transforms, on this project's generated pairs.

Run: python benchmarks/alignment.py        (about a minute on one core)
The first source is moved by a known turn, scale and shift; the error is the largest distance of the
image's corners from where they belong, in pixels.
"""

import time
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lkc.alignment.align import align
from lkc.alignment.geometry import warp
from lkc.errors import InputError
from lkc.io.image_files import read_image
from lkc.io.pixels import luma, to_unit_range

EXAMPLES = Path(__file__).parents[1] / "assets" / "examples"
TABLE = Path(__file__).parent / "results" / "alignment.csv"
PAIRS = {
    "street, ir-vis": ("ir-vis/ir/night.png", "ir-vis/vis/night.png"),
    "fog, ir-vis": ("ir-vis/ir/fog.png", "ir-vis/vis/fog.png"),
    "head, ct-mri": ("mri-ct/ct/head-1.png", "mri-ct/mri/head-1.png"),
}
MOTIONS = {  # degrees, scale, shift
    "shift": (0, 1.0, (12, -7)),
    "turn": (5, 1.0, (0, 0)),
    "turn, scale, shift": (-8, 1.1, (10, 15)),
}
MARGIN = 40


def load(name: str) -> NDArray[np.float32]:
    """Read an example as luma in [0, 1]."""
    return luma(to_unit_range(read_image(EXAMPLES / name), name))


def main() -> None:
    """Measure every pair, motion and method; print and write the table."""
    rows = []
    for pair, names in PAIRS.items():
        scene, fixed = (load(name) for name in names)
        fixed = fixed[MARGIN:-MARGIN, MARGIN:-MARGIN].copy()
        height, width = fixed.shape
        corners = np.array([[0, width, 0, width], [0, 0, height, height], [1, 1, 1, 1]])
        for motion, (degrees, scale, shift) in MOTIONS.items():
            turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, scale)
            known = np.vstack([turn, [0, 0, 1]])  # fixed pixel to moving pixel
            known[:2, 2] += shift
            origin = np.eye(3)
            origin[:2, 2] = MARGIN
            moving = warp(scene, origin @ np.linalg.inv(known), fixed.shape)
            for method in ("ecc", "mutual-information", "homography"):
                row: dict[str, str | float] = {"pair": pair, "motion": motion, "method": method}
                start = time.perf_counter()
                try:
                    found = align(moving, fixed, method)
                except InputError:
                    rows.append(row)  # no error to tell: it said that it failed
                    continue
                places = found.matrix @ corners
                error = np.abs(places[:2] / places[2] - (known @ corners)[:2]).max()
                row["seconds"] = round(time.perf_counter() - start, 1)
                row["error"], row["agreement"] = round(error, 2), round(found.agreement, 2)
                rows.append(row)
    table = pd.DataFrame(rows)
    table.to_csv(TABLE, index=False)
    print(table.to_string(index=False))


if __name__ == "__main__":
    main()
