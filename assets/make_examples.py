"""Draw the example pairs anew: `python assets/make_examples.py [FOLDER] [--colin27 DIR]`.

DIR holds `ch2.nii.gz` and `ch2bet.nii.gz` of Debian's mricron-data (see SOURCES.md); without it the
pairs made from this real head stay as they are.
"""

import argparse
from pathlib import Path

import cv2
import numpy as np

from lkc.data.synthetic import head_phantom, street_scene
from lkc.data.synthetic.head.colour_maps import EMBER, RAINBOW, pseudo_colour
from lkc.data.synthetic.head.scanners import scan_ct, scan_uptake
from lkc.io.image_files import write_image

STREETS = {"night": 10, "fog": 1, "glare": 9}
HEADS = {"ct": (3, 6), "pet": (2, 8), "spect": (13, 7)}
COLIN27_SLICES = {"ct": 92, "pet": 78, "spect": 84}

# Colin27's T1 values of fluid, of gray and of white matter, and what stands for them elsewhere.
T1_VALUES = (40, 56, 76, 92, 105, 116)
CT_VALUES = (0.24, 0.26, 0.50, 0.50, 0.42, 0.42)
PET_VALUES = (0.05, 0.12, 0.92, 0.90, 0.38, 0.33)
SPECT_VALUES = (0.02, 0.10, 0.88, 0.88, 0.50, 0.45)


def write_examples(folder: Path) -> None:
    """Write every generated pair below a folder: task / source / name.png."""
    for time, seed in STREETS.items():
        scene = street_scene(seed, time=time)
        write_image(folder / "ir-vis" / "ir" / f"{time}.png", scene.infrared)
        write_image(folder / "ir-vis" / "vis" / f"{time}.png", scene.visible)
    for partner, seeds in HEADS.items():
        for number, seed in enumerate(seeds, start=1):
            head = head_phantom(seed, weighting="T1" if partner == "pet" else "T2")
            pair = folder / f"mri-{partner}"
            write_image(pair / "mri" / f"head-{number}.png", head.mri)
            write_image(pair / partner / f"head-{number}.png", getattr(head, partner))


def read_slice(volume: Path, height: int) -> np.ndarray:
    """Read an axial slice, the face up, in the middle of (256, 256) uint8."""
    import nibabel  # only the pairs from a volume need it

    data = np.asarray(nibabel.as_closest_canonical(nibabel.load(volume)).dataobj)
    image = data[:, :, height].T[::-1]
    top, left = (256 - image.shape[0]) // 2, (256 - image.shape[1]) // 2
    frame = np.zeros((256, 256), np.uint8)
    frame[top : top + image.shape[0], left : left + image.shape[1]] = image
    return frame


def ellipse(size: int) -> np.ndarray:
    """Return a round structuring element."""
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))


def density_from_t1(t1: np.ndarray, brain: np.ndarray) -> np.ndarray:
    """Guess what CT would show: bone is what stays dark in T1 between brain and scalp."""
    head = cv2.morphologyEx((t1 > 24).astype(np.uint8), cv2.MORPH_CLOSE, ellipse(41))
    envelope = cv2.dilate(cv2.morphologyEx(brain, cv2.MORPH_CLOSE, ellipse(21)), ellipse(5))
    dark = ((t1 < 52) & (head > 0) & (envelope == 0)).astype(np.uint8)
    bone = cv2.morphologyEx(dark, cv2.MORPH_CLOSE, ellipse(9)) & head & (1 - envelope)
    bone &= cv2.erode(head, ellipse(9))
    density = np.where(head > 0, np.interp(t1, (40, 90, 130), (0.34, 0.30, 0.14)), 0.0)
    density = np.where(envelope > 0, 0.26, density)
    density = np.where(brain > 0, np.interp(t1, T1_VALUES, CT_VALUES), density)
    return np.where(bone > 0, 1.6, density).astype(np.float32)


def write_colin27(folder: Path, volumes: Path) -> None:
    """Write pairs of a real T1 slice and a partner simulated from it."""
    for partner, height in COLIN27_SLICES.items():
        t1 = read_slice(volumes / "ch2.nii.gz", height)
        brain = (read_slice(volumes / "ch2bet.nii.gz", height) > 0).astype(np.uint8)
        scanner = np.random.default_rng(height)
        if partner == "ct":
            image = scan_ct(density_from_t1(t1, brain), scanner)
        else:
            values, stops = (PET_VALUES, RAINBOW) if partner == "pet" else (SPECT_VALUES, EMBER)
            uptake = (np.interp(t1, T1_VALUES, values) * brain).astype(np.float32)
            blur, blotches = (2.6, 0.35) if partner == "pet" else (3.8, 0.7)
            image = pseudo_colour(scan_uptake(uptake, scanner, blur, blotches), stops)
        mri = np.clip(t1 * 1.9, 0, 255).astype(np.uint8)
        write_image(folder / f"mri-{partner}" / "mri" / "colin27.png", mri)
        write_image(folder / f"mri-{partner}" / partner / "colin27.png", image)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    examples = Path(__file__).parent / "examples"
    parser.add_argument("folder", type=Path, nargs="?", default=examples)
    parser.add_argument("--colin27", type=Path, metavar="DIR", help="folder of the two volumes")
    arguments = parser.parse_args()
    write_examples(arguments.folder)
    if arguments.colin27:
        write_colin27(arguments.folder, arguments.colin27)
