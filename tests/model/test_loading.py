"""Models by name: devices, baselines, shipped weights and what their headers say."""

from importlib.resources import files

import pytest
import torch

import lkc
from lkc.errors import InputError
from lkc.model.baselines import BASELINES
from lkc.model.checkpoint import read_header
from lkc.model.loading import RuleModel, load_model, pick_device
from lkc.model.network import count_parameters
from lkc.tasks import TASKS
from lkc.training.augmentation import Cameras
from lkc.training.config import TrainConfig
from lkc.training.contrast_loss import ContrastWeights
from lkc.training.held_out import hold_out
from lkc.training.losses import LossWeights
from lkc.training.target_image import TargetImage

WEIGHTS = files("lkc") / "weights"
KEYS = {"EN", "MI", "VIFF", "Qabf", "SSIM", "PSNR", "CC", "SCD", "SD", "SF", "AG"}


def loss_of(made: dict) -> LossWeights | ContrastWeights:
    """The objective that a header tells; an unknown name in it raises."""
    if "target" not in made:
        return LossWeights(**made)
    return ContrastWeights(**{**made, "target": TargetImage(**made["target"])})


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("preset", ["lite", "nano"])
def test_shipped_weights_say_how_they_were_made(preset, task):
    header = read_header(WEIGHTS / f"{preset}-{task}.safetensors")
    assert header["task"] == task
    assert header["network"]["preset"] == preset
    assert header["network"]["norm"] == "hybrid"
    made = dict(header["training"])
    assert made.pop("processes") >= 1
    made.pop("precision", None)
    cameras = Cameras(**made.pop("cameras", {}))
    TrainConfig(**{**made, "loss": loss_of(made["loss"]), "cameras": cameras})
    training, validation = header["data"]["training"], header["data"]["validation"]
    assert len(training) > 50
    assert validation
    assert not set(training) & set(validation)
    assert not [name for name in training + validation if "/test/" in name]
    assert set(header["validation_metrics"]) == KEYS
    assert header["validation_metrics"]["MI"] > 1
    assert 0 < header["validation_metrics"]["Qabf"] < 1


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("preset", ["lite", "nano"])
def test_shipped_weights_keep_the_sources(preset, task, tiny_pair):
    a, b = tiny_pair
    model = load_model(preset, task=task, device="cpu")
    with torch.inference_mode():
        fused = model(torch.cat([a, b], dim=1))
    assert not model.training
    assert not any(p.requires_grad for p in model.parameters())
    assert fused.shape == a.shape
    assert fused.isfinite().all()
    both = torch.stack([fused.clamp(0, 1), torch.maximum(a, b)]).flatten(1)
    assert torch.corrcoef(both)[0, 1] > 0.8


def test_shipped_weights_are_small():
    paths = [path for path in WEIGHTS.iterdir() if path.name.endswith(".safetensors")]
    sizes = {path.name: len(path.read_bytes()) for path in paths}
    nano = {f"nano-{task}.safetensors" for task in TASKS}
    assert sizes.keys() == {f"lite-{task}.safetensors" for task in TASKS} | nano
    assert sum(sizes.values()) <= 10_000_000
    assert sum(sizes[name] for name in nano) <= 200_000
    assert count_parameters(load_model("lite", task="ir-vis", device="cpu")) <= 600_000


@pytest.mark.parametrize("name", BASELINES)
def test_baselines_stand_where_a_network_does(name):
    model, sources = load_model(name, device="cpu"), torch.rand(2, 2, 33, 40)
    fused = model(sources)
    assert fused.shape == (2, 1, 33, 40)
    for one, (a, b) in zip(fused, sources.numpy(), strict=True):
        assert torch.equal(one[0], torch.from_numpy(BASELINES[name](a, b)))
    assert isinstance(model, RuleModel)


def test_devices(monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    monkeypatch.setattr("torch.backends.mps.is_available", lambda: False)
    assert pick_device("auto") == pick_device("cpu") == torch.device("cpu")
    for name in ("cuda", "mps"):
        with pytest.raises(InputError, match=f"'{name}' was asked for but is not available"):
            pick_device(name)
    with pytest.raises(InputError, match=r"unknown device 'tpu': choose one of auto, cuda"):
        pick_device("tpu")
    monkeypatch.setattr("torch.backends.mps.is_available", lambda: True)
    assert pick_device("auto").type == "mps"
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    assert pick_device("auto").type == "cuda"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            {"preset": "huge", "task": "ir-vis"},
            r"unknown preset 'huge': choose one of lite, nano, base, m",
        ),
        ({"preset": "lite"}, "name the task"),
        ({"preset": "nano"}, "name the task"),
        ({"preset": "lite", "task": "mri"}, "unknown task 'mri'"),
        ({"preset": "base", "task": "ir-vis"}, "no weights ship for 'base': pass weights=FILE"),
        ({"preset": "lite", "weights": "nowhere.pth"}, r"nowhere\.pth does not exist"),
        ({"preset": "maximum", "weights": "a.pth"}, "'maximum' is a rule without weights"),
    ],
)
def test_what_cannot_be_loaded(arguments, sentence):
    with pytest.raises(InputError, match=sentence):
        load_model(**arguments, device="cpu")


def test_the_package_offers_its_names():
    for name in ("create_model", "fuse", "load_model", "metrics"):
        assert hasattr(lkc, name)


def test_hold_out_depends_on_names_alone():
    names = [f"{i:03}" for i in range(95)]
    training, validation = hold_out(names[::-1])
    assert (training, validation) == hold_out(names)
    assert sorted(training + validation) == names
    assert len(validation) == 10
