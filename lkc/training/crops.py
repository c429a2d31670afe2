"""Training data: load every pair once as 8-bit luma, then cut random crops on the device."""

from collections.abc import Sequence
from pathlib import Path

import torch
from numpy.typing import NDArray
from torch import Tensor

from lkc.errors import InputError
from lkc.io.pairing import pair_folders, source_folders
from lkc.io.pixels import check_same_size, luma, to_8_bits, to_unit_range
from lkc.io.reading import read_pixels
from lkc.tasks import Task

SAME_SIZE = "the sources must have the same size"


def to_luma(pixels: NDArray, name: str) -> Tensor:
    """Turn an image that `lkc.fuse` takes into (H, W) uint8 luma."""
    return torch.from_numpy(to_8_bits(luma(to_unit_range(pixels, name))))


def read_luma(path: Path) -> Tensor:
    """Read a source as `lkc.fuse` sees it, as (H, W) uint8 luma."""
    return to_luma(read_pixels(path)[0], path.name)


def load_pairs(folders: Sequence[Path], task: Task) -> dict[str, Tensor]:
    """Load all pairs of data sets as luma.

    Args:
        folders: each holds the task's two source folders.
        task: whose sources to look for.

    Returns:
        "data set/stem" -> (2, H, W) uint8, first source first, as the networks take them; a data
        set is named by its folder, a split such as MSRS/train with the folder above it.

    Raises:
        InputError: a folder is missing, nothing matches, the sizes of a pair differ, or two data
            sets have the same name.
    """
    pairs = {}
    named: dict[str, Path] = {}
    for folder in map(Path, folders):
        folder = folder.resolve()
        is_split = folder.name.lower() in ("train", "val", "test")
        prefix = f"{folder.parent.name}/{folder.name}" if is_split else folder.name
        if prefix in named:
            raise InputError(f"{named[prefix]} and {folder} have the same name: rename one.")
        named[prefix] = folder
        for first, second in pair_folders(*source_folders(folder, task)).pairs:
            a, b = read_luma(first), read_luma(second)
            check_same_size(a.shape, b.shape, (first.name, "its partner"), SAME_SIZE)
            pairs[f"{prefix}/{first.stem}"] = torch.stack([a, b])  # (2, H, W)
    return pairs


class CropSampler:
    """Random crops and flips from images that stay on the device.

    Args:
        images: (2, H, W) uint8 each, sizes may differ.
        size: side of the square crops in pixels.
        device: where images and crops live.

    Raises:
        InputError: no image, or one that is smaller than the crop.
    """

    def __init__(self, images: Sequence[Tensor], size: int, device: torch.device | str) -> None:
        if not images:
            raise InputError("no pair is left to train on: one in ten is held out.")
        smallest = min(min(image.shape[-2:]) for image in images)
        if smallest < size:
            raise InputError(f"a training image has a side of {smallest}: smaller than {size}.")
        self.images = [image.to(device) for image in images]
        self.size = size

    def sample(self, count: int, generator: torch.Generator) -> Tensor:
        """Cut `count` crops: (count, 2, size, size) in [0, 1].

        Random numbers come from a CPU generator, so that a seed means the same on every device.
        """
        size, crops = self.size, []
        draws = torch.rand(count, 5, generator=generator)
        for index, top, left, flip_rows, flip_columns in draws.tolist():
            image = self.images[int(index * len(self.images))]
            y = int(top * (image.shape[-2] - size + 1))
            x = int(left * (image.shape[-1] - size + 1))
            crop = image[:, y : y + size, x : x + size]
            dims = [d for d, flip in ((1, flip_rows), (2, flip_columns)) if flip < 0.5]
            crops.append(crop.flip(dims) if dims else crop)
        return torch.stack(crops).float() / 255  # (count, 2, size, size)
