"""The Triton kernels of `lite` on a GPU: how exact, and how fast against plain torch.

Run on a machine with an NVIDIA GPU: python -m benchmarks.gpu_kernels        (a minute)
Writes results/gpu-kernels.csv, results/gpu-speed.csv and results/gpu-levels.csv.
"""

import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

import lkc
from lkc.io.image_files import read_image
from lkc.model.adaptive_fusion import LiteAdaptiveFusion
from lkc.model.cuda_graph import plain_network, with_kernels
from lkc.model.gpu import convolutions, joins, large_kernels, mixing, statistics
from lkc.tasks import TASKS

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
EXAMPLES = ROOT / "assets" / "examples"
HEIGHT, WIDTH = 480, 640
LEVELS = ((48, 240, 320, 15), (64, 120, 160, 11), (96, 60, 80, 7))
BATCHES = (1, 2, 4, 8, 16, 32)
CALLS, REPEATS = 20, 9
Call = Callable[[], Tensor]
Case = tuple[str, Call, Callable[..., Tensor], tuple]  # name, kernel, reference, its arguments


def random(*size: int) -> Tensor:
    """Normal numbers on the GPU."""
    return torch.randn(*size, device="cuda")


def block_cases(level: int) -> list[Case]:
    """The kernels of one level of the U-Net on random maps of its size."""
    channels, height, width, kernel = LEVELS[level]
    x, far, skip = (random(1, channels, height, width) for _ in range(3))
    deep = random(1, channels, height // 2, width // 2)
    moments, deep_moments = statistics.measure_moments(x), statistics.measure_moments(deep)
    affine = random(1, 2, channels)
    with torch.device("cuda"):
        large = nn.Conv2d(channels, channels, kernel, padding=kernel // 2, groups=channels)
        widen, narrow = nn.Conv2d(channels, 2 * channels, 1), nn.Conv2d(2 * channels, channels, 1)
        norm = nn.GroupNorm(channels // 8, channels)
        join = LiteAdaptiveFusion(channels, "group")
    return [
        (
            "norm as scale and shift",
            lambda: statistics.norm_as_affine(norm, moments),
            statistics.norm_as_affine_reference,
            (norm, x),
        ),
        (
            "large kernel with norm",
            lambda: large_kernels.look_far(x, affine, large),
            large_kernels.look_far_reference,
            (x, affine, large),
        ),
        (
            "widen, narrow, add",
            lambda: mixing.mix(far, x, None, widen, narrow)[0],
            mixing.mix_reference,
            (far, x, None, widen, narrow),
        ),
        (
            "adaptive fusion",
            lambda: joins.join_maps(join, (deep, deep_moments), skip)[0],
            joins.join_maps_reference,
            (join, deep, skip),
        ),
    ]


def small_cases() -> list[Case]:
    """Stem, down, up and head at their sizes."""
    sources, features = random(1, 2, HEIGHT, WIDTH), random(1, 48, HEIGHT // 2, WIDTH // 2)
    coarse = random(1, 64, HEIGHT // 4, WIDTH // 4)
    stem, down, up = random(48, 8, 3, 3), random(64, 48, 2, 2), random(48, 64, 1, 1)
    with torch.device("cuda"):
        head = nn.Conv2d(48, 4, 3, padding=1)

    def convolution(name: str, *arguments: object) -> Case:
        def call() -> Tensor:
            return convolutions.convolve(*arguments)[0]  # type: ignore[arg-type]

        return name, call, convolutions.convolve_reference, arguments

    finished = (features, head, sources, True)
    return [
        convolution("stem", sources, stem, random(48), 1, True),
        convolution("down", features, down, random(64), 2),
        convolution("up", coarse, up, random(48)),
        ("head", lambda: convolutions.finish(*finished), convolutions.finish_reference, finished),
    ]


def time_in_graph(call: Callable[[], object], calls: int = CALLS) -> float:
    """Median time of a call in ms, replayed from a CUDA graph of several."""
    stream = torch.cuda.Stream()
    with torch.cuda.stream(stream):
        for _ in range(3):
            call()
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        for _ in range(calls):
            call()
    times = []
    for _ in range(REPEATS):
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        start.record()
        graph.replay()
        end.record()
        torch.cuda.synchronize()
        times.append(start.elapsed_time(end) / calls)
    return float(np.median(times))


def check(where: str, case: Case) -> dict[str, object]:
    """Error against double precision, whether results repeat, and both times in microseconds."""
    name, call, reference, arguments = case
    out = call()
    repeats = all(torch.equal(call(), out) for _ in range(20))
    kernel_us = 1000 * time_in_graph(call)
    torch_us = 1000 * time_in_graph(lambda: reference(*arguments))
    wide = [a.double() if isinstance(a, Tensor | nn.Module) else a for a in arguments]
    exact = reference(*wide)
    error = ((out.double() - exact).norm() / exact.norm()).item()
    row: dict[str, object] = {"kernel": name, "where": where, "relative error": f"{error:.1e}"}
    return row | {"repeats": repeats, "torch us": round(torch_us, 1), "us": round(kernel_us, 1)}


def time_network(batch: int) -> dict[str, object]:
    """The whole network without and with kernels, in ms a pair."""
    network = plain_network(lkc.load_model("lite", "ir-vis", device="cuda"))
    sources = torch.rand(batch, 2, HEIGHT, WIDTH, device="cuda")
    run = with_kernels(network, sources)
    assert run is not network, "there are no kernels here"
    plain_ms = time_in_graph(lambda: network(sources), calls=1)
    ms = time_in_graph(lambda: run(sources), calls=1)
    row = {"what": "network", "pairs": batch, "torch ms a pair": round(plain_ms / batch, 3)}
    return row | {"ms a pair": round(ms / batch, 3)}


def time_call(what: str, call: Callable[[], object]) -> dict[str, object]:
    """Median wall time of a call that returns when its work is done."""
    times = []
    for _ in range(300):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return {"what": what, "pairs": 1, "ms a pair": round(1000 * float(np.median(times)), 3)}


def time_fuse() -> list[dict[str, object]]:
    """`lkc.fuse` of two arrays with colour, and the model alone as Python calls it."""
    model = lkc.load_model("lite", "ir-vis", device="cuda")
    a, b = (
        np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)
        for seed, shape in enumerate([(HEIGHT, WIDTH), (HEIGHT, WIDTH, 3)])
    )
    sources = torch.rand(1, 2, HEIGHT, WIDTH, device="cuda")

    def call_model() -> None:
        model(sources)
        torch.cuda.synchronize()

    call_model()
    lkc.fuse(a, b, "ir-vis", model)
    return [
        time_call("a call of the model", call_model),
        time_call("lkc.fuse with colour", lambda: lkc.fuse(a, b, "ir-vis", model)),
    ]


def compare_examples() -> list[dict[str, object]]:
    """How far the GPU's results are from the CPU's, in levels of 255."""
    rows: list[dict[str, object]] = []
    for task in TASKS.values():
        gpu, cpu = (lkc.load_model("lite", task.name, device=name) for name in ("cuda", "cpu"))
        first, second = (
            sorted((EXAMPLES / task.name / name).iterdir()) for name in task.name.split("-")
        )
        for pair in zip(first, second, strict=True):
            a, b = (read_image(path) for path in pair)
            fused, exact = (lkc.fuse(a, b, task.name, model) for model in (gpu, cpu))
            off = np.abs(fused.astype(int) - exact)
            row = {"task": task.name, "pair": pair[0].stem, "most": off.max()}
            rows.append(row | {"share of values": f"{(off > 0).mean():.5f}"})
    return rows


@torch.inference_mode()
def time_building() -> float:
    """Seconds until the first result, most of them Triton's, which keeps what it has built."""
    network = lkc.load_model("lite", "ir-vis", device="cuda").model
    sources = torch.rand(1, 2, HEIGHT, WIDTH, device="cuda")
    start = time.perf_counter()
    with_kernels(network, sources)(sources)  # type: ignore[arg-type]
    torch.cuda.synchronize()
    return time.perf_counter() - start


def main() -> None:
    """Write the tables."""
    print(torch.cuda.get_device_name(), date.today(), "torch", torch.__version__)
    print(f"first result after {time_building():.1f} s")
    with torch.inference_mode():
        cases = [(f"level {level}", case) for level in range(3) for case in block_cases(level)]
        cases += [("", case) for case in small_cases()]
        speed = [time_network(batch) for batch in BATCHES] + time_fuse()
        tables = {
            "gpu-kernels": [check(where, case) for where, case in cases],
            "gpu-speed": speed,
            "gpu-levels": compare_examples(),
        }
    for name, rows in tables.items():
        table = pd.DataFrame(rows)
        table.insert(0, "gpu", torch.cuda.get_device_name())
        table.to_csv(RESULTS / f"{name}.csv", index=False)
        print(table.drop(columns="gpu").to_string(index=False))


if __name__ == "__main__":
    main()
