"""Notebook 03: count a network's weights and work, compare two networks, switch parts off."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import torch
from matplotlib.figure import Figure
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from lkc import viz
from lkc.analysis.features import capture_features, find_layer
from lkc.model.blocks import LargeKernelBlock, ResidualBlock
from lkc.model.network import count_parameters

BLOCK_NORM = "group"


def kind_of(module: nn.Module) -> str:
    """Name the sort of weights that a convolution, or any other layer, holds."""
    if not isinstance(module, nn.Conv2d):
        return "norms"
    size = module.kernel_size[0]
    if size == 1:
        return "1x1"
    return f"{'depthwise' if module.groups > 1 else 'dense'} {size}x{size}"


def parameters_by_kind(model: nn.Module) -> pd.Series:
    """Count the parameters by the sort of layer they sit in.

    Args:
        model: a network.

    Returns:
        Parameters by kind, most first.

    Example:
        >>> parameters_by_kind(nn.Conv2d(8, 8, 15, groups=8)).to_dict()
        {'depthwise 15x15': 1808}
    """
    leaves = [module for module in model.modules() if not list(module.children())]
    counts = pd.Series([count_parameters(leaf) for leaf in leaves], [kind_of(m) for m in leaves])
    return counts[counts > 0].groupby(level=0).sum().sort_values(ascending=False)


def layer_table(model: nn.Module, sources: Tensor, names: Sequence[str]) -> pd.DataFrame:
    """Run a network once and list the output size and the cost of its layers.

    Args:
        model: a network in evaluation mode.
        sources: (1, 2, H, W).
        names: of layers in the order to list them.

    Returns:
        One row per layer: its class, "output" (channels x height x width), parameters, and
        multiplications per pixel of the input image.

    Raises:
        InputError: there is no such layer.

    Example:
        >>> net = nn.Sequential(nn.Conv2d(2, 4, 3, padding=1))
        >>> layer_table(net, torch.rand(1, 2, 8, 8), ["0"])["multiplications"].tolist()
        [72]
    """
    counter = FlopCounterMode(display=False)
    with torch.no_grad(), capture_features(model, names) as features, counter:
        model(sources)
    flops = counter.get_flop_counts()
    pixels = sources.shape[-2] * sources.shape[-1]
    rows = {}
    for name in names:
        layer, path = find_layer(model, name), f"{type(model).__name__}.{name}"
        rows[name] = {
            "class": type(layer).__name__,
            "output": " x ".join(map(str, features[name].shape[1:])),
            "parameters": count_parameters(layer),
            "multiplications": round(sum(flops.get(path, {}).values()) / 2 / pixels),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def in_order_of_execution(model: nn.Module, sources: Tensor) -> list[nn.Module]:
    """List the layers that hold weights of their own, as a forward pass meets them."""
    met: list[nn.Module] = []
    leaves = [m for m in model.modules() if count_parameters(m) and not list(m.children())]
    handles = [leaf.register_forward_hook(lambda leaf, *_: met.append(leaf)) for leaf in leaves]
    with torch.no_grad():
        model(sources)
    for handle in handles:
        handle.remove()
    return met


def copy_weights(source: nn.Module, target: nn.Module, sources: Tensor) -> None:
    """Copy weights between networks that run the same layers in the same order.

    Args:
        source: where the weights come from.
        target: where they go; its names may differ.
        sources: (1, 2, H, W) to find out the order with.

    Raises:
        ValueError: the networks run different numbers of layers.
        RuntimeError: two layers that should correspond differ.

    Example:
        >>> one, other = nn.Conv2d(2, 1, 3), nn.Sequential(nn.Conv2d(2, 1, 3))
        >>> copy_weights(one, other, torch.rand(1, 2, 8, 8))
        >>> torch.equal(one.weight, other[0].weight)
        True
    """
    mine, theirs = (in_order_of_execution(model, sources) for model in (source, target))
    for one, other in list(zip(mine, theirs, strict=True)):
        other.load_state_dict(one.state_dict())


def kernel_costs(kernel_size: int, channels: int) -> pd.Series:
    """Count the parameters of one KxK layer, dense and depthwise, and of the blocks around them.

    Args:
        kernel_size: odd.
        channels: in and out.

    Returns:
        Parameters by the name of the layer or block.

    Example:
        >>> kernel_costs(15, 128)["dense convolution"]
        np.int64(3686528)
    """
    padding = kernel_size // 2
    dense = nn.Conv2d(channels, channels, kernel_size, padding=padding)
    depthwise = nn.Conv2d(channels, channels, kernel_size, padding=padding, groups=channels)
    parts = {
        "dense convolution": dense,
        "residual block (two dense)": ResidualBlock(channels, channels, kernel_size, BLOCK_NORM),
        "depthwise convolution": depthwise,
        "large-kernel block (depthwise)": LargeKernelBlock(channels, kernel_size, BLOCK_NORM),
    }
    return pd.Series({name: count_parameters(part) for name, part in parts.items()})


def show_kernel_costs(kernel_size: int, channels: int) -> Figure:
    """Draw `kernel_costs` as bars: the callback of the notebook's first widget."""
    costs = kernel_costs(kernel_size, channels)
    figure = viz.plot_bars(costs / 1e3, "thousand parameters", "{:,.1f}")
    figure.axes[0].set_title(f"{kernel_size}x{kernel_size}, {channels} channels")
    return figure


def show_layer(model: nn.Module, sources: Tensor, layer: str, first: int = 0) -> Figure:
    """Draw eight channels of a layer: the callback of the notebook's second widget.

    Args:
        model: a network in evaluation mode.
        sources: (1, 2, H, W) in [0, 1].
        layer: a name of `lkc.analysis.features.layer_names`.
        first: number of the first channel shown; the last eight where fewer follow.

    Returns:
        The figure.

    Raises:
        InputError: there is no such layer.
    """
    with torch.inference_mode(), capture_features(model, [layer]) as features:
        model(sources)
    maps = features[layer]
    count = maps.shape[1]
    start = max(0, min(first, count - 8))
    figure = viz.plot_features(maps, channels=range(start, min(start + 8, count)), columns=4)
    size = " x ".join(map(str, maps.shape[1:]))
    figure.suptitle(f"{layer} ({size})", fontsize=10)
    return figure


@torch.inference_mode()
def effect_of_blocks(model: nn.Module, sources: Tensor, names: Sequence[str]) -> pd.Series:
    """Replace one block at a time by "output = input" and measure how the fused image changes.

    Args:
        model: a network in evaluation mode.
        sources: (B, 2, H, W) in [0, 1].
        names: of layers whose output has the shape of their input.

    Returns:
        Mean absolute change of the fused image in gray levels (0 to 255), by layer.

    Raises:
        InputError: there is no such layer.

    Example:
        >>> net = nn.Sequential(nn.Conv2d(2, 1, 1), nn.ReLU())
        >>> effect_of_blocks(net, torch.rand(1, 2, 8, 8), ["1"]).index.tolist()
        ['1']
    """
    whole = model(sources).clamp(0, 1)
    changes = {}
    for name in names:
        handle = find_layer(model, name).register_forward_hook(pass_through)
        try:
            changes[name] = (model(sources).clamp(0, 1) - whole).abs().mean().item() * 255
        finally:
            handle.remove()
    return pd.Series(changes, dtype=np.float64)


def pass_through(_module: nn.Module, inputs: tuple[Tensor], _output: Tensor) -> Tensor:
    """Return the input as output: a forward hook that switches a module off."""
    return inputs[0]
