"""Notebook 01: what the trained networks of the ablation study do to targets and to neighbours."""

from collections.abc import Sequence

import pandas as pd
import torch
import torch.nn.functional as F
from matplotlib.figure import Figure
from torch import Tensor, nn

from lkc import viz
from lkc.analysis.batch_effects import GRAY_LEVELS, with_batch_statistics
from lkc.analysis.features import capture_features, layer_names
from lkc.analysis.sparsity import dead_share, hoyer_sparsity
from lkc.analysis.targets import PlantedTargets, kept_share, plant_targets
from lkc.errors import InputError
from lkc.model.loading import STUDY_WEIGHTS, load_model

ALIVE = 1e-3  # The sparsity of a map means something above this standard deviation.
SHOWN_SHARE = 0.995  # The strongest colours stand for this quantile of the differences.
BORDER = 32  # So many pixels next to a margin are left out, as kernels see the margin.


def study_networks(task: str) -> dict[str, nn.Module]:
    """Load the networks of the study that have a twin with other kernels; they lie in a clone.

    Args:
        task: "ir-vis" or "mri-ct".

    Returns:
        Name, such as "batch-k15", -> network in evaluation mode; empty for another task.

    Raises:
        InputError: the package was installed from a wheel, which leaves these networks out.

    Example:
        >>> list(study_networks("mri-ct"))
        ['batch-k15', 'batch-k3', 'hybrid-k15', 'hybrid-k3']
    """
    if not STUDY_WEIGHTS.is_dir():
        raise InputError(
            "the networks of the study are not in the installed package: work in a clone of the "
            "project, and install that by pip install -e."
        )
    small = sorted(STUDY_WEIGHTS.glob(f"{task}-*-k3.safetensors"))
    norms = [path.stem.split("-")[-2] for path in small]
    return {
        f"{norm}-{kernels}": load_model(
            "lite", weights=STUDY_WEIGHTS / f"{task}-{norm}-{kernels}.safetensors", device="cpu"
        )
        for norm in norms
        for kernels in ("k15", "k3")
    }


@torch.inference_mode()
def fuse_each(
    models: dict[str, nn.Module], images: dict[str, Tensor]
) -> dict[str, dict[str, Tensor]]:
    """Fuse every image with every model.

    Args:
        models: name -> network.
        images: name -> one pair (1, 2, H, W) in [0, 1].

    Returns:
        Name of the model -> name of the image -> fused image (1, 1, H, W) in [0, 1].
    """
    return {
        label: {name: model(pair).float().clamp(0, 1) for name, pair in images.items()}
        for label, model in models.items()
    }


def kept_by_image(
    models: dict[str, nn.Module],
    images: dict[str, Tensor],
    plain: dict[str, dict[str, Tensor]],
    channel: int = 0,
    sigma: float = 1.0,
) -> pd.DataFrame:
    """Measure the share of planted spots that arrives in the fused image.

    Args:
        models: name -> network.
        images: name -> one pair (1, 2, H, W) in [0, 1].
        plain: what `fuse_each` makes of them, without spots.
        channel: which source gets the spots; 0 is the first source of the task's name.
        sigma: of the spots, in pixels.

    Returns:
        One row per model, one column per image.
    """
    planted = {name: plant_targets(pair, channel, sigma=sigma) for name, pair in images.items()}
    spotted = fuse_each(models, {name: each.sources for name, each in planted.items()})
    return pd.DataFrame.from_dict(
        {
            label: {
                name: kept_share(fused, plain[label][name], images[name], planted[name]).item()
                for name, fused in by_image.items()
            }
            for label, by_image in spotted.items()
        },
        orient="index",
    )


@torch.inference_mode()
def block_statistics(model: nn.Module, sources: Tensor) -> pd.DataFrame:
    """Measure sparsity and dead channels at the ReLU of every block.

    Args:
        model: a `lite` network.
        sources: (B, 2, H, W) in [0, 1].

    Returns:
        One row per block, in the order of the forward pass: mean "Hoyer" sparsity of the channels
        that are not constant, and the "dead" share of channels.

    Example:
        >>> from lkc import create_model
        >>> block_statistics(create_model("lite"), torch.rand(2, 2, 32, 32)).columns.tolist()
        ['Hoyer', 'dead']
    """
    parts = dict(model.named_modules())
    blocks = [name for name in layer_names(model) if f"{name}.widen" in parts]
    rows = {}
    with capture_features(model, [f"{name}.widen" for name in blocks]) as features:
        model(sources)
    for name, before in features.items():
        after = before.relu()
        alive = after.std(dim=(2, 3)) > ALIVE  # (B, C)
        sparsity = hoyer_sparsity(after)[alive].mean().item()
        block = name.removeprefix("model.").removesuffix(".widen")
        rows[block] = {"Hoyer": sparsity, "dead": dead_share(before)}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("block")


@torch.inference_mode()
def fuse_with_mates(model: nn.Module, pair: Tensor, mates: Sequence[Tensor]) -> Tensor:
    """Fuse a pair together with others in one batch, with batch norms as in training.

    Args:
        model: a network.
        pair: (1, 2, H, W) in [0, 1].
        mates: pairs of the same size.

    Returns:
        The pair's fused image (1, 1, H, W) in [0, 1].
    """
    return with_batch_statistics(model)(torch.cat([pair, *mates]))[:1].clamp(0, 1)


@torch.inference_mode()
def pad_and_fuse(model: nn.Module, pair: Tensor, margin: int) -> Tensor:
    """Fuse a pair with a black margin around it, and cut the margin off again.

    Args:
        model: a network in evaluation mode.
        pair: (1, 2, H, W) in [0, 1].
        margin: in pixels, a multiple of 8, so that the network's grid stays where it was.

    Returns:
        Tensor (1, 1, H, W) in [0, 1].
    """
    height, width = pair.shape[-2:]
    fused = model(F.pad(pair, (margin,) * 4)).clamp(0, 1)
    return fused[..., margin : margin + height, margin : margin + width]


def inner(image: Tensor) -> Tensor:
    """Leave out the pixels whose kernels see a margin."""
    return image[..., BORDER:-BORDER, BORDER:-BORDER]


def margin_change(model: nn.Module, pair: Tensor, margin: int) -> Tensor:
    """Return the change inside that a black margin causes, in gray levels: (H - 64, W - 64)."""
    change = pad_and_fuse(model, pair, margin) - pad_and_fuse(model, pair, 0)
    return GRAY_LEVELS * inner(change)[0, 0]


def show_changes(images: dict[str, tuple[Tensor, Tensor]], titles: Sequence[str]) -> Figure:
    """Draw a row per network: its image, another version of it, and their difference.

    Args:
        images: name of the network -> the two versions (1, 1, H, W) in [0, 1].
        titles: of the two versions.

    Returns:
        The figure; all differences have one scale of gray levels.
    """
    changes = {name: GRAY_LEVELS * (after - before) for name, (before, after) in images.items()}
    largest = max(change.abs().quantile(SHOWN_SHARE).item() for change in changes.values())
    height, width = next(iter(changes.values())).shape[-2:]
    figure, axes = viz.make_axes(len(images), 3, height=2.6 * height / width + 0.6)
    for row, (name, versions) in zip(axes, images.items(), strict=True):
        names = [f"{name}\n{title}" for title in titles]
        viz.plot_images(dict(zip(names, versions, strict=True)), axes=row[:2])
        title = f"{name}\nchange {changes[name].abs().mean():.2f} gray levels"
        viz.plot_signed(changes[name], title, limit=largest or None, ax=row[2])
    return figure


def show_mates(models: dict[str, nn.Module], pair: Tensor, mates: dict[str, Tensor]) -> Figure:
    """Draw what batch mates change, a row per network: the callback of a widget."""
    images = {
        name: (fuse_with_mates(model, pair, []), fuse_with_mates(model, pair, [*mates.values()]))
        for name, model in models.items()
    }
    return show_changes(images, ["alone in its batch", f"with {', '.join(mates)}"])


def show_margin(models: dict[str, nn.Module], pair: Tensor, margin: int) -> Figure:
    """Draw what a black margin changes, a row per network: the callback of a widget."""
    images = {
        name: (inner(pad_and_fuse(model, pair, 0)), inner(pad_and_fuse(model, pair, margin)))
        for name, model in models.items()
    }
    return show_changes(images, ["as it is", f"with {margin} black pixels around"])


def show_spots(
    models: dict[str, nn.Module], pair: Tensor, planted: PlantedTargets, box: tuple[slice, slice]
) -> Figure:
    """Draw a part of the infrared image with spots, and the images that networks make of it.

    Args:
        models: name -> network.
        pair: (1, 2, H, W) in [0, 1] without the spots.
        planted: with them.
        box: rows and columns to show.

    Returns:
        The figure: the first source and its fused images, each with its kept share.
    """
    part = (slice(None), slice(None), *box)
    images = {"first source\nwith spots": planted.sources[:, :1][part]}
    fused = fuse_each(models, {"plain": pair, "spotted": planted.sources})
    for name, versions in fused.items():
        kept = kept_share(versions["spotted"], versions["plain"], pair, planted).item()
        images[f"{name}\nkeeps {kept:.2f}"] = versions["spotted"][part]
    return viz.plot_images(images)
