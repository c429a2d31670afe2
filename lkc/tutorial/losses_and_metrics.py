"""Notebook 05: what each loss term rewards, and how to win a metric with a worse image."""

import math
from collections.abc import Callable, Mapping, Sequence

import pandas as pd
import torch
import torch.nn.functional as F
from matplotlib.figure import Figure
from torch import Tensor

from lkc import viz
from lkc.analysis.pixel_patterns import alternation
from lkc.errors import InputError
from lkc.filters import blur, gaussian_window
from lkc.metrics import METRICS, evaluate_batch
from lkc.training.best_image import best_image
from lkc.training.losses import LossWeights, fusion_loss

BLUR_SIGMA = 1.5  # This is in pixels.
NOISE_SIGMA = 10  # This is in gray levels.
NOISE_SEED = 0
FULL_SCALE = 255


def split_sources(sources: Tensor) -> tuple[Tensor, Tensor]:
    """Return the first and the second source of (B, 2, H, W), each (B, 1, H, W)."""
    first, second = sources.split(1, dim=1)
    return first, second


def loss_terms(images: Mapping[str, Tensor], sources: Tensor, weights: LossWeights) -> pd.DataFrame:
    """Compute the terms of the objective for several candidates.

    Args:
        images: name -> (1, 1, H, W) in [0, 1].
        sources: one pair (1, 2, H, W) in [0, 1].
        weights: of the terms.

    Returns:
        One row per candidate, one column per weighted term, and "total".

    Example:
        >>> pair = torch.rand(1, 2, 16, 16)
        >>> loss_terms({"mean": pair.mean(1, keepdim=True)}, pair, LossWeights()).shape
        (1, 4)
    """
    a, b = split_sources(sources)
    rows = {name: fusion_loss(image, a, b, weights) for name, image in images.items()}
    plain = {name: {k: v.item() for k, v in terms.items()} for name, terms in rows.items()}
    return pd.DataFrame.from_dict(plain, orient="index")


def show_best_image(sources: Tensor, intensity: float, gradient: float, ssim: float) -> Figure:
    """Draw the best image for three weights: the callback of the notebook's first widget."""
    first, second = split_sources(sources)
    weights = LossWeights(intensity=intensity, gradient=gradient, ssim=ssim)
    best = best_image(sources, weights)
    title = f"best for {intensity:g} / {gradient:g} / {ssim:g}"
    return viz.plot_images({"first source": first, "second source": second, title: best})


def toy_pair(side: int = 48) -> Tensor:
    """Draw two sources with one soft edge each: a slanted one, and that of a disc.

    Args:
        side: of both, in pixels.

    Returns:
        Tensor (1, 2, side, side) in [0, 1].

    Example:
        >>> bool(comb_strength(toy_pair()[:, 1:]).max() < 0.2)
        True
    """
    across = torch.arange(side) - side / 2 + 0.5
    down = across[:, None]
    disc = torch.sigmoid((0.35 * side - torch.hypot(across, down)) / BLUR_SIGMA)
    slanted = torch.sigmoid((across - 0.3 * down + 4) / BLUR_SIGMA)
    return torch.stack([0.1 + 0.6 * slanted, 0.15 + 0.45 * disc])[None]


def comb_strength(image: Tensor) -> Tensor:
    """Measure at each pixel how strongly brightness alternates along rows or columns.

    Args:
        image: (1, 1, H, W) in [0, 1].

    Returns:
        Tensor (1, 1, H - 4, W - 4) in gray levels, the stronger direction of `alternation`.

    Example:
        >>> stripes = torch.arange(12.0).remainder(2).expand(1, 1, 12, 12)
        >>> comb_strength(stripes).unique()
        tensor([127.5000])
    """
    return alternation(FULL_SCALE * image).amax(dim=1, keepdim=True)


def scores(fused: Tensor, sources: Tensor) -> pd.Series:
    """Compute the eleven metrics of an image in [0, 1], which is cut off there: by key."""
    a, b = (FULL_SCALE * source for source in split_sources(sources))
    values = evaluate_batch(FULL_SCALE * fused.clamp(0, 1), a, b)
    return pd.Series({key: value.item() for key, value in values.items()})


def score_table(images: Mapping[str, Tensor], sources: Tensor) -> pd.DataFrame:
    """Compute the eleven metrics of several images: one row per image, one column per metric."""
    return pd.DataFrame({name: scores(image, sources) for name, image in images.items()}).T


def smooth(image: Tensor, sigma: float) -> Tensor:
    """Blur with a Gaussian of `sigma` pixels; 0 changes nothing."""
    if sigma == 0:
        return image
    reach = math.ceil(3 * sigma)
    window = gaussian_window(2 * reach + 1, sigma, image)
    return blur(F.pad(image, (reach,) * 4, mode="reflect"), window)


def soften(image: Tensor, strength: float) -> Tensor:
    """Blur with a Gaussian of 1.5 pixels times `strength`."""
    return smooth(image, BLUR_SIGMA * strength)


def sharpen(image: Tensor, strength: float) -> Tensor:
    """Add `strength` times what a blur takes away (unsharp mask)."""
    return image + strength * (image - smooth(image, BLUR_SIGMA))


def add_noise(image: Tensor, strength: float) -> Tensor:
    """Add white noise with a standard deviation of ten gray levels times `strength`."""
    noise = torch.randn(image.shape, generator=torch.Generator().manual_seed(NOISE_SEED))
    return image + strength * NOISE_SIGMA / FULL_SCALE * noise


def stretch(image: Tensor, strength: float) -> Tensor:
    """Raise the contrast around the mean by a factor of 1 + `strength`."""
    return image + strength * (image - image.mean())


SPOILERS: dict[str, Callable[[Tensor, float], Tensor]] = {
    "sharpen": sharpen,
    "noise": add_noise,
    "stretch": stretch,
    "blur": soften,
}


MEASURES = {  # Each entry says what strength 1 means.
    "sharpen": (100, "detail added, %"),
    "noise": (NOISE_SIGMA, "noise, gray levels"),
    "stretch": (100, "contrast added, %"),
    "blur": (BLUR_SIGMA, "blur, pixels"),
}


def spoil(image: Tensor, kind: str, strength: float) -> Tensor:
    """Spoil a fused image in one of several ways.

    Args:
        image: (1, 1, H, W) in [0, 1].
        kind: "sharpen", "noise", "stretch" or "blur".
        strength: 0 changes nothing, 1 is plainly visible.

    Returns:
        Tensor (1, 1, H, W) in [0, 1].

    Raises:
        InputError: unknown kind.

    Example:
        >>> spoil(torch.full((1, 1, 16, 16), 0.5), "sharpen", 1.0).unique()
        tensor([0.5000])
    """
    if kind not in SPOILERS:
        raise InputError(f"unknown kind {kind!r}: choose one of {', '.join(SPOILERS)}.")
    return SPOILERS[kind](image, strength).clamp(0, 1)


def sweep(fused: Tensor, sources: Tensor, kind: str, strengths: Sequence[float]) -> pd.DataFrame:
    """Score an image that is spoiled more and more.

    Args:
        fused: (1, 1, H, W) in [0, 1].
        sources: its pair (1, 2, H, W).
        kind: see `spoil`.
        strengths: the first is what the others are compared with; usually 0.

    Returns:
        One row per strength, given in the unit of `MEASURES`, one column per metric: change in
        percent of the first row.
    """
    amount, name = MEASURES[kind]
    table = score_table({str(s): spoil(fused, kind, s) for s in strengths}, sources)
    table.index = pd.Index([amount * s for s in strengths], name=name)
    return 100 * (table / table.iloc[0] - 1)


def show_spoiled(fused: Tensor, sources: Tensor, kind: str, strength: float) -> Figure:
    """Draw a spoiled image and its scores: the callback of the notebook's second widget."""
    spoiled, (amount, name) = spoil(fused, kind, strength), MEASURES[kind]
    change = 100 * (scores(spoiled, sources) / scores(fused, sources) - 1)
    figure, axes = viz.make_axes(1, 2, height=3.0)
    viz.plot_images({f"{name}: {amount * strength:g}": spoiled}, axes=axes[0, 0])
    viz.plot_bars(change[list(METRICS)], "change in %", "{:+.0f}", ax=axes[0, 1])
    return figure
