"""The downstream experiment: labelled pairs, inputs, training, and the command."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from typer.testing import CliRunner

from benchmarks.downstream import HERE, STUDIES, best_first, score_table
from lkc.cli import app
from lkc.cli.downstream import SIZES, Size, choose_config
from lkc.data.synthetic import TIMES, street_scene
from lkc.data.synthetic.street import scene, shadows
from lkc.downstream.classes import LESION, MSRS
from lkc.downstream.figures import overlay, plot_confusion, plot_predictions
from lkc.downstream.inputs import build_input, input_names
from lkc.downstream.labelled import OBJECTS, SEEN_BY, draw_street, generate_pairs
from lkc.downstream.msrs import read_label, read_msrs
from lkc.downstream.network import SegmentationNet
from lkc.downstream.study import run_study, summarise, to_rows
from lkc.downstream.training import (
    LabelledCrops,
    SegmentConfig,
    check_sides,
    predict,
    train_segmentation,
)
from lkc.errors import InputError
from lkc.io.image_files import write_image
from lkc.io.pixels import luma
from lkc.model.baselines import maximum
from lkc.tasks import get_task

CPU = torch.device("cpu")
TINY = SegmentConfig(steps=3, batch=2, widths=(8, 8))
STREETS = generate_pairs("ir-vis", 6, 64, 64, workers=1)


def test_generated_pairs_depend_on_their_seeds_alone():
    again = generate_pairs("ir-vis", 4, 64, 64, start=2, workers=2)
    for name in ("first", "second", "labels"):
        assert np.array_equal(getattr(again, name), getattr(STREETS, name)[2:])
    assert again.conditions == STREETS.conditions[2:] == ("fog", "glare", "day", "night")
    assert not np.array_equal(STREETS.labels[0], STREETS.labels[1])


@pytest.mark.parametrize("time", TIMES)
@pytest.mark.parametrize(("blind", "other"), [("infrared", "visible"), ("visible", "infrared")])
def test_what_hides_from_one_camera_does_not_change_the_other_image(
    monkeypatch, time, blind, other
):
    plain = street_scene(1, 120, 160, time)
    objects = np.isin(plain.labels, OBJECTS)
    monkeypatch.setattr(scene, "_draw_blind_cameras", lambda things, *_: [blind] * len(things))
    hiding = street_scene(1, 120, 160, time)
    assert np.array_equal(plain.labels, hiding.labels)
    assert np.array_equal(getattr(plain, other), getattr(hiding, other))
    change = np.abs(getattr(plain, blind) - getattr(hiding, blind).astype(float))
    assert change[objects].mean() > 4


def test_a_hidden_object_leaves_no_trace(monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(scene, "_paint_thing", lambda *_: None)
        patch.setattr(shadows, "_shade_car", lambda *_: None)
        empty = street_scene(1, 120, 160)
    monkeypatch.setattr(scene, "_draw_blind_cameras", lambda things, *_: ["infrared"] * len(things))
    assert np.array_equal(street_scene(1, 120, 160).infrared, empty.infrared)


@pytest.mark.slow
def test_objects_hide_from_either_camera_alike():
    scenes = [street_scene(seed, 64, 64, "day", 0.5) for seed in range(30)]
    labels, hidden = (np.stack([getattr(s, n) for s in scenes]) for n in ("labels", "hidden"))
    objects = np.isin(labels, OBJECTS)
    shares = np.bincount(hidden[objects], minlength=3) / objects.sum()
    assert shares == pytest.approx([0.5, 0.25, 0.25], abs=0.12)


def test_nothing_hides_by_default():
    plain, explicit = street_scene(3, 64, 64), street_scene(3, 64, 64, one_sided=0.0)
    assert np.array_equal(plain.infrared, explicit.infrared)
    assert draw_street(4, 64, 64).condition == "day"
    with pytest.raises(InputError, match="between 0 and 1"):
        street_scene(0, 64, 64, one_sided=2)


def test_heads_have_a_lesion_and_say_where_it_is_plainer():
    heads = generate_pairs("mri-pet", 4, 64, 64, workers=1)
    assert heads.second.shape == (4, 64, 64, 3)
    assert heads.classes is LESION
    assert (heads.labels.reshape(4, -1).sum(1) > 0).all()
    assert set(heads.conditions) <= {"plainer in MRI", "plainer in PET"}
    with pytest.raises(InputError, match="square"):
        generate_pairs("mri-ct", 1, 64, 80)


def write_msrs(folder, count=2, size=(48, 64)):
    rng = np.random.default_rng(0)
    labels = {}
    for index in range(count):
        stem = f"{index:05d}{'DN'[index % 2]}"
        labels[stem] = rng.integers(0, 9, size).astype(np.uint8)
        write_image(folder / "ir" / f"{stem}.png", rng.integers(0, 255, size).astype(np.uint8))
        visible = rng.integers(0, 255, (*size, 3)).astype(np.uint8)
        write_image(folder / "vi" / f"{stem}.png", visible)
        write_image(folder / "Segmentation_labels" / f"{stem}.png", labels[stem])
    return labels


def test_msrs_labels_are_read_as_indices(tmp_path):
    labels = write_msrs(tmp_path)
    pairs = read_msrs(tmp_path)
    assert np.array_equal(pairs.labels, np.stack(list(labels.values())))
    assert pairs.conditions == ("day", "night")
    assert pairs.classes is MSRS
    assert MSRS.names[:3] == ("unlabeled", "car", "person")
    assert len(MSRS.names) == len(MSRS.colours) == len(set(MSRS.colours)) == 9


def test_msrs_labels_in_colour_mean_the_same(tmp_path):
    labels = np.arange(9, dtype=np.uint8).reshape(3, 3)
    write_image(tmp_path / "colour.png", MSRS.paint(labels))
    assert np.array_equal(read_label(tmp_path / "colour.png"), labels)


def test_bad_msrs_folders_are_one_sentence(tmp_path):
    write_msrs(tmp_path)
    label = tmp_path / "Segmentation_labels" / "00000D.png"
    write_image(label, np.full((48, 64), 9, np.uint8))
    with pytest.raises(InputError, match="has the label 9"):
        read_msrs(tmp_path)
    write_image(label, np.full((48, 64, 3), 77, np.uint8))
    with pytest.raises(InputError, match="no class of MSRS"):
        read_msrs(tmp_path)
    write_image(label, np.zeros((48, 60), np.uint8))
    with pytest.raises(
        InputError,
        match=r"00000D\.png is 64x48 but .*00000D\.png is 60x48: a pair and its labels must have",
    ):
        read_msrs(tmp_path)
    label.unlink()
    with pytest.raises(InputError, match="no labels for 00000D"):
        read_msrs(tmp_path)


def test_inputs_lie_in_their_planes_and_nothing_else_does():
    infrared, visible, stacked = (
        build_input(STREETS, name) for name in ("infrared", "visible", "stacked")
    )
    assert np.array_equal(infrared[:, 3], STREETS.first)
    assert np.array_equal(visible[:, :3].permute(0, 2, 3, 1), STREETS.second)
    assert infrared[:, :3].max() == visible[:, 3].max() == 0
    assert torch.equal(stacked, infrared + visible)
    with pytest.raises(InputError, match="no input 'thermal'"):
        build_input(STREETS, "thermal")


def test_a_fused_input_is_the_fused_image_in_the_colours_of_the_visible():
    fused = build_input(STREETS, "maximum")
    assert fused[:, 3].max() == 0
    first, second = STREETS.first[1] / np.float32(255), STREETS.second[1] / np.float32(255)
    expected = maximum(first, luma(second))
    found = luma(fused[1, :3].permute(1, 2, 0).numpy() / np.float32(255))
    unclipped = (fused[1, :3].amax(0) < 255) & (fused[1, :3].amin(0) > 0)
    assert np.abs(found - expected)[unclipped.numpy()].max() < 2 / 255


def test_network_keeps_the_size_and_learns_a_rule():
    torch.manual_seed(0)
    images = torch.randint(0, 256, (16, 4, 16, 16), dtype=torch.uint8)
    labels = (images[:, 3] > 127).byte()
    config = SegmentConfig(steps=60, batch=8, widths=(16, 16), learning_rate=1e-2)
    model = train_segmentation(images, labels, 2, config, CPU)
    found = predict(model, images)
    assert found.shape == labels.shape
    assert (found == labels).float().mean() > 0.8  # 0.5 by chance
    assert SegmentationNet(4, 9)(torch.zeros(1, 4, 48, 64)).shape == (1, 9, 48, 64)


def test_a_seed_decides_the_training_and_sizes_are_checked():
    images, labels = build_input(STREETS, "stacked"), torch.from_numpy(STREETS.labels)
    one, two = (train_segmentation(images, labels, 7, TINY, CPU) for _ in range(2))
    for a, b in zip(one.parameters(), two.parameters(), strict=True):
        assert torch.equal(a, b)
    with pytest.raises(InputError, match="must divide by 4"):
        train_segmentation(images[..., :62], labels[..., :62], 7, TINY, CPU)


def test_study_rows_and_summary():
    plan = [("infrared", [0, 1]), ("stacked", [0])]
    runs = list(run_study(STREETS, STREETS, plan, TINY, CPU))
    assert [(run.input, run.seed) for run in runs] == [
        ("infrared", 0),
        ("infrared", 1),
        ("stacked", 0),
    ]
    assert runs[0].confusions["all"].sum() == STREETS.labels.size
    parts = [runs[0].confusions[time] for time in ("day", "night", "fog", "glare")]
    assert np.array_equal(sum(parts), runs[0].confusions["all"])
    objects = sum(runs[0].confusions[name].sum() for name in SEEN_BY)
    assert objects == np.isin(STREETS.labels, OBJECTS).sum()
    rows = pd.DataFrame([row for run in runs for row in to_rows(run, STREETS)])
    summary = summarise(rows).set_index(["input", "condition", "class"])
    own = rows[(rows["input"] == "infrared") & (rows["condition"] == "all")]
    mean = own[own["class"] == "mean"]["iou"].mean()
    assert summary.loc[("infrared", "all", "mean"), "iou"] == pytest.approx(mean)
    assert summary.loc[("stacked", "all", "mean"), "runs"] == 1
    assert "infrared only" not in summary.index.levels[1]  # a region has no IoU
    found = summarise(rows, "recall").set_index(["input", "condition", "class"])
    assert 0 <= found.loc[("infrared", "infrared only", "mean"), "recall"] <= 1


def test_crops_show_images_and_labels_of_one_place():
    labels = torch.arange(2 * 32 * 48).reshape(2, 32, 48) % 251
    images = labels[:, None].expand(2, 4, 32, 48).byte()
    config = SegmentConfig(steps=1, batch=8, widths=(8, 8), crop=16)
    crops, truth = LabelledCrops(images, labels, config, CPU).draw()
    assert crops.shape == (8, 4, 16, 16)
    assert torch.equal((crops * 255).round().long(), truth[:, None].expand(8, 4, 16, 16))
    assert len({tuple(crop[0].tolist()) for crop in truth}) > 4  # places differ


def test_crops_that_do_not_fit_are_refused():
    for crop, sentence in ((128, "smaller than the crops of 128"), (18, "must divide by 4")):
        with pytest.raises(InputError, match=sentence):
            check_sides((64, 96), crop, 4)


def test_figures_show_labels_over_the_image():
    image = np.full((2, 2), 100, np.uint8)
    labels = np.array([[0, 1], [0, 0]])
    assert (overlay(image, labels, MSRS)[labels == 0] == 100).all()
    assert overlay(image, labels, MSRS)[0, 1].tolist() == [82, 50, 114]
    (run,) = run_study(STREETS, STREETS, [("infrared", [0])], TINY, CPU)
    axes = plot_confusion(np.array([[3, 1], [0, 4]]), LESION, "x").axes[0]
    assert [text.get_text() for text in axes.texts] == ["75", "25", "0", "100"]
    assert len([ax for ax in plot_predictions(STREETS, [run], 0).axes if ax.images]) == 4


@pytest.fixture
def tiny_sizes(monkeypatch):
    monkeypatch.setitem(SIZES, "small", Size((64, 64), 64, 4, 2, TINY))
    monkeypatch.setattr("lkc.downstream.labelled.os.cpu_count", lambda: 1)


def segment(*options):
    return CliRunner().invoke(app, ["downstream", "segment", "--device", "cpu", *map(str, options)])


@pytest.mark.slow
@pytest.mark.usefixtures("tiny_sizes")
def test_command_writes_rows_figures_and_continues(tmp_path):
    file, figures = tmp_path / "rows.csv", tmp_path / "figures"
    names = ["--input", "infrared", "--input", "lite"]
    result = segment("--csv", file, "--seeds", 1, *names, "-o", figures)
    assert result.exit_code == 0, result.output
    first = pd.read_csv(file)
    assert set(first["input"]) == {"infrared", "lite"}
    assert {"confusion-lite.png", "overlays-day.png"} <= {p.name for p in figures.iterdir()}
    assert "lite" in result.output
    assert "no interval" in result.output
    assert segment("--csv", file, "--seeds", 2, *names).exit_code == 0
    both = pd.read_csv(file)
    assert len(both) == 2 * len(first)
    pd.testing.assert_frame_equal(both.iloc[: len(first)], first)
    finished = segment("--csv", file, "--seeds", 2, *names, "-o", figures)
    assert "has all runs, and no predictions to draw" in str(finished.exception)
    other = segment("--csv", file, "--task", "mri-ct")
    assert isinstance(other.exception, InputError)
    assert "other settings" in str(other.exception)


WITHOUT_ACCELERATE = """
import sys
sys.modules["accelerate"] = None
from lkc.cli import downstream, main
from lkc.downstream.training import SegmentConfig
tiny = SegmentConfig(steps=2, batch=2, widths=(4,))
downstream.SIZES["small"] = downstream.Size((64, 64), 64, 4, 2, tiny)
sys.argv = ["lkc", "downstream", "segment", "--csv", "r.csv", "--input", "infrared", "--seeds", "1"]
main()
"""


def test_command_needs_no_accelerate(tmp_path):
    command = [sys.executable, "-c", WITHOUT_ACCELERATE]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert set(pd.read_csv(tmp_path / "r.csv")["input"]) == {"infrared"}


@pytest.mark.usefixtures("tiny_sizes")
def test_command_trains_on_msrs_shaped_folders(tmp_path):
    for part in ("train", "test"):
        write_msrs(tmp_path / part)
    result = segment(
        "--csv", tmp_path / "r.csv", "--data", tmp_path, "--seeds", 1, "--input", "stacked"
    )
    assert result.exit_code == 0, result.output
    rows = pd.read_csv(tmp_path / "r.csv")
    assert set(rows["class"]) == {"mean", *MSRS.names}
    assert set(rows["condition"]) == {"all", "day", "night"}


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--size", "huge"], "choose one of small, medium, full"),
        (["--input", "thermal"], "no input 'thermal'"),
        (["--task", "mri-ct", "--data", "x"], "--data is for MSRS"),
        (["--csv", "missing/rows.csv"], "its folder does not exist"),
    ],
)
def test_wrong_use_is_one_sentence(tmp_path, options, sentence):
    result = segment("--csv", tmp_path / "r.csv", *options)
    assert isinstance(result.exception, InputError)
    assert sentence in str(result.exception)


@pytest.mark.parametrize(
    "content", [b"\x89PNG\r\n\x1a\n\0\xff", b"\n\n", b'"a,b\n1', b"a,b\n1,2\n"]
)
def test_a_file_that_is_no_table_of_results_stays_as_it_is(tmp_path, content):
    file = tmp_path / "rows.csv"
    file.write_bytes(content)
    result = segment("--csv", file)
    assert isinstance(result.exception, InputError)
    assert str(result.exception).endswith("name another file.")
    assert file.read_bytes() == content


@pytest.mark.usefixtures("tiny_sizes")
def test_a_folder_of_figures_that_cannot_be_made_is_refused_before_the_training(tmp_path):
    (tmp_path / "figures").write_text("")
    result = segment("--csv", tmp_path / "rows.csv", "-o", tmp_path / "figures")
    assert "figures cannot be written" in str(result.exception)
    assert not (tmp_path / "rows.csv").exists()


def test_command_measures_hot_objects(tmp_path):
    for seed in range(3):
        scene = street_scene(seed, 240, 320, "night")
        write_image(tmp_path / "MSRS" / "ir" / f"{seed}N.png", scene.infrared)
        write_image(tmp_path / "MSRS" / "vi" / f"{seed}N.png", scene.visible)
        write_image(tmp_path / "copy" / f"{seed}N.png", scene.infrared)
    write_image(tmp_path / "MSRS" / "ir" / "9D.png", np.zeros((240, 320), np.uint8))
    write_image(tmp_path / "MSRS" / "vi" / "9D.png", np.zeros((240, 320), np.uint8))
    base = ["downstream", "contrast", "--data", str(tmp_path / "MSRS"), "--device", "cpu"]
    own = ["--names", "*N", "--fused", f"copy={tmp_path / 'copy'}"]
    result = CliRunner().invoke(app, [*base, *own, "--csv", str(tmp_path / "c.csv")])
    assert result.exit_code == 0, result.output
    rows = pd.read_csv(tmp_path / "c.csv")
    values = rows.pivot(index=["pair", "object"], columns="image", values="contrast")
    assert np.array_equal(values["copy"], values["infrared"])
    assert {"lite", *input_names("ir-vis")} - {"stacked", "heat"} <= set(values)
    assert "of 3 pairs" in result.output
    (tmp_path / "copy" / "1N.png").unlink()
    assert "has no image 1N" in str(CliRunner().invoke(app, [*base, *own]).exception)
    assert "matches none" in str(CliRunner().invoke(app, [*base, "--names", "x"]).exception)


@pytest.mark.parametrize(("study", "task"), STUDIES.items())
def test_the_stored_rows_are_whole(study, task):
    rows = pd.read_csv(HERE / "results" / f"downstream-{study}.csv")
    runs = rows[["input", "seed"]].drop_duplicates()
    seeds = runs.groupby("input")["seed"].agg(list)
    assert all(own == list(range(len(own))) for own in seeds)
    assert set(seeds.map(len)) == {len(seeds["lite"])}
    assert not rows.duplicated(["input", "seed", "condition", "class"]).any()
    assert {"lite", get_task(task).first} <= set(runs["input"])
    (size,), (data,) = set(rows["size"]), set(rows["data"])
    half = 7000 if study in ("msrs-7000", "msrs-one-seed") else None
    config = choose_config(size, Path("MSRS") if data == "MSRS" else None, half)
    assert set(rows["steps"]) == {config.steps}


def test_the_page_lists_the_best_input_first():
    rows = pd.DataFrame(
        {
            "input": ["a", "b"] * 2,
            "seed": [0, 0, 1, 1],
            "condition": "all",
            "class": "mean",
            "iou": [0.4, 0.6, 0.5, 0.7],
        }
    )
    summary = summarise(rows)
    assert best_first(summary) == ["b", "a"]
    lines = score_table(summary, "class", ["b", "a"]).splitlines()
    assert lines[0] == "| input | mean |"
    assert lines[2].startswith("| b | 65.0 ±")
