"""Run a network in 16-bit products on a GPU."""

import torch
from torch import Tensor, nn

from lkc.model.cuda_graph import CudaGraphModel

PRECISIONS = {"fp32": None, "bf16": torch.bfloat16, "fp16": torch.float16}


class HalfPrecision(nn.Module):
    """A network under autocast: products in 16 bits, sums and statistics in 32.

    Args:
        network: (B, 2, H, W) -> (B, 1, H, W).
        dtype: of the products.
    """

    def __init__(self, network: nn.Module, dtype: torch.dtype) -> None:
        super().__init__()
        self.network, self.dtype = network, dtype

    def forward(self, sources: Tensor) -> Tensor:
        with torch.autocast(sources.device.type, self.dtype, cache_enabled=False):
            return self.network(sources)  # (B, 1, H, W)


def in_precision(model: nn.Module, precision: str) -> nn.Module:
    """Return a loaded network as it runs in a precision.

    Args:
        model: from `lkc.load_model`; one that is not on a GPU, and a rule, stay as they are.
        precision: one of `PRECISIONS`.

    Returns:
        A module with the same inputs and outputs.

    Example:
        >>> model = nn.Identity()
        >>> in_precision(model, "bf16") is model
        True
    """
    dtype = PRECISIONS[precision]
    if dtype is None or not isinstance(model, CudaGraphModel):
        return model
    return CudaGraphModel(HalfPrecision(model.model, dtype)).eval()
