"""Weights: what is saved comes back, and what is not weights is named in one sentence."""

import json
import os

import pytest
import torch
from safetensors.torch import save_file

from lkc import create_model, load_model
from lkc.errors import InputError
from lkc.model.checkpoint import load_weights, read_header, save_weights
from lkc.model.norm import NORM_PLANS
from lkc.model.released_names import to_released


@pytest.fixture
def saved(tmp_path):
    model = create_model("lite", "group", kernel_sizes=(9, 5, 3), shortcut=False).eval()
    path = tmp_path / "lite.safetensors"
    info = {"task": "mri-ct", "training": {"seed": 3}, "data": {"training": ["a/1"]}}
    save_weights(path, model, info)
    return model, path, info


def test_what_is_saved_comes_back(saved):
    model, path, info = saved
    loaded = load_weights(path, "lite")
    assert loaded.config == model.config
    own, theirs = model.state_dict(), loaded.state_dict()
    assert own.keys() == theirs.keys()
    assert all(torch.equal(own[name], theirs[name]) for name in own)
    sources = torch.rand(1, 2, 20, 24)
    assert torch.equal(model(sources), loaded(sources))
    assert not loaded.training
    network = {**model.config.to_dict(), "kernel_sizes": [9, 5, 3]}  # JSON has no tuples
    assert read_header(path) == {**info, "network": network, "channels": "first, second"}


EARLIER_NAMES = (
    ("channel_path.mlp", "channel_path.ca"),
    ("spatial_path.conv", "spatial_path.proj.0"),
    ("spatial_path.norm", "spatial_path.proj.1"),
)


def earlier_state(model):
    """What a network's state dict was when the second source came first."""
    if model.config.preset == "base":
        return to_released(model.state_dict())
    state = {}
    for name, value in model.state_dict().items():
        for now, earlier in EARLIER_NAMES:
            name = name.replace(now, earlier)
        state[name] = value
    stem = state["model.stem.conv.weight"]  # four channels of each source
    return state | {"model.stem.conv.weight": torch.cat([stem[:, 4:], stem[:, :4]], dim=1)}


def small_base():
    """The paper's network with 3x3 kernels, which leaves the release's names as they are."""
    return create_model("base", "group", kernel_sizes=(3, 3, 3))


@pytest.mark.parametrize(
    "build",
    [
        lambda: create_model("lite", "batch", shortcut=False),
        lambda: create_model("lite", fusion=False, shortcut=False),
        small_base,
    ],
)
def test_a_file_from_before_the_order_of_sources_is_converted(tmp_path, build):
    model = build().eval()
    header = {"lkc": json.dumps({"network": model.config.to_dict()})}
    state = {name: value.contiguous() for name, value in earlier_state(model).items()}
    save_file(state, tmp_path / "a.safetensors", metadata=header)
    loaded = load_weights(tmp_path / "a.safetensors", model.config.preset)
    own, theirs = model.state_dict(), loaded.state_dict()
    assert all(torch.equal(value, theirs[name]) for name, value in own.items())
    save_weights(tmp_path / "b.safetensors", loaded, read_header(tmp_path / "a.safetensors"))
    again = load_weights(tmp_path / "b.safetensors", model.config.preset).state_dict()
    assert all(torch.equal(value, again[name]) for name, value in own.items())


def test_another_order_of_sources_is_refused(saved):
    model, path, _ = saved
    header = {"network": model.config.to_dict(), "channels": "second, first"}
    save_file(model.state_dict(), path, metadata={"lkc": json.dumps(header)})
    expect(path, "takes its sources in another order than first, second")


@pytest.mark.parametrize("norm", NORM_PLANS)
def test_every_norm_comes_back(tmp_path, norm):
    model = create_model("lite", norm)
    model(torch.rand(2, 2, 16, 16))  # moves running averages
    save_weights(tmp_path / "a.safetensors", model, {})
    loaded = load_weights(tmp_path / "a.safetensors", "lite").state_dict()
    assert all(torch.equal(value, loaded[name]) for name, value in model.state_dict().items())


def test_channels_last_weights_are_saved(tmp_path):
    model = create_model("lite").to(memory_format=torch.channels_last)
    save_weights(tmp_path / "a.safetensors", model, {})
    loaded = load_weights(tmp_path / "a.safetensors", "lite").state_dict()
    assert all(torch.equal(value, loaded[name]) for name, value in model.state_dict().items())


def test_saving_leaves_no_other_file(saved):
    assert [p.name for p in saved[1].parent.iterdir()] == ["lite.safetensors"]


def test_a_state_dict_of_lite(tmp_path):
    model = create_model("lite").eval()
    torch.save(model.state_dict(), tmp_path / "a.pth")
    loaded = load_weights(tmp_path / "a.pth", "lite")
    assert all(
        torch.equal(a, b) for a, b in zip(model.parameters(), loaded.parameters(), strict=True)
    )


def test_an_earlier_state_dict_of_lite_is_converted(tmp_path):
    model = create_model("lite").eval()
    torch.save(earlier_state(model), tmp_path / "a.pth")
    loaded = load_weights(tmp_path / "a.pth", "lite").state_dict()
    assert all(torch.equal(value, loaded[name]) for name, value in model.state_dict().items())


def expect(path, sentence, preset="lite"):
    with pytest.raises(InputError, match=sentence) as caught:
        load_model(preset, task="ir-vis", weights=path, device="cpu")
    assert "\n" not in str(caught.value)


def test_missing(tmp_path):
    expect(tmp_path / "a.pth", r"a\.pth does not exist")
    expect(tmp_path, "does not exist")


def test_another_preset(saved):
    expect(saved[1], "holds weights for preset 'lite', not 'base'", preset="base")


def test_another_networks_state_dict(tmp_path):
    torch.save({"weight": torch.zeros(3)}, tmp_path / "a.pth")
    expect(tmp_path / "a.pth", r"a\.pth is for another network: \d+ names or shapes differ")
    state = create_model("lite").state_dict()
    state["model.head.bias"] = torch.zeros(5)
    torch.save(state, tmp_path / "b.pth")
    expect(tmp_path / "b.pth", "is for another network")


@pytest.mark.parametrize("suffix", ["pth", "safetensors"])
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", "git lfs pull"),
        (b"\n<!DOCTYPE html><html></html>", "is a web page, not weights"),
        (b"", "is not a weights file"),
        (b"0123456789" * 20, "is not a weights file"),
        (b"hello", "is not a weights file"),
    ],
)
def test_not_weights(tmp_path, content, sentence, suffix):
    (tmp_path / f"a.{suffix}").write_bytes(content)
    expect(tmp_path / f"a.{suffix}", rf"^a\.{suffix} .*{sentence}")


@pytest.mark.parametrize("share", [0.001, 0.5, 0.99])
@pytest.mark.parametrize("suffix", ["pth", "safetensors"])
def test_truncated(tmp_path, share, suffix):
    path, model = tmp_path / f"a.{suffix}", create_model("lite")
    if suffix == "pth":
        torch.save(model.state_dict(), path)
    else:
        save_weights(path, model, {})
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    expect(path, "is not a weights file that can be read")


class Harmful:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def test_code_in_a_pickle_does_not_run(tmp_path):
    torch.save({"weight": Harmful(tmp_path / "ran")}, tmp_path / "a.pth")
    expect(tmp_path / "a.pth", "is not a weights file that can be read")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("content", [[1, 2], {"a": 1}, torch.zeros(2)])
def test_not_a_state_dict(tmp_path, content):
    torch.save(content, tmp_path / "a.pth")
    expect(tmp_path / "a.pth", "is not a plain state dict of tensors")


def test_safetensors_of_someone_else(tmp_path):
    save_file({"weight": torch.zeros(2)}, tmp_path / "a.safetensors")
    expect(tmp_path / "a.safetensors", "does not say which network it is for")


@pytest.mark.parametrize("network", [{"preset": "lite", "norm": "hybrid", "depth": 3}, {}, "lite"])
def test_a_header_of_another_version(tmp_path, network):
    header = {"lkc": json.dumps({"network": network})}
    save_file({"weight": torch.zeros(2)}, tmp_path / "a.safetensors", metadata=header)
    expect(tmp_path / "a.safetensors", "header")
