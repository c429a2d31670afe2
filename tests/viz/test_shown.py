"""How notebooks show figures: charts as SVG, all others as PNG with two pixels for one."""

import base64
from io import BytesIO
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from matplotlib import rc_context
from PIL import Image

from lkc import viz
from lkc.viz.shown import as_png, as_svg

pytest.importorskip("IPython")
CHART = pd.DataFrame({"batch": [1.0, 2.0]}, pd.Index([0, 1], name="step"))


@pytest.fixture(autouse=True)
def _style():
    with rc_context(viz.style()):
        yield


def test_a_chart_is_shown_once_as_text_with_its_words():
    figure = viz.plot_curves(CHART, "loss")
    svg, about = as_svg(figure)
    assert about == {"alt": "Chart: loss over step; batch."}
    words = "".join(ElementTree.fromstring(svg).itertext())
    assert about["alt"] in words
    assert "step" in words.replace(about["alt"], "")  # labels are text, not outlines of letters
    assert as_png(figure) is None


def test_the_same_chart_is_the_same_text():
    assert as_svg(viz.plot_curves(CHART, "loss")) == as_svg(viz.plot_curves(CHART, "loss"))


def test_a_picture_is_shown_with_two_pixels_for_one():
    figure = viz.plot_images({"infrared": np.eye(8)})
    assert as_svg(figure) is None
    png, about = as_png(figure)
    image = Image.open(BytesIO(base64.b64decode(png)))
    assert (image.width // 2, image.height // 2) == (about["width"], about["height"])
    assert about["alt"] == "Picture: infrared."


def test_a_chart_of_too_many_marks_is_shown_as_a_picture():
    many = pd.DataFrame(np.random.default_rng(0).random((9000, 2)), columns=["a", "b"])
    figure = viz.plot_curves(many, "value")
    assert as_svg(figure) is None
    assert as_png(figure) is not None
