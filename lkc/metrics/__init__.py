"""Fusion metrics: the field's eleven and nine more, tested against a reference, fast in batches.

Each metric is a function (fused, a, b) or (fused) over tensors (B, 1, H, W) in 0 to 255 that
returns a tensor (B,). `evaluate` takes one pair of any images, `evaluate_batch` tensors. No single
number is quality: copying the brighter pixel wins MI, VIFF and Qabf, sharpening wins EN, SD, SF and
AG, and averaging wins PSNR, CC and SSIM. A good method is near the top of all.

Other evaluators define some of them in another way: `lkc.metrics.profiles` has their variants.
"""

import torch
from numpy.typing import ArrayLike
from PIL import Image
from torch import Tensor

from lkc.metrics.inputs import to_channels, to_gray
from lkc.metrics.profiles import PROFILES, Profile, get_profile
from lkc.metrics.registry import EXTRA_METRICS, METRICS, Metric

__all__ = [
    "EXTRA_METRICS",
    "METRICS",
    "PROFILES",
    "Metric",
    "Profile",
    "evaluate",
    "evaluate_batch",
    "get_profile",
    "to_gray",
]


@torch.no_grad()
def evaluate_batch(
    fused: Tensor, a: Tensor, b: Tensor, extra: bool = False, profile: str = "lkc"
) -> dict[str, Tensor]:
    """Compute all metrics of a batch, on the device of the tensors.

    Args:
        fused, a, b: (B, 1, H, W) in 0 to 255, at least 41x41.
        extra: also those of `EXTRA_METRICS`; needs at least 176x176.
        profile: whose definitions, see `PROFILES`.

    Returns:
        Tensors (B,), by metric key in the order of `METRICS` and `EXTRA_METRICS`.

    Raises:
        InputError: shapes, sizes or values no metric can take, or an unknown profile.

    Example:
        >>> x = torch.arange(64.0).expand(2, 1, 64, 64)
        >>> evaluate_batch(x, x, x)["CC"]
        tensor([1., 1.])
    """
    metrics = get_profile(profile).metrics(extra)
    # Otherwise convolutions on a GPU round to 10 bits, and values differ from those of a CPU.
    with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
        return {key: metric(fused, a, b) for key, metric in metrics.items()}


def evaluate(
    fused: ArrayLike | Image.Image | Tensor,
    a: ArrayLike | Image.Image | Tensor,
    b: ArrayLike | Image.Image | Tensor,
    extra: bool = False,
    profile: str = "lkc",
) -> dict[str, float]:
    """Compute all metrics of one fused image.

    Args:
        fused, a, b: gray (H, W) or colour (H, W, 3) arrays, PIL images, or tensors (H, W),
            (1, H, W) or (3, H, W); in 0 to 255, or uint16 (scaled by 255 / 65535); at least 41x41.
            Colour is made gray by `to_gray`.
        extra: also those of `EXTRA_METRICS`; needs at least 176x176.
        profile: whose definitions, a name in `PROFILES`. Where that evaluator judges colour channel
            by channel, so is done here.

    Returns:
        Values by metric key: EN, MI, VIFF, Qabf, SSIM, PSNR, CC, SCD, SD, SF, AG.

    Raises:
        InputError: different sizes, NaN, values that are not 0 to 255, or an unknown profile.

    Example:
        >>> import numpy as np
        >>> ramp = np.tile(np.arange(64, dtype=np.uint8), (64, 1))
        >>> scores = evaluate(ramp, ramp, ramp)
        >>> scores["EN"], scores["SSIM"]
        (6.0, 2.0)
    """
    if get_profile(profile).by_channel and len(channels := to_channels(fused)) > 1:
        sources = [to_channels(source).expand(3, -1, -1, -1) for source in (a, b)]
        values = evaluate_batch(channels, sources[0], sources[1], extra, profile)
    else:
        values = evaluate_batch(to_gray(fused), to_gray(a), to_gray(b), extra, profile)
    return {key: value.mean().item() for key, value in values.items()}
