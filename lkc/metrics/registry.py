"""The metrics by name: what they are, their unit, and which way is better."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

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
from lkc.metrics.statistics import average_gradient, entropy, spatial_frequency, standard_deviation
from lkc.metrics.survey import (
    cross_entropy,
    kept_contrast_of_vision,
    nonlinear_correlation,
    similarity_where_sources_agree,
    visible_difference,
)
from lkc.metrics.visual import edge_transfer, visual_information_fidelity


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
