"""Make the input of a segmentation network: one source, both stacked, or their fusion."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import torch
from torch import Tensor

from lkc.downstream.labelled import LabelledPairs
from lkc.errors import InputError
from lkc.fusion.images import fuse
from lkc.model.baselines import BASELINES
from lkc.model.loading import load_model
from lkc.tasks import Task, get_task

PLANES = 4
"""Planes of every input: red, green and blue, then the first source."""

STACKED = "stacked"
HEAT = "heat"  # what `lite` makes with colour="heat"


def input_names(task: str) -> list[str]:
    """List the inputs of a task: both sources, the two stacked, every baseline, and `lite`.

    Infrared with visible also has "heat": hot things glow in the colours of `lite`'s image.

    >>> input_names("ir-vis")[:4]
    ['infrared', 'visible', 'stacked', 'maximum']
    """
    chosen = get_task(task)
    names = [chosen.first, chosen.second, STACKED, *BASELINES, "lite"]
    return [*names, HEAT] if task == "ir-vis" else names


def fuse_pairs(pairs: LabelledPairs, method: str, device: str = "auto") -> np.ndarray:
    """Fuse every pair as `lkc fuse` would.

    Args:
        pairs: what to fuse.
        method: "lite", "heat" or a baseline.
        device: "auto", "cpu", "cuda" or "mps".

    Returns:
        (N, H, W, 3) uint8; a task without colour gives three equal planes.
    """
    colour = "heat" if method == HEAT else "keep"
    model = load_model("lite" if method == HEAT else method, pairs.task, device=device)
    fuse_one = partial(fuse, task=pairs.task, model=model, colour=colour)
    fused = np.empty_like(pairs.second)
    with ThreadPoolExecutor() as pool:  # Rules take one core a pair.
        for index, image in enumerate(pool.map(fuse_one, pairs.first, pairs.second)):
            fused[index] = image if image.ndim == 3 else image[..., None]
    return fused


def build_input(pairs: LabelledPairs, name: str, device: str = "auto") -> Tensor:
    """Arrange an input in planes, so that every input meets the same network.

    Red, green and blue hold the second source or the fused image, the last plane the first source.
    Planes that an input lacks are zero, so that all networks of a seed start from the same weights.

    Args:
        pairs: labelled pairs.
        name: one of `input_names`.
        device: where to fuse.

    Returns:
        (N, 4, H, W) uint8.

    Raises:
        InputError: there is no such input.

    Example:
        >>> from lkc.downstream.labelled import generate_pairs
        >>> streets = generate_pairs("ir-vis", 1, 64, 64, workers=1)
        >>> build_input(streets, "infrared")[0, :3].max().item()
        0
    """
    task = get_task(pairs.task)
    check_input(name, task)
    planes = np.zeros((len(pairs), PLANES, *pairs.labels.shape[1:]), np.uint8)
    if name in (task.first, STACKED):
        planes[:, 3] = pairs.first
    if name in (task.second, STACKED):
        planes[:, :3] = pairs.second.transpose(0, 3, 1, 2)
    if name not in (task.first, task.second, STACKED):
        planes[:, :3] = fuse_pairs(pairs, name, device).transpose(0, 3, 1, 2)
    return torch.from_numpy(planes)


def check_input(name: str, task: Task) -> None:
    """Refuse names that no task or method has."""
    names = input_names(task.name)
    if name not in names:
        raise InputError(f"there is no input {name!r}: choose one of {', '.join(names)}.")
