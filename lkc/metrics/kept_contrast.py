"""What is lost: local contrast of the sources that the fused image does not show.

The field's metrics hardly see it when dark content of one source vanishes under the bright
partner. These look at each source by itself, scale by scale, and at chosen places alone: where the
partner is brighter, flat or saturated, so that nothing but brightness can have won.
"""

from typing import Literal, get_args

import torch
import torch.nn.functional as F
from torch import Tensor

from lkc.errors import InputError
from lkc.metrics.inputs import check_images

Place = Literal["everywhere", "brighter", "flat", "saturated"]

SCALES = 4  # These octaves see structure of about 2, 4, 8 and 16 pixels.
SMALLEST = 2 ** (SCALES + 1)  # This leaves 4x4 pixels at the coarsest scale.
WINDOW = 5  # Contrast is compared in a window of this side.
FAINT = 2.0  # Less contrast, in gray levels, is rounding and noise, and counts as none.
BRIGHTER = 20.0  # The partner's mean must exceed the source's by so many gray levels.
SATURATED = 250  # An 8-bit sensor shows nothing of its own from this level on.

RANGE, BRIGHT = 15, 200  # gray levels: detail worth keeping, and a partner that hides it
SURVIVES = 0.4  # This share of the range must be left.
CLIPPED = 253


def mean_of_windows(x: Tensor) -> Tensor:
    """Average over the window around each pixel, in the image: (B, C, H, W) -> (B, C, H, W)."""
    return F.avg_pool2d(x, WINDOW, 1, WINDOW // 2, count_include_pad=False)


def range_of_windows(x: Tensor) -> Tensor:
    """Maximum minus minimum of the window around each pixel: (B, C, H, W) -> (B, C, H, W)."""
    return F.max_pool2d(x, WINDOW, 1, WINDOW // 2) + F.max_pool2d(-x, WINDOW, 1, WINDOW // 2)


def halve(x: Tensor) -> Tensor:
    """Mean of 2x2 pixels; an odd last row or column is left out: (B, C, H, W) -> half the size."""
    return F.avg_pool2d(x, 2)


def bands(x: Tensor) -> tuple[list[Tensor], list[Tensor]]:
    """Split images by scale.

    Args:
        x: (B, C, H, W), at least 32x32.

    Returns:
        For each of the four scales, fine to coarse, what of the image is finer than the next scale,
        and the image at this scale; (B, C, H / 2^s, W / 2^s) each.
    """
    details, images = [], []
    for _ in range(SCALES):
        smaller = halve(x)
        coarse = F.interpolate(smaller, size=x.shape[-2:], mode="bilinear")
        details.append(x - coarse)
        images.append(x)
        x = smaller
    return details, images


def choose_places(source: Tensor, partner: Tensor, strength: Tensor, place: Place) -> Tensor:
    """Mark the places that are asked for.

    Args:
        source, partner: images at one scale (B, 1, h, w).
        strength: contrast of the partner there, same shape, in gray levels.
        place: which places.

    Returns:
        Boolean tensor of the same shape.
    """
    if place == "brighter":
        return mean_of_windows(partner) > mean_of_windows(source) + BRIGHTER
    if place == "flat":
        return strength < FAINT
    if place == "saturated":
        return mean_of_windows(partner) >= SATURATED
    return torch.ones_like(source, dtype=torch.bool)


def kept_contrast_by_scale(
    fused: Tensor, a: Tensor, b: Tensor, place: Place = "everywhere"
) -> Tensor:
    """Share of each source's local contrast that the fused image keeps, for each scale.

    In each 5x5 window of a band-passed image, contrast is the standard deviation, and the kept
    share is the slope of the fused band on the source's band, from 0 (gone, or turned round) to 1.
    The mean weighs windows by the source's contrast; what is below two gray levels counts as none.
    Higher is better. Where both sources have contrast of opposite sign, no image keeps both.

    Args:
        fused, a, b: (B, 1, H, W) in 0 to 255, at least 32x32.
        place: "everywhere", or only where the *other* source is "brighter" (its local mean, by 20
            gray levels), "flat" (contrast below two gray levels) or "saturated" (its local mean is
            250 or more).

    Returns:
        Tensor (B, 2, 4): sources by scales, structure of about 2, 4, 8 and 16 pixels; 0 to 1, NaN
        where a source has no contrast at such places.

    Raises:
        InputError: an unknown place; see also `check_images`.

    Source:
        This project.

    Example:
        >>> x = torch.rand(1, 1, 64, 64) * 255
        >>> kept_contrast_by_scale(x, x, 255 - x)[0, :, 0]
        tensor([1., 0.])
    """
    if place not in get_args(Place):
        raise InputError(f"unknown place {place!r}: choose one of {', '.join(get_args(Place))}.")
    images = torch.cat(check_images(fused, a, b, smallest=SMALLEST), dim=1)  # (B, 3, H, W)
    kept = []
    for detail, image in zip(*bands(images), strict=True):
        detail = detail - mean_of_windows(detail)
        strength = mean_of_windows(detail.square()).sqrt()  # (B, 3, h, w)
        for source, partner in ((1, 2), (2, 1)):
            weight = strength[:, source : source + 1]
            places = choose_places(
                image[:, source : source + 1],
                image[:, partner : partner + 1],
                strength[:, partner : partner + 1],
                place,
            )
            weight = torch.where(places & (weight >= FAINT), weight, 0.0)
            product = mean_of_windows(detail[:, :1] * detail[:, source : source + 1])
            slope = product / strength[:, source : source + 1].square().clamp_min(FAINT**2)
            total = (weight * slope.clamp(0, 1)).sum(dim=(1, 2, 3))
            kept.append(total / weight.sum(dim=(1, 2, 3)))  # 0 / 0 is NaN
    return torch.stack(kept, dim=1).unflatten(1, (SCALES, 2)).mT  # (B, 2, 4)


def kept_contrast(fused: Tensor, a: Tensor, b: Tensor, place: Place = "everywhere") -> Tensor:
    """Share of the local contrast of the worse kept source, averaged over four scales.

    Higher is better. One number for tables, from `kept_contrast_by_scale`: the mean of the scales
    that a source has contrast at, of the source that fares worse.

    Args:
        fused, a, b: (B, 1, H, W) in 0 to 255, at least 32x32.
        place: see `kept_contrast_by_scale`.

    Returns:
        Tensor (B,), 0 to 1; NaN where no source has contrast at such places.

    Raises:
        InputError: an unknown place; see also `check_images`.

    Source:
        This project.

    Example:
        >>> x = torch.rand(1, 1, 64, 64) * 255
        >>> kept_contrast(x, x, x).round(decimals=3), kept_contrast(x, x, 255 - x)
        (tensor([1.]), tensor([0.]))
    """
    per_source = kept_contrast_by_scale(fused, a, b, place).nanmean(dim=2)  # (B, 2)
    return torch.fmin(per_source[:, 0], per_source[:, 1])  # NaN only where both are


def lost_detail(fused: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """Share of the detail under a bright partner that the fused image loses.

    Looked at are the pixels where one source has a range of 15 gray levels or more in 5x5 pixels
    while the other is at 200 or more and brighter. Lost are those where the fused image has less
    than 40 % of that range in the same window. Lower is better. The range does not tell whose
    detail it is: see `kept_contrast_by_scale` for that.

    Args:
        fused, a, b: (B, 1, H, W) in 0 to 255.

    Returns:
        Tensor (B,), 0 to 1; NaN where no such pixel is.

    Raises:
        InputError: see `check_images`.

    Source:
        This project.

    Example:
        >>> stripes = torch.tensor([0.0, 40.0]).repeat(4).expand(1, 1, 8, 8)
        >>> white = torch.full((1, 1, 8, 8), 255.0)
        >>> lost_detail(white, stripes, white), lost_detail(white - stripes, stripes, white)
        (tensor([1.]), tensor([0.]))
    """
    at_risk, lost = detail_under_bright_partner(fused, a, b)
    return lost.sum(dim=(1, 2, 3)) / at_risk.sum(dim=(1, 2, 3))


def detail_under_bright_partner(fused: Tensor, a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """Mark the pixels that `lost_detail` looks at, and those among them that are lost.

    Args:
        fused, a, b: (B, 1, H, W) in 0 to 255.

    Returns:
        Two boolean tensors (B, 1, H, W). Over many images, divide the sums: an image has few.

    Raises:
        InputError: see `check_images`.

    Example:
        >>> x = torch.full((1, 1, 8, 8), 255.0)
        >>> detail_under_bright_partner(x, x, x)[0].any()
        tensor(False)
    """
    fused, a, b = check_images(fused, a, b)
    left = range_of_windows(fused)
    at_risk = torch.zeros_like(fused, dtype=torch.bool)
    lost = at_risk.clone()
    for source, partner in ((a, b), (b, a)):
        there = range_of_windows(source)
        hidden = (there >= RANGE) & (partner >= BRIGHT) & (partner > source)
        at_risk |= hidden
        lost |= hidden & (left < SURVIVES * there)
    return at_risk, lost


def clipped(fused: Tensor) -> Tensor:
    """Share of pixels that are burnt out: 253 gray levels or more. Lower is better.

    Args:
        fused: (B, 1, H, W) in 0 to 255.

    Returns:
        Tensor (B,), 0 to 1.

    Raises:
        InputError: see `check_images`.

    Source:
        This project.

    Example:
        >>> clipped(torch.tensor([[[[0.0, 254.0]]]]))
        tensor([0.5000])
    """
    (fused,) = check_images(fused)
    return (fused >= CLIPPED).float().mean(dim=(1, 2, 3))
