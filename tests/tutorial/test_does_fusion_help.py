"""Notebook 10: its figures show what they say."""

import numpy as np
import pandas as pd
import pytest

from lkc.downstream.labelled import generate_pairs
from lkc.errors import InputError
from lkc.tutorial.does_fusion_help import load_rows, race, show_blobs, show_scores, show_street


def test_a_street_is_shown_in_four_pictures():
    figure = show_street(1, "fog", 1.0)
    pictures = [ax.images[0].get_array() for ax in figure.axes if ax.images]
    assert len(pictures) == 4
    assert (pictures[3] != 0).any()


def test_race_trains_one_network_per_input():
    streets = generate_pairs("ir-vis", 3, 64, 64, workers=1)
    runs = race(streets, streets, ["infrared", "stacked"], steps=2)
    assert [run.input for run in runs] == ["infrared", "stacked"]
    assert runs[0].predicted.shape == streets.labels.shape


def test_scores_are_sorted_and_regions_have_a_recall():
    rows = pd.DataFrame(
        {
            "input": ["a", "b", "a", "b"],
            "condition": ["all", "all", "infrared only", "infrared only"],
            "class": "mean",
            "iou": [0.4, 0.6, np.nan, np.nan],
            "recall": [0.5, 0.5, 0.9, 0.1],
        }
    )
    for condition, best, score in (("all", "b", "mean IoU"), ("infrared only", "a", "mean recall")):
        ax = show_scores(rows, condition).axes[0]
        assert ax.get_yticklabels()[0].get_text() == best
        assert ax.get_xlabel().startswith(score)


def test_blobs_are_framed_in_every_image():
    scene = np.full((120, 160), 60, np.uint8)
    scene[50:80, 80:90] = 200
    figure = show_blobs(scene, {"infrared": scene, "black": np.zeros((120, 160, 3), np.uint8)})
    assert all(ax.images[0].get_array()[..., 0].max() > 0.8 for ax in figure.axes)


def test_missing_results_are_one_sentence():
    with pytest.raises(InputError, match="no results of 'x' here"):
        load_rows("x")
