"""Notebook 09: count the cost of convolutions exactly, and time them on this machine."""

from collections.abc import Sequence
from copy import deepcopy

import pandas as pd
import torch
from matplotlib.figure import Figure
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from lkc import viz
from lkc.evaluation.timing import time_calls
from lkc.fusion.images import cached_model
from lkc.tutorial.building_lkc_funet import kind_of

LONG_MS = 1000
KINDS = ("dense", "depthwise", "depthwise + 1x1")


def make_conv(kind: str, channels: int, kernel_size: int) -> nn.Module:
    """Build one kind of layer that sees a KxK neighbourhood.

    Args:
        kind: "dense" (one KxK convolution), "depthwise" (one KxK filter per channel) or
            "depthwise + 1x1" (the same, then a 1x1 that mixes the channels).
        channels: in and out.
        kernel_size: odd.

    Returns:
        A module (B, C, H, W) -> (B, C, H, W).

    Example:
        >>> [make_conv(kind, 8, 3).weight.numel() for kind in ("dense", "depthwise")]
        [576, 72]
    """
    groups = 1 if kind == "dense" else channels
    conv = nn.Conv2d(
        channels, channels, kernel_size, padding=kernel_size // 2, groups=groups, bias=False
    )
    if kind != "depthwise + 1x1":
        return conv
    return nn.Sequential(conv, nn.Conv2d(channels, channels, 1, bias=False))


def count_by_module(module: nn.Module, shape: Sequence[int]) -> dict[str, int]:
    """Count operations of a module and of all its parts, without running it.

    Args:
        module: stays as it is.
        shape: of its input.

    Returns:
        Operations of convolutions and matrix products by name of the part; "" is the whole.
    """
    idle = deepcopy(module).to("meta")
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        idle(torch.empty(tuple(shape), device="meta"))
    counts = counter.get_flop_counts()
    return {name.partition(".")[2]: sum(parts.values()) for name, parts in counts.items()}


def count_flops(module: nn.Module, shape: Sequence[int]) -> int:
    """Count floating-point operations of a forward pass; a multiplication and an addition are two.

    Args:
        module, shape: as for `count_by_module`.

    Returns:
        Operations.

    Example:
        >>> count_flops(make_conv("dense", 8, 3), (1, 8, 10, 10))
        115200
    """
    return count_by_module(module, shape)[""]


def flops_by_kind(net: nn.Module, shape: Sequence[int]) -> pd.Series:
    """Add up a network's operations by kind of convolution.

    Args:
        net: its convolutions are counted.
        shape: of its input.

    Returns:
        GFLOP by kind, largest first.
    """
    counts = count_by_module(net, shape)
    totals: dict[str, float] = {}
    for name, module in net.named_modules():
        if isinstance(module, nn.Conv2d):
            kind = kind_of(module)
            totals[kind] = totals.get(kind, 0) + counts.get(name, 0) / 1e9
    return pd.Series(totals, name="GFLOP").sort_values(ascending=False)


def time_forward(module: nn.Module, inputs: Tensor, bf16: bool = False) -> float:
    """Time a forward pass on the CPU: median in ms; a pass of over a second is run once.

    Args:
        module: in the memory layout that is to be timed.
        inputs: what it takes.
        bf16: under bfloat16 autocast.

    Returns:
        Milliseconds.
    """

    @torch.inference_mode()
    def call() -> None:
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            module(inputs)

    return time_calls(call, LONG_MS)["median_ms"]


def compare_convs(
    kernel_sizes: Sequence[int], channels: int = 48, size: int = 64, kinds: Sequence[str] = KINDS
) -> pd.DataFrame:
    """Count and time convolutions of several kinds and kernel sizes.

    Args:
        kernel_sizes: odd.
        channels: in and out.
        size: rows and columns of the feature map.
        kinds: as for `make_conv`.

    Returns:
        One row per case: kind, K, parameters, MFLOP, ms and GFLOP/s.
    """
    inputs = torch.rand(1, channels, size, size).to(memory_format=torch.channels_last)
    rows = []
    for kernel_size in kernel_sizes:
        for kind in kinds:
            conv = make_conv(kind, channels, kernel_size)
            parameters = sum(p.numel() for p in conv.parameters())
            mflop = count_flops(conv, inputs.shape) / 1e6
            ms = time_forward(conv.to(memory_format=torch.channels_last), inputs)  # type: ignore[call-overload]
            rows.append((kind, kernel_size, parameters, mflop, ms, mflop / ms))
    return pd.DataFrame(rows, columns=["kind", "K", "parameters", "MFLOP", "ms", "GFLOP/s"])


def show_convs(channels: int, kernel_size: int, size: int = 64) -> Figure:
    """Draw operations and times of the three kinds: the callback of the notebook's controls.

    Args:
        channels, kernel_size, size: as for `compare_convs`.

    Returns:
        A figure of two bar charts.
    """
    table = compare_convs([kernel_size], channels, size).set_index("kind")
    figure, axes = viz.make_axes(1, 2, height=1.5)
    title = f"{channels} channels, {kernel_size}x{kernel_size}"
    viz.plot_bars(table["MFLOP"], "MFLOP, counted", ax=axes[0, 0])
    viz.plot_bars(table["ms"], "ms, on this machine", ax=axes[0, 1])
    axes[0, 0].set_title(title)
    return figure


def ways_to_run(net: nn.Module, sources: Tensor) -> pd.DataFrame:
    """Time a network in two memory layouts and two number formats.

    Args:
        net: in evaluation mode; stays as it is.
        sources: (1, 2, H, W).

    Returns:
        One row per way: ms, and how far its output is from the first way's, in gray levels.
    """
    rows: dict[str, dict[str, float]] = {}
    layouts = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}
    reference = torch.empty(0)
    for layout_name, layout in layouts.items():
        copy = deepcopy(net).to(memory_format=layout)  # type: ignore[call-overload]
        for bf16 in (False, True):
            with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=bf16):
                fused = copy(sources).float()
            reference = reference if rows else fused
            rows[f"{layout_name}, {'bf16' if bf16 else 'fp32'}"] = {
                "ms": time_forward(copy, sources, bf16),
                "gray levels off": 255 * (fused - reference).abs().max().item(),
            }
    return pd.DataFrame.from_dict(rows, orient="index")


def climb_down(channels: int = 48, kernel_size: int = 15, size: int = 128) -> pd.DataFrame:
    """Make one large-kernel layer cheaper step by step.

    Args:
        channels, kernel_size: of the layer.
        size: rows and columns of its feature map at full resolution, even.

    Returns:
        One row per step, each keeping the steps before it: MFLOP and ms.
    """
    full, half = (torch.rand(1, channels, side, side) for side in (size, size // 2))
    dense, cheap = (make_conv(kind, channels, kernel_size) for kind in ("dense", "depthwise + 1x1"))
    contiguous, last = torch.contiguous_format, torch.channels_last
    steps = {
        "dense": (dense, full, contiguous, False),
        "depthwise + 1x1": (cheap, full, contiguous, False),
        "half resolution": (cheap, half, contiguous, False),
        "channels_last": (cheap, half, last, False),
        "bf16": (cheap, half, last, True),
    }
    rows = {}
    for name, (layer, inputs, layout, bf16) in steps.items():
        layer = layer.to(memory_format=layout)  # type: ignore[call-overload]
        ms = time_forward(layer, inputs.to(memory_format=layout), bf16)
        rows[name] = {"MFLOP": count_flops(layer, inputs.shape) / 1e6, "ms": ms}
    return pd.DataFrame.from_dict(rows, orient="index")


def time_rules(
    size: int, rules: Sequence[str] = ("lite", "laplacian", "wavelet", "guided")
) -> pd.Series:
    """Time fusion rules on a square pair of random luma.

    Args:
        size: rows and columns.
        rules: "lite" or baselines.

    Returns:
        Milliseconds by rule.
    """
    sources = torch.rand(1, 2, size, size, generator=torch.Generator().manual_seed(0))
    times = {rule: time_forward(cached_model(rule, "ir-vis"), sources) for rule in rules}
    return pd.Series(times, name="ms")


def show_rules(size: int) -> Figure:
    """Draw the times of some rules: the callback of the notebook's slider."""
    figure = viz.plot_bars(time_rules(size), "ms, on this machine", highlight="lite")
    figure.axes[0].set_title(f"{size}x{size} pixels")
    return figure
