"""What lessons 02a and 02b measure, on stacks and networks whose fields are known."""

import numpy as np
import pytest
import torch
from torch import nn

from lkc.analysis.receptive_field import area_by_mass, effective_field, theoretical_field
from lkc.model.network import create_model
from lkc.tutorial import ExamplePair
from lkc.tutorial import how_far_does_it_see as fields
from lkc.tutorial import how_far_does_it_see as stacks


def small(norm, fusion=True):
    torch.manual_seed(0)
    return create_model("lite", norm, (3, 3, 3), fusion, shortcut=False).eval()


def test_a_stack_of_equal_weights_is_a_box_convolved_with_itself():
    measured = effective_field(stacks.plain_stack(3, 4, equal=True), torch.zeros(1, 2, 11, 11))
    line = np.ones(3) / 3
    for _ in range(3):
        line = np.convolve(line, np.ones(3) / 3)
    expected = np.pad(np.outer(line, line), 1) / 2  # half of it in each source
    np.testing.assert_allclose(measured, np.stack([expected, expected]), atol=1e-8)


@pytest.mark.parametrize(("kernel_size", "depth"), [(3, 16), (7, 8)])
def test_random_stacks_are_as_wide_as_predicted(kernel_size, depth):
    sides = area_by_mass(stacks.stack_field(kernel_size, depth), stacks.SHARES)
    for share, side in sides.items():
        assert side == pytest.approx(stacks.predicted_side(kernel_size, depth, share), rel=0.15)


def test_half_table_has_a_row_for_every_stack():
    table = stacks.half_table({3: (4, 16), 7: (8,)})
    assert table["kernel"].tolist() == ["3x3", "3x3", "7x7"]
    assert table["weights"].tolist() == [36, 144, 392]
    expected = [stacks.predicted_side(k, n, 0.5) for k, n in ((3, 4), (3, 16), (7, 8))]
    assert table[stacks.HALF_SIDE].tolist() == pytest.approx(expected, abs=2)


def test_theoretical_field_never_shrinks_along_the_network():
    model, sources = small("batch", fusion=False), torch.rand(1, 2, 120, 120)
    table = fields.along_lite(model, sources)
    assert table["theoretical"].is_monotonic_increasing
    assert table["theoretical"]["stem"] == 6
    fused = effective_field(model, sources).sum(0)
    assert table.loc["fused"].tolist() == [88, *area_by_mass(fused, (0.99, 0.5)).values()]


def test_outside_share_of_an_even_field():
    even = torch.ones(20, 20)
    assert fields.outside_share(even, 5) == pytest.approx(1 - 25 / 400)
    assert fields.outside_share(even, 5, pixel=(0, 0)) == pytest.approx(1 - 9 / 400)
    assert fields.outside_share(even, 99) == 0


def test_only_whole_image_statistics_leak():
    pairs = [torch.rand(1, 2, 160, 160)]
    models = {"local": small("batch", fusion=False), "instance": small("instance")}
    true = fields.field_table(models, pairs, detach_norms=False)
    kernels = fields.field_table(models, pairs, detach_norms=True)
    assert true["theoretical"].eq(88).all()
    assert true["leak, %"]["local"] == 0
    assert true["leak, %"]["instance"] > 1
    assert kernels["leak, %"].eq(0).all()
    assert true["99 %"]["local"] == kernels["99 %"]["local"]
    assert true["99 %"]["instance"] > 120 > kernels["99 %"]["instance"]


def test_there_is_no_leak_to_measure_in_a_small_image():
    table = fields.field_table({"net": small("instance")}, [torch.rand(1, 2, 96, 160)], False)
    assert table["leak, %"].isna().all()


def test_a_square_is_felt_far_away_only_through_statistics():
    pairs = [torch.rand(1, 2, 160, 200) / 2]
    assert fields.far_change(small("batch", fusion=False), pairs) == 0
    assert fields.far_change(small("instance"), pairs) > 0.01


def test_far_change_counts_the_far_pixels():
    class Mean(nn.Module):
        """Adds the whole image's mean to each pixel: everything is felt everywhere alike."""

        def forward(self, sources):
            return sources[:, :1] + sources.mean((1, 2, 3), keepdim=True).detach()

    pairs = [torch.zeros(1, 2, 160, 200), torch.ones(1, 2, 160, 200)]
    expected = 255 * fields.CORNER**2 / (160 * 200) / 2  # the second is white already
    assert fields.far_change(Mean(), pairs) == pytest.approx(expected, rel=1e-4)


def test_a_network_is_averaged_over_pairs():
    model, pairs = small("hybrid"), [torch.rand(1, 2, 48, 64) for _ in range(2)]
    single = [effective_field(model, pair, layer="model.mid") for pair in pairs]
    mean = fields.average_field(model, pairs, layer="model.mid")
    assert torch.allclose(mean, (single[0] + single[1]) / 2)


def test_stack_widget_shows_the_squares_and_the_prediction():
    figure = stacks.show_stack(5, 3)
    assert figure.axes[0].get_title().startswith("3 of 5x5: could see 13, sees ")
    labels = [line.get_label() for line in figure.axes[1].lines]
    assert labels == ["measured", "predicted"]
    measured, predicted = (line.get_ydata().sum() for line in figure.axes[1].lines)
    assert measured == pytest.approx(1)
    assert predicted == pytest.approx(1, abs=0.05)


@pytest.fixture
def pair():
    rng = np.random.default_rng(0)
    return ExamplePair("ir-vis", "noise", rng.random((120, 160)), rng.random((120, 160, 3)))


def test_pixel_widget_shows_the_chosen_pixel_in_every_network(pair):
    models = {"one": small("instance"), "two": small("batch", fusion=False)}
    figure = fields.show_pixel(models, pair, row=20, column=140, detached=True)
    titles = [ax.get_title() for ax in figure.axes[:6]]
    assert titles[0] == "infrared"
    assert titles[3] == "visible"
    assert [title.split("\n")[0] for title in titles[1:3]] == ["one", "two"]
    (ring,) = figure.axes[0].lines
    assert (ring.get_xdata().item(), ring.get_ydata().item()) == (140, 20)
    shown = figure.axes[2].images[0].get_array()
    row, column = np.unravel_index(shown.argmax(), shown.shape)
    assert abs(row - 20) < 5
    assert abs(column - 140) < 5


def test_pixel_widget_puts_each_source_beside_its_field(pair):
    class InfraredOnly(nn.Module):
        def forward(self, sources):
            return sources[:, :1]

    figure = fields.show_pixel({"net": InfraredOnly()}, pair, 5, 6, detached=False)
    assert figure.axes[1].get_title() == "net\n100 % in infrared, side 1"
    assert figure.axes[3].get_title() == "nothing in visible"
    infrared = figure.axes[0].images[0].get_array()
    np.testing.assert_allclose(infrared, pair.first, atol=1e-6)


def test_pixel_widget_shows_the_leak_unless_statistics_are_detached(pair):
    corners = {}
    for detached in (False, True):
        figure = fields.show_pixel({"net": small("instance")}, pair, 20, 140, detached)
        corners[detached] = figure.axes[1].images[0].get_array()[-20:, :20].max()
    assert corners[False] > 0
    assert corners[True] == 0


def test_lite_without_upsampling_tricks_is_what_the_sum_says():
    steps = [(2, 1), (3, 2), (15, 2), (2, 2), (11, 4), (2, 4), (7, 8), (7, 8), (7, 8), (11, 4)]
    steps += [(15, 2), (3, 2)]
    assert theoretical_field(create_model("lite")) == 1 + sum((k - 1) * jump for k, jump in steps)
