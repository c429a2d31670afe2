"""The study: its grid, training side by side, and what it measures."""

import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import torch

from experiments.ablate import ablate, append_rows, build_all
from experiments.data import load_study_pairs, stack_pairs
from experiments.grid import KERNELS, NORMS, Variant, base_grid, full_grid, norm_grid
from experiments.measure import layers_before_relu, measure_background, measure_network, pair_rows
from experiments.report import RESULTS
from experiments.train_together import train_together
from lkc.errors import InputError
from lkc.training.config import TrainConfig
from tests.fixtures.study_files import write_pairs

CPU = torch.device("cpu")
TINY = TrainConfig(steps=3, batch=2, crop=32, seed=1)


@pytest.fixture
def images():
    ramp = torch.arange(96 * 112).view(96, 112) % 251
    return torch.stack([torch.stack([ramp, 250 - ramp]), torch.stack([ramp, ramp])]).byte()


def test_the_grid_is_complete_and_names_are_unique():
    names = [variant.name for variant in full_grid()]
    assert len(set(names)) == len(names) == len(NORMS) * (len(KERNELS) + 2)
    assert {variant.name for variant in norm_grid()} <= set(names)


@pytest.mark.parametrize("variant", [Variant("batch", "k31"), Variant(shortcut=True, fusion=False)])
def test_a_variant_builds_what_it_says(variant):
    config = variant.build().config
    assert (config.norm, config.kernel_sizes) == (variant.norm, KERNELS[variant.kernels])
    assert (config.shortcut, config.fusion) == (variant.shortcut, variant.fusion)


def test_base_is_the_papers_network_and_its_wide_layers_are_found():
    batch, hybrid = base_grid()
    assert (batch.name, hybrid.name) == ("base-batch-own", "base-hybrid-own")
    with torch.device("meta"):
        network = hybrid.build()
    assert network.config.kernel_sizes == (15, 11, 5)
    assert len(layers_before_relu(network)) == 10  # large-kernel blocks
    assert len(layers_before_relu(Variant().build())) == 7


def test_a_network_that_the_grid_lacks_is_refused_before_anything_is_read(tmp_path):
    nowhere = tmp_path / "nowhere"
    with pytest.raises(InputError, match="choose one of base-batch-own, base-hybrid-own"):
        ablate("mri-ct", nowhere, nowhere, tmp_path, grid="base", only="lite")


def test_results_are_not_written_twice(tmp_path):
    (tmp_path / "mri-ct-0.csv").write_text("task\n")
    nowhere = tmp_path / "nowhere"
    with pytest.raises(InputError, match=r"mri-ct-0\.csv exists, and would hold its rows twice"):
        ablate("mri-ct", nowhere, nowhere, tmp_path)
    with pytest.raises(InputError, match="is not a folder"):
        ablate("mri-ct", nowhere, nowhere, tmp_path, seed=1)
    with pytest.raises(InputError, match="--grid huge: choose one of full, norms, base"):
        ablate("mri-ct", nowhere, nowhere, tmp_path, grid="huge")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "options"),
    [
        ("experiments.ablate", "--task mri-ct --train nowhere --test nowhere --out nowhere"),
        ("benchmarks.run", "--data nowhere --anchors nowhere"),
    ],
)
def test_scripts_end_in_one_sentence_too(module, options):
    command = [sys.executable, "-m", module, *options.split()]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert re.fullmatch(r"lkc: \S*nowhere\S* is not a folder\.\n", done.stderr)


def test_networks_side_by_side_train_as_if_alone(images):
    together = build_all([Variant("group", "k3"), Variant("batch", "k3")], 0, CPU)
    alone = build_all([Variant("batch", "k3")], 0, CPU)
    before = [p.clone() for p in alone[0].parameters()]
    train_together(together, images, TINY)
    train_together(alone, images, TINY)
    pairs = list(zip(together[1].parameters(), alone[0].parameters(), strict=True))
    for one, other in pairs:
        torch.testing.assert_close(one, other)
    assert any(not torch.equal(old, new) for old, (_, new) in zip(before, pairs, strict=True))
    assert not together[0].training


def test_a_row_holds_a_number_for_every_column_of_the_tables(images):
    row, per_pair = measure_network(Variant("batch", "k3").build().eval(), images, images)
    stored = pd.read_csv(RESULTS / "ir-vis.csv").columns
    assert set(row) == set(stored) - {"task", "seed", "steps", *Variant().to_dict()}
    assert all(isinstance(value, float | int) for value in row.values())
    rows = list(pair_rows(["one", "two"], per_pair))
    assert [r["pair"] for r in rows] == ["one", "two"]
    assert float(rows[0]["EN"]) == pytest.approx(per_pair["EN"][0].item(), rel=1e-4)


def test_background_counts_what_can_be_seen():
    pairs = torch.zeros(1, 2, 2, 2, dtype=torch.uint8)
    fused = torch.tensor([0, 4, 5, 11]).view(1, 1, 2, 2) / 255
    measured = measure_background(fused, pairs)
    assert measured["background_mean"] == pytest.approx(5)
    assert measured["background_visible"] == 0.5


def test_pairs_of_different_sizes_are_refused():
    with pytest.raises(InputError, match="needs two pairs"):
        stack_pairs({}, [], CPU)
    with pytest.raises(InputError, match="one size"):
        stack_pairs({"a": torch.zeros(2, 3, 3), "b": torch.zeros(2, 3, 4)}, ["a", "b"], CPU)


def test_every_nth_pair_is_used_and_one_in_ten_of_those_held_out(tmp_path):
    names = write_pairs(tmp_path, ("MRI", "CT"), 24)
    pairs = load_study_pairs("mri-ct", tmp_path, tmp_path, every=2, test_pairs=5, device=CPU)
    assert (len(pairs.fitting), len(pairs.validation), len(pairs.test)) == (10, 2, 5)
    assert pairs.validation[:, :, 0, 0].tolist() == [[0, 0], [20, 20]]
    assert [name.split("/")[-1] for name in pairs.tested] == names[:20:4]


def test_rows_are_added_below_one_header(tmp_path):
    for value in (1, 2):
        append_rows(tmp_path / "t.csv", [{"x": value}])
    assert (tmp_path / "t.csv").read_text() == "x\n1\n2\n"
