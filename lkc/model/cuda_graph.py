"""Replay a network's kernels on CUDA as one graph: small networks are bound by their launches.

Where Triton is installed, the graph of a `lite` network holds the kernels of `lkc.model.gpu`.
"""

import warnings
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from threading import Lock

import torch
from torch import Tensor, nn

from lkc.errors import InputError
from lkc.model.network import FusionNet

WARMUP_RUNS = 3
MAX_GRAPHS = 4  # Each graph keeps the activations of one input shape.
BFLOAT16 = (8, 0)  # Tensor cores take bfloat16 from this compute capability on.


def with_kernels(model: nn.Module, sources: Tensor) -> Callable[[Tensor], Tensor]:
    """A network's forward pass in Triton kernels, or the network itself where there are none."""
    if find_spec("triton") is None or torch.cuda.get_device_capability(sources.device) < BFLOAT16:
        return model
    from lkc.model.gpu.network import can_run, run_body

    if not isinstance(model, FusionNet) or not can_run(model.model, sources):
        return model
    return partial(model.on_padded, body=partial(run_body, model.model))


def warm_up(run: Callable[[Tensor], Tensor], sources: Tensor) -> None:
    """Run on a stream of its own before a recording: kernels are built, algorithms are chosen."""
    stream = torch.cuda.Stream(sources.device)
    stream.wait_stream(torch.cuda.current_stream(sources.device))
    with torch.cuda.stream(stream):
        for _ in range(WARMUP_RUNS):
            run(sources)
    torch.cuda.current_stream(sources.device).wait_stream(stream)


def fastest(model: nn.Module, sources: Tensor) -> Callable[[Tensor], Tensor]:
    """The fastest way to run a model on CUDA, warmed up; says so where kernels cannot be built."""
    run = with_kernels(model, sources)
    try:
        warm_up(run, sources)
    except (torch.OutOfMemoryError, InputError):
        raise
    except Exception as error:  # no C compiler, no headers of Python, an unknown card, ...
        if run is model:
            raise
        reason = str(error).strip().partition("\n")[0]
        warnings.warn(f"Triton's kernels cannot be built, plain torch runs: {reason}", stacklevel=2)
        warm_up(model, sources)
        return model
    return run


def plain_network(model: nn.Module) -> nn.Module:
    """Return the network behind a CUDA graph, whose replays call no hooks; others as they are."""
    return model.model if isinstance(model, CudaGraphModel) else model


class CudaGraphModel(nn.Module):
    """Run a network through CUDA graphs, one for each input shape that was seen last.

    Args:
        model: a network in evaluation mode on a CUDA device, without gradients.
    """

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model
        self.graphs: OrderedDict[torch.Size, tuple[torch.cuda.CUDAGraph, Tensor, Tensor]]
        self.graphs = OrderedDict()
        self.lock = Lock()  # the static buffers serve one caller at a time

    @torch.inference_mode()
    def capture(self, sources: Tensor) -> tuple[torch.cuda.CUDAGraph, Tensor, Tensor]:
        """Record the kernels for one input shape: graph, input buffer, output buffer."""
        static_input = sources.clone()
        run = fastest(self.model, static_input)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            static_output = run(static_input)
        return graph, static_input, static_output

    @torch.inference_mode()
    def forward(self, sources: Tensor) -> Tensor:
        """Fuse (B, 2, H, W) to (B, 1, H, W) on the GPU."""
        with self.lock:
            if sources.shape not in self.graphs:
                self.graphs[sources.shape] = self.capture(sources)
                if len(self.graphs) > MAX_GRAPHS:
                    self.graphs.popitem(last=False)
            self.graphs.move_to_end(sources.shape)
            graph, static_input, static_output = self.graphs[sources.shape]
            static_input.copy_(sources)
            graph.replay()
            return static_output.clone()
