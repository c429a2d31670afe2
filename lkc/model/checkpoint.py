"""Weights on disk: safetensors files that know how they were made, and released .pth files."""

import json
import os
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from lkc.errors import InputError, replacing
from lkc.model.network import FusionNet, NetworkConfig, create_model

HEADER_KEY = "lkc"  # safetensors metadata maps strings to strings: all of ours is one JSON string


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
    header = {"network": model.config.to_dict(), **info}
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
        The info passed to `save_weights` and the network's config as "network".

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
        preset: "lite" or "base"; must be what the file is for.

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
        load_strictly(model, read_pth(path), path.name)
        return model.eval()
    try:
        config = NetworkConfig(**read_header(path)["network"])
    except (KeyError, TypeError):
        raise InputError(f"the header of {path.name} describes no network known here.") from None
    if config.preset != preset:
        raise InputError(f"{path.name} holds weights for preset {config.preset!r}, not {preset!r}.")
    model = create_model(**config.to_dict())
    with safe_open(path, framework="pt") as file:
        load_strictly(model, {key: file.get_tensor(key) for key in file.keys()}, path.name)  # noqa: SIM118
    return model.eval()
