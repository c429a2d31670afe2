"""Read MSRS with its labels, where the label folder is at hand."""

from concurrent.futures import ThreadPoolExecutor
from os import PathLike
from pathlib import Path

import numpy as np

from lkc.downstream.classes import MSRS
from lkc.downstream.labelled import LabelledPairs, Sample, stack_samples
from lkc.errors import InputError
from lkc.io.image_files import read_image
from lkc.io.pairing import images_by_stem, pair_folders, source_folders
from lkc.io.pixels import check_same_size, to_8_bits, to_unit_range
from lkc.io.reading import read_pixels
from lkc.tasks import get_task

LABEL_FOLDER = "Segmentation_labels"
ONE_GRID = "a pair and its labels must have the same size"
TIMES = {"D": "day", "N": "night"}  # The last letter of a file's name says which.


def read_label(path: Path) -> np.ndarray:
    """Read a label image of MSRS: one plane of class indices, or the colours of its palette.

    Args:
        path: a gray image with values 0 to 8, or one in colour.

    Returns:
        (H, W) uint8.

    Raises:
        InputError: a value or a colour that means no class.
    """
    pixels = read_image(path)
    if pixels.ndim == 3:
        match = (pixels[:, :, None] == np.array(MSRS.colours, pixels.dtype)).all(-1)  # (H, W, 9)
        if not match.any(-1).all():
            raise InputError(f"{path.name} has colours that are no class of MSRS.")
        return match.argmax(-1).astype(np.uint8)  # (H, W)
    if pixels.max() >= len(MSRS):
        raise InputError(f"{path.name} has the label {pixels.max()}: MSRS has 0 to 8.")
    return pixels.astype(np.uint8)


def read_8_bits(path: Path) -> np.ndarray:
    """Read a source as `lkc.fuse` sees it, with 8 bits: (H, W) or (H, W, 3)."""
    pixels = read_pixels(path)[0]
    return pixels if pixels.dtype == np.uint8 else to_8_bits(to_unit_range(pixels, path.name))


def read_pair(first: Path, second: Path, label: Path) -> Sample:
    """Read one pair and its labels, and refuse what does not lie on one grid."""
    infrared, visible, labels = read_8_bits(first), read_8_bits(second), read_label(label)
    if infrared.ndim == 3:
        infrared = infrared[..., 0]  # All three planes are equal.
    for path, image in ((first, infrared), (second, visible)):
        check_same_size(image.shape, labels.shape, (str(path), str(label)), ONE_GRID)
    return Sample(infrared, visible, labels, TIMES.get(label.stem[-1], "any time"))


def read_msrs(folder: str | PathLike[str]) -> LabelledPairs:
    """Read one part of MSRS with its labels.

    Args:
        folder: such as MSRS/train, with the folders ir, vi and Segmentation_labels.

    Returns:
        The pairs that have labels, with the nine classes of MSRS.

    Raises:
        InputError: a folder is missing, a pair has no labels, or a file cannot be used.

    Source:
        Tang et al., "PIAFusion" (Information Fusion 2022), which made MSRS from MFNet.

    Example:
        >>> read_msrs("MSRS/test").classes.names[2]  # doctest: +SKIP
        'person'
    """
    folder = Path(folder)
    pairs = pair_folders(*source_folders(folder, get_task("ir-vis"))).pairs
    labels = images_by_stem(folder / LABEL_FOLDER)
    missing = [first.name for first, _ in pairs if first.stem not in labels]
    if missing:
        raise InputError(f"{folder / LABEL_FOLDER} has no labels for {', '.join(missing[:3])}.")
    firsts, seconds = zip(*pairs, strict=True)
    with ThreadPoolExecutor() as pool:
        samples = list(pool.map(read_pair, firsts, seconds, [labels[p.stem] for p in firsts]))
    return stack_samples(samples, "ir-vis", MSRS)
