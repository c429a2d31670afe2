"""The alternative text of figures: what each panel shows."""

import numpy as np
import pandas as pd
import pytest

from lkc import viz
from lkc.viz.words import describe_figure

CURVES = pd.DataFrame({"batch": [1, 2], "group": [2, 1]}, pd.Index([0, 1], name="step"))
SCORES = pd.DataFrame({"EN": [6.0, 7.0, 5.0], "method": ["mine", "mine", "theirs"]})


@pytest.mark.parametrize(
    ("figure", "words"),
    [
        (viz.plot_images({"a\nb": np.eye(4), "c": np.eye(4)}), "Picture: a, b. Picture: c."),
        (viz.plot_images({"colour": np.zeros((4, 4, 3))}), "Picture: colour."),
        (viz.plot_signed(np.eye(4), "change", label="gray levels"), "Map: change."),
        (viz.plot_curves(CURVES, "loss"), "Chart: loss over step; batch, group."),
        (viz.plot_boxes(SCORES, "EN", "method"), "Chart: EN; mine, theirs."),
        (viz.plot_bars(pd.Series({"3": 0.5, "b": 2}), "ms"), "Bars: ms; 3 0.5, b 2."),
        (viz.plot_ranks(pd.DataFrame({"EN": [1.0]}, ["lite"]), "who"), "Table: who; lite, EN."),
        (viz.plot_index_sets(np.eye(2, dtype=int), "x"), "Table: x; sample over channel."),
    ],
)
def test_words_name_what_is_drawn(figure, words):
    assert describe_figure(figure) == words


def test_switched_off_axes_are_no_panels_and_the_title_comes_first():
    figure = viz.plot_images({name: np.eye(4) for name in "abc"}, columns=2)
    figure.suptitle("three")
    assert describe_figure(figure) == "Three. Picture: a. Picture: b. Picture: c."
