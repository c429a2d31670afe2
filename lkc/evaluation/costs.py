"""Measure what a preset costs on this machine: parameters, FLOPs, time and peak memory.

Every case runs in a process of its own, so that neither memory nor settings of one leak into the
next. The weights are untrained: they do not change the cost.
"""

import os
import platform
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from lkc.evaluation.timing import MIB, in_fresh_process, peak_memory, time_calls
from lkc.fusion.images import fuse
from lkc.io.image_files import write_image
from lkc.model.baselines import BASELINES
from lkc.model.cuda_graph import CudaGraphModel
from lkc.model.loading import load_model
from lkc.model.network import count_parameters, create_model

SIZES = ((256, 256), (480, 640))
LONG_MS = 10_000  # A CPU run above this is measured once, without a warm-up.


@dataclass(frozen=True)
class Mode:
    """The way in which a network is run.

    Attributes:
        name: in the table.
        device: "cpu" or "cuda".
        threads: of torch on the CPU.
        channels_last: memory layout of weights and activations.
        bf16: bfloat16 autocast.
        tf32: whether CUDA may round the factors of float32 products to 10 bits.
        graph: through `lkc.model.cuda_graph`.
    """

    name: str
    device: str = "cpu"
    threads: int = 1
    channels_last: bool = True
    bf16: bool = False
    tf32: bool = False
    graph: bool = False


@dataclass(frozen=True)
class Case:
    """One line of the table: a preset, a size and a mode."""

    preset: str
    height: int
    width: int
    mode: Mode


def available_modes() -> list[Mode]:
    """List the modes of this machine; the first is the CPU as `lkc.fuse` uses it."""
    cores = os.cpu_count() or 1
    modes = [Mode(f"CPU, threads: {cores}", threads=cores)]
    modes += [Mode(f"CPU, threads: {count}", threads=count) for count in (1, 2) if count < cores]
    modes.append(Mode("CPU, contiguous", threads=cores, channels_last=False))
    modes.append(Mode("CPU, bf16", threads=cores, bf16=True))
    if torch.cuda.is_available():
        gpu = partial(Mode, device="cuda", threads=cores, channels_last=False)
        modes += [
            gpu("GPU, fp32"),
            gpu("GPU, TF32", tf32=True),
            gpu("GPU, bf16", tf32=True, bf16=True),
            gpu("GPU, TF32, CUDA graph, kernels", tf32=True, graph=True),
        ]
    return modes


def plan_cases(
    presets: Iterable[str], sizes: Sequence[tuple[int, int]] = SIZES, device: str = "auto"
) -> list[Case]:
    """List what to measure.

    On the CPU, `base` takes most of a minute for 256x256: it runs at the smallest size only. It and
    the baselines run in the first mode only; baselines have no GPU.

    Args:
        presets: "lite", "nano", "base", or baselines.
        sizes: (height, width) in pixels.
        device: "cpu" or "cuda" for the modes of one device, "auto" for all.

    Returns:
        The cases, preset by preset.

    Example:
        >>> [(case.height, case.mode.device) for case in plan_cases(["average"])]
        [(256, 'cpu'), (480, 'cpu')]
    """
    modes, smallest = available_modes(), min(sizes, key=lambda size: size[0] * size[1])
    cases = []
    for preset in presets:
        for height, width in sizes:
            on_cpu = modes[:1] if (height, width) == smallest or preset != "base" else []
            on_gpu = [mode for mode in modes if mode.device == "cuda" and preset not in BASELINES]
            chosen = modes if preset == "lite" else on_cpu + on_gpu
            cases += [Case(preset, height, width, mode) for mode in chosen]
    return [case for case in cases if device in ("auto", case.mode.device)]


def count_cost(preset: str, height: int, width: int) -> dict[str, float | None]:
    """Count parameters and floating-point operations without running a network.

    >>> count_cost("base", 256, 256)["parameters"]
    41174438
    """
    if preset in BASELINES:
        return {"parameters": 0, "gflops": None}
    with torch.device("meta"):
        model, sources = create_model(preset).eval(), torch.empty(1, 2, height, width)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(sources)
    return {"parameters": count_parameters(model), "gflops": counter.get_total_flops() / 1e9}


def build(case: Case) -> nn.Module:
    """Build a case's model on its device."""
    if case.preset in BASELINES:
        return load_model(case.preset, device="cpu")
    mode = case.mode
    layout = torch.channels_last if mode.channels_last else torch.contiguous_format
    model: nn.Module = create_model(case.preset).eval().requires_grad_(False)
    model = model.to(mode.device).to(memory_format=layout)  # type: ignore[call-overload]
    return CudaGraphModel(model).eval() if mode.graph else model


def run_case(case: Case) -> dict[str, float | None]:
    """Measure time and memory of a case; call it in a fresh process, whose settings it changes."""
    mode = case.mode
    torch.set_num_threads(mode.threads)
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = mode.tf32
    before = peak_memory()
    model = build(case)
    sources = torch.rand(1, 2, case.height, case.width, device=mode.device)
    on_gpu = mode.device == "cuda"

    @torch.inference_mode()
    def call() -> None:
        with torch.autocast(mode.device, torch.bfloat16, enabled=mode.bf16):
            model(sources)
        if on_gpu:
            torch.cuda.synchronize()

    times = time_calls(call, float("inf") if on_gpu else LONG_MS)
    after = torch.cuda.max_memory_allocated() / MIB if on_gpu else peak_memory()
    used = after if on_gpu or before is None or after is None else after - before
    return {**times, "peak_memory_mib": used}


def run_files(height: int, width: int) -> dict[str, float | None]:
    """Time `lkc.fuse` with `lite` on two PNG files, from reading them to the fused array."""
    model = load_model("lite", task="ir-vis")
    columns = np.linspace(0, 4 * np.pi, width) + np.linspace(0, 3, height)[:, None]  # (H, W)
    noise = np.random.default_rng(0).normal(0, 3, (height, width, 3))
    scene = (127 + 90 * np.sin(columns)[..., None] + noise).clip(0, 255).astype(np.uint8)
    with tempfile.TemporaryDirectory() as folder:
        infrared, visible = Path(folder) / "infrared.png", Path(folder) / "visible.png"
        write_image(infrared, 255 - scene[..., 0])
        write_image(visible, scene)
        return dict(time_calls(lambda: fuse(infrared, visible, "ir-vis", model)))


def measure_case(case: Case) -> dict[str, Any]:
    """Measure one case.

    Args:
        case: from `plan_cases`.

    Returns:
        The case and its mode by name, parameters, gflops, median_ms, q1_ms, q3_ms, runs, and
        peak_memory_mib: what weights, activations and libraries added to the process on the CPU,
        all tensors on the GPU. Or "error" instead of the last five.
    """
    labels = asdict(case) | {"mode": case.mode.name, "device": case.mode.device}
    cost = count_cost(case.preset, case.height, case.width)
    return labels | cost | in_fresh_process(run_case, case)


def machine() -> dict[str, str | int | None]:
    """Describe this machine, for the head of a table."""
    return {
        "date": date.today().isoformat(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
        "torch": torch.__version__,
        "python": platform.python_version(),
    }


def base_over_lite(cases: Iterable[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Return how many times longer `base` takes than `lite`, by size and mode that both ran in.

    >>> case = {"height": 8, "width": 9, "mode": "CPU"}
    >>> base_over_lite(case | {"preset": p, "median_ms": t} for p, t in (("lite", 2), ("base", 6)))
    {'8x9': {'CPU': 3.0}}
    """
    times = {
        (case["preset"], f"{case['height']}x{case['width']}", case["mode"]): case["median_ms"]
        for case in cases
        if "median_ms" in case
    }
    ratios: dict[str, dict[str, float]] = {}
    for (preset, size, mode), lite_ms in times.items():
        if preset == "lite" and ("base", size, mode) in times:
            ratios.setdefault(size, {})[mode] = times["base", size, mode] / lite_ms
    return ratios
