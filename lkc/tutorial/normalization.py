"""Notebook 01: one formula for all norms, and a batch with one sparse map to try it on."""

import torch
from matplotlib.figure import Figure
from torch import Tensor

from lkc import viz
from lkc.analysis.targets import plant_targets, target_contrast, target_height
from lkc.errors import InputError

CHANNELS, SIDE = 8, 64  # The toy has so many maps of this side.
SHOWN = 3.0  # Colours of a normalized map end at so many standard deviations.


def index_sets(norm: str, samples: int, channels: int, groups: int = 1) -> Tensor:
    """Number the feature maps of a batch by the set whose mean and variance they share.

    Args:
        norm: "batch", "layer", "instance" or "group".
        samples: in the batch.
        channels: of each sample.
        groups: of channels, for "group".

    Returns:
        Tensor (samples, channels) int64.

    Raises:
        InputError: unknown norm, or groups that do not divide the channels.

    Source:
        Wu and He, "Group Normalization" (ECCV 2018), section 3.1.

    Example:
        >>> index_sets("group", samples=2, channels=4, groups=2)
        tensor([[0, 0, 1, 1],
                [2, 2, 3, 3]])
    """
    if groups < 1 or channels % groups:
        raise InputError(f"{groups} groups do not divide {channels} channels.")
    sample = torch.arange(samples)[:, None].expand(samples, channels)
    channel = torch.arange(channels).expand(samples, channels)
    sets = {
        "batch": channel,
        "layer": sample,
        "instance": sample * channels + channel,
        "group": sample * groups + channel // (channels // groups),
    }
    if norm not in sets:
        raise InputError(f"unknown norm {norm!r}: choose one of {', '.join(sets)}.")
    return sets[norm]


def normalize(x: Tensor, sets: Tensor, eps: float = 1e-5) -> Tensor:
    """Subtract the mean of a set from its maps, and divide by its standard deviation.

    Args:
        x: features (B, C, H, W).
        sets: (B, C) int, see `index_sets`.
        eps: added to the variance.

    Returns:
        Tensor (B, C, H, W).

    Example:
        >>> x = torch.tensor([1.0, 3.0]).view(1, 2, 1, 1)
        >>> normalize(x, index_sets("layer", 1, 2)).flatten()
        tensor([-1.0000,  1.0000])
    """
    y = torch.empty_like(x)
    for number in sets.unique():
        members = sets == number
        variance, mean = torch.var_mean(x[members], correction=0)  # over (maps, H, W)
        y[members] = (x[members] - mean) / (variance + eps).sqrt()
    return y


def toy_batch(
    samples: int = 4, amplitude: float = 0.5, sparse_mates: int = 0
) -> tuple[Tensor, Tensor]:
    """Make features with one sparse map: channel 0 of sample 0, eight spots in faint noise.

    Args:
        samples: in the batch.
        amplitude: of the spots; the other maps are textures with a standard deviation of 0.5 to 2.
        sparse_mates: how many of the other samples are sparse in channel 0 too, with their spots
            in other places; below `samples`.

    Returns:
        Features (samples, 8, 64, 64), and the mask (1, 1, 64, 64) of the spots.

    Example:
        >>> features, mask = toy_batch(samples=2)
        >>> features[0, 0].std() < 0.2 < features[0, 1].std()
        tensor(True)
    """
    random = torch.Generator().manual_seed(0)
    noise = torch.randn(samples, CHANNELS, SIDE, SIDE, generator=random)
    features = noise * torch.linspace(0.5, 2, CHANNELS)[:, None, None]
    spots = plant_targets(torch.zeros(1, 2, SIDE, SIDE), channel=0, count=8, amplitude=amplitude)
    for sample in range(1 + sparse_mates):
        elsewhere = spots.sources[0, 0].roll((7 * sample, 11 * sample), dims=(0, 1))
        features[sample, 0] = elsewhere + 0.02 * noise[sample, 0]
    return features, spots.mask


def mix(features: Tensor) -> Tensor:
    """Average the channels, the simplest 1x1 convolution: (B, C, H, W) -> (B, 1, H, W)."""
    return features.mean(1, keepdim=True)


def toy_heights(
    norm: str, groups: int = 4, samples: int = 4, amplitude: float = 0.5, sparse_mates: int = 0
) -> dict[str, float]:
    """Normalize the toy batch and measure its spots.

    Args:
        norm, groups, samples: see `index_sets`.
        amplitude, sparse_mates: see `toy_batch`.

    Returns:
        "height" of the spots in their map, their contrast-to-noise ratio "CNR" there, and the "CNR
        after mixing" the channels.

    Example:
        >>> toy_heights("instance")["height"] > toy_heights("batch")["height"]
        True
    """
    features, mask = toy_batch(samples, amplitude, sparse_mates)
    normalized = normalize(features, index_sets(norm, samples, CHANNELS, groups))[:1]
    return {
        "height": target_height(normalized, mask)[0, 0].item(),
        "CNR": target_contrast(normalized, mask)[0, 0].item(),
        "CNR after mixing": target_contrast(mix(normalized), mask).item(),
    }


def show_toy(
    norm: str, groups: int = 4, samples: int = 4, amplitude: float = 0.5, sparse_mates: int = 0
) -> Figure:
    """Draw sets, the sparse map and the mixed map: the callback of the first widgets."""
    sparse_mates = min(sparse_mates, samples - 1)
    features, _ = toy_batch(samples, amplitude, sparse_mates)
    sets = index_sets(norm, samples, CHANNELS, groups)
    sparse = normalize(features, sets)[0, 0]
    measured = toy_heights(norm, groups, samples, amplitude, sparse_mates)
    figure, axes = viz.make_axes(1, 3, height=2.7)
    viz.plot_index_sets(sets, f"{norm}: maps with one number\nshare their statistics", axes[0, 0])
    title = f"the sparse map\nheight of the spots {measured['height']:.2f}"
    viz.plot_signed(sparse, title, limit=SHOWN, ax=axes[0, 1])
    mixed = mix(normalize(features, sets)[:1])
    viz.plot_features(mixed, limits=(-SHOWN / 2, SHOWN / 2), axes=axes[0, 2])
    axes[0, 2].set_title(f"all channels mixed\nCNR {measured['CNR after mixing']:.2f}")
    return figure


def show_mixed(settings: dict[str, dict]) -> Figure:
    """Draw the mixed toy map under several settings, four in a row.

    Args:
        settings: title -> arguments of `toy_heights`, without its amplitude.

    Returns:
        The figure.
    """
    maps, titles = [], []
    for title, arguments in settings.items():
        samples = arguments.get("samples", 4)
        features, _ = toy_batch(samples)
        sets = index_sets(arguments["norm"], samples, CHANNELS, arguments.get("groups", 4))
        maps.append(mix(normalize(features, sets)[:1])[0])  # (1, H, W)
        titles.append(f"{title}\nCNR {toy_heights(**arguments)['CNR after mixing']:.2f}")
    figure, axes = viz.make_axes(-(-len(maps) // 4), 4, height=2.3)
    viz.plot_features(torch.cat(maps), columns=4, limits=(-SHOWN / 2, SHOWN / 2), axes=axes)
    for ax, title in zip(axes.flat, titles, strict=False):
        ax.set_title(title)
    return figure
