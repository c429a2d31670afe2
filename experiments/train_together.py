"""Train many small networks side by side on the same crops.

A small network leaves most of a GPU idle, and one seed's networks should see the same data so that
their differences are the networks'. So each step cuts one batch and every network steps on it: on a
GPU as CUDA graphs on streams of their own, which overlap; on a CPU one after the other.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from lkc.training.contrast_loss import objective_terms
from lkc.training.crops import CropSampler
from lkc.training.loop import TrainConfig
from lkc.training.schedule import cosine_with_warmup

WARMUP_RUNS = 3


class Student:
    """One network with its optimizer, stepping on a shared batch.

    Args:
        model: (B, 2, H, W) -> (B, 1, H, W), on its device.
        config: learning rate, clipping and loss.
        crops: (B, 2, crop, crop), the buffer that holds each step's batch.
    """

    def __init__(self, model: nn.Module, config: TrainConfig, crops: Tensor) -> None:
        self.model, self.config, self.crops = model.train(), config, crops
        on_gpu = crops.is_cuda
        self.rate = torch.tensor(0.0, device=crops.device)
        self.optimizer = torch.optim.AdamW(
            model.parameters(), lr=self.rate, weight_decay=0, capturable=on_gpu, foreach=on_gpu
        )
        self.step: Callable[[], None] = self.eager_step
        if on_gpu:
            self.stream = torch.cuda.Stream()
            self.capture()

    def eager_step(self) -> None:
        """One optimizer step on what is in the buffer."""
        device = self.crops.device.type
        self.optimizer.zero_grad(set_to_none=True)
        with torch.autocast(device, torch.bfloat16, cache_enabled=False):
            fused = self.model(self.crops)
        a, b = self.crops[:, :1], self.crops[:, 1:]
        terms = objective_terms(fused.float(), a, b, self.config.loss)
        terms["total"].backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), self.config.clip)
        self.optimizer.step()

    def capture(self) -> None:
        """Record the step as a CUDA graph; the rate is 0 until training starts."""
        with torch.cuda.stream(self.stream):
            for _ in range(WARMUP_RUNS):
                self.eager_step()
        torch.cuda.synchronize()
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, stream=self.stream):
            self.eager_step()
        for moments in self.optimizer.state.values():
            for value in moments.values():
                value.zero_()
        self.step = graph.replay


def train_together(models: Sequence[nn.Module], images: Tensor, config: TrainConfig) -> None:
    """Train networks on the same crops, in step; leaves them in evaluation mode.

    Args:
        models: untrained, on the images' device.
        images: (N, 2, H, W) uint8, all of one size.
        config: how; its seed decides the crops.
    """
    generator = torch.Generator().manual_seed(config.seed)
    crops = torch.empty(config.batch, 2, config.crop, config.crop, device=images.device)
    sampler = CropSampler(list(images), config.crop, images.device)
    crops.copy_(sampler.sample(config.batch, generator))
    students = [Student(model, config, crops) for model in models]
    for step in range(config.steps):
        rate = config.learning_rate * cosine_with_warmup(step, config.steps)
        crops.copy_(sampler.sample(config.batch, generator))
        for student in students:
            student.rate.fill_(rate)
        if not images.is_cuda:
            for student in students:
                student.step()
            continue
        main = torch.cuda.current_stream()
        for student in students:
            student.stream.wait_stream(main)
            with torch.cuda.stream(student.stream):
                student.step()
        for student in students:
            main.wait_stream(student.stream)
    for model in models:
        model.eval()
