"""Costs: counts known by hand, timing rules, planned cases, and the command at a tiny size."""

import json
import os
import time
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode
from typer.testing import CliRunner

from lkc.cli import app
from lkc.errors import InputError
from lkc.evaluation import costs, timing
from lkc.model.network import create_model


def run(*arguments):
    return CliRunner().invoke(app, ["bench", *map(str, arguments)])


def test_flops_of_a_convolution_are_twice_its_products():
    with FlopCounterMode(display=False) as counter:
        nn.Conv2d(2, 3, 5, padding=2)(torch.rand(1, 2, 8, 9))
    assert counter.get_total_flops() == 2 * (8 * 9) * (5 * 5 * 2 * 3)


def test_cost_counted_without_running_is_that_of_a_run():
    model = create_model("lite").eval()
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(torch.rand(1, 2, 32, 48))
    cost = costs.count_cost("lite", 32, 48)
    assert cost["gflops"] == counter.get_total_flops() / 1e9
    assert cost["parameters"] == sum(p.numel() for p in model.parameters())
    assert costs.count_cost("maximum", 32, 48) == {"parameters": 0, "gflops": None}


def test_cost_of_base_is_the_papers():
    cost = costs.count_cost("base", 256, 256)
    assert cost["parameters"] == 41_174_438
    assert cost["gflops"] == pytest.approx(4046, abs=1)


def test_times_are_those_of_the_call():
    result = timing.time_calls(lambda: time.sleep(0.02))
    assert 20 <= result["q1_ms"] <= result["median_ms"] <= result["q3_ms"]
    assert timing.MIN_RUNS <= result["runs"] <= timing.BUDGET_MS / 20


def test_a_long_call_runs_once():
    calls = []
    result = timing.time_calls(lambda: calls.append(time.sleep(0.01)), long_ms=5)
    assert len(calls) == result["runs"] == 1
    assert result["q1_ms"] == result["q3_ms"] == result["median_ms"]


def test_base_runs_once_on_a_cpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(costs.os, "cpu_count", lambda: 8)
    cases = costs.plan_cases(["lite", "base", "average"])
    assert [mode.threads for mode in costs.available_modes()] == [8, 1, 2, 8, 8]
    assert sum(case.preset == "lite" for case in cases) == 10
    assert [(c.height, c.mode.threads) for c in cases if c.preset == "base"] == [(256, 8)]
    assert [(c.height, c.mode.threads) for c in cases if c.preset == "average"] == [
        (256, 8),
        (480, 8),
    ]


def test_gpu_modes_where_there_is_a_gpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    cases = costs.plan_cases(["base", "average"])
    modes = [(c.preset, c.height) for c in cases if c.mode.device == "cuda"]
    assert modes == [("base", 256)] * 4 + [("base", 480)] * 4
    exact = next(mode for mode in costs.available_modes() if mode.name == "GPU, fp32")
    assert not any((exact.tf32, exact.bf16, exact.graph))


def allocate(mebibytes):
    before = timing.peak_memory()
    kept = torch.ones(mebibytes * 2**20, dtype=torch.uint8)
    return {"added": timing.peak_memory() - before, "sum": kept.sum().item()}


@pytest.mark.skipif(timing.peak_memory() is None, reason="this system does not tell peak memory")
def test_peak_memory_sees_an_allocation():
    added = timing.in_fresh_process(allocate, 100)["added"]
    assert 99 <= added <= 110


def raise_out_of_memory():
    raise torch.OutOfMemoryError("CUDA out of memory.\nmore")


def end_process():
    os._exit(9)


def test_failures_become_sentences():
    assert timing.in_fresh_process(raise_out_of_memory) == {"error": "CUDA out of memory."}
    assert "lack of memory" in timing.in_fresh_process(end_process)["error"]


def test_command(tmp_path, monkeypatch):
    monkeypatch.setattr(costs, "available_modes", lambda: [costs.Mode("one thread")])
    target = tmp_path / "costs.json"
    result = run("--preset", "lite", "--preset", "average", "--size", "32x48", "--json", target)
    assert result.exit_code == 0, result.output
    content = json.loads(target.read_text())
    lite, average = content["cases"]
    assert (lite["preset"], lite["height"], lite["width"]) == ("lite", 32, 48)
    assert 0 < lite["q1_ms"] <= lite["median_ms"] <= lite["q3_ms"]
    assert lite["parameters"] > 200_000
    assert average["gflops"] is None
    assert content["base_over_lite"] == {}
    assert content["fuse_png_480x640"]["runs"] >= timing.MIN_RUNS
    assert content["machine"]["torch"] == torch.__version__
    assert "32x48" in result.stdout


def test_the_table_is_printed_before_a_file_fails(tmp_path, monkeypatch):
    def fail(*_, **__):
        raise OSError(28, "No space left on device")

    fast = {"median_ms": 1.0, "q1_ms": 1.0, "q3_ms": 1.0, "runs": 5}
    monkeypatch.setattr("lkc.evaluation.costs.in_fresh_process", lambda *_: fast)
    monkeypatch.setattr("lkc.cli.bench.in_fresh_process", lambda *_: fast)
    monkeypatch.setattr(Path, "write_text", fail)
    result = run("--preset", "average", "--size", "32x48", "--json", tmp_path / "costs.json")
    assert "costs.json cannot be written: No space left" in str(result.exception)
    assert "32x48" in result.stdout


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--size", "32"], "HEIGHTxWIDTH"),
        (["--size", "8x64"], "from 16x16"),
        (["--preset", "huge"], "unknown preset"),
        (["--device", "mps"], "nothing to measure there"),
        (["--json", "no/such/folder.json"], "does not exist"),
    ],
)
def test_wrong_usage(options, message):
    result = run(*options)
    assert isinstance(result.exception, InputError)
    assert message in str(result.exception)
