"""Find which source pixels made a region of the fused image, by Captum's methods.

Attribution explains one number. Here that number is the mean of the fused image over a region;
`region_score` makes a model return it.

Integrated gradients start from a blurred pair, not from a black one: a constant image has zero
variance, and a norm that divides by it makes the start of the path so steep that hundreds of steps
miss it. What is lost by counting steps is returned as `delta`.

Source: Sundararajan et al., "Axiomatic Attribution for Deep Networks" (ICML 2017); Zeiler and
Fergus (ECCV 2014) for occlusion.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from captum.attr import FeatureAblation, IntegratedGradients, Occlusion
from torch import Tensor, nn

from lkc.errors import InputError
from lkc.filters import blur, gaussian_window
from lkc.model.cuda_graph import plain_network

BLUR_SIGMA = 8  # A blur of so many pixels removes edges and targets and keeps the brightness.
AT_ONCE = 8  # So many images go through the network together, which bounds the memory.


@dataclass(frozen=True)
class PathAttribution:
    """What integrated gradients found.

    Attributes:
        values: (2, H, W), in the order of the input's channels; their sum should be `change`.
        change: of the region's mean from the blurred pair to the pair.
        delta: sum of `values` - `change`, the error of the steps.
    """

    values: Tensor
    change: float
    delta: float


def box_mask(sources: Tensor, rows: slice, columns: slice) -> Tensor:
    """Mark a box of the image: (B, C, H, W) -> (H, W) bool.

    >>> box_mask(torch.rand(1, 2, 8, 8), slice(2, 4), slice(3, 6)).sum()
    tensor(6)
    """
    mask = torch.zeros(sources.shape[-2:], dtype=torch.bool, device=sources.device)
    mask[rows, columns] = True
    return mask


def region_score(model: nn.Module, mask: Tensor) -> Callable[[Tensor], Tensor]:
    """Turn a model into a function whose value is the fused image's mean over a region.

    Args:
        model: (B, 2, H, W) -> (B, 1, H, W), in evaluation mode.
        mask: (H, W) bool, the region.

    Returns:
        A function (B, 2, H, W) -> (B,), one value per pair, as Captum needs it.

    Raises:
        InputError: the region is empty.

    Example:
        >>> average = lambda x: x.mean(1, keepdim=True)
        >>> region_score(average, torch.ones(4, 4, dtype=torch.bool))(torch.ones(3, 2, 4, 4))
        tensor([1., 1., 1.])
    """
    if not mask.any():
        raise InputError("the region is empty: mark at least one pixel.")
    network = plain_network(model)

    def score(sources: Tensor) -> Tensor:
        return network(sources)[:, 0, mask].mean(1)  # (B,)

    return score


def check_pair(sources: Tensor, mask: Tensor) -> Tensor:
    """Return one pair, detached, or say what is wrong with it."""
    if sources.ndim != 4 or sources.shape[:2] != (1, 2) or mask.shape != sources.shape[2:]:
        shapes = f"{tuple(sources.shape)} and {tuple(mask.shape)}"
        raise InputError(f"expected sources (1, 2, H, W) and a mask (H, W), got {shapes}.")
    return sources.detach()


def blurred(sources: Tensor) -> Tensor:
    """Return the sources without detail: the same shape."""
    reach = 3 * BLUR_SIGMA
    window = gaussian_window(2 * reach + 1, BLUR_SIGMA, sources)
    return blur(F.pad(sources, (reach,) * 4, mode="replicate"), window)


def integrated_gradients(
    model: nn.Module, sources: Tensor, mask: Tensor, steps: int = 128
) -> PathAttribution:
    """Attribute to each source pixel what changes in a region when a blurred pair becomes sharp.

    Args:
        model: (B, 2, H, W) -> (B, 1, H, W), in evaluation mode.
        sources: one pair (1, 2, H, W) in [0, 1].
        mask: (H, W) bool, the region of the fused image.
        steps: on the way from the blurred pair; look at `delta` before taking fewer.

    Returns:
        The attribution of every source pixel.

    Raises:
        InputError: not one pair, or a mask of another size or empty.

    Example:
        >>> net = nn.Conv2d(2, 1, 3, padding=1).requires_grad_(False)
        >>> pair = torch.rand(1, 2, 16, 16)
        >>> mask = box_mask(pair, slice(6, 9), slice(6, 9))
        >>> abs(integrated_gradients(net, pair, mask, steps=8).delta) < 1e-5
        True
    """
    sources = check_pair(sources, mask)
    score, baseline = region_score(model, mask), blurred(sources)
    values, delta = IntegratedGradients(score).attribute(
        sources.clone().requires_grad_(),
        baseline,
        n_steps=steps,
        internal_batch_size=AT_ONCE,
        return_convergence_delta=True,
    )
    with torch.no_grad():
        change = score(sources) - score(baseline)
    return PathAttribution(values[0].detach(), change.item(), delta.item())


@torch.no_grad()
def occlusion(
    model: nn.Module, sources: Tensor, mask: Tensor, side: int = 16, stride: int = 8
) -> Tensor:
    """Cover each source by a black square, place by place, and measure how the region darkens.

    Args:
        model: (B, 2, H, W) -> (B, 1, H, W).
        sources: one pair (1, 2, H, W) in [0, 1].
        mask: (H, W) bool, the region of the fused image.
        side: of the square, in pixels.
        stride: from one place to the next; the work grows with its inverse square.

    Returns:
        Tensor (2, H, W): how much the region's mean falls, averaged over the squares that cover a
        pixel; negative where it rises.

    Raises:
        InputError: not one pair, or a mask of another size or empty.

    Example:
        >>> average = lambda x: x.mean(1, keepdim=True)
        >>> pair = torch.ones(1, 2, 16, 16)
        >>> occlusion(average, pair, box_mask(pair, slice(8), slice(8)), side=8)[:, 0, 0]
        tensor([0.5000, 0.5000])
    """
    sources = check_pair(sources, mask)
    method = Occlusion(region_score(model, mask))
    window, steps = (1, side, side), (1, stride, stride)
    return method.attribute(sources, window, strides=steps, perturbations_per_eval=AT_ONCE)[0]


@torch.no_grad()
def modality_drop(model: nn.Module, sources: Tensor, mask: Tensor) -> Tensor:
    """Remove one whole source, keep the other, and measure how the region's mean falls.

    Args:
        model: (B, 2, H, W) -> (B, 1, H, W).
        sources: one pair (1, 2, H, W) in [0, 1].
        mask: (H, W) bool, the region of the fused image.

    Returns:
        Tensor (2,) in the order of the input's channels: by how much the region's mean falls when
        that source is black; what both sources show is missed by neither.

    Raises:
        InputError: not one pair, or a mask of another size or empty.

    Example:
        >>> pair = torch.tensor([0.25, 0.75]).view(1, 2, 1, 1).expand(1, 2, 4, 4)
        >>> brighter = lambda x: x.amax(1, keepdim=True)
        >>> modality_drop(brighter, pair, torch.ones(4, 4, dtype=torch.bool))
        tensor([0.0000, 0.5000])
    """
    sources = check_pair(sources, mask)
    one_source = torch.arange(2, device=sources.device).view(1, 2, 1, 1)
    method = FeatureAblation(region_score(model, mask))
    falls = method.attribute(sources, feature_mask=one_source, perturbations_per_eval=2)
    return falls[0, :, 0, 0]


def modality_share(model: nn.Module, sources: Tensor, mask: Tensor) -> Tensor:
    """Answer "how much of this is infrared?" for a region of the fused image.

    Args:
        model: (B, 2, H, W) -> (B, 1, H, W).
        sources: one pair (1, 2, H, W) in [0, 1].
        mask: (H, W) bool, the region of the fused image.

    Returns:
        Tensor (2,) in the order of the input's channels: each source's `modality_drop` as a share
        of both magnitudes; they add up to 1 where both are positive, and are 0 where either source
        alone gives the same.

    Raises:
        InputError: not one pair, or a mask of another size or empty.

    Example:
        >>> pair = torch.tensor([0.25, 0.75]).view(1, 2, 1, 1).expand(1, 2, 4, 4)
        >>> average = lambda x: x.mean(1, keepdim=True)
        >>> modality_share(average, pair, torch.ones(4, 4, dtype=torch.bool))
        tensor([0.2500, 0.7500])
    """
    drop = modality_drop(model, sources, mask)
    return drop / drop.abs().sum().clamp_min(torch.finfo(drop.dtype).tiny)
