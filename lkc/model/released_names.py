"""What the authors' released checkpoint calls its tensors, and what we call them.

The release keeps its blocks in flat lists, in the order in which they run; `PLACES` says which
entry is which part of `lkc.model.lkc_funet.LKCFUNet`, and the tables above it what stands inside an
entry. The release takes its sources as (second, first), that is visible before infrared and CT
before MRI; ours are (first, second). So the first convolution's input channels change places.

The released files themselves were never at hand. What is known of them is in the authors'
repository: names, shapes, and the size of both files, which fits 276 tensors of these shapes.
"""

from collections.abc import Mapping

from torch import Tensor

ITSELF = {"": ""}
CONV = {".conv": ".conv"}
CONV_BLOCK = {".block.0": ".norm", ".block.3": ".conv"}
STEM = {".0": ".norm", ".3": ".conv"}
RESIDUAL = {
    ".res_block.block1.block.0": ".block1.norm",
    ".res_block.block1.block.3": ".block1.conv",
    ".res_block.block2.block.0": ".block2.norm",
    ".res_block.block2.block.3": ".block2.conv",
    ".res_block.res_conv": ".shortcut",
}
LARGE_KERNEL = {
    ".res_block.prelkb_bn": ".norm",
    ".res_block.pw1.conv": ".widen.conv",
    ".res_block.pw1.bn": ".widen.norm",
    ".res_block.large_kernel.lkb_origin.conv": ".large_kernel.conv",
    ".res_block.large_kernel.lkb_origin.bn": ".large_kernel.norm",
    ".res_block.pw2.conv": ".narrow.conv",
    ".res_block.pw2.bn": ".narrow.norm",
}
ADAPTIVE_FUSION = {
    ".multi.local.ca.0": ".channel_path.mlp.0",
    ".multi.local.ca.2": ".channel_path.mlp.2",
    ".multi.global_.proj.0": ".spatial_path.conv",
    ".multi.global_.proj.1": ".spatial_path.norm",
    ".multi.bn": ".path_norm",
    ".selection": ".selection",
    ".proj": ".proj",
    ".bn": ".norm",
    ".conv_block.0": ".expand",
}

PLACES = (  # in the release, in ours, and what stands there
    ("init_conv", "first_conv", ITSELF),
    ("IN_conv", "stem", STEM),
    ("downs.0", "encoder.0.residual", RESIDUAL),
    ("downs.1", "encoder.0.large_kernel", LARGE_KERNEL),
    ("downs.2", "down.0", CONV),
    ("downs.3", "encoder.1.residual", RESIDUAL),
    ("downs.4", "encoder.1.large_kernel", LARGE_KERNEL),
    ("downs.5", "down.1", CONV),
    ("downs.6", "encoder.2.residual", RESIDUAL),
    ("downs.7", "encoder.2.large_kernel", LARGE_KERNEL),
    ("mid.0", "mid.0", LARGE_KERNEL),
    ("mid.1", "mid.1", LARGE_KERNEL),
    ("ups.0", "join.2", ADAPTIVE_FUSION),
    ("ups.1", "decoder.2.residual", RESIDUAL),
    ("ups.2", "decoder.2.large_kernel", LARGE_KERNEL),
    ("ups.3", "up.1.0", LARGE_KERNEL),
    ("ups.4", "up.1.1", CONV),
    ("ups.5", "join.1", ADAPTIVE_FUSION),
    ("ups.6", "decoder.1.residual", RESIDUAL),
    ("ups.7", "decoder.1.large_kernel", LARGE_KERNEL),
    ("ups.8", "up.0.0", LARGE_KERNEL),
    ("ups.9", "up.0.1", CONV),
    ("ups.10", "join.0", ADAPTIVE_FUSION),
    ("ups.11", "decoder.0.residual", RESIDUAL),
    ("ups.12", "decoder.0.large_kernel", LARGE_KERNEL),
    ("ups.13", "last", RESIDUAL),
    ("final_conv", "head", CONV_BLOCK),
)
LAYERS = {
    f"model.{released}{inside}": f"model.{ours}{part}"
    for released, ours, parts in PLACES
    for inside, part in parts.items()
}
RELEASED_LAYERS = {ours: released for released, ours in LAYERS.items()}


def rename(state: Mapping[str, Tensor], layers: Mapping[str, str]) -> dict[str, Tensor]:
    """Rename the layers of a state dict by a table; names that are not in it stay.

    Args:
        state: "layer.weight", "layer.running_mean" and the like -> tensor.
        layers: old name of a layer -> new name.

    Returns:
        The same tensors under new names.
    """
    renamed = {}
    for name, value in state.items():
        layer, _, tensor = name.rpartition(".")
        renamed[f"{layers[layer]}.{tensor}" if layer in layers else name] = value
    return renamed


def swap_sources(state: Mapping[str, Tensor], convolution: str) -> dict[str, Tensor]:
    """Exchange the input channels of the first and of the second source in a state dict.

    Args:
        state: of a network.
        convolution: name of its first convolution; one half of its input channels is a source's.

    Returns:
        The state with that one weight changed.
    """
    name = f"{convolution}.weight"
    swapped = dict(state)
    if name in state:
        swapped[name] = state[name].roll(state[name].shape[1] // 2, dims=1)
    return swapped


def from_released(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Turn a released checkpoint's state dict into one of ours.

    Args:
        state: names and channel order of the release.

    Returns:
        Our names; sources in the order (first, second).

    Example:
        >>> import torch
        >>> list(from_released({"model.ups.13.res_block.res_conv.bias": torch.zeros(128)}))
        ['model.last.shortcut.bias']
    """
    return swap_sources(rename(state, LAYERS), "model.first_conv")


def to_released(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Turn a state dict of ours into one that the authors' code loads.

    Args:
        state: of `lkc.create_model("base", norm="released")`.

    Returns:
        Names and channel order of the release.

    Example:
        >>> import torch
        >>> list(to_released({"model.last.shortcut.bias": torch.zeros(128)}))
        ['model.ups.13.res_block.res_conv.bias']
    """
    return rename(swap_sources(state, "model.first_conv"), RELEASED_LAYERS)
