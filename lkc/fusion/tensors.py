"""Fuse torch tensors on the device where they lie, with gradients if they ask for them."""

from collections.abc import Callable

import torch
from torch import Tensor

from lkc.errors import InputError
from lkc.io.pixels import LUMA_WEIGHTS, REGISTERED
from lkc.model.network import MIN_SIDE
from lkc.tasks import Task


def as_batch(image: Tensor, name: str) -> Tensor:
    """Turn a tensor of any layout that is taken into a batch: float (B, 1 or 3, H, W) in [0, 1]."""
    shape = "x".join(map(str, image.shape))
    if image.ndim == 2:
        batch = image[None, None]
    elif image.ndim == 3:
        batch = image[None]
    else:
        batch = image
    if batch.ndim != 4 or batch.shape[1] not in (1, 3):
        raise InputError(
            f"{name} is a tensor of {shape}: expected H,W or 1,H,W or 3,H,W or a batch of these."
        )
    if min(batch.shape[2:]) < MIN_SIDE:
        raise InputError(
            f"{name} is a tensor of {shape}: at least {MIN_SIDE}x{MIN_SIDE} pixels are needed."
        )
    if batch.dtype == torch.uint8:
        return batch / 255
    if not batch.is_floating_point():
        raise InputError(f"{name} is a tensor of {image.dtype}: expected uint8, or floats in 0..1.")
    low, high = (float(end) for end in batch.detach().aminmax())
    if not (low >= 0 and high <= 1):  # so NaN is refused as well
        raise InputError(f"{name} has float values from {low:g} to {high:g}: scale it to 0..1.")
    return batch.float()


def as_batches(a: Tensor, b: Tensor, task: Task) -> tuple[Tensor, Tensor]:
    """Turn both sources into batches by `as_batch`, or say that they are of different size."""
    first, second = as_batch(a, task.first), as_batch(b, task.second)
    if first.shape[::2] != second.shape[::2] or first.shape[3] != second.shape[3]:
        sizes = ("x".join(map(str, image.shape)) for image in (a, b))
        raise InputError(
            f"{task.first} is {next(sizes)} but {task.second} is {next(sizes)}: {REGISTERED}."
        )
    return first, second


def luma(batch: Tensor) -> Tensor:
    """BT.601 luma of a batch: (B, 1 or 3, H, W) -> (B, 1, H, W)."""
    if batch.shape[1] == 1:
        return batch
    weights = torch.from_numpy(LUMA_WEIGHTS).to(batch)
    return (batch * weights[:, None, None]).sum(dim=1, keepdim=True)


def refuse_heat(colour: str) -> None:
    """Refuse a colour that tensors do not get."""
    if colour == "heat":
        raise InputError("heat is painted on arrays, images and files, not on tensors.")


def take_chroma(fused: Tensor, second: Tensor, second_luma: Tensor) -> Tensor:
    """Give a fused luma the chroma of the second source: (B, 1, H, W) -> (B, 3, H, W) in [0, 1]."""
    return (second + fused - second_luma).clamp(0, 1)


def fuse_tensors(
    a: Tensor, b: Tensor, task: Task, run: Callable[[Tensor], Tensor], with_colour: bool
) -> Tensor:
    """Fuse two tensors, or two batches of them.

    Args:
        a, b: the sources in the order of the task's name: (H, W), (C, H, W) or (B, C, H, W) with C
            of 1 or 3; uint8, or floats in [0, 1].
        task: names them in messages, and says whether b brings colour.
        run: fuses luma, (B, 2, H, W) -> (B, 1, H, W) in [0, 1], first source first.
        with_colour: whether the result takes the chroma of b, where it has one.

    Returns:
        A tensor in the layout of b, with one channel or with three where b brings colour; uint8
        where both sources are, else float; on the device of a. It has gradients if a source has.

    Raises:
        InputError: unusable, or differently sized tensors.

    Example:
        >>> from lkc.tasks import get_task
        >>> night, brighter = torch.rand(2, 3, 32, 48), lambda x: x.amax(dim=1, keepdim=True)
        >>> fuse_tensors(night, night, get_task("ir-vis"), brighter, True).shape
        torch.Size([2, 3, 32, 48])
    """
    first, second = as_batches(a, b, task)
    second = second.to(first.device)
    sources = torch.cat([luma(first), luma(second)], dim=1)  # (B, 2, H, W)
    fused = run(sources).to(first.device)  # (B, 1, H, W)
    if with_colour and task.second_has_colour and second.shape[1] == 3:
        fused = take_chroma(fused, second, sources[:, 1:])  # (B, 3, H, W)
    if a.dtype == b.dtype == torch.uint8:
        fused = (fused * 255 + 0.5).to(torch.uint8)
    return fused if b.ndim == 4 else fused[0] if b.ndim == 3 else fused[0, 0]
