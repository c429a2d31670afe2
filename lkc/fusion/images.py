"""Fuse two images: check them, run the model on luma, give the result its colour back."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache, partial
from os import PathLike
from pathlib import Path
from typing import overload

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from lkc.errors import InputError
from lkc.fusion.flat import is_nearly_flat, keep_brighter, keep_brighter_of_flat
from lkc.fusion.heat import paint_heat
from lkc.fusion.on_gpu import LARGE_ON_GPU, try_gpu
from lkc.fusion.tensors import fuse_tensors, refuse_heat
from lkc.io.pictures import decode_with_pillow
from lkc.io.pixels import (
    check_same_size,
    luma,
    replace_luma,
    to_8_bits,
    to_16_bits,
    to_unit_range,
)
from lkc.io.reading import read_pixels
from lkc.model.cuda_graph import plain_network
from lkc.model.large_images import can_stream, fuse_in_bands
from lkc.model.loading import load_model
from lkc.model.network import MIN_SIDE
from lkc.tasks import Task, get_task

LARGE_ON_CPU = 500_000  # Images of fewer pixels are fused faster as a whole.
BATCH_PIXELS = 4_000_000  # So many pixels of a batch are fused at once, which bounds the memory.
COLOURS = ("keep", "heat", "gray")
ImageLike = NDArray | Image.Image | str | PathLike[str]
cached_model = lru_cache(maxsize=4)(load_model)


def as_pixels(image: ImageLike | Tensor, name: str) -> tuple[NDArray, str]:
    """Return an image's pixels and what to call it in an error."""
    if isinstance(image, str | PathLike):
        return read_pixels(image)[0], Path(image).name
    if isinstance(image, Image.Image):
        return decode_with_pillow(image), name
    if isinstance(image, np.ndarray):
        return image.astype(image.dtype.newbyteorder("="), copy=False), name
    if isinstance(image, Tensor):
        raise InputError(f"{name} is a tensor but its partner is not: give two of one kind.")
    raise InputError(f"{name} is a {type(image).__name__}: expected an array, PIL image or path.")


def check_large_enough(shape: Sequence[int], name: str) -> None:
    """Refuse what is too small for the network."""
    height, width = shape[:2]
    if min(height, width) < MIN_SIDE:
        raise InputError(
            f"{name} is {width}x{height}: at least {MIN_SIDE}x{MIN_SIDE} pixels are needed."
        )


def check_pair(a: NDArray, b: NDArray, names: tuple[str, str]) -> None:
    """Refuse pairs that do not lie on one pixel grid, or are too small for the network."""
    check_same_size(a.shape, b.shape, names)
    check_large_enough(a.shape, names[0])


def check_detail(detail: float) -> None:
    """Refuse a strength of detail that no model was meant for."""
    if not 0 <= detail <= 2:
        raise InputError(f"detail must lie between 0 and 2, got {detail:g}.")


def colours_of(task: Task) -> tuple[str, ...]:
    """The ways to colour results of a task: only infrared shows heat."""
    return tuple(name for name in COLOURS if name != "heat" or task.first == "infrared")


def check_colour(colour: str, task: Task) -> None:
    """Refuse a way to colour the result that there is not, or not for a task."""
    if colour not in COLOURS:
        raise InputError(f"unknown colour {colour!r}: choose one of {', '.join(COLOURS)}.")
    if colour not in colours_of(task):
        raise InputError(f"heat is a colour for infrared with visible light, not for {task.name}.")


def is_large(sources: Tensor) -> bool:
    """Whether bands serve images of that size better, on the device where they lie."""
    limit = LARGE_ON_CPU if sources.device.type == "cpu" else LARGE_ON_GPU
    return sources.shape[-2] * sources.shape[-1] > limit


def run_whole_or_in_bands(model: nn.Module, sources: Tensor) -> Tensor:
    """Fuse large images in bands if the model supports that, and others whole."""
    if is_large(sources) and can_stream(model):
        return fuse_in_bands(model, sources)
    return model(sources)


def run_model(model: nn.Module, sources: Tensor) -> Tensor:
    """Run a model; where the GPU's memory does not suffice, say so and take the CPU."""
    network = plain_network(model)
    try:
        return run_whole_or_in_bands(network if is_large(sources) else model, sources)
    except torch.OutOfMemoryError:  # its traceback holds tensors, so it is left before going on
        pass
    except RuntimeError as error:
        if "can't allocate memory" not in str(error):
            raise
        raise InputError(
            "the image does not fit into memory: the preset lite needs less."
        ) from None
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    height, width = sources.shape[-2:]
    message = f"{width}x{height} does not fit into the GPU's memory: fused on the CPU instead."
    warnings.warn(message, stacklevel=4)
    return run_whole_or_in_bands(deepcopy(network).cpu(), sources.cpu())


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Hold all of a model in evaluation mode: in training, fusing would change its batch norms."""
    training = [module for module in model.modules() if module.training]
    for module in training:
        module.training = False
    try:
        yield
    finally:
        for module in training:
            module.training = True


@torch.inference_mode()
def fuse_luma(sources: Tensor, model: nn.Module, detail: float = 1.0) -> Tensor:
    """Run a model and scale what it changes on the brighter source.

    Args:
        sources: (B, 2, H, W) in [0, 1] on the model's device, first source first.
        model: a network or a baseline; run in evaluation mode, and left in its own.
        detail: 0 keeps the brighter source, 1 is the model's own result, 2 doubles its changes.

    Returns:
        Tensor (B, 1, H, W) in [0, 1].
    """
    with evaluating(model):
        fused = run_model(model, sources).float()
    return scale_change(fused, sources, detail).clamp_(0, 1)


def scale_change(fused: Tensor, sources: Tensor, detail: float) -> Tensor:
    """Scale what a model changes on the brighter of the sources: (B, 1, H, W), not clipped."""
    if detail == 1:
        return fused
    return torch.lerp(sources.amax(dim=1, keepdim=True).to(fused.device), fused, detail)


def fuse_luma_of_tensors(sources: Tensor, model: nn.Module, detail: float) -> Tensor:
    """Do what `fuse_luma` does; where the sources ask for gradients, whole and on the record."""
    sources = sources.to(device_of(model, sources))
    if sources.requires_grad:
        with evaluating(model):
            fused = plain_network(model)(sources).float()
        fused = scale_change(fused, sources, detail).clamp(0, 1)
    else:
        fused = fuse_luma(sources, model, detail).clone()  # a tensor that autograd takes
    return keep_brighter_of_flat(fused, sources.to(fused.device)) if has_norms(model) else fused


def has_norms(model: nn.Module) -> bool:
    """Whether a model is a network, whose norms enlarge what little a source shows; no rule is."""
    return any(True for _ in model.parameters())


def device_of(model: nn.Module, data: Tensor) -> torch.device:
    """Where a model computes; a baseline, which has no parameters, does where its data lie."""
    return next(model.parameters(), data).device


@overload
def fuse(
    a: Tensor, b: Tensor, task: str = ..., model: nn.Module | None = ..., detail: float = ...,
    colour: str = ...,
) -> Tensor: ...  # fmt: skip


@overload
def fuse(
    a: ImageLike, b: ImageLike, task: str = ..., model: nn.Module | None = ...,
    detail: float = ..., colour: str = ...,
) -> NDArray: ...  # fmt: skip


def fuse(
    a: ImageLike | Tensor,
    b: ImageLike | Tensor,
    task: str = "ir-vis",
    model: nn.Module | None = None,
    detail: float = 1.0,
    colour: str = "keep",
) -> NDArray | Tensor:
    """Fuse a registered pair into one image.

    Args:
        a: first source of the task's name (infrared or MRI): array (H, W) or (H, W, 3) of uint8,
            uint16 or float in [0, 1], a PIL image, or a path. Colour is turned to luma. The values
            of arrays are taken as they are: black is 0, white is 255, 65535 or 1. Files of more
            than 8 bits are shown through their default window, see `lkc.io.show`. Tensors: both
            sources, see `lkc.fusion.tensors`.
        b: second source (visible, CT, PET or SPECT), same size; the fused image keeps its chroma
            (BT.601 full range) where the task has a colour source.
        task: "ir-vis", "mri-ct", "mri-pet" or "mri-spect".
        model: from `load_model`; None takes the shipped `lite` weights of the task.
        detail: 0 = natural (the brighter source), 1 = default, up to 2 = every change doubled.
        colour: "keep" = that of b, "gray" = none, "heat" = that of b, and what is hot in infrared
            but dark in visible light glows ("ir-vis" only).

    Returns:
        (H, W), or (H, W, 3) where b brings colour or heat is painted; uint8, or uint16 if both
            sources are (files of more than 8 bits count as such). A tensor where both sources are.

    Raises:
        InputError: unreadable, unusable or differently sized images, or an unknown task.

    Source:
        "Rethinking Normalization Strategies and Convolutional Kernels for Multimodal Image Fusion";
        the network sees luma only, as there.

    Example:
        >>> night = np.zeros((32, 48), dtype=np.uint8)
        >>> fuse(night, night, task="mri-ct").shape
        (32, 48)
    """
    chosen = get_task(task)
    check_detail(detail)
    check_colour(colour, chosen)
    model = model if model is not None else cached_model("lite", task)
    if isinstance(a, Tensor) and isinstance(b, Tensor):
        refuse_heat(colour)
        run = partial(fuse_luma_of_tensors, model=model, detail=detail)
        return fuse_tensors(a, b, chosen, run, colour == "keep")
    first, second = as_pixels(a, chosen.first), as_pixels(b, chosen.second)
    if colour != "heat":
        with_colour = colour == "keep" and chosen.second_has_colour
        fused_bytes = try_gpu(first[0], second[0], model, detail, with_colour)
        if fused_bytes is not None:
            return fused_bytes
    pair = prepare(first, second)
    return finish(pair, fuse_prepared([pair], model, detail)[0], chosen, colour)


@dataclass(frozen=True)
class PreparedPair:
    """A pair as networks take it.

    Attributes:
        luma: (2, H, W) in [0, 1], first source first.
        colour: the second source, (H, W) or (H, W, 3) in [0, 1].
        sixteen_bits: whether both sources have 16 bits, and so the result.
    """

    luma: NDArray[np.float32]
    colour: NDArray[np.float32]
    sixteen_bits: bool


def prepare(first: tuple[NDArray, str], second: tuple[NDArray, str]) -> PreparedPair:
    """Check a pair, given as pixels and names, and turn it into luma."""
    luma_a, colour = luma(to_unit_range(*first)), to_unit_range(*second)
    check_pair(luma_a, colour, (first[1], second[1]))
    sixteen_bits = first[0].dtype == second[0].dtype == np.uint16
    return PreparedPair(np.stack([luma_a, luma(colour)]), colour, sixteen_bits)


def fuse_prepared(
    pairs: Sequence[PreparedPair], model: nn.Module, detail: float
) -> NDArray[np.float32]:
    """Run a model on pairs of one size: (B, H, W)."""
    sources = torch.from_numpy(np.stack([pair.luma for pair in pairs]))  # (B, 2, H, W)
    sources = sources.to(device_of(model, sources))
    fused = fuse_luma(sources, model, detail)[:, 0].cpu().numpy()  # (B, H, W)
    for pair, result in zip(pairs, fused, strict=True):
        if has_norms(model) and all(is_nearly_flat(source) for source in pair.luma):
            result[:] = keep_brighter(pair.luma)
    return fused


def finish(pair: PreparedPair, fused: NDArray[np.float32], task: Task, colour: str) -> NDArray:
    """Give a fused luma (H, W) its colour and its bits."""
    result = fused
    if pair.colour.ndim == 3 and task.second_has_colour and colour != "gray":
        result = replace_luma(pair.colour, pair.luma[1], fused)  # (H, W, 3)
    if colour == "heat":
        result = paint_heat(result, fused, *pair.luma)  # (H, W, 3)
    return to_16_bits(result) if pair.sixteen_bits else to_8_bits(result)


def fuse_batch(
    firsts: Sequence[ImageLike],
    seconds: Sequence[ImageLike],
    task: str = "ir-vis",
    model: nn.Module | None = None,
    detail: float = 1.0,
    colour: str = "keep",
) -> list[NDArray]:
    """Fuse pairs of one size together, which keeps a GPU busy.

    Args:
        firsts: first sources, each as `lkc.fuse` takes it.
        seconds: second sources, as many and in the same order.
        task, model, detail, colour: as in `lkc.fuse`.

    Returns:
        One fused image for each pair, as `lkc.fuse` returns it.

    Raises:
        InputError: as `lkc.fuse`; or unequal numbers, or pairs of different size.

    Example:
        >>> nights = [np.zeros((32, 48), dtype=np.uint8)] * 3
        >>> len(fuse_batch(nights, nights))
        3
    """
    chosen = get_task(task)
    check_detail(detail)
    check_colour(colour, chosen)
    if len(firsts) != len(seconds):
        raise InputError(f"there are {len(firsts)} first sources but {len(seconds)} second ones.")
    model = model if model is not None else cached_model("lite", task)
    pairs = [
        prepare(as_pixels(a, f"{chosen.first} {number}"), as_pixels(b, f"{chosen.second} {number}"))
        for number, (a, b) in enumerate(zip(firsts, seconds, strict=True))
    ]
    fused: list[NDArray] = []
    at_once = max(1, BATCH_PIXELS // pairs[0].luma[0].size) if pairs else 1
    for number, pair in enumerate(pairs):
        names = f"pair {number}", "pair 0"
        check_same_size(
            pair.colour.shape, pairs[0].colour.shape, names, "a batch holds pairs of one size"
        )
    for start in range(0, len(pairs), at_once):
        part = pairs[start : start + at_once]
        lumas = fuse_prepared(part, model, detail)
        fused += [
            finish(pair, luma, chosen, colour) for pair, luma in zip(part, lumas, strict=True)
        ]
    return fused
