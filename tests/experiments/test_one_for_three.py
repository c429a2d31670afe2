"""One network for three tasks: what each network learns from, and what it is judged on."""

import csv

import numpy as np
import pytest
import torch

import lkc
from experiments import one_for_three
from experiments.heads import FOLDERS
from lkc.io.image_files import write_image

LEVELS = {"mri-ct": 40, "mri-pet": 80, "mri-spect": 120}  # An image's level says its task.


@pytest.fixture
def data(tmp_path):
    """One slice to train on and one to test on for each task."""
    for task, folder in FOLDERS.items():
        for split, name in (("train", "2005"), ("test", "2006")):
            for kind in folder.split("-"):
                target = tmp_path / "Harvard" / folder / split / kind
                target.mkdir(parents=True)
                image = np.full((64, 64), LEVELS[task], np.uint8)
                image[8:40, 8:40] += np.random.default_rng(1).integers(0, 99, (32, 32), np.uint8)
                write_image(target / f"{name}.png", image)
    return tmp_path


def test_each_network_learns_its_tasks_and_is_judged_on_them(data, tmp_path, monkeypatch):
    learnt = []

    def train_seeds(images, steps, seeds):
        learnt.append(({int(image[0, 0, 0]) for image in images}, steps))
        return [lkc.load_model("maximum", device="cpu")] * seeds

    monkeypatch.setattr(one_for_three, "train_seeds", train_seeds)
    one_for_three.main(data, tmp_path / "out", steps=5, seeds=2, device="cpu")
    everything = set(LEVELS.values())
    own = [({level}, 5) for level in LEVELS.values()]
    assert learnt == [*own, (everything, 5), (everything, 15)]
    rows = list(csv.DictReader((tmp_path / "out" / "one-for-three.csv").open()))
    judged = [(row["network"], row["task"]) for row in rows if row["seed"] == "1"]
    together = [(one_for_three.TOGETHER, task) for task in LEVELS]
    assert judged == [*((task, task) for task in LEVELS), *together, *together]


def test_seeds_differ_and_their_steps_are_taken():
    images = torch.randint(0, 255, (2, 2, 96, 96), dtype=torch.uint8)
    models = one_for_three.train_seeds(images, steps=1, seeds=2)
    one, other = (next(model.parameters()) for model in models)
    assert not one.equal(other)
    assert not any(model.training for model in models)
