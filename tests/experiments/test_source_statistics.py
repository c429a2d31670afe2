"""The statistics of the sources: hand cases, and the page that reports them."""

import numpy as np
import pandas as pd
import pytest
import torch

from experiments.source_statistics import (
    RESULTS,
    cut_foreground,
    describe_image,
    gray_shares,
    mean_divergence,
    measure_source,
)
from lkc.io.image_files import write_image


def test_foreground_is_the_box_around_what_is_not_black():
    gray = torch.zeros(1, 1, 8, 8)
    gray[..., 2:5, 3:7] = 100
    assert cut_foreground(gray).shape == (1, 1, 3, 4)
    assert cut_foreground(torch.zeros(1, 1, 8, 8)).shape == (1, 1, 8, 8)


def test_an_image_with_one_bright_pixel_is_as_sparse_as_can_be():
    gray = torch.zeros(1, 1, 16, 16)
    gray[..., 8, 8] = 255
    facts = describe_image(gray)
    assert facts["sparsity of values"] == pytest.approx(1)
    assert facts["black, %"] == pytest.approx(100 * 255 / 256)


def test_divergence_is_nothing_for_equal_and_one_bit_for_disjoint_histograms():
    dark, bright = (gray_shares(torch.full((1, 1, 4, 4), level)) for level in (10.0, 200.0))
    assert mean_divergence([dark, dark]) == pytest.approx(0)
    assert mean_divergence([dark, bright]) == pytest.approx(1)


def test_a_source_has_a_row_for_each_region(tmp_path):
    for name, level in (("a", 90), ("b", 180)):
        pixels = np.zeros((64, 96), dtype=np.uint8)
        pixels[20:40, 40:60] = level
        pixels[25:30, 45:50] = 255
        write_image(tmp_path / f"{name}.png", pixels)
    whole, foreground = measure_source(tmp_path, "two heads")
    assert (whole["region"], foreground["region"]) == ("whole", "foreground")
    assert whole["images"] == 2
    assert foreground["AG"] > whole["AG"]


def test_the_page_says_what_the_table_holds():
    page = (RESULTS.parents[1] / "README.md").read_text(encoding="utf-8")
    table = pd.read_csv(RESULTS).set_index(["source", "region"])

    def short(value: float) -> str:
        return f"{value:.2f}".removeprefix("0")

    for source in table.index.unique("source"):
        whole, inside = table.loc[source, "whole"], table.loc[source, "foreground"]
        pairs = [
            f"{short(whole[name])}, {short(inside[name])}"
            for name in ("sparsity of values", "sparsity of edges")
        ]
        sharp = [short(inside["AG"]), f"{inside['SF']:.1f}"]
        difference = short(inside["difference between images, bits"])
        cells = [source, f"{whole['black, %']:.1f}", *pairs, *sharp, difference]
        assert f"| {' | '.join(cells)} |" in page
