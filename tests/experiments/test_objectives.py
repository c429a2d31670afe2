"""The experiment on objectives: stretches held out, noise measured, a run from end to end."""

import pandas as pd
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

import experiments.objectives as objectives
from experiments.objectives import OBJECTIVES, hold_out_stretches, main, noise_gain, split_pairs


def test_stretches_are_whole_and_apart():
    names = [f"{number:05}" for number in range(1083)]
    held_out = hold_out_stretches(names[::-1], stretches=8, length=12)
    numbers = [int(name) for name in held_out]
    assert len(set(numbers)) == 96
    for start in range(0, 96, 12):
        assert numbers[start : start + 12] == list(range(numbers[start], numbers[start] + 12))
    assert min(numbers) > 12
    assert max(numbers) < 1083 - 12


def test_what_is_held_out_is_not_trained_on():
    pairs = {
        f"{name}/{number:04}": torch.tensor([number + start])
        for start, name in ((0, "official-train"), (10_000, "RoadScene"))
        for number in range(200)
    }
    training, measured = split_pairs(pairs)
    trained = [image.item() for image in training]
    assert not set(trained) & {image.item() for image in measured.values()}
    assert len(measured) == 24 + 25
    assert len(trained) == (200 - 96) + 2 * (200 - 25)


@pytest.mark.parametrize("factor", [0.5, 1.0, 2.0])
def test_noise_gain_is_the_factor_on_the_noise(factor):
    grain = torch.randn(1, 1, 96, 96)
    noisy, calm = 60 + 4 * grain, torch.full((1, 1, 96, 96), 30.0)
    assert noise_gain(60 + factor * 4 * grain, noisy, calm) == pytest.approx(factor, rel=1e-4)


def test_a_run_writes_a_row_for_each_objective_and_set(tmp_path, monkeypatch):
    monkeypatch.setattr(objectives, "SETS", {"official-train": (1, 1), "RoadScene": (1, 1)})
    monkeypatch.setattr(objectives, "EVERY", {"official-train": 1, "RoadScene": 1})
    for folder in ("MSRS/official-train", "RoadScene"):
        for source in ("ir", "vi"):
            (tmp_path / folder / source).mkdir(parents=True)
            for number in range(3):
                pixels = torch.randint(256, (48, 48), dtype=torch.uint8).numpy()
                Image.fromarray(pixels).save(tmp_path / folder / source / f"{number}.png")
    options = ["--steps", "1", "--batch", "1", "--crop", "44"]
    options += ["--only", "brightness", "--only", "kept"]
    app = objectives.typer.Typer()
    app.command()(main)
    call = ["--data", str(tmp_path), "--out", str(tmp_path / "out"), *options]
    result = CliRunner().invoke(app, call)
    assert result.exit_code == 0, result.output
    table = pd.read_csv(tmp_path / "out" / "objectives.csv")
    assert set(table["objective"]) == {"maximum", "laplacian", "brightness", "kept"}
    assert set(table["set"]) == {"official-train", "RoadScene", "all"}
    assert table["SSIM"].notna().all()


def test_objectives_differ():
    assert len(set(map(repr, OBJECTIVES.values()))) == len(OBJECTIVES)
