"""Leave-heads-out: no network fuses a head that it was trained on."""

import csv

import numpy as np
import pytest
from torch import nn

import lkc
from experiments import heads
from lkc.io.image_files import write_image
from lkc.tasks import get_task
from lkc.training.crops import load_pairs


@pytest.fixture
def data(tmp_path):
    """Two slices of each of four heads; one of them is for tests."""
    for head in (2, 16, 20, 41):
        for slice_number, split in ((5, "train"), (6, "test")):
            for kind in ("CT", "MRI"):
                folder = tmp_path / "Harvard" / "CT-MRI" / split / kind
                folder.mkdir(parents=True, exist_ok=True)
                image = np.full((48, 48), head + slice_number, np.uint8)  # says which it is
                image[8:40, 8:40] += np.random.default_rng(head).integers(
                    0, 100, (32, 32), np.uint8
                )
                write_image(folder / f"{head}{slice_number:03}.png", image)
    return tmp_path


def test_no_network_sees_the_heads_that_it_is_judged_on(data, tmp_path, monkeypatch):
    trained = []

    def train(images, task, steps, precision, seed):
        trained.append({int(image[0, 0, 0]) for image in images})  # head + slice
        return lkc.load_model("maximum", device="cpu")

    monkeypatch.setattr(heads, "train", train)
    heads.main(data, tmp_path / "out", steps=1, task=["mri-ct"])
    rows = list(csv.DictReader((tmp_path / "out" / "heads.csv").open()))
    assert [(row["fold"], row["file"]) for row in rows] == [
        ("0", "2006"), ("0", "41006"), ("1", "16006"), ("2", "20006"),
    ]  # fmt: skip
    for known, out in zip(trained, ((2, 41), (16,), (20,)), strict=True):
        assert known == {head + k for head in (2, 16, 20, 41) if head not in out for k in (5, 6)}


def test_a_network_is_trained_for_each_fold(data):
    pairs = load_pairs([data / "Harvard/CT-MRI/train"], get_task("mri-ct"))
    wide = [
        nn.functional.pad(pair[None].float(), (24, 24, 24, 24), "reflect")
        for pair in pairs.values()
    ]
    model = heads.train([x[0].byte() for x in wide], "mri-ct", 1, "no", seed=0)
    assert not model.training
    assert model.config.preset == "lite"
