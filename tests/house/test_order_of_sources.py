"""Sources are (first, second), the order of the task's name, wherever a network or a rule is run.

Every pair here tells its sources apart, and every model is one of its sources: an entry that mixes
them up gives the other one.
"""

from contextlib import nullcontext

import numpy as np
import pytest
import torch
from accelerate import Accelerator
from torch import nn

import lkc
from benchmarks.edge import run_torch
from demo.work import inside, receptive_field
from experiments.measure import CHANNELS, measure_kept, score_pairs
from experiments.reference import slice_rows
from lkc.cli.erf import read_sources
from lkc.export import ExportableFusion, as_inputs
from lkc.fusion import fuse_clips, fuse_luma, fuse_volumes
from lkc.io import parse_window
from lkc.io.image_files import read_image, write_image
from lkc.io.volume import Volume
from lkc.model.loading import RuleModel
from lkc.model.network import create_model
from lkc.tasks import TASKS, get_task
from lkc.training import loop
from lkc.training.crops import load_pairs
from lkc.training.held_out import validate
from lkc.training.losses import LossWeights
from lkc.tutorial import adaptive_fusion, train_one_yourself
from lkc.tutorial.examples import ExamplePair
from lkc.tutorial.losses_and_metrics import split_sources
from lkc.tutorial.study_networks import fuse_each, kept_by_image
from tests.fixtures.clip_files import write_clip

FIRST, SECOND = np.full((48, 64), 200, np.uint8), np.full((48, 64), 50, np.uint8)
FIRST[:, ::3] = 180


class First(nn.Module):
    """The first source, as a network."""

    multiple = 8

    def forward(self, sources):
        return sources[:, :1]


@pytest.fixture
def files(tmp_path):
    """A data set of one pair for every task, and the paths of the pair of ir-vis."""
    for folder, image in (("ir", FIRST), ("vis", SECOND), ("mri", FIRST), ("ct", SECOND)):
        write_image(tmp_path / folder / "1.png", image)
    return tmp_path / "ir" / "1.png", tmp_path / "vis" / "1.png"


def one_pair() -> torch.Tensor:
    return torch.from_numpy(np.stack([FIRST, SECOND]))[None].float() / 255  # (1, 2, H, W)


@pytest.mark.parametrize("task", TASKS)
def test_fuse(task):
    assert (lkc.fuse(FIRST, SECOND, task, First()) == FIRST).all()
    rule = RuleModel(lambda a, b: a)
    assert (lkc.fuse(FIRST, SECOND, task, rule) == FIRST).all()
    assert torch.equal(fuse_luma(one_pair(), rule), one_pair()[:, :1])


def test_a_network_of_ours():
    """A stem that is blind for the second source."""
    torch.manual_seed(0)
    network = create_model("lite", shortcut=False).eval()
    nn.init.normal_(network.model.head.weight)
    network.model.stem.conv.weight.data[:, 4:] = 0
    pair = one_pair()
    other = torch.cat([pair[:, :1], torch.rand_like(pair[:, 1:])], dim=1)
    assert torch.equal(network(pair), network(other))
    assert not torch.equal(network(pair), network(other.flip(1)))


def test_volumes():
    grid = np.eye(4)
    first, second = (
        Volume(np.stack([image.astype(np.float32)] * 2, axis=2), grid, (0, 255), "a")
        for image in (FIRST, SECOND)
    )
    full = parse_window("full")
    fused = fuse_volumes(first, second, (full, full), "mri-ct", First()).values
    assert np.abs(fused[..., 0] / 257 - FIRST).max() < 1


def test_clips(tmp_path):
    paths = [
        write_clip(tmp_path / f"{name}.mkv", [[image] * 3])
        for name, image in (("a", FIRST), ("b", SECOND))
    ]
    steps = list(fuse_clips(*paths, tmp_path / "out.mkv", model=First()))
    assert (steps[-1].fused == FIRST).all()


@pytest.mark.parametrize("task", ["ir-vis", "mri-ct"])
def test_training(files, task, monkeypatch):
    pairs = load_pairs([files[0].parents[1]], get_task(task))
    (pair,) = pairs.values()
    assert (pair.numpy() == np.stack([FIRST, SECOND])).all()
    asked = []
    monkeypatch.setattr(loop, "objective_terms", lambda fused, a, b, weights: asked.append((a, b)))
    config = loop.TrainConfig(steps=1, batch=2, crop=32)
    loop.Trainer(create_model("lite"), [pair], config, Accelerator(cpu=True)).loss_terms()
    ((a, b),) = asked
    assert a.min() * 255 >= 180
    assert (b * 255).round().unique().tolist() == [50]


def test_judging(monkeypatch):
    asked = []

    def spy(fused, a, b):
        asked.append((fused, a, b))
        return dict.fromkeys(lkc.metrics.METRICS, torch.zeros(1))

    monkeypatch.setattr(lkc.metrics, "evaluate_batch", spy)
    monkeypatch.setattr(adaptive_fusion, "evaluate_batch", spy)
    pair = torch.from_numpy(np.stack([FIRST, SECOND]))
    validate(First(), {"1": pair}, torch.device("cpu"))
    train_one_yourself.judge(First(), [pair], LossWeights())
    score_pairs(one_pair()[:, :1], pair[None])
    monkeypatch.setattr(adaptive_fusion, "fixed_join", lambda *_: nullcontext())
    adaptive_fusion.compare_settings(First(), one_pair(), {"as it is": {}})
    assert len(asked) == 4
    for fused, a, b in asked:
        assert torch.allclose(fused, a, atol=1e-3)
        assert b.round().unique().tolist() == [50]


def test_export():
    class Network(nn.Module):
        model = First()

    fused = ExportableFusion(Network())(one_pair()[:, :1], one_pair()[:, 1:])
    assert torch.equal(fused, one_pair()[:, :1])
    assert np.abs(run_torch(First(), as_inputs(FIRST, SECOND)) * 255 - FIRST).max() < 0.01


def test_what_the_page_and_the_commands_read(files):
    for sources in (
        inside.read_sources(*files, "ir-vis")[0],
        read_sources(*files, get_task("ir-vis")),
        ExamplePair("ir-vis", "1", read_image(files[0]), read_image(files[1])).sources,
    ):
        assert torch.allclose(sources, one_pair(), atol=1e-6)


def test_what_the_page_measures():
    first = nn.Conv2d(2, 1, 1, bias=False).requires_grad_(False)  # with a device, unlike `First`
    first.weight[0, :, 0, 0] = torch.tensor([1.0, 0])
    assert inside.share_of_sources(first, one_pair(), (20, 20), 5) == (1, 0)
    assert receptive_field.measure_field(first, one_pair(), (20, 20), 8).first_share == 1


def test_what_lessons_and_study_measure():
    first, second = split_sources(one_pair())
    assert torch.equal(first, one_pair()[:, :1])
    assert torch.equal(second, one_pair()[:, 1:])
    (street,) = train_one_yourself.streets([3], ["night"])
    scene = lkc.data.synthetic.street_scene(3, 240, 320, "night")
    assert (street[0].numpy() == scene.infrared).all()
    assert CHANNELS == {"first": 0, "second": 1}
    dark = torch.zeros(1, 2, 96, 112)
    assert measure_kept(First(), dark) == pytest.approx({"kept_first": 1, "kept_second": 0})
    models, images = {"it": First()}, {"dark": dark}
    kept = kept_by_image(models, images, fuse_each(models, images))
    assert kept.loc["it", "dark"] == pytest.approx(1)
    row = next(slice_rows(["one"], torch.from_numpy(np.stack([FIRST, SECOND]))[None]))
    assert row["mean_second"] == 50
