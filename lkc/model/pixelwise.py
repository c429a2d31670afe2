"""Two 1x1 convolutions band by band on one core, so that the wide map between stays in its cache.

For 480x640 the wide map of `lite` has 29 MB, which would be written to memory and read again. A 1x1
convolution looks at one pixel, so any band of pixels can go all the way. Several threads would have
to wait for one another in each band, which costs more than it saves.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

BAND_VALUES = 2**18  # of the wide map: 1 MiB, which the second cache of a core holds


def can_run_in_bands(x: Tensor, *layers: nn.Conv2d) -> bool:
    """Whether one thread may overwrite a map: nobody needs gradients or looks at a layer."""
    return (
        torch.get_num_threads() == 1
        and torch.is_inference_mode_enabled()
        and x.device.type == "cpu"
        and x.is_contiguous(memory_format=torch.channels_last)
        and all(x.dtype == layer.weight.dtype for layer in layers)
        and not torch.is_autocast_enabled("cpu")
        and not any(layer._forward_hooks for layer in layers)
    )


def as_pixels(x: Tensor) -> Tensor:
    """View a map in channels_last memory as a matrix: (B, C, H, W) -> (B H W, C)."""
    return x.permute(0, 2, 3, 1).flatten(0, 2)


def add_mixed_channels(x: Tensor, looked: Tensor, widen: nn.Conv2d, narrow: nn.Conv2d) -> Tensor:
    """Return x + narrow(relu(widen(looked))), written over `looked`.

    Args:
        x: (B, C, H, W) in channels_last memory.
        looked: the same, of its own memory.
        widen, narrow: 1x1 convolutions from C to more channels, and back.
    """
    widening, narrowing = widen.weight.flatten(1), narrow.weight.flatten(1).t()
    assert narrow.bias is not None
    band = max(1, BAND_VALUES // widen.out_channels)
    for old, new in zip(as_pixels(x).split(band), as_pixels(looked).split(band), strict=True):
        wide = torch.relu_(F.linear(new, widening, widen.bias))
        torch.add(old, narrow.bias, out=new).addmm_(wide, narrowing)
    return looked  # (B, C, H, W)
