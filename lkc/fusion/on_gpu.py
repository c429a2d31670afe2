"""Fuse two 8-bit arrays wholly on a GPU: bytes go up, bytes come down, all between is one graph.

On the CPU, turning a pair to luma, giving the result its colour back and rounding take several
times as long as the network takes on a GPU. What is computed is what `lkc.fusion.images` computes.
"""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import TypeGuard
from weakref import WeakKeyDictionary

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from lkc.fusion.flat import is_nearly_flat
from lkc.io.pixels import LUMA_WEIGHTS
from lkc.model.cuda_graph import MAX_GRAPHS, CudaGraphModel, fastest
from lkc.model.network import MIN_SIDE

LARGE_ON_GPU = 4_000_000  # Bands serve images of more pixels better.


def fuse_bytes(
    a: Tensor, b: Tensor, model: Callable[[Tensor], Tensor], detail: Tensor, with_colour: bool
) -> Tensor:
    """Fuse a pair of bytes on the device where they lie.

    Args:
        a: first source, uint8 (H, W) or (H, W, 3).
        b: second source, uint8 (H, W) or (H, W, 3).
        model: (1, 2, H, W) -> (1, 1, H, W).
        detail: (), 0 to 2, as in `lkc.fuse`.
        with_colour: whether the result takes the chroma of b.

    Returns:
        uint8 (H, W) or (H, W, 3).
    """

    def luma(pixels: Tensor) -> Tensor:
        if pixels.ndim == 2:
            return pixels
        red, green, blue = LUMA_WEIGHTS.tolist()
        return red * pixels[..., 0] + green * pixels[..., 1] + blue * pixels[..., 2]  # (H, W)

    first, colour = luma(a * (1 / 255)), b * (1 / 255)
    second = luma(colour)
    sources = torch.stack([first, second])[None]  # (1, 2, H, W)
    brighter = torch.maximum(first, second)
    fused = torch.lerp(brighter, model(sources)[0, 0].float(), detail).clamp_(0, 1)  # (H, W)
    if with_colour and b.ndim == 3:
        fused = (colour + (fused - second)[..., None]).clamp_(0, 1)  # (H, W, 3)
    return (fused * 255 + 0.5).to(torch.uint8)


class ByteGraph:
    """`fuse_bytes` for one pair of shapes as a CUDA graph between pinned buffers.

    Args:
        model: its network is recorded.
        a, b: a pair of the shapes, uint8.
        with_colour: as in `fuse_bytes`.
    """

    def __init__(self, model: CudaGraphModel, a: NDArray, b: NDArray, with_colour: bool) -> None:
        self.device = next(model.parameters()).device
        self.pinned = [torch.zeros(x.shape, dtype=torch.uint8, pin_memory=True) for x in (a, b)]
        first, second = self.inputs = [x.to(self.device) for x in self.pinned]
        self.detail = torch.ones((), device=self.device)
        height, width = a.shape[:2]
        run = fastest(model.model, torch.zeros(1, 2, height, width, device=self.device))
        fuse_bytes(first, second, run, self.detail, with_colour)  # torch loads its kernels
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            self.output = fuse_bytes(first, second, run, self.detail, with_colour)
        self.result = torch.empty(self.output.shape, dtype=torch.uint8, pin_memory=True)

    def __call__(self, a: NDArray, b: NDArray, detail: float) -> NDArray:
        """Fuse a pair of the recorded shapes."""
        for pixels, pinned, given in zip((a, b), self.pinned, self.inputs, strict=True):
            np.copyto(pinned.numpy(), pixels)
            given.copy_(pinned, non_blocking=True)
        self.detail.fill_(detail)
        self.graph.replay()
        self.result.copy_(self.output, non_blocking=True)
        torch.cuda.current_stream(self.device).synchronize()
        return self.result.numpy().copy()


GRAPHS: WeakKeyDictionary[CudaGraphModel, OrderedDict[tuple, ByteGraph]] = WeakKeyDictionary()
LOCK = Lock()  # The buffers serve one caller at a time.


def suits(model: nn.Module, a: NDArray, b: NDArray) -> TypeGuard[CudaGraphModel]:
    """Whether a model on CUDA takes a pair whole: 8-bit, gray or RGB, of one size, not flat."""
    bytes_only = all(x.dtype == np.uint8 and x.shape[2:] in ((), (3,)) for x in (a, b))
    if not bytes_only or a.shape[:2] != b.shape[:2] or not isinstance(model, CudaGraphModel):
        return False
    if any(module.training for module in model.modules()):  # a graph would keep that mode
        return False
    height, width = a.shape[:2]
    if min(height, width) < MIN_SIDE or height * width > LARGE_ON_GPU:
        return False
    return not (is_nearly_flat(a) and is_nearly_flat(b))


@torch.inference_mode()
def try_gpu(
    a: NDArray, b: NDArray, model: nn.Module, detail: float, with_colour: bool
) -> NDArray | None:
    """Fuse a pair on the model's GPU, in about the network's own time, where that is possible.

    Args:
        a: first source.
        b: second source.
        model: any.
        detail: as in `lkc.fuse`.
        with_colour: whether the result takes the chroma of b.

    Returns:
        uint8 (H, W) or (H, W, 3), or None: the pair is not 8-bit gray or RGB of one size, the model
        is not on CUDA, or the GPU's memory does not suffice.
    """
    if not suits(model, a, b):
        return None
    key = (a.shape, b.shape, with_colour)
    with LOCK:
        graphs = GRAPHS.setdefault(model, OrderedDict())
        try:
            if key not in graphs:
                graphs[key] = ByteGraph(model, a, b, with_colour)
                if len(graphs) > MAX_GRAPHS:
                    graphs.popitem(last=False)
            graphs.move_to_end(key)
            return graphs[key](a, b, detail)
        except torch.OutOfMemoryError:
            return None
