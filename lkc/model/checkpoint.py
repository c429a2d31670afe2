"""Weights on disk: safetensors files that know how they were made, and released .pth files."""

import json
import os
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from lkc.errors import InputError, replacing
from lkc.model.network import FusionNet, NetworkConfig, create_model
from lkc.model.released_names import from_released, rename, swap_sources

# Metadata of safetensors maps strings to strings, so all of ours is one JSON string.
HEADER_KEY = "lkc"
CHANNELS = "first, second"  # The order of a network's input channels, noted in the header.
EARLIER_JOINS = {  # What a join of `lite` was called in files without that note.
    f"model.join.{level}.{earlier}": f"model.join.{level}.{now}"
    for level in range(3)
    for earlier, now in (
        ("channel_path.ca.0", "channel_path.mlp.0"),
        ("channel_path.ca.2", "channel_path.mlp.2"),
        ("spatial_path.proj.0", "spatial_path.conv"),
        ("spatial_path.proj.1", "spatial_path.norm"),
    )
}


def save_weights(path: str | os.PathLike[str], model: FusionNet, info: dict[str, Any]) -> None:
    """Write weights with all that is needed to build and judge the network.

    Args:
        path: target, usually *.safetensors; written under a temporary name, then renamed.
        model: the network; its config goes into the header as "network".
        info: JSON-serialisable facts (task, training config, data manifest, metrics).

    Raises:
        InputError: the file cannot be written.

    Example:
        >>> save_weights("lite.safetensors", create_model(), {"task": "ir-vis"})  # doctest: +SKIP
    """
    header = {**info, "network": model.config.to_dict(), "channels": CHANNELS}
    state = {name: value.contiguous() for name, value in model.state_dict().items()}
    with replacing(path, SafetensorError) as temporary:
        save_file(state, temporary, metadata={HEADER_KEY: json.dumps(header, sort_keys=True)})


def explain_unreadable(path: Path) -> str:
    """Say what a file is that cannot be weights."""
    with path.open("rb") as file:
        start = file.read(512).lstrip()
    if start.startswith(b"version https://git-lfs"):
        return f"{path.name} is a Git LFS pointer, not weights: run 'git lfs pull' where it lies."
    if start[:1] == b"<":
        return f"{path.name} is a web page, not weights: download the file itself, not its page."
    return f"{path.name} is not a weights file that can be read (.safetensors or .pth)."


def read_header(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read what a safetensors file says about itself, without loading it.

    Args:
        path: a file written by `save_weights`.

    Returns:
        The info passed to `save_weights`, the network's config as "network", and the order of its
        input channels as "channels", which files from the time of (second, first) lack.

    Raises:
        InputError: missing or not such a file.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path} does not exist.")
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
    except (SafetensorError, OSError):
        raise InputError(explain_unreadable(path)) from None
    if HEADER_KEY not in metadata:
        raise InputError(f"{path.name} does not say which network it is for.")
    return json.loads(metadata[HEADER_KEY])


def read_pth(path: Path) -> dict[str, Tensor]:
    """Read a plain state dict, without running code from the file."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception:  # an unpickler raises anything when it is fed arbitrary bytes
        raise InputError(explain_unreadable(path)) from None
    if not isinstance(state, dict) or not all(isinstance(v, Tensor) for v in state.values()):
        raise InputError(f"{path.name} is not a plain state dict of tensors.")
    return {name.removeprefix("module."): value for name, value in state.items()}


def from_earlier(state: dict[str, Tensor], preset: str) -> dict[str, Tensor]:
    """Turn a state dict with earlier names and sources (second, first) into one of today.

    Files written before sources were (first, second) everywhere have no "channels" in their header.
    `base` then had the names of the release.
    """
    if preset == "base":
        return from_released(state)
    return swap_sources(rename(state, EARLIER_JOINS), "model.stem.conv")


def load_strictly(model: nn.Module, state: dict[str, Tensor], name: str) -> None:
    """Load all of a state dict or say what does not fit."""
    own = {key: value.shape for key, value in model.state_dict().items()}
    given = {key: value.shape for key, value in state.items()}
    if own != given:
        differing = len(own.items() ^ given.items())
        raise InputError(f"{name} is for another network: {differing} names or shapes differ.")
    model.load_state_dict(state)


def load_weights(path: str | os.PathLike[str], preset: str) -> FusionNet:
    """Build the network that a weights file is for, and load it.

    Args:
        path: *.safetensors written by `save_weights`, or a .pth state dict of the release.
        preset: "lite", "nano" or "base"; must be what the file is for.

    Returns:
        The network on the CPU in evaluation mode.

    Raises:
        InputError: missing, unreadable, or for another preset.

    Example:
        >>> load_weights("best_VIF.pth", "base")  # doctest: +SKIP
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path} does not exist.")
    if path.suffix != ".safetensors":
        model = create_model(preset, norm="released" if preset == "base" else "hybrid")
        state = read_pth(path)
        if not state.keys() <= model.state_dict().keys():  # Names of today have today's order.
            state = from_earlier(state, preset)
        load_strictly(model, state, path.name)
        return model.eval()
    header = read_header(path)
    if header.get("channels", CHANNELS) != CHANNELS:
        raise InputError(f"{path.name} takes its sources in another order than {CHANNELS}.")
    try:
        config = NetworkConfig(**header["network"])
    except (KeyError, TypeError):
        raise InputError(f"the header of {path.name} describes no network known here.") from None
    if config.preset != preset:
        raise InputError(f"{path.name} holds weights for preset {config.preset!r}, not {preset!r}.")
    model = create_model(**config.to_dict())
    state = load_file(path)
    load_strictly(model, state if "channels" in header else from_earlier(state, preset), path.name)
    return model.eval()
