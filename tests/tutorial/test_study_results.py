"""Lessons 08a and 08b: the study's tables, and statistics on cases whose answer is known."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from lkc import InputError
from lkc.tutorial import study_results as study


def balanced(effect) -> pd.DataFrame:
    """2 norms x 2 kernels x 4 seeds with a value that `effect` computes from their numbers."""
    rows = [
        {"norm": n, "kernels": k, "build": "as is", "seed": s, "x": float(effect(n, k, s))}
        for n, k, s in product(range(2), range(2), range(4))
    ]
    return pd.DataFrame(rows)


def test_tables_are_complete():
    for task in study.TASKS:
        table = study.load_results(task)
        assert len(table) == 90
        assert sorted(table["build"].unique()) == sorted(study.BUILDS)
        assert set(study.norms_by_kernels(table)["norm"]) == set(study.NORMS)
        assert len(study.norms_by_kernels(table)) == 60


def test_image_tables_have_the_means_of_the_networks():
    means = study.load_pair_results("mri-ct").groupby(["variant", "seed"])["Qabf"].mean()
    networks = study.load_results("mri-ct").set_index(["variant", "seed"])["Qabf"]
    assert np.allclose(means[networks.index], networks, atol=1e-4)


def test_references_are_those_of_all_training_pairs():
    stored = pd.read_csv(study.RESULTS / "reference.csv")
    wanted = stored.query("task == 'ir-vis' and every == 1").set_index("rule")["kept_first"]
    assert study.load_references("ir-vis")["kept_first"].equals(wanted)
    assert {"MI", "Qabf"} <= set(study.load_references("mri-ct"))


def test_averages_are_told_by_network_and_kind():
    ssim = study.load_averages()["SSIM"].unstack("averages")
    assert list(ssim.index) == ["batch-k15", "batch-k3"]
    assert set(ssim) == {"training", "crops", "whole slices"}


def test_missing_tables_are_explained(monkeypatch, tmp_path):
    with pytest.raises(InputError, match="clone of the repository"):
        study.load_results("mri-pet")
    monkeypatch.setattr(study, "RESULTS", tmp_path)
    with pytest.raises(InputError, match="no results of 'ir-vis-pairs'"):
        study.load_pair_results("ir-vis")


@pytest.mark.parametrize(
    ("effect", "cause"),
    [
        (lambda n, k, s: n, "norm"),
        (lambda n, k, s: k, "kernels"),
        (lambda n, k, s: n != k, "both together"),
        (lambda n, k, s: s, "seed"),
    ],
)
def test_variation_goes_to_its_cause(effect, cause):
    shares = study.shares_of_variation(balanced(effect), ["x"]).loc["x"]
    assert shares[cause] == pytest.approx(1)
    assert shares.sum() == pytest.approx(1)


def test_pairs_differ_in_one_thing_only():
    table = balanced(lambda n, k, s: 100 * k + 10 * s + n)
    test = study.paired_test(table, "norm", 1, 0, "x")
    assert test[["runs", "difference", "one is higher"]].tolist() == [8, 1, 8]
    assert test["p"] == pytest.approx(2 / 2**8)
    assert study.paired_test(table, "norm", 0, 1, "x")["difference"] == -1


@pytest.mark.parametrize("one", ["hybrid", "nothing"])
def test_too_few_pairs_are_refused(one):
    table = study.load_results("ir-vis").query("variant == 'hybrid-k3' and seed == 0")
    with pytest.raises(InputError, match="no two pairs"):
        study.paired_test(table, "norm", one, "batch", "Qabf")


def test_equal_seeds_are_told_from_different_ones():
    images = [f"{number}" for number in range(12)]
    values = np.random.default_rng(0).random(12)
    shifts = {0: 0, 1: np.linspace(-1, 1.01, 12), 2: 1}
    pairs = pd.concat(
        pd.DataFrame({"variant": "a", "pair": images, "seed": seed, "MI": values + shift})
        for seed, shift in shifts.items()
    )
    p = study.seeds_against_each_other(pairs, "MI")
    assert p["a", 0, 1] > 0.5
    assert p["a", 0, 2] == pytest.approx(2 / 2**12)


def test_correlation_within_groups_ignores_their_means():
    table = pd.DataFrame({"g": [0, 0, 1, 1], "x": [0.0, 1, 10, 11], "y": [1.0, 0, 11, 10]})
    assert table["x"].corr(table["y"]) > 0.9
    assert study.correlation_within(table, "x", "y", by="g") == -1


def test_callbacks_draw():
    assert study.show_runs("mri-ct", "AG").axes[0].get_xlabel() == "AG"
    figure = study.show_duel("ir-vis", "hybrid-k15", "batch-k15", "Qabf")
    assert figure.axes[1].get_title() == "hybrid-k15 is higher on 8% of the images"
