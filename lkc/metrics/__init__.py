"""Fusion metrics: the field's eleven and nine more, tested against a reference, fast in batches.

Each metric is a function (fused, a, b) or (fused) over tensors (B, 1, H, W) in 0 to 255 that
returns a tensor (B,). `evaluate` takes one pair of any images, `evaluate_batch` tensors. No single
number is quality: copying the brighter pixel wins MI, VIFF and Qabf, sharpening wins EN, SD, SF and
AG, and averaging wins PSNR, CC and SSIM. A good method is near the top of all.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from numpy.typing import ArrayLike
from PIL import Image
from torch import Tensor

from lkc.metrics.comparison import (
    correlation_coefficient,
    mutual_information,
    peak_signal_to_noise,
    structural_similarity,
    sum_of_correlations_of_differences,
)
from lkc.metrics.extra import (
    added_artifacts,
    feature_mutual_information,
    hallucination,
    multi_scale_ssim,
)
from lkc.metrics.inputs import to_gray
from lkc.metrics.statistics import average_gradient, entropy, spatial_frequency, standard_deviation
from lkc.metrics.survey import (
    cross_entropy,
    kept_contrast_of_vision,
    nonlinear_correlation,
    similarity_where_sources_agree,
    visible_difference,
)
from lkc.metrics.visual import edge_transfer, visual_information_fidelity

__all__ = ["EXTRA_METRICS", "METRICS", "Metric", "evaluate", "evaluate_batch", "to_gray"]


@dataclass(frozen=True)
class Metric:
    """A metric and how to read its values.

    Attributes:
        key: name in tables and files.
        function: takes (fused, a, b), or (fused) alone where it does not look at the sources.
        better: "higher" or "lower".
        unit: of the value; "" for a pure number.
        description: one line.
        uses_sources: whether the function takes the sources.
    """

    key: str
    function: Callable[..., Tensor]
    better: Literal["higher", "lower"]
    unit: str
    description: str
    uses_sources: bool = True

    def __call__(self, fused: Tensor, a: Tensor, b: Tensor) -> Tensor:
        """Compute the metric: three tensors (B, 1, H, W) in 0 to 255 -> (B,)."""
        return self.function(fused, a, b) if self.uses_sources else self.function(fused)


def registry(*metrics: Metric) -> dict[str, Metric]:
    """Return the metrics by key."""
    return {metric.key: metric for metric in metrics}


METRICS = registry(
    Metric("EN", entropy, "higher", "bit", "entropy of the gray levels", False),
    Metric("MI", mutual_information, "higher", "nat", "information shared with the sources"),
    Metric("VIFF", visual_information_fidelity, "higher", "", "visual information fidelity"),
    Metric("Qabf", edge_transfer, "higher", "", "share of the sources' edges kept"),
    Metric("SSIM", structural_similarity, "higher", "", "structural similarity with the sources"),
    Metric("PSNR", peak_signal_to_noise, "higher", "dB", "closeness to both sources' brightness"),
    Metric("CC", correlation_coefficient, "higher", "", "mean correlation with the sources"),
    Metric(
        "SCD",
        sum_of_correlations_of_differences,
        "higher",
        "",
        "what each source adds, found in the fused image",
    ),
    Metric("SD", standard_deviation, "higher", "gray levels", "global contrast", False),
    Metric("SF", spatial_frequency, "higher", "gray levels", "strength of local changes", False),
    Metric("AG", average_gradient, "higher", "gray levels", "mean gradient, sharpness", False),
)
EXTRA_METRICS = registry(
    Metric("MS_SSIM", multi_scale_ssim, "higher", "", "structural similarity at five scales"),
    Metric("FMI", feature_mutual_information, "higher", "", "edge information shared"),
    Metric("Nabf", added_artifacts, "lower", "", "edges that neither source has"),
    Metric("hallucination", hallucination, "lower", "", "share of black ground that is not black"),
    Metric("CE", cross_entropy, "lower", "bit", "difference of the histograms"),
    Metric("NCIE", nonlinear_correlation, "higher", "", "entropy of the images' correlations"),
    Metric(
        "Qy", similarity_where_sources_agree, "higher", "", "similarity with both, or the nearer"
    ),
    Metric("Qcv", visible_difference, "lower", "gray levels squared", "visible loss near edges"),
    Metric("Qcb", kept_contrast_of_vision, "higher", "", "share of the visible contrast kept"),
)


@torch.no_grad()
def evaluate_batch(fused: Tensor, a: Tensor, b: Tensor, extra: bool = False) -> dict[str, Tensor]:
    """Compute all metrics of a batch, on the device of the tensors.

    Args:
        fused, a, b: (B, 1, H, W) in 0 to 255, at least 41x41.
        extra: also those of `EXTRA_METRICS`; needs at least 176x176.

    Returns:
        Tensors (B,), by metric key in the order of `METRICS` and `EXTRA_METRICS`.

    Raises:
        InputError: shapes, sizes or values no metric can take.

    Example:
        >>> x = torch.arange(64.0).expand(2, 1, 64, 64)
        >>> evaluate_batch(x, x, x)["CC"]
        tensor([1., 1.])
    """
    metrics = METRICS | EXTRA_METRICS if extra else METRICS
    # Otherwise convolutions on a GPU round to 10 bits, and values differ from those of a CPU.
    with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
        return {key: metric(fused, a, b) for key, metric in metrics.items()}


def evaluate(
    fused: ArrayLike | Image.Image | Tensor,
    a: ArrayLike | Image.Image | Tensor,
    b: ArrayLike | Image.Image | Tensor,
    extra: bool = False,
) -> dict[str, float]:
    """Compute all metrics of one fused image.

    Args:
        fused, a, b: gray (H, W) or colour (H, W, 3) arrays, PIL images, or tensors (H, W),
            (1, H, W) or (3, H, W); in 0 to 255, or uint16 (scaled by 255 / 65535); at least 41x41.
            Colour is made gray by `to_gray`.
        extra: also those of `EXTRA_METRICS`; needs at least 176x176.

    Returns:
        Values by metric key: EN, MI, VIFF, Qabf, SSIM, PSNR, CC, SCD, SD, SF, AG.

    Raises:
        InputError: different sizes, NaN, or values that are not 0 to 255.

    Example:
        >>> import numpy as np
        >>> ramp = np.tile(np.arange(64, dtype=np.uint8), (64, 1))
        >>> scores = evaluate(ramp, ramp, ramp)
        >>> scores["EN"], scores["SSIM"]
        (6.0, 2.0)
    """
    values = evaluate_batch(to_gray(fused), to_gray(a), to_gray(b), extra)
    return dict(zip(values, torch.cat(list(values.values())).tolist(), strict=True))
