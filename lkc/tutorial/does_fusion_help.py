"""Notebook 10: streets with labels, a small segmentation race, and the stored results.

The results lie in the repository (benchmarks/results), not in an installed package.
"""

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
import pandas as pd
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lkc import viz
from lkc.data.synthetic import CLASSES, street_scene
from lkc.downstream.classes import STREET
from lkc.downstream.contrast import find_hot_blobs
from lkc.downstream.figures import add_legend, overlay
from lkc.downstream.labelled import LabelledPairs
from lkc.downstream.study import Run, run_study
from lkc.downstream.training import SegmentConfig
from lkc.tutorial.examples import REPOSITORY, read_stored

RESULTS = REPOSITORY / "benchmarks" / "results"
SHOWN = {"iou": "IoU", "recall": "recall"}


def load_rows(name: str) -> pd.DataFrame:
    """Read stored rows of the experiment.

    Args:
        name: "ir-vis", "ir-vis-medium", "ir-vis-full", "mri-ct-full", "mri-pet-full", "msrs",
            "msrs-7000", "msrs-one-seed" or "contrast".

    Returns:
        The rows.

    Raises:
        InputError: there are none, or no clone of the repository.
    """
    return read_stored(RESULTS / f"downstream-{name}.csv", name)


def show_street(seed: int = 3, time: str = "night", one_sided: float = 0.5) -> Figure:
    """Draw a generated street: both images, the labels, and the objects that a camera misses.

    Args:
        seed: which street.
        time: "day", "night", "fog" or "glare".
        one_sided: share of people, cars and signs that hide from one camera.

    Returns:
        The figure.
    """
    scene = street_scene(seed, 240, 320, time, one_sided)
    objects = np.isin(scene.labels, [CLASSES.index(name) for name in ("sign", "car", "person")])
    missed = np.zeros((*scene.labels.shape, 3), np.uint8)
    for hidden, colour in enumerate(((110, 110, 110), (86, 180, 233), (204, 121, 167))):
        missed[objects & (scene.hidden == hidden)] = colour
    images = {
        "infrared": scene.infrared,
        "visible": scene.visible,
        "labels": overlay(scene.visible, scene.labels, STREET, strength=1),
        "hides from infrared: light blue, visible: pink": missed,
    }
    figure = viz.plot_images(images, columns=2)
    add_legend(figure, STREET)
    return figure


def race(
    training: LabelledPairs, test: LabelledPairs, inputs: Sequence[str], steps: int, seed: int = 0
) -> list[Run]:
    """Train a small network on each input, all else equal.

    Args:
        training: pairs to fit.
        test: pairs to judge on.
        inputs: names of inputs.
        steps: of each network.
        seed: of weights and batches.

    Returns:
        A run per input.
    """
    config = SegmentConfig(steps=steps, batch=8, learning_rate=4e-3)
    planned = [(name, [seed]) for name in inputs]
    return list(run_study(training, test, planned, config, torch.device("cpu")))


def show_scores(
    rows: pd.DataFrame, condition: str = "all", label: str = "mean", ax: Axes | None = None
) -> Figure:
    """Draw one mark per network, its score on the test pairs in percent, and a line at the mean.

    Args:
        rows: of `load_rows`.
        condition: such as "all", "night" or "infrared only"; a region has a recall, not an IoU.
        label: a class, or "mean".
        ax: where to draw; None makes a figure.

    Returns:
        The figure, best input on top.
    """
    chosen = rows[(rows["condition"] == condition) & (rows["class"] == label)]
    score = "recall" if chosen["iou"].isna().all() else "iou"
    name = f"{label} {SHOWN[score]}, {condition}, %"
    chosen = chosen.assign(**{name: 100 * chosen[score]})
    order = chosen.groupby("input")[name].mean().sort_values(ascending=False)
    return viz.plot_runs(chosen, name, "input", order=list(order.index), ax=ax)


def show_blobs(infrared: np.ndarray, images: Mapping[str, np.ndarray]) -> Figure:
    """Frame the hot upright objects of an infrared image in several images.

    Args:
        infrared: (H, W) uint8.
        images: title -> (H, W) or (H, W, 3) uint8.

    Returns:
        The figure.
    """
    framed = {}
    for title, image in images.items():
        canvas = np.dstack([image] * 3) if image.ndim == 2 else image.copy()
        for blob in find_hot_blobs(infrared):
            rows, columns = blob.box
            corners = (columns.start, rows.start), (columns.stop, rows.stop)
            cv2.rectangle(canvas, *corners, (213, 94, 0), 2)
        framed[title] = canvas
    return viz.plot_images(framed, columns=2)
