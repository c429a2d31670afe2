"""One training step of a network; on CUDA it is recorded once and then replayed as one graph.

A small network leaves a GPU waiting for the launches of its kernels. A replayed graph launches all
of them at once, which makes such a step about ten times faster.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from lkc.model.cuda_graph import WARMUP_RUNS


class ReplayedStep:
    """Take optimizer steps on what lies in buffers, whose content the caller replaces in between.

    The caller also sets `rate`, a tensor with the learning rate of the next step; it starts at 0.
    On CUDA the network computes under bfloat16 autocast.

    Args:
        model: on the device of the buffers; it is set to training mode.
        inputs: the buffer that the model gets.
        loss: computes the loss () from the model's output in float32; it may read other buffers.
        clip: largest gradient norm.

    Example:
        >>> model, points = nn.Linear(1, 1, bias=False), torch.ones(4, 1)
        >>> step = ReplayedStep(model, points, lambda y: (y - 3).square().mean(), clip=1.0)
        >>> _ = step.rate.fill_(0.1)
        >>> for _ in range(200):
        ...     step()
        >>> round(model.weight.item())
        3
    """

    def __init__(
        self, model: nn.Module, inputs: Tensor, loss: Callable[[Tensor], Tensor], clip: float
    ) -> None:
        self.model, self.inputs, self.loss, self.clip = model.train(), inputs, loss, clip
        on_gpu = inputs.is_cuda
        self.rate = torch.tensor(0.0, device=inputs.device)
        self.optimizer = torch.optim.AdamW(
            model.parameters(), lr=self.rate, weight_decay=0, capturable=on_gpu, foreach=on_gpu
        )
        self.run: Callable[[], None] = self.plain_step
        if on_gpu:
            self.stream = torch.cuda.Stream(inputs.device)
            self.record()

    def plain_step(self) -> None:
        """Step once, kernel by kernel."""
        self.optimizer.zero_grad(set_to_none=True)
        on_gpu = self.inputs.is_cuda
        with torch.autocast("cuda", torch.bfloat16, enabled=on_gpu, cache_enabled=False):
            outputs = self.model(self.inputs)
        self.loss(outputs.float()).backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), self.clip)
        self.optimizer.step()

    def record(self) -> None:
        """Record the step as a CUDA graph, and forget what the runs before it left behind."""
        self.stream.wait_stream(torch.cuda.current_stream(self.inputs.device))
        before = {name: value.clone() for name, value in self.model.state_dict().items()}
        with torch.cuda.stream(self.stream):
            for _ in range(WARMUP_RUNS):
                self.plain_step()
        torch.cuda.synchronize(self.inputs.device)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, stream=self.stream):
            self.plain_step()
        self.model.load_state_dict(before)  # batch norms have averaged
        for moments in self.optimizer.state.values():
            for value in moments.values():
                value.zero_()
        self.run = graph.replay

    def __call__(self) -> None:
        """Take one step at the present rate."""
        self.run()
