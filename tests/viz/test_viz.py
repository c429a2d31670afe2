"""Figures: what is drawn is what was given, on the axes that were given."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
import torch
from matplotlib import pyplot as plt
from matplotlib import rcParams
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from lkc import InputError, viz
from lkc.viz.style import FIRST, MARK, OTHERS, line_looks

TABLE = pd.DataFrame({"EN": [6.0, 7.0, np.inf, 5.0], "method": ["x", "x", "y", "y"]})
SEEDS = pd.DataFrame(
    {"k": [3, 3, 15, 15] * 2, "VIFF": range(8), "norm": ["batch"] * 4 + ["hybrid"] * 4}
)
DRAWN_ON_AXES = {
    "signed": lambda ax: viz.plot_signed(np.eye(4) - 0.5, ax=ax),
    "field": lambda ax: viz.plot_field(np.ones((5, 5)), ax=ax),
    "ranks": lambda ax: viz.plot_ranks(pd.DataFrame({"EN": [1.0, 2.0]}), ax=ax),
    "histograms": lambda ax: viz.plot_histograms({"a": np.arange(9.0)}, ax=ax),
    "curves": lambda ax: viz.plot_curves(pd.DataFrame({"a": [1.0, 2.0]}), ax=ax),
    "lines": lambda ax: viz.plot_lines(SEEDS, "k", "VIFF", "norm", ax=ax),
    "boxes": lambda ax: viz.plot_boxes(TABLE, "EN", "method", ax=ax),
    "bars": lambda ax: viz.plot_bars(pd.Series({"a": 1.0}), ax=ax),
    "runs": lambda ax: viz.plot_runs(SEEDS, "VIFF", "norm", "k", ax=ax),
    "index sets": lambda ax: viz.plot_index_sets(np.arange(6).reshape(2, 3), ax=ax),
    "images": lambda ax: viz.plot_images({"a": np.eye(4)}, axes=ax),
    "features": lambda ax: viz.plot_features(torch.rand(1, 4, 4), axes=ax),
}


def gray_level(color: str) -> float:
    red, green, blue = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue


@pytest.mark.parametrize("draw", DRAWN_ON_AXES.values(), ids=DRAWN_ON_AXES.keys())
def test_draws_on_given_axes_and_returns_their_figure(draw):
    figure, axes = viz.make_axes(1, 2)
    assert draw(axes[0, 0]) is figure
    assert axes[0, 0].has_data()
    assert not axes[0, 1].has_data()


@pytest.mark.parametrize("draw", DRAWN_ON_AXES.values(), ids=DRAWN_ON_AXES.keys())
def test_makes_a_figure_that_pyplot_does_not_hold_open(draw):
    figure = draw(None)
    assert isinstance(figure, Figure)
    figure.canvas.draw()
    assert plt.get_fignums() == []


def test_style_is_the_same_before_and_after_other_settings():
    with plt.rc_context({"font.size": 30, "axes.spines.top": True}):
        viz.use_style()
        assert rcParams["font.size"] == 9
        assert rcParams["axes.titlesize"] == 10
        assert not rcParams["axes.spines.top"]


def test_what_stands_out_does_so_in_gray():
    assert gray_level(OTHERS) - gray_level(FIRST) > 0.2
    assert 0.3 < gray_level(MARK) < 0.7  # seen on black and on white


@pytest.mark.parametrize(
    ("image", "shape"),
    [
        (np.zeros((4, 5), np.uint8), (4, 5)),
        (np.zeros((4, 5, 3), np.uint16), (4, 5, 3)),
        (torch.zeros(1, 1, 4, 5), (4, 5)),
        (torch.zeros(3, 4, 5), (4, 5, 3)),
        (torch.zeros(4, 5, requires_grad=True), (4, 5)),
    ],
)
def test_picture_shapes(image, shape):
    assert viz.as_picture(image).shape == shape


def test_picture_values():
    assert viz.as_picture(np.array([[0, 51, 255]], np.uint8)).tolist() == [[0, np.float32(0.2), 1]]
    assert viz.as_picture(np.array([[0, 65535]], np.uint16)).tolist() == [[0, 1]]
    assert viz.as_picture(torch.tensor([[-0.5, 1.5]])).tolist() == [[0, 1]]


@pytest.mark.parametrize("image", [np.zeros((2, 4, 5)), torch.zeros(2, 2, 4, 5), np.zeros(4)])
def test_what_is_no_picture_is_refused(image):
    with pytest.raises(InputError, match="one picture is"):
        viz.as_picture(image)


def test_images_share_black_and_white_and_fill_a_grid():
    images = {name: np.full((4, 4), 0.2) for name in "abc"}
    figure = viz.plot_images(images, columns=2)
    assert [ax.get_title() for ax in figure.axes] == ["a", "b", "c", ""]
    assert {ax.images[0].get_clim() for ax in figure.axes[:3]} == {(0, 1)}
    assert not figure.axes[3].axison


def test_features_have_their_own_gray_range_unless_limits_are_given():
    features = torch.stack([torch.rand(16, 16), 100 * torch.rand(16, 16)])
    own = [ax.images[0].get_clim()[1] for ax in viz.plot_features(features[None]).axes[:2]]
    assert own[1] > 50 * own[0]
    figure = viz.plot_features(features, channels=[1], limits=(0, 7))
    assert figure.axes[0].get_title() == "1"
    assert figure.axes[0].images[0].get_clim() == (0, 7)
    with pytest.raises(InputError, match="features of one image"):
        viz.plot_features(torch.rand(2, 3, 4, 4))


def test_signed_map_is_centred_at_zero():
    for values in (torch.tensor([[0.0, 3.0]]), np.array([[-3.0, 0.0]]), np.zeros((2, 2))):
        low, high = viz.plot_signed(values).axes[0].images[0].get_clim()
        assert low == -high < 0
    image = viz.plot_signed(np.ones((2, 2)), limit=4, background=np.zeros((2, 2))).axes[0].images[1]
    assert image.get_clim() == (-4, 4)
    assert np.allclose(image.get_alpha(), 0.5)


def test_field_is_relative_and_marks_pixel_and_squares():
    field = torch.zeros(1, 1, 21, 31)
    field[..., 10, 12] = 1e-3
    figure = viz.plot_field(field, pixel=(10, 12), sides={0.5: 3, 0.99: 7})
    ax = figure.axes[0]
    assert ax.images[0].get_array().max() == 1
    assert [patch.get_bbox().bounds for patch in ax.patches] == [
        (10.5, 8.5, 3, 3),
        (8.5, 6.5, 7, 7),
    ]
    assert ax.get_xlim() == (-0.5, 30.5)
    figure.canvas.draw()  # zeros have no logarithm, but a colour


@pytest.mark.parametrize("side", [9, 19])
def test_labels_of_squares_lie_within_the_map(side):
    figure = viz.plot_field(np.ones((21, 21)), sides={0.99: side})
    figure.canvas.draw()
    ax = figure.axes[0]
    label = ax.texts[0].get_window_extent()
    assert ax.bbox.y1 >= label.y1
    assert ax.bbox.x1 >= label.x1


def test_marks_lie_where_they_should():
    axes = viz.make_axes()[1]
    viz.mark_pixel(axes[0, 0], (3, 8))
    assert axes[0, 0].lines[0].get_xydata().tolist() == [[8, 3]]
    mask = torch.zeros(12, 12, dtype=torch.bool)
    mask[2:6, 4:9] = True
    viz.mark_region(axes[0, 0], mask)
    (outline,) = axes[0, 0].collections[0].get_paths()
    assert outline.get_extents().bounds == (3.5, 1.5, 5, 4)


def test_ranks_leave_missing_values_empty():
    ranks = pd.DataFrame({"EN": [1.5, 1.5], "MI": [np.nan, 1]}, ["x", "y"])
    figure = viz.plot_ranks(ranks, "who")
    assert [text.get_text() for text in figure.axes[0].texts] == ["1.5", "1.5", "1"]
    assert figure.axes[0].get_title() == "who"


def test_histograms_are_shares_on_common_edges():
    values = {"a": np.array([0.0, 0.0, 1.0]), "b": torch.tensor([[1.0, 1.0]])}
    ax = viz.plot_histograms(values, bins=2).axes[0]
    assert np.allclose(ax.patches[0].get_data().values, [2 / 3, 1 / 3])
    assert np.allclose(ax.patches[1].get_data().values, [0, 1])
    assert np.allclose(ax.patches[0].get_data().edges, ax.patches[1].get_data().edges)
    assert len({str(patch.get_linestyle()) for patch in ax.patches}) == 2


def test_curves_differ_in_dashes_and_name_their_axis():
    index = pd.Index([1, 10, 100], name="step")
    curves = pd.DataFrame({"a": [1, 2, 3], "b": [3, 2, 1]}, index)
    ax = viz.plot_curves(curves, ylabel="loss", log_x=True).axes[0]
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_xscale()) == ("step", "loss", "log")
    assert len({line.get_linestyle() for line in ax.lines}) == 2


def test_lines_show_the_mean_and_the_range():
    ax = viz.plot_lines(SEEDS, "k", "VIFF", "norm").axes[0]
    assert ax.lines[0].get_ydata().tolist() == [0.5, 2.5]
    band = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert (band.min(), band.max()) == (0, 3)


def test_boxes_leave_infinite_values_out_and_highlight_one():
    ax = viz.plot_boxes(TABLE, "EN", "method", order=["y", "x"], highlight="y").axes[0]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["y", "x"]
    first, second = sorted(ax.patches, key=lambda box: box.get_extents().y0, reverse=True)
    assert first.get_facecolor()[0] < second.get_facecolor()[0]  # the one on top has less red
    assert np.isfinite(ax.get_xlim()).all()


def test_every_run_is_a_mark_and_every_mean_a_bar():
    ax = viz.plot_runs(SEEDS, "VIFF", "norm", "k", order=["hybrid", "batch"]).axes[0]
    *kinds, means = ax.lines
    assert [line.get_label() for line in kinds] == ["3", "15"]
    assert sorted(x for line in kinds for x in line.get_xdata()) == list(range(8))
    assert means.get_xdata().tolist() == [5.5, 1.5]
    assert len({line.get_marker() for line in kinds}) == 2


def test_index_sets_colour_the_set_of_the_first_map():
    sets = np.array([[0, 0, 1], [2, 2, 3]])
    ax = viz.plot_index_sets(sets, "group").axes[0]
    assert ax.collections[0].get_array().astype(int).tolist() == [[1, 1, 0], [0, 0, 0]]
    assert [text.get_text() for text in ax.texts] == list("001223")


def test_bars_carry_their_numbers():
    ax = viz.plot_bars(pd.Series({"a": 0.25, "b": -0.5}), number="{:.0%}", highlight="b").axes[0]
    assert [text.get_text() for text in ax.texts] == ["25%", "-50%"]
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # the first on top
    assert ax.patches[0].get_facecolor() != ax.patches[1].get_facecolor()


def looks_of(lines) -> dict[str, tuple]:
    return {line.get_label(): (line.get_color(), line.get_linestyle()) for line in lines}


def test_norms_look_the_same_in_every_chart():
    alone = viz.plot_curves(pd.DataFrame({"hybrid-k3": [1, 2], "other": [2, 1]})).axes[0]
    among = viz.plot_curves(pd.DataFrame(1, [0, 1], ["batch", "layer", "hybrid-k3"])).axes[0]
    assert looks_of(alone.lines)["hybrid-k3"] == looks_of(among.lines)["hybrid-k3"]
    by_seed = viz.plot_lines(SEEDS, "k", "VIFF", "norm").axes[0]
    assert looks_of(by_seed.lines)["batch"][0] == looks_of(among.lines)["batch"][0]


def test_no_two_lines_of_a_chart_look_alike():
    names = ["batch-k15", "batch-k3", "hybrid", "lite, shipped", *"abcdefg"]
    looks = [tuple(look.get(key) for key in ("color", "linestyle", "marker"))
             for look in line_looks(names)]  # fmt: skip
    assert len(set(looks)) == len(names)
    assert looks[0][:2] == looks[1][:2]


# What is left of linear RGB without one kind of cones: Machado et al., IEEE TVCG 15 (2009).
SEEN_WITHOUT = {
    "red": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "green": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    "blue": [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
}
XYZ = np.array([[0.4339, 0.3762, 0.1899], [0.2126, 0.7152, 0.0722], [0.0177, 0.1095, 0.8728]])


def lab(rgb) -> np.ndarray:
    x, y, z = np.cbrt(XYZ @ np.clip(rgb, 1e-3, 1))  # relative to white
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("cones", SEEN_WITHOUT)
def test_norms_are_told_apart_without_one_kind_of_cones(cones):
    norms = ("batch", "layer", "instance", "group", "hybrid")
    seen = [
        lab(SEEN_WITHOUT[cones] @ np.array(to_rgb(look["color"])) ** 2.2)
        for look in line_looks(norms)
    ]
    distances = [np.linalg.norm(a - b) for a, b in combinations(seen, 2)]
    assert min(distances) > 20  # 1 can just be seen side by side
