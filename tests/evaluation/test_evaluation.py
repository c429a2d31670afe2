"""Comparisons: scores on common pairs, hand-computed ranks and wins, intervals, files, command."""

import json
import os
from pathlib import Path
from threading import Barrier

import numpy as np
import pandas as pd
import pytest
import torch
from matplotlib.figure import Figure
from PIL import Image
from typer.testing import CliRunner

import lkc
from benchmarks.run import add_published, markdown_table
from lkc.cli import app
from lkc.errors import InputError
from lkc.evaluation import (
    bootstrap_differences,
    bootstrap_means,
    compare,
    count_wins,
    mean_rank,
    mean_values,
    ranks,
    read_scores,
    worst_first,
    write_csv,
    write_json,
)
from lkc.evaluation.plot import plot_comparison
from lkc.evaluation.scoring import plan_comparison, score_pair
from lkc.metrics import METRICS

KEYS = list(METRICS)


def write_folder(folder, stems, seed, suffix=".png", size=(48, 56)):
    folder.mkdir()
    generator = np.random.default_rng(seed)
    for stem in stems:
        pixels = generator.integers(0, 256, (*size, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{stem}{suffix}")
    return folder


@pytest.fixture
def folders(tmp_path):
    """Sources 1 to 4 (the second lacks 4) and fused images 1 and 2."""
    return {
        "a": write_folder(tmp_path / "a", "1234", 1),
        "b": write_folder(tmp_path / "b", "123", 2, ".bmp"),
        "fused": write_folder(tmp_path / "fused", "129", 3),
    }


def row(value):
    return dict.fromkeys(KEYS, value)


def table(**values):
    """One metric table of methods by their values per file, all eleven metrics alike."""
    index = pd.MultiIndex.from_tuples(
        [(name, str(i)) for name, column in values.items() for i in range(len(column))],
        names=["method", "file"],
    )
    flat = np.concatenate([np.asarray(column, float) for column in values.values()])
    return pd.DataFrame(dict.fromkeys(KEYS, flat), index)


def run(*arguments):
    return CliRunner().invoke(app, ["evaluate", *map(str, arguments)])


def test_compare_scores_every_method_on_the_common_pairs(folders):
    published = {stem: row(5.0) for stem in "23"}
    methods = {"files": folders["fused"], "rule": lkc.load_model("average"), "theirs": published}
    values = compare(folders["a"], folders["b"], methods)
    assert values.index.tolist() == [(name, "2") for name in methods]
    assert list(values.columns) == KEYS
    a, b = Image.open(folders["a"] / "2.png"), Image.open(folders["b"] / "2.bmp")
    direct = lkc.metrics.evaluate(Image.open(folders["fused"] / "2.png"), a, b)
    assert values.loc["files", "2"].to_dict() == pytest.approx(direct)
    rule = lkc.metrics.evaluate(lkc.fuse(a, b, model=methods["rule"]), a, b)
    assert values.loc["rule", "2"].to_dict() == pytest.approx(rule)
    assert values.loc["theirs", "2"].tolist() == [5.0] * 11


def test_plan_counts_what_each_method_lacks(folders):
    methods = {"files": folders["fused"], "theirs": {"1": row(1.0)}, "same": folders["a"]}
    plan = plan_comparison(folders["a"], folders["b"], methods)
    assert list(plan.pairs) == ["1"]
    assert plan.left_out == [
        "Sources without partner: 1.",
        "files lacks 1 of 3 pairs.",
        "theirs lacks 2 of 3 pairs.",
    ]


def test_no_common_pair_is_refused(folders):
    with pytest.raises(InputError, match="theirs lacks 3"):
        compare(folders["a"], folders["b"], {"theirs": {"9": row(1.0)}})
    with pytest.raises(InputError, match="at least one method"):
        compare(folders["a"], folders["b"], {})


@pytest.fixture
def three_threads():
    """Threads as on a larger machine: the tests have one, and so would have one worker."""
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    yield
    torch.set_num_threads(before)


def test_threads_are_given_back(folders, three_threads):
    compare(folders["a"], folders["b"], {"files": folders["fused"]})
    assert torch.get_num_threads() == 3


def test_pairs_are_scored_side_by_side(folders, three_threads, monkeypatch):
    """Two workers wait for each other; one alone would wait in vain."""
    both = Barrier(2, timeout=10)

    def wait_and_score(plan, stem):
        both.wait()
        return score_pair(plan, stem)

    monkeypatch.setattr("lkc.evaluation.scoring.score_pair", wait_and_score)
    methods = {"files": folders["fused"], "rule": lkc.load_model("average")}
    values = compare(folders["a"], folders["b"], methods)
    assert list(values.loc["rule"].index) == ["1", "2"]
    monkeypatch.undo()
    torch.set_num_threads(1)
    alone = compare(folders["a"], folders["b"], methods)
    pd.testing.assert_frame_equal(values, alone, rtol=1e-6)


def test_ranks_and_wins_by_hand():
    means = pd.DataFrame([row(3.0), row(2.0), row(1.0)], index=["x", "y", "z"])
    means.loc["y", ["EN", "MI"]] = 3.0, 4.0  # y ties with x in EN and beats it in MI
    means["Nabf"] = [0.3, 0.1, np.nan]  # lower is better
    assert ranks(means)["EN"].tolist() == [1.5, 1.5, 3]
    assert ranks(means)["Nabf"].tolist()[:2] == [2, 1]
    assert mean_rank(means).tolist() == pytest.approx(
        [(9 * 1 + 1.5 + 2) / 11, (9 * 2 + 1.5 + 1) / 11, 3]
    )
    assert count_wins(means, "x", "y") == 9
    assert count_wins(means, "y", "x") == 1
    assert count_wins(means, "x", "z") == 11


def test_rounding_is_no_win_and_no_rank():
    means = pd.DataFrame([row(46.6288), row(46.6288 * (1 + 1e-7)), row(1.0)], index=["x", "y", "z"])
    assert count_wins(means, "y", "x") == count_wins(means, "x", "y") == 0
    assert mean_rank(means).tolist() == [1.5, 1.5, 3]
    assert ranks(means, ties="dense")["EN"].tolist() == [1, 1, 2]


def test_bootstrap_interval_is_that_of_the_normal_law():
    """For many pairs the interval is mean +- 1.96 standard errors."""
    generator = np.random.default_rng(0)
    base, gain = generator.normal(50, 20, 400), generator.normal(1, 2, 400)
    result = bootstrap_differences(table(x=base + gain, y=base), "x", "y").loc["SSIM"]
    half_width = 1.96 * gain.std() / 20
    assert result["difference"] == pytest.approx(gain.mean())
    assert result["low"] == pytest.approx(gain.mean() - half_width, abs=0.02)
    assert result["high"] == pytest.approx(gain.mean() + half_width, abs=0.02)


def test_groups_are_drawn_whole():
    values = table(x=[1, 1, 1, -1], y=[0, 0, 0, 0])
    last = values.index.unique("file")[-1]
    by_file = bootstrap_differences(values, "x", "y").loc["SSIM"]
    by_group = bootstrap_differences(values, "x", "y", lambda file: str(file == last)).loc["SSIM"]
    assert by_file["difference"] == by_group["difference"] == 0.5
    assert (by_group["low"], by_group["high"]) == (-1, 1)  # either group alone
    assert by_file["low"] > -1


def test_bootstrap_is_repeatable_and_paired():
    values = table(x=[1, 9, 4], y=[0, 8, 3])
    first = bootstrap_differences(values, "x", "y")
    pd.testing.assert_frame_equal(first, bootstrap_differences(values, "x", "y"))
    assert first.loc["EN"].tolist() == pytest.approx([1, 1, 1])


def test_infinite_values_have_no_interval_and_survive_files(tmp_path):
    values = table(x=[1, np.inf], y=[1, 2])
    interval = bootstrap_differences(values, "x", "y").loc["PSNR", ["low", "high"]]
    assert interval.isna().all()
    write_json(tmp_path / "v.json", values)
    content = json.loads((tmp_path / "v.json").read_text())
    assert content["x"]["pairs"]["1"]["PSNR"] == content["x"]["mean"]["PSNR"] == "inf"
    assert read_scores(tmp_path / "v.json")["x"]["1"]["PSNR"] == np.inf


def test_json_and_csv_layout(tmp_path):
    values = table(x=[1, 2], y=[3, 1 / 3])
    values["Nabf"] = [0.5, 0.5, np.nan, np.nan]
    write_json(tmp_path / "v.json", values)
    content = json.loads((tmp_path / "v.json").read_text())
    assert content == {
        "x": {
            "mean": {**row(1.5), "Nabf": 0.5},
            "pairs": {"0": {**row(1.0), "Nabf": 0.5}, "1": {**row(2.0), "Nabf": 0.5}},
        },
        "y": {"mean": row(1.666667), "pairs": {"0": row(3.0), "1": row(0.3333333)}},
    }
    write_csv(tmp_path / "v.csv", values)
    back = pd.read_csv(tmp_path / "v.csv", index_col=["method", "file"], dtype={"file": str})
    pd.testing.assert_frame_equal(back, values, rtol=1e-6)


def test_published_values_are_checked(tmp_path):
    path = tmp_path / "p.json"
    for content, message in (
        ("{", "is not JSON"),
        ("[1]", "must hold"),
        ('{"m": {"1": {"EN": 1}}}', "m, 1: no value for MI"),
        (json.dumps({"m": {"1": row("much")}}), "could not convert"),
    ):
        path.write_text(content)
        with pytest.raises(InputError, match=message):
            read_scores(path)
    with pytest.raises(InputError, match="cannot be read"):
        read_scores(tmp_path / "missing.json")


def test_figure_shows_every_metric_and_rank():
    values = table(x=[1, 2, np.inf], y=[3, 4, 5])
    figure = plot_comparison(values)
    titles = [ax.get_title() for ax in figure.axes]
    assert titles[:11] == [f"{key} ↑" for key in KEYS]
    cells = [text.get_text() for text in figure.axes[-1].texts]
    assert cells == ["1"] * 12 + ["2"] * 12
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["x", "y"]


def test_command_writes_everything(folders, tmp_path):
    (tmp_path / "theirs.json").write_text(json.dumps({"theirs": {"1": row(2.0), "2": row(2.0)}}))
    result = run(
        *("--a", folders["a"], "--b", folders["b"], "--fused", f"mine={folders['fused']}"),
        *("--preset", "maximum", "--scores", tmp_path / "theirs.json"),
        *("--json", tmp_path / "v.json", "--csv", tmp_path / "v.csv", "--plot", tmp_path / "v.png"),
    )
    assert result.exit_code == 0, result.output
    content = json.loads((tmp_path / "v.json").read_text())
    assert list(content) == ["mine", "maximum", "theirs"]
    assert list(content["mine"]["pairs"]) == ["1", "2"]
    assert list(content["mine"]["mean"]) == KEYS
    assert len((tmp_path / "v.csv").read_text().splitlines()) == 1 + 3 * 2
    assert Image.open(tmp_path / "v.png").width > 1000
    assert "mine lacks 1 of 3 pairs" in result.stderr
    assert "2 pairs that all methods have" in result.stdout
    wins = count_wins(mean_values(compare_again(folders)), "mine", "maximum")
    assert f"{wins}/11" in result.stdout


@pytest.mark.parametrize("option", ["--json", "--csv", "--plot"])
def test_the_tables_are_printed_before_a_file_fails(folders, tmp_path, monkeypatch, option):
    def fail(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", fail)
    monkeypatch.setattr(pd.DataFrame, "to_csv", fail)
    monkeypatch.setattr(Figure, "savefig", fail)
    target = tmp_path / "v.png"
    sources = ("--a", folders["a"], "--b", folders["b"])
    result = run(*sources, "--preset", "average", option, target)
    assert str(result.exception) == f"{target} cannot be written: No space left on device."
    assert "average" in result.stdout


def test_a_file_that_may_not_be_written_is_refused_before_the_work(folders, tmp_path, monkeypatch):
    monkeypatch.setattr("os.access", lambda _, mode: mode != os.W_OK)
    monkeypatch.setattr("lkc.evaluation.scoring.score_pair", None)
    sources = ("--a", folders["a"], "--b", folders["b"])
    result = run(*sources, "--preset", "average", "--json", tmp_path / "v.json")
    assert "v.json cannot be written: permission denied" in str(result.exception)


def compare_again(folders):
    methods = {"mine": folders["fused"], "maximum": lkc.load_model("maximum")}
    return compare(folders["a"], folders["b"], methods)


def test_a_failing_file_is_named_and_the_rest_done(folders, tmp_path):
    (folders["fused"] / "1.png").write_bytes(b"no image")
    result = run(
        *("--a", folders["a"], "--b", folders["b"], "--fused", f"mine={folders['fused']}"),
        *("--preset", "average", "--json", tmp_path / "v.json"),
    )
    assert result.exit_code == 1
    assert "1 left out: mine: 1.png is not an image" in result.stderr
    content = json.loads((tmp_path / "v.json").read_text())
    assert [list(method["pairs"]) for method in content.values()] == [["2"], ["2"]]


def test_fused_image_of_another_size_is_named(folders):
    Image.new("L", (60, 60)).save(folders["fused"] / "2.png")
    with pytest.raises(InputError, match=r"2: mine: .*same size"):
        compare(folders["a"], folders["b"], {"mine": folders["fused"]})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--fused", "mine"], "NAME=PATH"),
        (["--preset", "best"], "unknown preset"),
        (["--preset", "average", "--preset", "average"], "two methods are called average"),
        (["--preset", "average", "--plot", "figure.xyz"], "figure is a"),
        (["--preset", "average", "--weights", "a.safetensors"], "add --preset lite, nano or"),
        (["--preset", "average", "--csv", "long" * 99], "cannot be written"),
        (["--preset", "average", "--json", "no/such/folder.json"], "does not exist"),
        ([], "at least one method"),
    ],
)
def test_wrong_usage(folders, options, message):
    result = run("--a", folders["a"], "--b", folders["b"], *options)
    assert isinstance(result.exception, InputError)
    assert message in str(result.exception)


def test_scores_by_name(folders, tmp_path):
    path = tmp_path / "two.json"
    files = {stem: row(1.0) for stem in "123"}
    path.write_text(json.dumps({"p": files, "q": files}))
    sources = ("--a", folders["a"], "--b", folders["b"])
    result = run(*sources, "--scores", f"q={path}", "--json", tmp_path / "v.json")
    assert result.exit_code == 0, result.output
    assert list(json.loads((tmp_path / "v.json").read_text())) == ["q"]
    assert "it has p, q" in str(run(*sources, "--scores", f"r={path}").exception)


def test_benchmark_adds_published_values_on_their_pairs(tmp_path):
    path = tmp_path / "p.json"
    reference = {"1": row(4.0), "2": row(1.0), "9": row(0.0)}
    values = {"LKC-FUNet released results": reference, "of one pair": {"1": row(9.0)}}
    path.write_text(json.dumps(values))
    both = add_published(table(lite=[1, 2, 3], average=[0, 0, 5]), path)
    assert both["MI"].to_dict() == {
        ("lite", "1"): 2,
        ("lite", "2"): 3,
        ("average", "1"): 0,
        ("average", "2"): 5,
        ("LKC-FUNet, published", "1"): 4,
        ("LKC-FUNet, published", "2"): 1,
    }


def test_benchmark_table_marks_the_best_two():
    values = table(lite=[2, 4, 3], average=[1, 2, 3], maximum=[5, 6, 5])
    heads = {"0": "1000", "1": "2000", "2": "3000"}  # one slice of each
    values = values.rename(index=heads, level="file")
    lines = markdown_table(values).splitlines()
    assert lines[2] == f"| lite | {'*3.000* | ' * 11}*2.00* |  |  |"
    assert lines[3] == f"| average | {'2.000 | ' * 11}3.00 | 11 of 11 | 0 : 0 |"
    assert lines[4] == f"| maximum | {'**5.333** | ' * 11}**1.00** | 0 of 11 | 0 : 11 |"


def test_published_anchor_values_are_read(shared):
    published = read_scores(shared / "anchors" / "MSRS.json")
    counts = {name: len(files) for name, files in published.items()}
    assert {name for name, count in counts.items() if count == 361} >= {
        "LKC-FUNet released results",
        "SeAFusion",
    }


def test_intervals_of_means_are_those_of_the_normal_law():
    """For many pairs the interval is mean +- 1.96 standard errors; ranks of sure winners are 1."""
    generator = np.random.default_rng(0)
    base = generator.normal(50, 20, 400)
    low, high = bootstrap_means(table(x=base + 1, y=base, z=base))
    half_width = 1.96 * base.std() / 20
    assert low.loc["y", "SSIM"] == pytest.approx(base.mean() - half_width, abs=0.2)
    assert high.loc["y", "SSIM"] == pytest.approx(base.mean() + half_width, abs=0.2)
    assert low["rank"].tolist() == high["rank"].tolist() == [1, 2.5, 2.5]


def test_a_rank_that_depends_on_one_pair_has_a_wide_interval():
    low, high = bootstrap_means(table(x=[9, 0, 0, 0], y=[1, 1, 1, 1]))
    assert (low.loc["x", "rank"], high.loc["x", "rank"]) == (1, 2)
    assert low.loc["y"].drop("rank").tolist() == high.loc["y"].drop("rank").tolist() == [1] * 11


def test_worst_pairs_are_those_of_bad_rank_then_of_low_value():
    values = table(x=[5, 1, 3, 2], y=[4, 2, 2, 9])
    assert worst_first(values, "x") == ["1", "3", "2", "0"]
    assert worst_first(table(x=[5, 1, 3]), "x") == ["1", "2", "0"]
