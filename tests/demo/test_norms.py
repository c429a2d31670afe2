"""What the tab "Look inside" computes about norms."""

import numpy as np
import pytest
import torch
from torch import nn

from demo.words import say as words
from demo.work import inside, norms, signed
from demo.work.inside_results import Subject
from demo.work.norms_results import show_side_by_side
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
@pytest.mark.parametrize(("pair", "task", "count"), [(NIGHT, "ir-vis", 4), (HEAD, "mri-ct", 2)])
def test_every_norm_of_the_study_has_a_column_of_three(tmp_path, pair, task, count, language):
    corners = [read_image(file)[90:170, 90:180] for file in pair]
    files = [write(tmp_path / f"{i}.png", corner) for i, corner in enumerate(corners)]
    subject = Subject(*files, task, "shipped", "k3")
    pictures, text = show_side_by_side(subject, "model.encoder.0", language)
    assert len(pictures) == 3 * count == 3 * len(inside.list_trained(task))
    assert "±" in text
    maps, fused, differences = (pictures[row * count : (row + 1) * count] for row in range(3))
    assert len({file for file, _ in pictures}) == len(pictures)
    sources, _ = subject.sources()
    for norm, (file, caption) in zip(inside.list_trained(task), fused, strict=True):
        network = inside.load_network(task, norm, "k3")
        levels = 255 * network(sources)[0, 0].clamp(0, 1).numpy()
        assert np.abs(read_image(file) - levels).max() <= 0.51
        assert words.say(norm, language) in caption
    assert (read_image(differences[0][0]) > 250).all()
    assert not (read_image(differences[1][0]) > 250).all()
    shown = np.stack([read_image(file) for file, _ in maps])
    assert (shown.min(), shown.max()) == (0, 255)  # one range, which all of them fill together
