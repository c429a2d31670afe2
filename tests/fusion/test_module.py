"""The module face: the pixels of `lkc.fuse`, exported with free sizes, shared as a folder."""

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch.export import Dim

import lkc
from lkc.errors import InputError
from lkc.fusion.images import scale_change

LITE = lkc.load_model("lite", "ir-vis", device="cpu")


def pair(height=61, width=83, batch=2, channels=(1, 3)):
    generator = torch.Generator().manual_seed(0)
    return [torch.rand(batch, c, height, width, generator=generator) for c in channels]


@pytest.mark.parametrize(
    ("task", "detail", "colour", "channels"),
    [
        ("ir-vis", 1.0, "keep", (1, 3)),
        ("ir-vis", 0.5, "gray", (3, 3)),
        ("mri-ct", 2.0, "keep", (1, 3)),
        ("mri-pet", 0.0, "keep", (1, 1)),
    ],
)
def test_the_module_does_what_fuse_does(task, detail, colour, channels):
    network = lkc.load_model("nano", task, device="cpu")
    first, second = pair(channels=channels)
    fused = lkc.Fusion(task, network, detail, colour)(first, second)
    expected = lkc.fuse(first, second, task, network, detail, colour)
    torch.testing.assert_close(fused, expected, atol=1e-5, rtol=0)


def test_without_a_network_it_takes_the_shipped_weights():
    first, second = pair()
    expected = lkc.fuse(first, second, "ir-vis", LITE)
    torch.testing.assert_close(lkc.Fusion()(first, second), expected, atol=1e-5, rtol=0)


def test_it_stands_in_a_pipeline_and_learns():
    fusion = lkc.Fusion("ir-vis", lkc.create_model("nano"))
    first, second = pair(32, 32)
    optimizer = torch.optim.SGD(fusion.parameters(), lr=0.1)
    before = fusion(first, second)
    before.square().mean().backward()
    optimizer.step()
    assert not torch.equal(fusion(first, second), before)
    assert not any(p.requires_grad for p in lkc.Fusion().parameters())


@pytest.mark.slow
def test_the_exported_program_takes_other_sizes():
    fusion = lkc.Fusion("ir-vis", detail=1.5).to(memory_format=torch.contiguous_format)
    example = tuple(pair())
    sides = {0: Dim("batch", min=1, max=64), 2: Dim("height", min=16), 3: Dim("width", min=16)}
    program = torch.export.export(fusion, example, dynamic_shapes=(sides, sides))
    for height, width, batch in ((61, 83, 2), (48, 64, 1), (40, 121, 3)):
        sources = pair(height, width, batch)
        torch.testing.assert_close(
            program.module()(*sources), fusion(*sources), atol=1e-5, rtol=1e-5
        )
    flat = [torch.full((1, 1, 40, 50), level) for level in (0.3, 0.5)]
    assert torch.equal(program.module()(flat[0], flat[1].expand(1, 3, 40, 50))[:, :1], flat[1])


def test_what_cannot_be_fused_is_refused():
    fusion = lkc.Fusion("ir-vis", LITE)
    first, second = pair()
    with pytest.raises(InputError, match="scale it to 0"):
        fusion(first * 255, second)
    with pytest.raises(InputError, match="must be registered and have the same size"):
        fusion(first[..., :-1], second)
    with pytest.raises(InputError, match="not a rule"):
        lkc.Fusion("ir-vis", lkc.load_model("average"))
    with pytest.raises(InputError, match="heat is painted on arrays"):
        lkc.Fusion("ir-vis", LITE, colour="heat")
    with pytest.raises(InputError, match="unknown task"):
        lkc.Fusion("ir", LITE)


def test_detail_zero_is_the_brighter_source():
    first, second = pair(channels=(1, 1))
    fused = lkc.Fusion("mri-ct", LITE, detail=0)(first, second)
    torch.testing.assert_close(fused, torch.maximum(first, second))
    sources = torch.cat([first, second], dim=1)
    torch.testing.assert_close(fused, scale_change(fused, sources, 0))


@pytest.fixture
def hub_fusion():
    pytest.importorskip("huggingface_hub")
    from lkc.fusion.hub import HubFusion

    return HubFusion


def test_a_shared_folder_gives_the_same_module_back(tmp_path, hub_fusion):
    fusion = lkc.Fusion("mri-pet", lkc.create_model("nano", norm="group"), 0.5, "gray")
    hub_fusion.of(fusion).save_pretrained(tmp_path / "shared")
    names = {path.name for path in (tmp_path / "shared").iterdir()}
    assert names == {"README.md", "config.json", "model.safetensors"}
    assert "image-fusion" in (tmp_path / "shared" / "README.md").read_text()
    assert str(tmp_path) not in (tmp_path / "shared" / "config.json").read_text()
    back = hub_fusion.from_pretrained(tmp_path / "shared")
    assert (back.task.name, back.detail, back.colour) == ("mri-pet", 0.5, "gray")
    assert back.network.config == fusion.network.config
    first, second = pair()
    assert torch.equal(back(first, second), fusion(first, second))
    assert not back.training


class FolderHub:
    """What `push_to_hub` asks of the Hub, with a folder in its place."""

    home = Path()

    def __init__(self, token=None):
        self.token = token

    def create_repo(self, repo_id, **options):
        return SimpleNamespace(repo_id=repo_id)

    def upload_folder(self, repo_id, folder_path, **options):
        return shutil.copytree(folder_path, self.home / repo_id)


def test_what_is_pushed_can_be_loaded(tmp_path, monkeypatch, hub_fusion):
    from huggingface_hub import hub_mixin

    monkeypatch.setattr(FolderHub, "home", tmp_path)
    monkeypatch.setattr(hub_mixin, "HfApi", FolderHub)
    fusion = hub_fusion.of(lkc.Fusion("mri-ct", lkc.create_model("nano"), detail=1.5))
    fusion.push_to_hub("somebody/fusion")
    back = hub_fusion.from_pretrained(tmp_path / "somebody" / "fusion")
    first, second = pair()
    assert torch.equal(back(first, second), fusion(first, second))


def test_weights_that_do_not_fit_are_refused(tmp_path, hub_fusion):
    hub_fusion.of(lkc.Fusion("ir-vis", lkc.create_model("nano"))).save_pretrained(tmp_path)
    weights = load_file(tmp_path / "model.safetensors")
    weights.pop(next(iter(weights)))
    save_file(weights, tmp_path / "model.safetensors")
    with pytest.raises(InputError, match="do not fit its config"):
        hub_fusion.from_pretrained(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    assert config["network"]["preset"] == "nano"
