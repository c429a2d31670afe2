"""Counts of operations are exact; of times only the form is tested."""

import pytest
import torch

from lkc.evaluation.costs import count_cost
from lkc.model.network import create_model
from lkc.tutorial.why_it_is_fast import (
    KINDS,
    climb_down,
    compare_convs,
    count_by_module,
    count_flops,
    flops_by_kind,
    make_conv,
    show_convs,
    show_rules,
    ways_to_run,
)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """One call per timing."""
    monkeypatch.setattr("lkc.tutorial.why_it_is_fast.LONG_MS", 0)


@pytest.fixture(scope="module")
def lite():
    return create_model("lite").eval()


@pytest.mark.parametrize(
    ("kind", "products"),
    [("dense", 16 * 16 * 25), ("depthwise", 16 * 25), ("depthwise + 1x1", 16 * 25 + 16 * 16)],
)
def test_operations_of_a_convolution(kind, products):
    assert count_flops(make_conv(kind, 16, 5), (1, 16, 12, 20)) == 2 * products * 12 * 20


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_keeps_the_shape(kind):
    assert make_conv(kind, 8, 7)(torch.rand(1, 8, 9, 11)).shape == (1, 8, 9, 11)


def test_counting_leaves_the_network_as_it_is(lite):
    count_flops(lite, (1, 2, 32, 32))
    assert {parameter.device.type for parameter in lite.parameters()} == {"cpu"}


def test_parts_add_up_to_the_whole(lite):
    shape = (1, 2, 64, 64)
    counts = count_by_module(lite, shape)
    assert counts[""] == counts["model"]
    assert counts[""] / 1e9 == pytest.approx(count_cost("lite", 64, 64)["gflops"])
    assert 0.99 < flops_by_kind(lite, shape).sum() * 1e9 / counts[""] <= 1


def test_kinds_are_named_by_what_they_cost(lite):
    kinds = set(flops_by_kind(lite, (1, 2, 64, 64)).index)
    assert {"1x1", "depthwise 15x15", "dense 3x3"} <= kinds
    assert "dense 15x15" not in kinds


def test_comparison_has_a_row_per_kernel_and_kind():
    table = compare_convs([3, 5], channels=8, size=16)
    assert len(table) == 2 * len(KINDS)
    assert (table["ms"] > 0).all()
    dense = table[table["kind"] == "dense"].set_index("K")
    assert dense.loc[5, "MFLOP"] / dense.loc[3, "MFLOP"] == pytest.approx(25 / 9)


def test_ways_to_run_say_how_far_they_round(lite):
    before = [parameter.stride() for parameter in lite.parameters()]
    table = ways_to_run(lite, torch.rand(1, 2, 32, 32))
    assert len(table) == 4
    assert table["gray levels off"].iloc[0] == 0
    assert table["gray levels off"].max() < 10
    assert [parameter.stride() for parameter in lite.parameters()] == before


def test_steps_keep_what_was_saved_before():
    operations = climb_down(channels=8, kernel_size=7, size=32)["MFLOP"]
    assert operations["half resolution"] * 4 == operations["depthwise + 1x1"]
    assert operations["bf16"] == operations["channels_last"] == operations["half resolution"]


def test_controls_draw_what_was_chosen():
    convs = show_convs(8, 5, size=16)
    assert convs.axes[0].get_title() == "8 channels, 5x5"
    assert len(convs.axes[1].patches) == len(KINDS)
    assert show_rules(32).axes[0].get_title() == "32x32 pixels"
