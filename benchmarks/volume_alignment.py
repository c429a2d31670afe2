"""How far from its true place `--align mutual-information` lays a blurred and noisy SPECT.

Run: python -m benchmarks.volume_alignment        (about five minutes on two cores)
Each generated head has its own shape and motion: up to 20 degrees and 35 mm along each axis. The
SPECT sees half the brain through a blur of 18 mm, with few counts. `error` is how far its farthest
corner lies from its true place, `spread` how far searches from other starts end; both are in mm.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import SimpleITK as sitk
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from lkc.alignment.volumes import align
from lkc.errors import InputError
from lkc.io import Volume

RESULTS = Path(__file__).parent / "results" / "volume-alignment.csv"
HEADS = 14
SIDES, VOXEL = (44, 50, 36), 4.0  # voxels and millimetres
BLUR, COUNTS = 18 / 2.355 / VOXEL, 0.05  # voxels, and counts of a unit of uptake
SLAB = 18  # slices that the SPECT sees
TURN, SHIFT = 20.0, 35.0  # degrees and millimetres, at most
GRID = np.diag([-VOXEL, -VOXEL, VOXEL, 1.0])
GRID[:3, 3] = 86, 98, -70
PARTS = (  # middle and radii in mm; what MRI and SPECT show of it; how much its middle varies
    ((0, 0, 0), (68, 82, 62), 300, 4, 0),
    ((0, 0, 0), (62, 76, 56), 40, 2, 0),
    ((0, 0, 0), (56, 70, 50), 600, 100, 0),
    ((0, 0, 0), (46, 60, 40), 450, 55, 0),
    ((-10, 5, 5), (6, 28, 14), 150, 10, 3),
    ((12, 0, 8), (7, 22, 12), 150, 10, 3),
    ((-18, 0, 2), (9, 14, 9), 520, 130, 0),
    ((18, 0, 2), (9, 14, 9), 520, 130, 0),
    ((0, -45, -35), (38, 22, 16), 560, 120, 0),
    ((20, -38, 12), (14, 10, 12), 900, 30, 3),
)


def make_head(rng: np.random.Generator) -> tuple[Volume, Volume]:
    """Generate the MRI of a head, and the SPECT of half its brain in the same place."""
    places = np.tensordot(GRID, np.stack([*np.indices(SIDES), np.ones(SIDES)]), 1)[:3]
    shown, uptake, shape = np.zeros(SIDES), np.zeros(SIDES), 1 + rng.normal(0, 0.05, 3)
    for middle, radii, mri, spect, varies in PARTS:
        centre, size = np.array(middle) + rng.normal(0, varies, 3), np.array(radii) * shape
        inside = (((places.T - centre) / size) ** 2).sum(axis=-1).T < 1
        shown[inside], uptake[inside] = mri, spect
    shown = gaussian_filter(shown, 0.6) + rng.normal(0, 8, SIDES)
    counts = rng.poisson(gaussian_filter(uptake, BLUR) * COUNTS).astype(np.float32)
    first = int(rng.integers(0, SIDES[2] - SLAB - 4))
    slab = np.ascontiguousarray(gaussian_filter(counts, 0.7)[:, :, first : first + SLAB])
    affine = GRID.copy()
    affine[:3, 3] = (GRID @ [0, 0, first, 1])[:3]
    mri_volume = Volume(shown.astype(np.float32), GRID, (0, 1000), "mri")
    return mri_volume, Volume(slab, affine, (0, 100), "spect")


def make_motion(rng: np.random.Generator) -> NDArray[np.float64]:
    """A turn and a shift in millimetres: (4, 4)."""
    turn = sitk.VersorTransform((1, 2, 3), np.deg2rad(rng.uniform(-TURN, TURN)))
    motion = np.eye(4)
    motion[:3, :3] = np.reshape(turn.GetMatrix(), (3, 3))
    motion[:3, 3] = rng.uniform(-SHIFT, SHIFT, 3)
    return motion


def farthest(affine: NDArray, expected: NDArray, shape: tuple[int, ...]) -> float:
    """How far the corners of a volume lie apart under two affines, in millimetres."""
    corners = np.array(np.meshgrid(*((0, side - 1) for side in shape))).reshape(3, -1)
    points = np.vstack([corners, np.ones(8)])
    return float(np.linalg.norm(((affine - expected) @ points)[:3], axis=0).max())


def measure(seed: int) -> dict[str, float | str]:
    """Align one head, and compare with its true place."""
    rng = np.random.default_rng(seed)
    mri, spect = make_head(rng)
    moved = replace(spect, affine=make_motion(rng) @ spect.affine)
    row: dict[str, float | str] = {
        "head": seed,
        "start": farthest(moved.affine, spect.affine, spect.values.shape),
    }
    try:
        found = align(moved, mri)
    except InputError as error:
        return {**row, "refused": str(error).partition("; ")[0]}
    back = np.linalg.inv(found.matrix) @ moved.affine
    return {
        **row,
        "error": farthest(back, spect.affine, spect.values.shape),
        "spread": found.spread,
        "agreement": found.agreement,
    }


def main() -> None:
    """Measure all heads, and write a row for each."""
    table = pd.DataFrame([measure(seed) for seed in range(HEADS)]).round(2)
    table.to_csv(RESULTS, index=False)
    print(table.to_string(index=False))


if __name__ == "__main__":
    main()
