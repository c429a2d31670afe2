"""Profiles: the definitions by which a published evaluator computed its tables.

Papers give different numbers the same name. `lkc` is the profile of this package: of the variants
that published evaluators share, the most frequent one. The others replace what they define in
another way; what they lack stays as in `lkc`. docs/metrics.md says what each gives for one pair.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from torch import Tensor

from lkc.errors import InputError
from lkc.metrics.comparison import structural_similarity
from lkc.metrics.feature_information import FMI_VARIANTS
from lkc.metrics.registry import EXTRA_METRICS, METRICS, Metric
from lkc.metrics.variants import (
    fidelity_with_black_around,
    frequency_over_all_pixels,
    gaussian_similarity,
    gradient_over_inner_pixels,
    information_in_bits,
    information_of_stretched,
    ratio_of_norms,
    ratio_with_two_scales,
)

# CDDFuse passes floats in 0 to 255 and no range; scikit-image before 0.20 took -1 to 1 for floats.
RANGE_OF_FLOATS = 2
# IVIF_ZOO multiplies floats in 0 to 255 by 255 once more, but leaves the range at 255.
RANGE_BEFORE_SCALING = 1


@dataclass(frozen=True)
class Profile:
    """How an evaluator defines the metrics.

    Attributes:
        source: whose evaluator.
        computes: keys that the evaluator has; the others are those of `lkc`.
        variants: what it defines in its own way, by key.
        by_channel: whether a colour image is judged channel by channel, and the values averaged;
            otherwise gray is judged.
    """

    source: str
    computes: tuple[str, ...]
    variants: Mapping[str, Metric]
    by_channel: bool = False

    def metrics(self, extra: bool = False) -> dict[str, Metric]:
        """All metrics in this profile, by key, in the order of the registries."""
        known = METRICS | EXTRA_METRICS if extra else METRICS
        return {key: self.variants.get(key, metric) for key, metric in known.items()}


def vary(functions: Mapping[str, Callable[..., Tensor]]) -> dict[str, Metric]:
    """Give metrics of the registry other functions."""
    known = METRICS | EXTRA_METRICS
    return {key: replace(known[key], function=new) for key, new in functions.items()}


ALL = tuple(METRICS)
PROFILES = {
    "lkc": Profile("this package", ALL, {}),
    "cddfuse": Profile(
        "MMIF-CDDFuse (Zhao et al., CVPR 2023), utils/Evaluator.py with scikit-image 0.19",
        ALL,
        vary({"SSIM": partial(structural_similarity, data_range=RANGE_OF_FLOATS)}),
    ),
    "vifb": Profile(
        "VIFB (Zhang et al., CVPR Workshops 2020), metrics/*.m",
        ("EN", "MI", "Qabf", "SSIM", "PSNR", "SD", "SF", "AG"),
        vary(
            {
                "MI": information_of_stretched,
                "SSIM": gaussian_similarity,
                "PSNR": ratio_of_norms,
                "SF": frequency_over_all_pixels,
                "AG": gradient_over_inner_pixels,
            }
        ),
        by_channel=True,
    ),
    "ivif-zoo": Profile(
        "IVIF_ZOO (Liu et al., IEEE TPAMI 2024), Metric/eval_torch.py",
        ALL,
        vary(
            {
                "MI": information_in_bits,
                "VIFF": fidelity_with_black_around,
                "SSIM": partial(gaussian_similarity, data_range=RANGE_BEFORE_SCALING),
                "PSNR": ratio_with_two_scales,
            }
        ),
    ),
    **{
        name: Profile("fmi.m (Haghighat and Razian, AICT 2014)", ("FMI",), vary({"FMI": function}))
        for name, function in FMI_VARIANTS.items()
    },
}


def get_profile(name: str) -> Profile:
    """Find a profile.

    Args:
        name: "lkc", "cddfuse", "vifb", "ivif-zoo", "fmi-pixel", "fmi-gradient" or "fmi-dct".

    Returns:
        The profile.

    Raises:
        InputError: there is none of that name.

    Example:
        >>> sorted(get_profile("cddfuse").variants)
        ['SSIM']
    """
    if name not in PROFILES:
        raise InputError(f"unknown profile {name!r}: choose one of {', '.join(PROFILES)}.")
    return PROFILES[name]
