"""Bytes to bytes on the GPU: what `lkc.fuse` computes on the CPU, within one level."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

import lkc
from lkc.fusion.on_gpu import fuse_bytes, suits, try_gpu
from lkc.model.cuda_graph import MAX_GRAPHS, CudaGraphModel

needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
SHAPES = [((40, 56), (40, 56, 3)), ((33, 47, 3), (33, 47)), ((17, 64), (17, 64))]


def pair(shapes, seed=0):
    random = np.random.default_rng(seed)
    return [random.integers(0, 256, shape, dtype=np.uint8) for shape in shapes]


def farthest(one, other):
    assert (one.shape, one.dtype) == (other.shape, other.dtype)
    return np.abs(one.astype(int) - other).max()


@pytest.mark.parametrize("shapes", SHAPES)
@pytest.mark.parametrize("task", ["ir-vis", "mri-ct"])
@pytest.mark.parametrize("detail", [0, 0.7, 1, 2])
def test_bytes_are_fused_as_on_the_cpu(shapes, task, detail):
    model = lkc.load_model("lite", task, device="cpu")
    a, b = pair(shapes)
    with_colour = lkc.tasks.get_task(task).second_has_colour
    with torch.inference_mode():
        fused = fuse_bytes(
            torch.from_numpy(a),
            torch.from_numpy(b),
            model,
            torch.tensor(float(detail)),
            with_colour,
        )
    assert farthest(fused.numpy(), lkc.fuse(a, b, task, model, detail)) <= 1


def test_only_bytes_of_one_size_go_this_way():
    model = CudaGraphModel(lkc.load_model("lite", "ir-vis", device="cpu")).eval()
    a, b = pair(SHAPES[0])
    assert suits(model, a, b)
    assert not suits(model.model, a, b)
    assert not suits(model, a.astype(np.uint16), b)
    assert not suits(model, a[:-1], b)
    assert not suits(model, a[:15], b[:15])
    assert not suits(model, np.zeros((40, 56, 4), np.uint8), b)
    model.train()
    assert not suits(model, a, b)
    assert try_gpu(a, b, model, 1.0, True) is None


@needs_cuda
@pytest.mark.parametrize("task", ["ir-vis", "mri-ct"])
def test_a_gpu_and_a_cpu_agree(task):
    gpu, cpu = (lkc.load_model("lite", task, device=device) for device in ("cuda", "cpu"))
    for seed, shapes in enumerate(
        [*SHAPES, ((48, 48), (48, 48, 3)), ((64, 32), (64, 32)), *SHAPES]
    ):
        a, b = pair(shapes, seed)
        assert suits(gpu, a, b)
        for detail in (1, 0.3):
            fused = lkc.fuse(a, b, task, gpu, detail)
            assert farthest(fused, lkc.fuse(a, b, task, cpu, detail)) <= 1
    assert MAX_GRAPHS < 5  # so that shapes were forgotten and seen again


@needs_cuda
def test_callers_in_threads_get_their_own_results():
    model = lkc.load_model("lite", "ir-vis", device="cuda")
    pairs = [pair(SHAPES[i % 2], i) for i in range(24)]
    alone = [lkc.fuse(a, b, "ir-vis", model) for a, b in pairs]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda p: lkc.fuse(*p, "ir-vis", model), pairs))
    assert all(np.array_equal(one, other) for one, other in zip(alone, together, strict=True))
