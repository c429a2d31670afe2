"""CUDA graphs and what else only a GPU does: the same results, few graphs, several callers."""

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from torch import nn

import lkc
from lkc.errors import InputError
from lkc.fusion.images import fuse_luma
from lkc.model import cuda_graph
from lkc.model.cuda_graph import MAX_GRAPHS, CudaGraphModel
from lkc.model.network import create_model
from lkc.training.config import TrainConfig
from lkc.training.loop import Trainer

needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
SIZES = [(16 + 8 * step, 24) for step in range(MAX_GRAPHS + 1)]


class Graph(CudaGraphModel):
    """Replays a model on the CPU through the same static buffers."""

    def capture(self, sources):
        self.captured = [*getattr(self, "captured", []), tuple(sources.shape[-2:])]
        static_input = sources.clone()
        static_output = self.model(static_input)

        def replay():
            static_output.copy_(self.model(static_input))

        return SimpleNamespace(replay=replay), static_input, static_output


class Maximum(nn.Module):
    def forward(self, sources):
        return sources.amax(dim=1, keepdim=True)


def pairs(sizes=SIZES):
    return [torch.rand(1, 2, *size) for size in sizes]


def test_results_are_copies():
    model = Graph(Maximum())
    first, second = pairs(SIZES[:1] * 2)
    fused = model(first)
    model(second)
    assert torch.equal(fused, first.amax(1, keepdim=True))


def test_the_shape_that_was_not_seen_for_longest_is_forgotten():
    model = Graph(Maximum())
    *known, another = pairs()
    for sources in [*known, known[0], another]:
        assert torch.equal(model(sources), sources.amax(1, keepdim=True))
    shapes = [tuple(shape[-2:]) for shape in model.graphs]
    assert shapes == [*SIZES[2:-1], SIZES[0], SIZES[-1]]
    assert model.captured == SIZES
    model(known[1])
    assert len(model.graphs) == MAX_GRAPHS
    assert model.captured == [*SIZES, SIZES[1]]


def test_callers_in_threads_get_their_own_results():
    model = Graph(Maximum())
    images = pairs(SIZES[:2] * 20)
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(model, images))
    for sources, fused in zip(images, results, strict=True):
        assert torch.equal(fused, sources.amax(1, keepdim=True))


@needs_cuda
def test_a_graph_computes_what_the_network_computes():
    model = lkc.load_model("lite", "ir-vis", device="cuda")
    assert isinstance(model, CudaGraphModel)
    for sources in [*pairs(), *pairs()]:  # every shape is forgotten once
        fused = fuse_luma(sources.cuda(), model)
        plain = fuse_luma(sources.cuda(), model.model)
        torch.testing.assert_close(fused, plain, rtol=0, atol=2e-3)  # half a gray level
    assert len(model.graphs) == MAX_GRAPHS


@needs_cuda
def test_a_gpu_fuses_in_threads():
    model = lkc.load_model("lite", "ir-vis", device="cuda")
    images = np.random.default_rng(0).integers(0, 256, (12, 2, 48, 64), dtype=np.uint8)
    alone = [lkc.fuse(*pair, model=model) for pair in images]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda pair: lkc.fuse(*pair, model=model), images))
    for one, other in zip(alone, together, strict=True):
        assert np.abs(one.astype(int) - other).max() <= 1


@needs_cuda
def test_a_full_gpu_ends_on_the_cpu():
    """The allocator is allowed next to nothing, as where another program fills the GPU."""
    model = lkc.load_model("lite", "ir-vis", device="cuda")
    images = np.random.default_rng(0).integers(0, 256, (2, 1024, 1024), dtype=np.uint8)
    torch.cuda.empty_cache()
    used = torch.cuda.memory_reserved() + 32 * 2**20
    torch.cuda.set_per_process_memory_fraction(used / torch.cuda.mem_get_info()[1])
    try:
        with pytest.warns(UserWarning, match=r"1024x1024 does not fit into the GPU's memory"):
            fused = lkc.fuse(*images, model=model)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    exact = lkc.fuse(*images, model=lkc.load_model("lite", "ir-vis", device="cpu"))
    assert np.abs(fused.astype(int) - exact).max() <= 1


@pytest.fixture
def free_accelerator():
    """Other tests of this process have settled on the CPU."""
    AcceleratorState._reset_state(reset_partial_state=True)
    yield
    AcceleratorState._reset_state(reset_partial_state=True)


@needs_cuda
def test_a_run_on_a_gpu_resumes(tmp_path, free_accelerator):
    """Random states are restored, the GPU's too: drop paths and dropout fall alike."""
    images = [torch.randint(0, 256, (2, 40, 40), dtype=torch.uint8) for _ in range(3)]

    def trainer():
        torch.manual_seed(0)
        model = nn.Sequential(nn.Dropout(0.3), create_model("lite", kernel_sizes=(5, 3, 3)))
        config = TrainConfig(steps=6, batch=2, crop=32)
        return Trainer(model, images, config, Accelerator())

    whole = trainer()
    losses = [terms["total"].item() for terms in whole.run()]
    first = trainer()
    for _ in range(3):
        first.train_step()
    first.save_state(tmp_path / "state.pt", {})
    torch.rand(5, device="cuda")
    second = trainer()
    second.load_state(tmp_path / "state.pt", {})
    resumed = [terms["total"].item() for terms in second.run()]
    assert resumed == pytest.approx(losses[3:], rel=3e-3)


def test_without_triton_the_network_itself_is_recorded(monkeypatch):
    monkeypatch.setattr(cuda_graph, "find_spec", lambda name: None)
    model = create_model("lite").eval()
    assert cuda_graph.with_kernels(model, torch.rand(1, 2, 16, 16)) is model


def test_kernels_that_cannot_be_built_leave_plain_torch(monkeypatch):
    def broken(sources):
        raise RuntimeError("Failed to find C compiler.\nPlease specify via CC.")

    monkeypatch.setattr(cuda_graph, "with_kernels", lambda model, sources: broken)
    monkeypatch.setattr(cuda_graph, "warm_up", lambda run, sources: run(sources))
    model = Maximum()
    with pytest.warns(UserWarning, match=r"plain torch runs: Failed to find C compiler\.$"):
        assert cuda_graph.fastest(model, torch.rand(1, 2, 16, 16)) is model


def test_errors_of_the_network_itself_are_not_hidden(monkeypatch):
    monkeypatch.setattr(cuda_graph, "with_kernels", lambda model, sources: model)
    monkeypatch.setattr(cuda_graph, "warm_up", lambda run, sources: run(sources))
    with pytest.raises(InputError, match="at least 16x16"):
        cuda_graph.fastest(create_model("lite").eval(), torch.rand(1, 2, 8, 8))
