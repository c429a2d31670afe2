"""Notebook 01: the formula and its index sets, the toy, and what the study's networks do."""

import pytest
import torch
from torch import nn

from lkc import InputError, create_model
from lkc.analysis.batch_effects import batch_dependence
from lkc.analysis.targets import plant_targets, target_contrast, target_height
from lkc.model.norm import make_norm
from lkc.tutorial.normalization import (
    index_sets,
    mix,
    normalize,
    show_mixed,
    show_toy,
    toy_batch,
    toy_heights,
)
from lkc.tutorial.study_networks import (
    block_statistics,
    fuse_each,
    fuse_with_mates,
    kept_by_image,
    margin_change,
    pad_and_fuse,
    show_margin,
    show_mates,
    show_spots,
    study_networks,
)

NORMS = ("batch", "layer", "instance", "group")


@pytest.fixture(scope="module")
def networks():
    return study_networks("ir-vis")


@pytest.fixture
def pair():
    return torch.rand(1, 2, 96, 112)


@pytest.mark.parametrize("norm", NORMS)
def test_one_formula_gives_every_norm(norm):
    x = 3 * torch.randn(4, 12, 9, 7) + torch.randn(4, 12, 1, 1)
    expected = make_norm(norm, 12, group_size=4)(x)
    assert torch.allclose(normalize(x, index_sets(norm, 4, 12, groups=3)), expected, atol=1e-5)


@pytest.mark.parametrize(("norm", "count"), list(zip(NORMS, (12, 4, 48, 12), strict=True)))
def test_number_of_sets(norm, count):
    sets = index_sets(norm, 4, 12, groups=3)
    assert sets.unique().tolist() == list(range(count))


def test_unknown_sets_are_refused():
    with pytest.raises(InputError, match="unknown norm 'hybrid'"):
        index_sets("hybrid", 2, 4)
    with pytest.raises(InputError, match="3 groups do not divide 8 channels"):
        index_sets("group", 2, 8, groups=3)


def test_height_has_the_features_units_and_contrast_has_none():
    features, mask = toy_batch(samples=1)
    sparse = features[:, :1]
    height, contrast = target_height(sparse, mask), target_contrast(sparse, mask)
    assert torch.allclose(target_height(5 * sparse + 2, mask), 5 * height, rtol=1e-3)
    assert torch.allclose(target_contrast(5 * sparse + 2, mask), contrast, rtol=1e-3)


def test_toy_is_sparse_in_one_map():
    features, mask = toy_batch(samples=3, amplitude=0.4)
    assert features.shape == (3, 8, 64, 64)
    assert features[0, 0].std() < 0.1 < features.std((2, 3)).flatten()[1:].min()
    assert features[0, 0][mask[0, 0]].max() == pytest.approx(0.4, abs=0.1)
    assert torch.allclose(mix(features)[:, 0], features.mean(1))


def test_only_their_own_statistics_lift_the_spots():
    lonely = [toy_heights("instance"), toy_heights("group", groups=8), toy_heights("batch", 1, 1)]
    shared = [toy_heights("batch"), toy_heights("layer"), toy_heights("group", groups=4)]
    assert min(row["height"] for row in lonely) > 5 * max(row["height"] for row in shared)
    contrasts = {round(row["CNR"], 3) for row in lonely + shared}
    assert len(contrasts) == 1  # no norm changes it


def test_toy_callbacks_draw():
    assert "height of the spots 4." in show_toy("batch", samples=1).axes[1].get_title()
    figure = show_mixed({"one": {"norm": "layer"}, "all": {"norm": "group", "groups": 8}})
    assert figure.axes[1].get_title().startswith("all\nCNR 1.")


def test_study_networks_are_the_shipped_ones(networks):
    assert len(networks) == 8
    assert isinstance(networks["batch-k3"].model.stem.norm, nn.BatchNorm2d)
    assert networks["hybrid-k15"].model.encoder[0].large_kernel.kernel_size == (15, 15)
    assert study_networks("mri-pet") == {}


def test_kept_by_image_has_a_row_per_model(pair):
    models = {"first": lambda x: x[:, :1], "half": lambda x: x.mean(1, keepdim=True)}
    images = {"a": 0.4 * pair, "b": 0.2 * pair}
    table = kept_by_image(models, images, fuse_each(models, images))
    assert table.loc["first"].tolist() == pytest.approx([1, 1])
    assert table.loc["half"].tolist() == pytest.approx([0.5, 0.5])


def test_blocks_come_in_the_order_of_the_forward_pass(networks, pair):
    table = block_statistics(networks["group-k15"], pair)
    assert list(table.index)[:1] + list(table.index)[-2:] == ["encoder.0", "decoder.1", "decoder.0"]
    assert len(table) == 7
    assert table.min().min() >= 0
    assert table.max().max() <= 1


def test_a_dead_block_is_seen(pair):
    network = create_model("lite")
    nn.init.zeros_(network.model.mid.widen.weight)
    nn.init.constant_(network.model.mid.widen.bias, -1.0)
    dead = block_statistics(network, pair)["dead"]
    assert dead["mid"] == 1
    assert dead["encoder.0"] < 1


def test_mates_matter_to_batch_norm_only(networks, pair):
    mates = [0.2 * torch.rand(2, 2, 96, 112)]
    for name, model in networks.items():
        alone, together = (fuse_with_mates(model, pair, company) for company in ([], mates))
        assert ((alone - together).abs().mean() > 1e-3) == name.startswith("batch")
    both = torch.cat([pair, pair])
    assert batch_dependence(networks["batch-k3"], both) < 0.01  # a copy of itself is no mate


def test_margin_matters_to_per_sample_norms(networks, pair):
    change = {name: margin_change(networks[name], pair, 64) for name in ("batch-k3", "instance-k3")}
    assert change["batch-k3"].shape == (96 - 64, 112 - 64)
    assert change["instance-k3"].abs().mean() > 5 * change["batch-k3"].abs().mean()
    assert pad_and_fuse(networks["batch-k3"], pair, 16).shape == (1, 1, 96, 112)


def test_network_callbacks_draw(networks, pair):
    model = networks["batch-k3"]
    titles = [ax.get_title() for ax in show_mates({"net": model}, pair, {"fog": pair}).axes]
    assert titles[1:3] == ["net\nwith fog", "net\nchange 0.00 gray levels"]
    assert (
        show_margin({"net": model}, pair, 32).axes[1].get_title()
        == "net\nwith 32 black pixels around"
    )
    planted = plant_targets(pair, 1)
    figure = show_spots({"k3": model}, pair, planted, (slice(0, 40), slice(0, 40)))
    assert figure.axes[1].get_title().startswith("k3\nkeeps ")


def test_rows_of_changes_share_their_scale(networks):
    chosen = {name: networks[name] for name in ("batch-k3", "hybrid-k3")}
    figure = show_margin(chosen, torch.rand(1, 2, 96, 112), 32)
    maps = [ax for ax in figure.axes if "change" in ax.get_title()]
    assert len(maps) == 2
    assert len({ax.images[0].get_clim() for ax in maps}) == 1


def test_sparse_mates_leave_batch_norm_its_spots():
    dense, sparse = (toy_heights("batch", sparse_mates=mates)["height"] for mates in (0, 3))
    assert sparse > 5 * dense
    assert toy_batch(sparse_mates=2)[0][:, 0].std((1, 2)).argsort()[-1] == 3
