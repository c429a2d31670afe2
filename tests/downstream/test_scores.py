"""Intersection over union, intervals over seeds, and the contrast of hot objects."""

import cv2
import numpy as np
import pandas as pd
import pytest
import torch
from scipy import stats

from lkc.data.synthetic import CLASSES, street_scene
from lkc.downstream.contrast import (
    contrast_and_noise,
    find_hot_blobs,
    measure_contrasts,
    summarise_contrasts,
)
from lkc.downstream.scores import class_iou, confusion_matrix, mean_interval, mean_iou


def test_confusion_and_iou_of_a_case_by_hand():
    truth = torch.tensor([[0, 0, 1, 1], [2, 2, 2, 0]])
    found = torch.tensor([[0, 1, 1, 1], [2, 2, 0, 0]])
    matrix = confusion_matrix(found, truth, 4)
    assert matrix.tolist() == [[2, 1, 0, 0], [0, 2, 0, 0], [1, 0, 2, 0], [0, 0, 0, 0]]
    assert class_iou(matrix)[:3].tolist() == pytest.approx([2 / 4, 2 / 3, 2 / 3])
    assert np.isnan(class_iou(matrix)[3])  # neither there nor predicted: left out of the mean
    assert mean_iou(matrix) == pytest.approx((1 / 2 + 2 / 3 + 2 / 3) / 3)


def test_a_class_predicted_where_there_is_none_counts_as_zero():
    matrix = confusion_matrix(torch.tensor([0, 1]), torch.tensor([0, 0]), 2)
    assert class_iou(matrix).tolist() == [0.5, 0.0]


def test_scores_agree_with_scikit_learn():
    reference = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(0)
    truth, found = rng.integers(0, 9, (2, 5, 40, 60))
    found[truth < 4] = truth[truth < 4]
    matrix = confusion_matrix(torch.from_numpy(found), torch.from_numpy(truth), 9)
    flat = truth.ravel(), found.ravel()
    assert np.array_equal(matrix, reference.confusion_matrix(*flat))
    assert class_iou(matrix) == pytest.approx(reference.jaccard_score(*flat, average=None))
    assert mean_iou(matrix) == pytest.approx(reference.jaccard_score(*flat, average="macro"))


def test_interval_is_students():
    values = [0.61, 0.64, 0.66]
    expected = stats.t.interval(0.95, 2, np.mean(values), stats.sem(values))
    assert mean_interval(values) == pytest.approx(expected)
    assert np.isnan(mean_interval([0.5])).all()


def walker(heat=200, height=60):
    scene = np.random.default_rng(0).normal(60, 4, (240, 320)).round().astype(np.uint8)
    scene[150 - height // 2 : 150 + height // 2, 100:120] = heat
    return scene


def test_contrast_is_the_distance_to_the_ring_in_its_deviations():
    scene = walker()
    (blob,) = find_hot_blobs(scene)
    window = scene[blob.box].astype(float)
    expected = 200 - window[blob.ring].mean(), window[blob.ring].std()
    assert contrast_and_noise(scene, blob) == pytest.approx(expected)
    assert expected == pytest.approx((140, 4), abs=1)
    assert contrast_and_noise(255 - scene, blob)[0] == pytest.approx(-expected[0])


@pytest.mark.parametrize(
    "draw",
    [
        lambda scene: scene.__setitem__((slice(20, 80), slice(100, 120)), 200),  # in the sky
        lambda scene: scene.__setitem__((slice(150, 160), slice(100, 160)), 200),  # lies
        lambda scene: scene.__setitem__((slice(150, 153), slice(100, 102)), 200),  # tiny
        lambda scene: scene.__setitem__((slice(190, 240), slice(100, 120)), 200),  # cut off
        lambda scene: cv2.line(scene, (100, 200), (130, 130), 200, 2),  # leans
    ],
)
def test_what_is_no_upright_object_on_the_ground_is_left_out(draw):
    scene = np.full((240, 320), 60, np.uint8)
    draw(scene)
    assert find_hot_blobs(scene) == []


def test_most_blobs_of_generated_nights_are_persons():
    on_person = []
    for seed in range(6):
        scene = street_scene(seed, 240, 320, "night")
        for blob in find_hot_blobs(scene.infrared):
            labels = scene.labels[blob.box][blob.inside]
            on_person.append((labels == CLASSES.index("person")).mean() > 0.5)
    assert len(on_person) > 10
    assert np.mean(on_person) > 0.6


def test_summary_of_contrasts():
    rows = [
        {"pair": "a", **row} for row in measure_contrasts(walker(), walker(70), {"x": walker()})
    ]
    for name, contrast in (("infrared", 40.0), ("visible", 60.0), ("x", 20.0)):
        rows.append(
            {
                "pair": "b",
                "object": 0,
                "image": name,
                "contrast": contrast,
                "noise": 10.0,
                "brighter": 0.5,
            }
        )
    table = summarise_contrasts(pd.DataFrame(rows))
    assert list(table.index) == ["infrared", "visible", "x"]
    assert table.loc["x", "contrast"] == pytest.approx((140 + 20) / 2, abs=1)
    assert table.loc["x", "both"] == 0.5
    assert table.loc["x", "seen"] == 0.5
    assert table.loc["x", "brightest"] == 0.5
    assert table.loc["x", "low"] < table.loc["x", "mean"] < table.loc["x", "high"]


def test_what_outshines_an_object_is_counted_outside_all_objects():
    scene = walker()
    lit = scene.copy()
    lit[20:40, 5:15] = 250  # a lamp
    plain, with_lamp = (measure_contrasts(scene, image, {})[1] for image in (scene, lit))
    rest = scene.size - 60 * 20
    assert plain["brighter"] == 0
    assert with_lamp["brighter"] == pytest.approx(20 * 10 / rest)
