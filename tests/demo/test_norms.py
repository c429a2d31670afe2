"""What the tab "Look inside" computes about norms."""

import numpy as np
import pytest
import torch
from torch import nn

from demo.server import latest
from demo.words import say as words
from demo.work import hot_spot, inside, norms, signed
from demo.work.inside_results import Subject
from demo.work.norms_results import measure_all, show_hot_spot, show_side_by_side
from lkc.analysis.constant_statistics import with_statistics_of
from lkc.errors import InputError
from lkc.io.image_files import read_image
from tests.demo.steps import EXAMPLES, NIGHT, write

HEAD = [str(EXAMPLES / "mri-ct" / folder / "head-1.png") for folder in ("mri", "ct")]


def linear_network(mixing: list[list[float]]) -> nn.Sequential:
    """Three channels mixed from two sources, whose sum is the fused image."""
    network = nn.Sequential(nn.Conv2d(2, 3, 1, bias=False), nn.Conv2d(3, 1, 1, bias=False))
    network.requires_grad_(False)
    network[0].weight.copy_(torch.tensor(mixing)[..., None, None])
    network[1].weight.fill_(1)
    return network


def test_the_channel_beside_is_the_one_most_like_the_first_whatever_its_number_and_sign():
    networks = {
        "one": linear_network([[0.1, 0], [0, 0.5], [0.1, 0.1]]),
        "other": linear_network([[0, 0], [0.3, 0.1], [0, -0.2]]),
    }
    sources = torch.rand(1, 2, 20, 30, generator=torch.Generator().manual_seed(0))
    columns = norms.put_side_by_side(networks, sources, "0")
    assert (columns["one"].channel, columns["other"].channel) == (1, 2)
    assert columns["other"].likeness == pytest.approx(-1)
    second = sources[0, 1].numpy()
    assert np.allclose(columns["other"].map, -0.2 * (second - second.mean()), atol=1e-6)
    fused = [columns[name].fused for name in networks]
    mixed = [(0.2, 0.6), (0.3, -0.1)]  # what both networks make of the sources
    for levels, (a, b) in zip(fused, mixed, strict=True):
        expected = 255 * (a * sources[0, 0] + b * sources[0, 1]).clamp(0, 1)
        assert np.allclose(levels, expected, atol=1e-3)
    assert np.allclose(columns["other"].minus(columns["one"]), fused[1] - fused[0])


def test_signed_colours_are_white_at_zero_and_end_at_the_limit():
    painted = signed.paint_signed(np.array([[-9, -2, 0, 2, 9]], np.float32), 2)
    assert (painted[0, 2] > 250).all()
    assert np.array_equal(painted[0, 0], painted[0, 1])
    assert np.array_equal(painted[0, 3], painted[0, 4])
    assert painted[0, 3, 0] > painted[0, 3, 2]  # orange
    assert painted[0, 1, 0] < painted[0, 1, 2]  # blue


def test_the_common_limit_is_that_of_the_map_that_changes_most():
    ramp = np.linspace(-1, 1, 2001, dtype=np.float32)
    assert signed.common_limit([ramp, 10 * ramp, ramp[:0]]) == pytest.approx(9.9, abs=0.01)
    assert signed.common_limit([0 * ramp]) == signed.LEAST


@pytest.mark.parametrize("language", words.TEXT)
@pytest.mark.parametrize(
    ("pair", "task", "kernels", "count"),
    [(NIGHT, "ir-vis", "k15", 5), (NIGHT, "ir-vis", "k3", 4), (HEAD, "mri-ct", "k3", 2)],
)
def test_every_norm_of_the_study_has_a_column_of_three(
    tmp_path, pair, task, kernels, count, language
):
    corners = [read_image(file)[90:170, 90:180] for file in pair]
    files = [write(tmp_path / f"{i}.png", corner) for i, corner in enumerate(corners)]
    subject = Subject(*files, task, "shipped", kernels)
    pictures, text = show_side_by_side(subject, "model.encoder.0", language)
    assert len(pictures) == 3 * count == 3 * len(inside.list_trained(task, kernels))
    assert "±" in text
    maps, fused, differences = (pictures[row * count : (row + 1) * count] for row in range(3))
    assert len({file for file, _ in pictures}) == len(pictures)
    sources, _ = subject.sources()
    for norm, (file, caption) in zip(inside.list_trained(task, kernels), fused, strict=True):
        network = inside.load_network(task, norm, kernels)
        levels = 255 * network(sources)[0, 0].clamp(0, 1).numpy()
        assert np.abs(read_image(file) - levels).max() <= 0.51
        assert words.say(norm, language) in caption
    assert (read_image(differences[0][0]) > 250).all()
    assert not (read_image(differences[1][0]) > 250).all()
    shown = np.stack([read_image(file) for file, _ in maps])
    assert (shown.min(), shown.max()) == (0, 255)  # one range, which all of them fill together


@pytest.fixture
def corners(tmp_path) -> list[str]:
    """A part of the night street, 240 x 320."""
    return [
        write(tmp_path / f"{i}.png", read_image(f)[150:390, 200:520]) for i, f in enumerate(NIGHT)
    ]


def test_the_effect_of_a_spot_is_split_as_the_formula_of_the_norm_says():
    """The fused image is the first source after an instance norm with known weights."""
    norm = nn.GroupNorm(2, 2)
    sum_first = nn.Conv2d(2, 1, 1, bias=False)
    network = nn.Sequential(norm, sum_first).requires_grad_(False).eval()
    norm.weight.fill_(0.05)
    norm.bias.fill_(0.5)
    sum_first.weight.copy_(torch.tensor([1.0, 0.0]).view(1, 2, 1, 1))
    sources = torch.rand(1, 2, 60, 80, generator=torch.Generator().manual_seed(0)) / 2
    spot = hot_spot.HotSpot(row=20, column=30, width=8, brightness=102)
    effect = hot_spot.measure_effect(network, *with_statistics_of(network, sources), sources, spot)

    rows, columns = np.mgrid[:60, :80]
    bump = 0.4 * np.exp(-((rows - 20) ** 2 + (columns - 30) ** 2) / (2 * 2.0**2))
    before = sources[0, 0].numpy().astype(float)
    after = np.minimum(before + bump, 1)

    def normalized(x):
        return 0.05 * (x - x.mean()) / np.sqrt(x.var() + norm.eps)

    change = 255 * (normalized(after) - normalized(before))
    assert np.allclose(effect.change, change, atol=1e-3)
    by_kernels = 255 * 0.05 * (after - before) / np.sqrt(before.var() + norm.eps)
    touched = by_kernels >= hot_spot.TOUCHED
    assert (effect.rows.start, effect.rows.stop - 1) == (rows[touched].min(), rows[touched].max())
    assert effect.columns.stop - 1 == columns[touched].max()
    outside = np.ones_like(touched)
    outside[effect.rows, effect.columns] = False
    assert np.allclose(np.sort(effect.beyond()), np.sort(np.abs(change[outside])), atol=1e-3)
    assert effect.beyond().mean() > 0.1


def test_a_spot_that_changes_nothing_has_a_frame_of_its_middle():
    white = torch.ones(1, 2, 40, 50)
    mean = nn.Conv2d(2, 1, 1, bias=False).requires_grad_(False)
    mean.weight.fill_(0.5)
    spot = hot_spot.HotSpot(row=3, column=49, width=20, brightness=255)
    effect = hot_spot.measure_effect(mean, *with_statistics_of(mean, white), white, spot)
    assert (effect.rows, effect.columns) == (slice(3, 4), slice(49, 50))
    assert not effect.change.any()


def test_kernels_alone_end_where_theory_says_and_statistics_do_not(corners):
    sources, _ = inside.read_sources(*corners, "ir-vis")
    network = inside.load_network("ir-vis", "instance", "k3")
    kernels_alone, fused = with_statistics_of(network, sources)
    assert torch.allclose(fused, network(sources), atol=1e-5)
    hot = sources.clone()
    hot[:, 0, :20, :20] = 1
    far = (..., slice(20 + 44 + 8, None), slice(20 + 44 + 8, None))  # the field has 88 pixels
    assert (kernels_alone(hot) - fused)[far].abs().max() < 1e-6
    assert (network(hot) - fused)[far].abs().max() > 1e-3


def test_a_spot_reaches_far_under_instance_norms_and_little_under_group_and_batch_norm(corners):
    spot = hot_spot.HotSpot(row=60, column=80, width=48, brightness=205)
    effects = measure_all(Subject(*corners, "ir-vis", "shipped", "k3"), spot)
    far = {norm: effect.beyond().mean() for norm, effect in effects.items()}
    assert max(far["batch"], far["group"]) < 0.5 * min(far["hybrid"], far["instance"])
    for effect in effects.values():
        assert effect.rows.start <= 60 < effect.rows.stop <= 240
        assert effect.columns.start <= 80 < effect.columns.stop <= 320


@pytest.mark.parametrize("language", words.TEXT)
def test_the_effect_is_said_in_gray_levels_for_every_norm(corners, language):
    subject = Subject(*corners, "ir-vis", "hybrid", "k3")
    spot = hot_spot.HotSpot(row=60, column=80, width=48, brightness=205)
    pictures, text = show_hot_spot(subject, spot, language)
    assert len(pictures) == 4
    for norm, effect in measure_all(subject, spot).items():
        assert f"{effect.beyond().mean():.3f}" in text
        assert words.say(norm, language) in text
        file = {name: file for file, name in pictures}[words.say(norm, language)]
        frame = (read_image(file) == 0).all(axis=2)
        assert frame[effect.rows.start, effect.columns.start : effect.columns.stop].all()


def test_a_frame_that_holds_all_is_said(tmp_path):
    files = [
        write(tmp_path / f"{i}.png", read_image(f)[200:248, 300:364]) for i, f in enumerate(NIGHT)
    ]
    spot = hot_spot.HotSpot(row=24, column=32, width=48, brightness=255)
    _, text = show_hot_spot(Subject(*files, "ir-vis", "hybrid", "k15"), spot, "en")
    assert text.count("the frame holds the whole picture") == 5


@pytest.mark.parametrize(
    "wrong",
    [{"row": -1}, {"width": 2}, {"width": 121}, {"brightness": 256}, {"row": "3"}, {"row": 2.5},
     {"column": float("nan")}, {"column": float("inf")}, {"width": None}],
)  # fmt: skip
def test_a_spot_that_the_page_does_not_send_is_none(wrong):
    sent = {"row": 59, "column": 0, "width": 48, "brightness": 205.0}
    spot = hot_spot.parse_spot(sent)
    assert spot == hot_spot.HotSpot(59, 0, 48, 205)
    assert spot.code() == "0000003b" + "00000000" + "00000030" + "000000cd"
    assert hot_spot.parse_spot(sent | wrong) is None
    assert hot_spot.parse_spot("59") is None


def test_a_spot_outside_of_the_image_is_one_sentence(corners):
    spot = hot_spot.HotSpot(row=240, column=0, width=48, brightness=205)
    with pytest.raises(InputError, match="320 × 240"):
        show_hot_spot(Subject(*corners, "ir-vis", "hybrid", "k3"), spot, "en")


def test_work_that_nobody_waits_for_is_given_up(corners):
    subject = Subject(*corners, "ir-vis", "hybrid", "k3")
    spot = hot_spot.HotSpot(row=60, column=80, width=48, brightness=205)
    show_hot_spot(subject, spot, "en")  # so that all statistics are known
    looks = iter([True] * 10)
    with latest.working_for(lambda: next(looks, False)):
        for work in (
            lambda: measure_all(subject, spot),
            lambda: show_side_by_side(subject, "model.stem", "en"),
        ):
            with pytest.raises(latest.Outdated):
                work()


@pytest.mark.parametrize("language", words.TEXT)
def test_an_installed_page_says_where_the_networks_of_the_study_are(
    monkeypatch, tmp_path, language
):
    monkeypatch.setattr(inside, "STUDY_WEIGHTS", tmp_path)
    subject, spot = (
        Subject(*map(str, NIGHT), "ir-vis", "shipped", "k15"),
        hot_spot.HotSpot(9, 9, 2, 9),
    )
    said = [], words.say("only_in_a_clone", language)
    assert show_side_by_side(subject, "model.encoder.0", language) == said
    assert show_hot_spot(subject, spot, language) == said
