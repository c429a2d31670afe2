"""Notebook 04: look into the adaptive fusion module of `lite`, and hold its decisions fixed."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import pandas as pd
import torch
from matplotlib.figure import Figure
from torch import Tensor, nn

from lkc import viz
from lkc.analysis.features import capture_features, find_layer
from lkc.errors import InputError
from lkc.metrics import evaluate_batch
from lkc.model.adaptive_fusion import LiteAdaptiveFusion

Setting = float | Literal["mean"] | None
LEVELS = (0, 1, 2)  # Levels go from fine to coarse.
SHOWN_METRICS = ("MI", "VIFF", "Qabf", "SSIM", "SD", "AG")


@dataclass(frozen=True)
class JoinMaps:
    """The decisions of one join for one pair.

    Attributes:
        channel_logit: vote of the channel path, one number for the whole image.
        spatial: (h, w), vote of the spatial path.
        share: (h, w) in [0, 1], how much decoder is taken; the rest is skip.
        gate: (C, h, w) in [0, 1], how much of the mixture passes.
    """

    channel_logit: float
    spatial: Tensor
    share: Tensor
    gate: Tensor


def join_name(model: nn.Module, level: int) -> str:
    """Return the name of the join of a level, 0 fine to 2 coarse, or say that there is none."""
    name = f"model.join.{level}"
    if not isinstance(find_layer(model, name), LiteAdaptiveFusion):
        raise InputError("this network joins without an adaptive fusion module.")
    return name


@torch.no_grad()
def join_maps(model: nn.Module, sources: Tensor, level: int) -> JoinMaps:
    """Run a network and read the decisions of one join.

    Args:
        model: a `lite` network in evaluation mode.
        sources: one pair (1, 2, H, W) in [0, 1].
        level: 0 (fine) to 2 (coarse).

    Returns:
        The votes of both paths, the share of the decoder, and the gate.

    Raises:
        InputError: no such level, or a network without the module.

    Example:
        >>> from lkc import create_model
        >>> maps = join_maps(create_model("lite").eval(), torch.rand(1, 2, 32, 48), level=0)
        >>> maps.share.shape, maps.gate.shape
        (torch.Size([16, 24]), torch.Size([48, 16, 24]))
    """
    join = join_name(model, level)
    parts = [f"{join}.{part}" for part in ("channel_logit", "spatial_path", "norm")]
    with capture_features(model, parts) as features:
        model(sources)
    channel, spatial, gate_logit = (features[part][0] for part in parts)
    share = torch.sigmoid(channel + spatial)
    return JoinMaps(channel.item(), spatial[0], share[0], torch.sigmoid(gate_logit))


@contextmanager
def fixed_join(
    model: nn.Module,
    levels: Sequence[int] = LEVELS,
    share: Setting = None,
    gate: Setting = None,
) -> Iterator[None]:
    """Replace the decisions of joins by a constant, as long as the `with` block lasts.

    Args:
        model: a `lite` network.
        levels: of the joins.
        share: of the decoder, 0 (skip only) to 1 (decoder only); "mean" gives all pixels of an
            image the same, None leaves it to the network.
        gate: for every channel and pixel, 0 (shut) to 1 (open); "mean" gives all pixels of a
            channel the same, None leaves it to the network.

    Raises:
        InputError: no such level, or a network without the module.

    Example:
        >>> from lkc import create_model
        >>> net, pair = create_model("lite").eval(), torch.rand(1, 2, 32, 48)
        >>> with fixed_join(net, share=1.0):
        ...     join_maps(net, pair, 0).share.unique()
        tensor([1.])
    """
    settings: dict[str, Setting] = {"spatial_path": share, "norm": gate}
    if share not in (None, "mean"):
        settings["channel_logit"] = 0.5  # This votes for neither.
    handles = [
        find_layer(model, f"{join_name(model, level)}.{part}").register_forward_hook(hold(setting))
        for level in levels
        for part, setting in settings.items()
        if setting is not None
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def hold(setting: float | Literal["mean"]) -> Callable[[nn.Module, tuple, Tensor], Tensor]:
    """Return a forward hook that makes the output of a layer the same in all places."""
    if setting == "mean":
        return lambda _module, _inputs, x: x.mean((2, 3), keepdim=True).expand_as(x)
    logit = torch.tensor(setting).logit().item()
    return lambda _module, _inputs, x: torch.full_like(x, logit)


@torch.no_grad()
def compare_settings(
    model: nn.Module, sources: Tensor, settings: dict[str, dict]
) -> tuple[dict[str, Tensor], pd.DataFrame]:
    """Fuse a pair under several settings of the joins.

    Args:
        model: a `lite` network in evaluation mode.
        sources: one pair (1, 2, H, W) in [0, 1].
        settings: name -> arguments of `fixed_join`; the first is what the others are compared to.

    Returns:
        The fused images (1, 1, H, W) by name, and one row per name: mean absolute "change" in gray
        levels from the first setting, and some of the field's metrics.
    """
    images, rows = {}, {}
    first, second = (255 * sources).split(1, dim=1)
    for name, arguments in settings.items():
        with fixed_join(model, **arguments):
            images[name] = model(sources).clamp(0, 1)
        scores = evaluate_batch(255 * images[name], first, second)
        change = (images[name] - next(iter(images.values()))).abs().mean() * 255
        rows[name] = {"change": change.item(), **{k: scores[k].item() for k in SHOWN_METRICS}}
    return images, pd.DataFrame.from_dict(rows, orient="index")


def show_join(model: nn.Module, sources: Tensor, level: int) -> Figure:
    """Draw the decisions of one join: the callback of the notebook's first widget."""
    maps = join_maps(model, sources, level)
    height, width = sources.shape[-2:]
    figure, axes = viz.make_axes(1, 3, height=8.5 / 3 * height / width + 0.5)
    viz.plot_signed(maps.spatial, f"spatial vote, level {level}", ax=axes[0, 0])
    viz.plot_images(
        {
            f"share of the decoder\nmean {maps.share.mean():.2f}": maps.share,
            f"gate, mean over channels\nmean {maps.gate.mean():.2f}": maps.gate.mean(0),
        },
        axes=axes[0, 1:],
    )
    axes[0, 0].set_title(f"level {level}: spatial vote\nchannel vote {maps.channel_logit:+.2f}")
    return figure


def show_fixed_share(model: nn.Module, sources: Tensor, level: int, share: float) -> Figure:
    """Draw the image under a fixed share and its change: the callback of the second widget."""
    settings = {"free": {}, "fixed": {"levels": [level], "share": share}}
    images, table = compare_settings(model, sources, settings)
    height, width = sources.shape[-2:]
    figure, axes = viz.make_axes(1, 2, height=8.5 / 2 * height / width + 0.3)
    viz.plot_images(
        {f"level {level}, share of the decoder {share:.1f}": images["fixed"]}, axes=axes[0, 0]
    )
    change = 255 * (images["fixed"] - images["free"])
    title = f"change, on average {table.loc['fixed', 'change']:.2f} gray levels"
    viz.plot_signed(change, title, ax=axes[0, 1])
    return figure
