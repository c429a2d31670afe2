"""Measure how far an output pixel sees: theoretical and effective receptive fields.

The theoretical field is the area that kernels could reach. The effective field is how much each
input pixel really changes the output, |d output / d input|. Norms with per-image statistics, and
the global mean in the channel path of the adaptive fusion module, let every pixel change every
other a little: a floor under the whole field that has nothing to do with kernels. With those
statistics held constant (`lkc.analysis.constant_statistics`) only what the kernels see is left.

Source: Luo et al., "Understanding the Effective Receptive Field in Deep Convolutional Neural
Networks" (NeurIPS 2016); the log-scaled ratio after Ding et al., "Scaling Up Your Kernels to 31x31"
(CVPR 2022).
"""

import copy
from collections.abc import Sequence
from contextlib import nullcontext

import torch
from torch import Tensor, nn

from lkc.analysis.constant_statistics import ConstantOutput, detached_statistics
from lkc.analysis.features import capture_features
from lkc.errors import InputError
from lkc.model.adaptive_fusion import ChannelPath
from lkc.model.cuda_graph import plain_network
from lkc.model.swapping import swap

SHARES = (0.2, 0.3, 0.5, 0.99)
PROBE_HEIGHTS = (128, 256, 512, 1024, 2048)
GRID = 8  # Crops start where a network's coarsest level has a pixel.
PROBE_WIDTH = 16  # Kernels are square, so measuring one direction is enough.


def pick_pixel(output: Tensor, pixel: tuple[int, int] | None) -> tuple[int, int]:
    """Return the pixel, or the centre if it is None."""
    height, width = output.shape[-2:]
    row, column = pixel or (height // 2, width // 2)
    if not (0 <= row < height and 0 <= column < width):
        raise InputError(f"pixel {(row, column)} lies outside of the output, {height}x{width}.")
    return row, column


def effective_field(
    model: nn.Module,
    sources: Tensor,
    pixel: tuple[int, int] | None = None,
    layer: str | None = None,
    detach_norms: bool = False,
) -> Tensor:
    """Measure how much each input pixel changes one output pixel.

    Args:
        model: a network in evaluation mode, (B, 2, H, W) -> (B, 1, H, W).
        sources: (B, 2, H, W) in [0, 1]; the field is averaged over the pairs.
        pixel: row and column in the output, or in the layer's map; None takes the centre.
        layer: a name of `layer_names`, whose channels are summed up; None is the fused image.
        detach_norms: True leaves out what reaches the pixel through whole-image statistics.

    Returns:
        Tensor (2, H, W) float64, not negative: for each source, in the order of the input.

    Raises:
        InputError: no such layer, or the pixel lies outside.

    Example:
        >>> field = effective_field(nn.Conv2d(2, 1, 3, padding=1), torch.rand(1, 2, 9, 9))
        >>> (field[0] > 0).sum().item()
        9
    """
    return effective_fields(model, sources, [(layer, pixel)], detach_norms)[0]


def effective_fields(
    model: nn.Module,
    sources: Tensor,
    places: Sequence[tuple[str | None, tuple[int, int] | None]],
    detach_norms: bool = False,
) -> list[Tensor]:
    """Measure the fields of several layers or pixels after one forward pass.

    Args:
        model, sources, detach_norms: see `effective_field`.
        places: a layer and a pixel each, see `effective_field`.

    Returns:
        A field for each place, see `effective_field`.

    Raises:
        InputError: no such layer, or the pixel lies outside.

    Example:
        >>> net = nn.Sequential(nn.Conv2d(2, 4, 3, padding=1), nn.Conv2d(4, 1, 3, padding=1))
        >>> places = [("0", None), (None, None), (None, (0, 0))]
        >>> fields = effective_fields(net, torch.rand(1, 2, 9, 9), places)
        >>> [(field[0] > 0).sum().item() for field in fields]
        [9, 25, 9]
    """
    network = plain_network(model)
    sources = sources.detach().clone().requires_grad_()
    layers = {layer for layer, _ in places if layer}
    fields = []
    with (
        detached_statistics(network) if detach_norms else nullcontext(),
        capture_features(network, layers, keep_graph=True) as features,
        torch.enable_grad(),
    ):
        fused = network(sources)
        for count, (layer, pixel) in enumerate(places, start=1):
            output = features[layer] if layer else fused
            row, column = pick_pixel(output, pixel)
            seen = output[..., row, column].sum()
            (gradient,) = torch.autograd.grad(seen, sources, retain_graph=count < len(places))
            target = "cpu" if gradient.is_mps else gradient.device  # MPS has no doubles.
            fields.append(gradient.to(target).double().abs().mean(0))
    return fields


def crop_around(pixel: int, reach: int, size: int) -> slice:
    """Find where a crop around a pixel lies along one direction, on the grid of a network."""
    start = max(pixel - reach, 0) // GRID * GRID
    return slice(start, min(-(-(pixel + reach + 1) // GRID) * GRID, size))


def field_on_crop(model: nn.Module, sources: Tensor, pixel: tuple[int, int], reach: int) -> Tensor:
    """Measure what kernels let reach a pixel of the fused image, on a crop around it.

    Far from the pixel next to nothing reaches it, so that a crop answers in a fraction of the time.

    Args:
        model: a `lite` network that holds the statistics of the pair, from
            `lkc.analysis.constant_statistics.with_statistics_of`.
        sources: the pair, (1, 2, H, W) in [0, 1].
        pixel: row and column.
        reach: how far the crop goes from the pixel to each side, in pixels; 0 < reach.

    Returns:
        Tensor (2, H, W) float64 as from `effective_field`, and 0 outside of the crop.

    Raises:
        InputError: the pixel lies outside.

    Example:
        >>> average = nn.Conv2d(2, 1, 3, padding=1).requires_grad_(False)
        >>> pair = torch.rand(1, 2, 80, 80)
        >>> near = field_on_crop(average, pair, (20, 30), reach=8)
        >>> torch.equal(near, effective_field(average, pair, (20, 30)))
        True
    """
    row, column = pick_pixel(sources, pixel)
    height, width = sources.shape[-2:]
    rows, columns = crop_around(row, reach, height), crop_around(column, reach, width)
    inside = row - rows.start, column - columns.start
    field = effective_field(model, sources[..., rows, columns], inside)
    whole = field.new_zeros(2, height, width)
    whole[:, rows, columns] = field
    return whole


def area_by_mass(
    field: Tensor, shares: Sequence[float] = SHARES, pixel: tuple[int, int] | None = None
) -> dict[float, int]:
    """Find how large a square around the pixel holds which share of the field.

    Args:
        field: (H, W), not negative; sum over the sources first.
        shares: in (0, 1].
        pixel: the square's centre; None is the field's centre.

    Returns:
        Share -> side in pixels (odd); the part of a square outside of the image holds nothing.

    Raises:
        InputError: the field is zero everywhere.

    Example:
        >>> area_by_mass(torch.ones(9, 9), (0.1, 1.0))
        {0.1: 3, 1.0: 9}
    """
    row, column = pick_pixel(field, pixel)
    total = field.double().sum()
    if total <= 0:
        raise InputError("the field is zero everywhere: nothing reaches this pixel.")
    rows = torch.arange(field.shape[0], device=field.device)[:, None] - row
    columns = torch.arange(field.shape[1], device=field.device) - column
    distance = torch.maximum(rows.abs(), columns.abs())  # (H, W), of the square a pixel lies on
    mass = torch.zeros(int(distance.max()) + 1, dtype=torch.float64, device=field.device)
    mass.index_add_(0, distance.flatten(), field.double().flatten())
    held = mass.cumsum(0) / total
    reached = [int((held < share - 1e-12).sum()) for share in shares]
    last = len(mass) - 1
    return {s: 2 * min(r, last) + 1 for s, r in zip(shares, reached, strict=True)}


def side_by_source(
    field: Tensor, share: float, pixel: tuple[int, int] | None = None
) -> list[int | None]:
    """Find, source by source, how large a square around the pixel holds a share of its field.

    Args:
        field: (S, H, W), not negative, one map for each source.
        share: in (0, 1].
        pixel: the square's centre; None is the field's centre.

    Returns:
        A side in pixels (odd) for each source; None where nothing reaches the pixel from it.

    Example:
        >>> side_by_source(torch.stack([torch.ones(9, 9), torch.zeros(9, 9)]), 0.99)
        [9, None]
    """
    return [area_by_mass(part, (share,), pixel)[share] if part.any() else None for part in field]


def replknet_ratio(
    field: Tensor, shares: Sequence[float] = SHARES, pixel: tuple[int, int] | None = None
) -> dict[float, float]:
    """Compute the area ratio of the RepLKNet paper, from log-scaled scores.

    The log lifts small scores, so these squares are much larger than those of `area_by_mass`.

    Args:
        field: (H, W), scores summed over channels and images; their scale matters here.
        shares: in (0, 1].
        pixel: the square's centre; None is the field's centre, as in the paper.

    Returns:
        Share -> area of the smallest centred square with that share of log10(score + 1), as a
        share of the image's area.

    Source:
        Ding et al., "Scaling Up Your Kernels to 31x31" (CVPR 2022), section 4 and table 10.

    Example:
        >>> replknet_ratio(torch.ones(9, 9), (1.0,))
        {1.0: 1.0}
    """
    sides = area_by_mass(torch.log10(field.double() + 1), shares, pixel)
    return {share: min(1.0, side**2 / field.numel()) for share, side in sides.items()}


def narrow(conv: nn.Conv2d) -> None:
    """Leave one column of a kernel that keeps the size, in place, as only rows are measured."""
    if isinstance(conv.padding, str) or conv.padding_mode != "zeros":
        return
    rows, columns = conv.padding
    if conv.stride[1] == 1 and columns == conv.dilation[1] * (conv.kernel_size[1] - 1) / 2:
        conv.weight.data = conv.weight.data[..., :1]
        conv.padding = (rows, 0)


def make_transparent(network: nn.Module) -> nn.Module:
    """Copy a network with positive weights and no statistics, so that nothing cancels out."""
    network = copy.deepcopy(network).eval().cpu().double()
    swap(network, nn.GroupNorm, lambda norm: nn.Identity())
    swap(network, nn.BatchNorm2d, lambda norm: nn.Identity())
    swap(network, ChannelPath, ConstantOutput)
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, nn.Conv2d):
                narrow(module)
                module.weight.fill_(1 / module.weight[0].numel())
                if module.bias is not None:
                    module.bias.zero_()
    return network


def theoretical_field(model: nn.Module, layer: str | None = None) -> int:
    """Find how far kernels, strides and upsampling can see, whatever their weights are.

    Whole-image statistics are left out: with them every field is the whole image.

    Args:
        model: a network of square convolutions.
        layer: a name of `layer_names`; None is the fused image.

    Returns:
        Height in pixels of the input region that can change the centre of the output.

    Raises:
        InputError: there is no such layer, or the field is higher than 2048 pixels.

    Example:
        >>> theoretical_field(nn.Sequential(nn.Conv2d(2, 2, 3, padding=1), nn.Conv2d(2, 1, 5)))
        7
    """
    network = make_transparent(plain_network(model))
    for height in PROBE_HEIGHTS:
        probe = torch.ones(1, 2, height, PROBE_WIDTH, dtype=torch.float64)
        reached = effective_field(network, probe, layer=layer).sum((0, 2)).nonzero()
        first, last = int(reached.min()), int(reached.max())
        if first > 0 and last < height - 1:
            return last - first + 1
    raise InputError(f"the field is higher than {PROBE_HEIGHTS[-1]} pixels.")
