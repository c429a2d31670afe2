"""FMI as its authors' program computes it: from small windows, for features of one's choice.

Haghighat, Aghagolzadeh and Seyedarabi, Computers and Electrical Engineering 37 (2011), in the fast
form of Haghighat and Razian, AICT (2014). Papers call it FMI_pixel, FMI_gradient or FMI_dct. Two
features of the program are not here: FMI_w, whose filter of 102 taps no free library has, and the
edge map, whose threshold is a secret of MATLAB's.
"""

from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from lkc.metrics.inputs import check_images

SIDE = 3  # of a window, in pixels
AT_ONCE = 2**15  # So many windows are looked at together, which bounds the memory.
TINY = 1e-24  # A variance of nine shares below this is rounding.


def slope(image: Tensor) -> Tensor:
    """The derivative along rows: central differences, one-sided at the border."""
    return torch.gradient(image, dim=3)[0]


def cosine_transform(image: Tensor) -> Tensor:
    """The orthonormal cosine transform of whole images: (B, 1, H, W) -> the same shape."""
    from scipy.fft import dctn  # Nothing else here needs scipy.

    transformed = dctn(image.cpu().numpy(), axes=(2, 3), norm="ortho")
    return torch.from_numpy(transformed).to(image)


def windows_of(feature: Tensor) -> Tensor:
    """Every full window, column by column: (B, 1, H, W) -> (B, (H - 2) (W - 2), 9)."""
    return F.unfold(feature.mT, SIDE).mT


def shares(windows: Tensor) -> Tensor:
    """Stretch windows to 0 to 1 and divide by their sums, so that each is a distribution."""
    low, high = (end.unsqueeze(-1) for end in windows.aminmax(dim=-1))
    flat = high == low
    stretched = torch.where(flat, 1.0, (windows - low) / torch.where(flat, 1.0, high - low))
    return stretched / stretched.sum(dim=-1, keepdim=True)


def spread(p: Tensor) -> Tensor:
    """The standard deviation of the place under distributions over nine places."""
    places = torch.arange(1, p.shape[-1] + 1, dtype=p.dtype, device=p.device)
    return ((p * places**2).sum(dim=-1) - (p * places).sum(dim=-1).square()).clamp_min(0).sqrt()


def bits(p: Tensor) -> Tensor:
    """Add up -p log2 |p|: a mixture beyond the bounds below may have shares under zero."""
    return -torch.where(p == 0, 0.0, p * p.abs().log2())


def joint_distribution(p: Tensor, q: Tensor) -> Tensor:
    """Guess how two distributions go together from how they correlate.

    It lies between independence and the bound of Frechet: the most alike they can be where they
    correlate, the least alike where the correlation is negative.

    Args:
        p, q: (N, 9), rows that sum to one.

    Returns:
        Tensor (N, 9, 9).
    """
    centred_p, centred_q = p - p.mean(dim=-1, keepdim=True), q - q.mean(dim=-1, keepdim=True)
    squares = centred_p.square().sum(dim=-1) * centred_q.square().sum(dim=-1)
    correlation = (centred_p * centred_q).sum(dim=-1) / squares.clamp_min(TINY**2).sqrt()
    below_p, below_q = p.cumsum(dim=-1).unsqueeze(2), q.cumsum(dim=-1).unsqueeze(1)
    alike = torch.minimum(below_p, below_q)  # (N, 9, 9)
    unlike = (below_p + below_q - 1).clamp_min(0)
    bound = torch.where(correlation.view(-1, 1, 1) >= 0, alike, unlike)
    covariance = (bound - below_p * below_q).sum(dim=(1, 2))
    spreads = spread(p) * spread(q)
    defined = (spreads > 0) & (covariance != 0)
    share = torch.where(
        defined, correlation * spreads / torch.where(defined, covariance, 1.0), 0.0
    ).view(-1, 1, 1)
    padded = F.pad(bound, (1, 0, 1, 0))
    density = padded.diff(dim=1).diff(dim=2)  # (N, 9, 9)
    return share * density + (1 - share) * p.unsqueeze(2) * q.unsqueeze(1)


def shared_by_windows(fused: Tensor, source: Tensor) -> Tensor:
    """Mutual information of windows, as a share of their entropies: (N, 9) each -> (N,)."""
    p, q = shares(fused), shares(source)
    separate = bits(p).sum(dim=-1) + bits(q).sum(dim=-1)
    mutual = separate - bits(joint_distribution(p, q)).sum(dim=(1, 2))
    share = torch.where(separate > 0, 2 * mutual / torch.where(separate > 0, separate, 1.0), 0.0)
    return torch.where((fused == source).all(dim=-1), 1.0, share)


def information_of_windows(
    fused: Tensor, a: Tensor, b: Tensor, feature: Callable[[Tensor], Tensor] | None = None
) -> Tensor:
    """FMI: mutual information of 3x3 windows with both sources, averaged over the image.

    Higher is better. A window that equals the source's counts as 1.

    Args:
        fused, a, b: (B, 1, H, W) in 0 to 255, at least 3x3.
        feature: what is looked at: `slope`, `cosine_transform`, or None for the pixels themselves.

    Returns:
        Tensor (B,), 0 to about 1.

    Raises:
        InputError: see `check_images`.

    Source:
        See the head of this file.

    Example:
        >>> x = torch.arange(64.0).view(1, 1, 8, 8)
        >>> information_of_windows(x, x, x)
        tensor([1.])
    """
    images = [image.double() for image in check_images(fused, a, b, smallest=SIDE)]
    windows = [windows_of(feature(image) if feature else image) for image in images]
    batch, count, _ = windows[0].shape
    total = torch.zeros(batch * count, dtype=torch.float64, device=images[0].device)
    flat = [one.flatten(0, 1) for one in windows]  # (B N, 9)
    for start in range(0, batch * count, AT_ONCE):
        part = slice(start, start + AT_ONCE)
        for source in flat[1:]:
            total[part] += shared_by_windows(flat[0][part], source[part]) / 2
    return total.view(batch, count).mean(dim=1).float()


FMI_VARIANTS: dict[str, Callable[..., Tensor]] = {
    "fmi-pixel": information_of_windows,
    "fmi-gradient": partial(information_of_windows, feature=slope),
    "fmi-dct": partial(information_of_windows, feature=cosine_transform),
}
