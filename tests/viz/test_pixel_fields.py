"""Receptive fields side by side: one scale, squares, shares by source."""

import torch

from lkc.viz import plot_field_row, plot_pixel_fields


def test_fields_are_drawn_per_source():
    fields = torch.zeros(2, 9, 9)
    fields[0, 4, 4], fields[1, 2:7, 2:7] = 75, 1
    images = {"infrared": torch.zeros(9, 9), "visible": torch.ones(9, 9)}
    figure = plot_pixel_fields(images, {"kernels": fields}, {"kernels": [1, 5]}, (4, 4))
    titles = [ax.get_title() for ax in figure.axes[:4]]
    assert titles[1] == "kernels\n75 % in infrared, side 1"
    assert titles[3] == "25 % in visible, side 5"


def test_a_source_that_does_not_reach_the_pixel_has_no_square():
    fields = torch.zeros(2, 9, 9)
    fields[0, 4, 4] = 1
    images = {"infrared": torch.zeros(9, 9), "visible": torch.ones(9, 9)}
    figure = plot_pixel_fields(images, {"kernels": fields}, {"kernels": [1, None]}, (4, 4))
    assert figure.axes[3].get_title() == "nothing in visible"
    assert [len(figure.axes[panel].patches) for panel in (1, 3)] == [1, 0]


def test_fields_in_a_row_have_the_same_scale():
    narrow, even = torch.zeros(9, 9), torch.ones(9, 9)
    narrow[4, 4] = 3
    sides = {"narrow": (1, 1), "even": (7, 9)}
    figure = plot_field_row({"narrow": narrow, "even": even}, sides, decades=2)
    assert figure.axes[0].get_title() == "narrow\n50 % in 1, 99 % in 1"
    assert figure.axes[1].get_title() == "even\n50 % in 7, 99 % in 9"
    assert [ax.images[0].get_clim() for ax in figure.axes[:2]] == [(0.01, 1)] * 2
