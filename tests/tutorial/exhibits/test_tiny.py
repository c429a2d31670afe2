"""The tiny networks fuse, and can be trained again."""

from dataclasses import replace

import pytest
import torch
from safetensors.torch import save_file

from lkc.metrics import evaluate
from lkc.tutorial.exhibits import tiny
from lkc.tutorial.exhibits.data import STREET_SIZE, STREETS
from lkc.tutorial.train_one_yourself import street_sources


@pytest.mark.parametrize("norm", tiny.PLANS)
def test_trained_networks_keep_more_than_the_average_does(norm):
    for seed, time in STREETS:
        assert seed not in tiny.SEEDS
        sources = street_sources(seed, time, *STREET_SIZE).float()  # (2, H, W)
        fused = tiny.load_tiny(norm)(sources[None] / 255)[0, 0].clamp(0, 1) * 255
        scores, average = (evaluate(image, *sources) for image in (fused, sources.mean(0)))
        assert scores["Qabf"] > average["Qabf"]
        assert scores["SCD"] > average["SCD"]


def test_kernels_reach_as_far_as_the_page_says():
    network = tiny.load_tiny("batch")  # In use it lets nothing in but by kernels.
    sources = torch.rand(1, 2, 64, 64)
    for row in (32, 33):
        changed = sources.clone()
        changed[:, :, row, 32] += 0.5
        rows = (network(changed) - network(sources)).abs().sum((0, 1, 3)).nonzero()
        distance = (rows - row).abs().max()
        assert tiny.REACH - 1 <= distance <= tiny.REACH


def test_weights_of_a_new_training_can_be_loaded(monkeypatch, tmp_path):
    monkeypatch.setattr(tiny, "CONFIG", replace(tiny.CONFIG, steps=1, batch=2))
    monkeypatch.setattr(tiny, "SEEDS", range(1))
    monkeypatch.setattr(tiny, "WEIGHTS", tmp_path / "tiny.safetensors")
    save_file(tiny.train_all(), tiny.WEIGHTS)
    for norm in tiny.PLANS:
        assert tiny.load_tiny(norm)(torch.rand(1, 2, 32, 32)).isfinite().all()
