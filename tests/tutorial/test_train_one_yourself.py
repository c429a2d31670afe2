"""Small trainings that are watched, and what many seeds say."""

from functools import partial

import numpy as np
import pytest
import torch

from lkc.training.config import TrainConfig
from lkc.training.losses import LossWeights
from lkc.tutorial.train_one_yourself import (
    Moment,
    build_net,
    curves,
    differences_of_halves,
    judge,
    show_progress,
    show_studies,
    street_sources,
    streets,
    study_differences,
    train_seeds,
    watch_training,
    wrong_way_share,
)


@pytest.fixture(scope="module")
def images():
    return [street_sources(seed, "night", 64, 96) for seed in (1, 2)]


@pytest.fixture(scope="module")
def moments(images):
    config = TrainConfig(steps=8, batch=2, crop=32, learning_rate=4e-3)
    watched = images[0][None].float() / 255
    return list(watch_training(build_net(0), images, config, watched, every=4))


def test_streets_come_infrared_first_at_every_time():
    day, night = streets([3], ["day", "night"])
    assert day.shape == (2, 240, 320)
    assert day.dtype == torch.uint8
    assert day[1].float().mean() > 2 * night[1].float().mean()


def test_a_seed_is_one_net_and_another_seed_another():
    first, again, other = (build_net(seed).state_dict()["model.head.weight"] for seed in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_training_is_watched_from_before_the_first_step(moments):
    assert [moment.step for moment in moments] == [0, 4, 8]
    assert moments[0].terms == {}
    assert moments[2].terms["total"] < moments[1].terms["total"]
    assert not torch.equal(moments[0].fused, moments[2].fused)


def test_watching_does_not_change_the_training(images):
    config = TrainConfig(steps=4, batch=2, crop=32)
    nets = [build_net(0), build_net(0)]
    for net, every in zip(nets, (1, 4), strict=True):
        list(watch_training(net, images, config, images[0][None].float() / 255, every))
    states = [net.state_dict()["model.head.weight"] for net in nets]
    assert torch.equal(*states)


def test_curves_have_a_row_per_moment_and_term(moments):
    table = curves(moments)
    assert list(table.columns) == ["step", "term", "loss"]
    assert len(table) == 2 * len(moments[1].terms)
    assert curves(moments[:1]).empty


def test_progress_is_drawn_from_the_first_moment_on(moments):
    assert not show_progress(moments[:1]).axes[0].lines
    later = show_progress(moments)
    assert len(later.axes[0].lines) == len(moments[1].terms)
    assert later.axes[1].get_title() == "after 8 steps"


def test_a_net_that_returns_the_brighter_source_is_judged_well(images):
    at_start = build_net(0, shortcut=True)  # its head is zero
    scores = judge(at_start, images, LossWeights())
    assert scores["loss"] < judge(build_net(0), images, LossWeights())["loss"]
    assert scores["MI"] > 2


def test_seeds_can_be_run_again(images):
    twice = [train_seeds(build_net, [5], images, images, steps=2) for _ in range(2)]
    assert twice[0].equals(twice[1])
    other = train_seeds(partial(build_net, norm="batch"), [5], images, images, steps=2)
    assert other.loc[5, "loss"] != twice[0].loc[5, "loss"]


def test_more_seeds_narrow_what_studies_report():
    first, second = np.arange(10.0), np.arange(10.0) + 1
    wide, narrow = (study_differences(first, second, seeds) for seeds in (1, 10))
    assert narrow.mean() == pytest.approx(-1, abs=0.1)
    assert narrow.std() == pytest.approx(wide.std() / np.sqrt(10), rel=0.1)
    assert wrong_way_share(first, second, 1) > wrong_way_share(first, second, 10) > 0


def test_the_slider_draws_the_number_of_seeds():
    figure = show_studies([0.1, 0.2], [0.1, 0.3], 3, "difference")
    assert figure.axes[0].get_title() == "seeds of each variant: 3"
    assert figure.axes[0].get_xlabel() == "difference"


def test_halves_of_one_variant_differ_evenly_around_zero():
    differences = differences_of_halves([1.0, 2.0, 4.0, 8.0])
    assert len(differences) == 6
    assert differences.sum() == pytest.approx(0)
    assert differences.max() == pytest.approx((4 + 8) / 2 - (1 + 2) / 2)


def test_moments_hold_plain_images(moments):
    assert isinstance(moments[0], Moment)
    assert moments[0].fused.shape == (64, 96)
    assert not moments[0].fused.is_inference()
