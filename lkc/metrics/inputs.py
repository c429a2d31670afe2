"""Check what goes into a metric, and turn any image into a gray tensor."""

import numpy as np
import torch
from numpy.typing import ArrayLike
from PIL import Image
from torch import Tensor

from lkc.errors import InputError

ROLES = ("fused image", "first source", "second source")
LUMA = (0.299, 0.587, 0.114)
BITS_16_TO_8 = 65535 / 255
GRAY_MODES = ("L", "I", "F", "I;16", "I;16L", "I;16B")  # The other PIL modes become RGB.


def check_images(*images: Tensor, smallest: int = 1) -> list[Tensor]:
    """Refuse images that would give a wrong number; return the others ready to compute with.

    Args:
        images: the fused image, then the two sources where the metric needs them; each
            (B, 1, H, W) in 0 to 255, any dtype.
        smallest: least height and width.

    Returns:
        The images as float32; from MPS, which lacks float64, they are moved to the CPU.

    Raises:
        InputError: another shape, too small, NaN, outside 0 to 255, or 0 to 1 where 0 to 255 is
            meant.

    Example:
        >>> check_images(torch.rand(1, 1, 4, 4))
        Traceback (most recent call last):
        ...
        lkc.errors.InputError: The fused image ... seems to be in 0 to 1: metrics need 0 to 255.
    """
    ready = []
    for role, image in zip(ROLES, images, strict=False):
        if image.ndim != 4 or image.shape[1] != 1:
            raise InputError(f"The {role} has shape {tuple(image.shape)}: give (B, 1, H, W) gray.")
        if image.shape != images[0].shape:
            raise InputError(
                f"The {role} has shape {tuple(image.shape)} but the fused image has "
                f"{tuple(images[0].shape)}: all images must have the same size."
            )
        if min(image.shape[2:]) < smallest:
            height, width = image.shape[2:]
            raise InputError(f"The {role} is {height}x{width}: at least {smallest}x{smallest}.")
        ready.append((image.cpu() if image.device.type == "mps" else image).float())
    flat = [image.flatten(1) for image in ready]
    limits = torch.stack([torch.stack([x.amin(dim=1), x.amax(dim=1)]) for x in flat])  # (N, 2, B)
    for role, (lows, highs) in zip(ROLES, limits.tolist(), strict=False):
        for low, high in zip(lows, highs, strict=True):
            check_range(role, low, high)
    return ready


def check_range(role: str, low: float, high: float) -> None:
    """Raise InputError unless a minimum and maximum can be those of an image in 0 to 255."""
    if low != low or high != high:
        raise InputError(f"The {role} contains NaN.")
    if low < 0 or high > 255:
        raise InputError(f"The {role} has values from {low:g} to {high:g}: metrics need 0 to 255.")
    if 0 < high <= 1:
        raise InputError(
            f"The {role} has no value above {high:g} and seems to be in 0 to 1: "
            "metrics need 0 to 255."
        )


def to_gray(image: ArrayLike | Image.Image | Tensor) -> Tensor:
    """Turn one image of any kind into a gray tensor.

    Colour becomes round(0.299 R + 0.587 G + 0.114 B), as in the reference evaluator. 16-bit arrays
    (uint16) are scaled by 255 / 65535 and keep their fractions. Gray values are not changed.

    Args:
        image: numpy array (H, W) or (H, W, 3), PIL image, or torch tensor (H, W), (C, H, W) or
            (1, C, H, W) with 1 or 3 channels; in 0 to 255, or uint16.

    Returns:
        Tensor (1, 1, H, W), float32 in 0 to 255, on the device of a tensor given.

    Raises:
        InputError: a shape that is none of these, or colour that is not in 0 to 255.

    Example:
        >>> to_gray(np.array([[[255, 0, 0], [0, 0, 255]]], dtype=np.uint8))
        tensor([[[[76., 29.]]]])
    """
    planes = checked_planes(image)
    if len(planes) == 3:
        red, green, blue = planes
        planes = (LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue).round().unsqueeze(0)
    return planes.float().unsqueeze(0)  # (1, 1, H, W)


def to_channels(image: ArrayLike | Image.Image | Tensor) -> Tensor:
    """Turn one image of any kind into a batch of its channels: (1 or 3, 1, H, W).

    Arguments, range and errors are those of `to_gray`.
    """
    return checked_planes(image).float().unsqueeze(1)


def checked_planes(image: ArrayLike | Image.Image | Tensor) -> Tensor:
    """Return one or three planes of an image, float64 (C, H, W); colour is in 0 to 255."""
    planes = to_planes(image)
    if planes.ndim != 3 or len(planes) not in (1, 3):
        raise InputError(
            f"An image must be gray (H, W) or colour (H, W, 3), or as tensor (H, W), (1, H, W) or "
            f"(3, H, W); this one came as planes of shape {tuple(planes.shape)}."
        )
    if len(planes) == 3:
        check_range("colour image", planes.amin().item(), planes.amax().item())
    return planes


def to_planes(image: ArrayLike | Image.Image | Tensor) -> Tensor:
    """Return an image as a float64 tensor (C, H, W), with 16-bit values scaled to 0 to 255."""
    if isinstance(image, Tensor):
        planes = (image.cpu() if image.device.type == "mps" else image).detach().double()
        if planes.ndim == 4 and len(planes) == 1:
            planes = planes[0]
        planes = planes.unsqueeze(0) if planes.ndim == 2 else planes
        return planes / BITS_16_TO_8 if image.dtype == torch.uint16 else planes
    if isinstance(image, Image.Image) and image.mode not in GRAY_MODES:
        image = image.convert("RGB")
    array = np.asarray(image)
    if array.dtype.kind not in "uif":
        raise InputError(f"An image must hold numbers, not {array.dtype}.")
    scale = BITS_16_TO_8 if array.dtype.itemsize == 2 and array.dtype.kind == "u" else 1
    array = array.astype(np.float64) / scale
    planes = torch.from_numpy(array[..., None] if array.ndim == 2 else array)  # (H, W, C)
    return planes.movedim(-1, 0)
