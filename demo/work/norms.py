"""One pair and one layer in networks that differ in their norm only."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from lkc.analysis.batch_effects import GRAY_LEVELS

from .inside import fuse_and_keep


@dataclass(frozen=True)
class Column:
    """What a network made of a pair.

    Attributes:
        channel: that is shown of the layer.
        likeness: correlation of this channel with the one that is shown of the first network.
        map: of this channel, around its own mean, (h, w).
        fused: (H, W), in gray levels.
    """

    channel: int
    likeness: float
    map: NDArray[np.float32]
    fused: NDArray[np.float32]

    def minus(self, other: "Column") -> NDArray[np.float32]:
        """Return the difference of the fused images, in gray levels."""
        return self.fused - other.fused


def to_levels(fused: Tensor) -> NDArray[np.float32]:
    """Bring a fused image (1, 1, H, W) in [0, 1] to gray levels, not rounded: (H, W)."""
    return (GRAY_LEVELS * fused[0, 0].float().clamp(0, 1)).cpu().numpy()


def likeness_to(reference: Tensor, maps: Tensor) -> Tensor:
    """Correlate maps (C, h, w) with a reference (h, w): (C,); 0 where a map is constant."""
    centred = [x.flatten(-2) - x.mean((-2, -1))[..., None] for x in (maps, reference)]
    maps, reference = (torch.nn.functional.normalize(x, dim=-1) for x in centred)
    return maps @ reference  # (C,)


def put_side_by_side(
    networks: dict[str, nn.Module], sources: Tensor, layer: str
) -> dict[str, Column]:
    """Fuse a pair with several networks, and find channels of a layer that correspond.

    Channels of two networks have no order in common. Of the first network the channel that varies
    most is shown, of every other one the channel that is most like it.

    Args:
        networks: by the name of their norm, from `load_network`.
        sources: (1, 2, H, W) from `read_sources`.
        layer: a name of `list_layers`.

    Returns:
        A column for each network.
    """
    columns: dict[str, Column] = {}
    reference = None
    for norm, network in networks.items():
        fused, maps = fuse_and_keep(network, sources, layer)
        if reference is None:
            reference = maps[maps.var(dim=(1, 2)).argmax()]  # (h, w)
        likeness = likeness_to(reference, maps)
        channel = int(likeness.abs().argmax())
        values = maps[channel] - maps[channel].mean()  # (h, w)
        like = likeness[channel].item()
        columns[norm] = Column(channel, like, values.numpy(), to_levels(fused))
    return columns
