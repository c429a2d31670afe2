"""What Python computes for the exhibits, as values that JSON can hold."""

import base64
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import torch
from matplotlib import colormaps
from matplotlib.colors import Colormap, to_hex
from torch import Tensor

from lkc.fusion.images import fuse
from lkc.metrics import METRICS
from lkc.model.loading import load_model
from lkc.model.network import count_parameters
from lkc.model.norm import GROUP_SIZE, SINGLE_NORMS, make_norm, norm_plan
from lkc.tutorial.exhibits import tiny
from lkc.tutorial.train_one_yourself import street_sources
from lkc.viz.style import FIELD_MAP, SIGNED_MAP

SAMPLES, CHANNELS, SIDE = 4, 8, 4  # The batch of the first exhibit.
# No network was trained on these streets. Notebooks store the pages, so pictures are small.
STREETS, STREET_SIZE = ((9, "night"), (1, "fog")), (72, 96)
GYM_STREET, GYM_SIZE = (10, "night"), (96, 128)
FIELD_STREET, FIELD_SIDE = (9, "night"), 64
COLOURS = 65  # So many steps of a colour map are told apart, the middle one among them.


def pack(values: Tensor) -> str:
    """Write the bytes of a tensor as letters: base64 without slashes, which look like paths."""
    in_bytes = bytes(values.contiguous().view(torch.uint8).flatten().tolist())
    return base64.urlsafe_b64encode(in_bytes).decode()


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


def hot_spot() -> dict[str, Any]:
    """Three streets, and the tiny networks that fuse them."""
    networks = {norm: tiny.load_tiny(norm) for norm in tiny.PLANS}
    weights = {
        norm: {name: pack(w.bfloat16()) for name, w in network.state_dict().items() if w.dim()}
        for norm, network in networks.items()
    }
    streets = [street_sources(seed, time, *STREET_SIZE) for seed, time in STREETS]
    return {
        "height": STREET_SIZE[0],
        "width": STREET_SIZE[1],
        "streets": [[pack(source) for source in street] for street in streets],
        "networks": weights,
        "parameters": count_parameters(networks["group"]),
        "group_size": GROUP_SIZE,
        "reach": tiny.REACH,
        "signed": hex_colours(SIGNED_MAP),
        **norm_settings(),
    }


def metric_gym() -> dict[str, Any]:
    """A street, what `lite` makes of it, and the eleven metrics."""
    pair = street_sources(*GYM_STREET, *GYM_SIZE)
    first, second = pair.numpy()
    fused = fuse(first, second, model=load_model("lite", "ir-vis", device="cpu"))
    columns = ("key", "unit", "description", "better")
    return {
        "height": GYM_SIZE[0],
        "width": GYM_SIZE[1],
        "first": pack(pair[0]),
        "second": pack(pair[1]),
        "start": pack(torch.from_numpy(fused)),
        "metrics": [{name: getattr(m, name) for name in columns} for m in METRICS.values()],
    }


def receptive_field() -> dict[str, Any]:
    """A street whose pixels a stack of blocks may see."""
    street = street_sources(*FIELD_STREET, FIELD_SIDE, FIELD_SIDE)
    return {
        "height": FIELD_SIDE,
        "width": FIELD_SIDE,
        "street": [pack(source) for source in street],
        "field": hex_colours(colormaps[FIELD_MAP]),
        **norm_settings(),
    }


DATA: dict[str, Callable[[], dict[str, Any]]] = {
    "norm-sharing": norm_sharing,
    "hot-spot": hot_spot,
    "metric-gym": metric_gym,
    "receptive-field": receptive_field,
}
