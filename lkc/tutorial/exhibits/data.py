"""What Python computes for the exhibits, as values that JSON can hold."""

import base64
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import torch
from matplotlib.colors import Colormap, to_hex
from torch import Tensor

from lkc.model.norm import SINGLE_NORMS, make_norm, norm_plan
from lkc.viz.style import SIGNED_MAP

SAMPLES, CHANNELS, SIDE = 4, 8, 4  # The batch of the first exhibit.
COLOURS = 64  # So many steps of a colour map are told apart.


def pack(picture: Any) -> dict[str, Any]:
    """Describe a picture (H, W) uint8."""
    height, width = picture.shape
    values = base64.b64encode(picture.tobytes()).decode()
    return {"height": height, "width": width, "values": values}


def hex_colours(colour_map: Colormap) -> str:
    """Sample a colour map: six hexadecimal digits for each of its steps."""
    return "".join(to_hex(colour_map(i / (COLOURS - 1)))[1:] for i in range(COLOURS))


def norm_settings() -> dict[str, Any]:
    """What `lkc.model.norm` decides: the norms, the plan called hybrid, and epsilon."""
    return {
        "norms": SINGLE_NORMS,
        "hybrid": asdict(norm_plan("hybrid")),
        "eps": make_norm("group", CHANNELS).eps,
    }


def small_batch() -> Tensor:
    """Draw maps (N, C, H, W) of different strength with two decimals, the first one sparse."""
    random = torch.Generator().manual_seed(0)
    noise = torch.randn(SAMPLES, CHANNELS, SIDE, SIDE, generator=random)
    strength = torch.linspace(0.4, 2, CHANNELS)[:, None, None]
    offset = torch.randn(SAMPLES, CHANNELS, 1, 1, generator=random)
    batch = strength * (noise + offset)
    batch[0, 0] = 0.05 * noise[0, 0]
    batch[0, 0, 1, 2] = 1.0
    return batch.double().round(decimals=2)


def norm_sharing() -> dict[str, Any]:
    """The batch whose maps share their statistics."""
    batch = small_batch()
    return {
        "shape": tuple(batch.shape),
        "values": batch.flatten().tolist(),
        "signed": hex_colours(SIGNED_MAP),
        **norm_settings(),
    }


DATA: dict[str, Callable[[], dict[str, Any]]] = {"norm-sharing": norm_sharing}
