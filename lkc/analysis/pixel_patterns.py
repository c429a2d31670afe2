"""Find patterns that alternate from pixel to pixel: checkerboards, and combs along edges."""

import torch
import torch.nn.functional as F
from torch import Tensor

# This filter answers to alternating pixels and removes ramps and soft edges.
ALTERNATING = (1 / 16, -4 / 16, 6 / 16, -4 / 16, 1 / 16)


def alternation(image: Tensor) -> Tensor:
    """Measure at each pixel how strongly an image alternates along its column and its row.

    Args:
        image: (B, 1, H, W), in any unit.

    Returns:
        Tensor (B, 2, H - 4, W - 4) in that unit, along y and along x: half the height of a pattern
        that repeats every two pixels, an eighth of one that repeats every four; next to nothing on
        a soft edge.

    Example:
        >>> stripes = torch.arange(12.0).remainder(2).expand(1, 1, 12, 12)
        >>> alternation(stripes).amax((2, 3))
        tensor([[0.0000, 0.5000]])
    """
    kernel = torch.tensor(ALTERNATING)
    along_y = F.conv2d(image[..., 2:-2], kernel.view(1, 1, 5, 1))
    along_x = F.conv2d(image[..., 2:-2, :], kernel.view(1, 1, 1, 5))
    return torch.cat([along_y, along_x], dim=1).abs()  # (B, 2, H - 4, W - 4)
