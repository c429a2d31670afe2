"""Running the study again at a tiny size, and what its networks are held against."""

from itertools import product

import pandas as pd
import pytest
import torch
from torch import nn

from experiments import batch_norm_averages, grid, reference, run
from experiments.data import StudyPairs
from experiments.report import BASE_STEPS, LONG_EVERY, RESULTS, TASKS, read
from lkc.analysis.targets import plant_targets
from lkc.errors import InputError
from lkc.training.best_image import best_image
from lkc.training.losses import LossWeights, fusion_loss
from tests.fixtures.study_files import write_pairs

ABOUT = {"steps": 2, "batch": 2, "crop": 32, "grid": "tiny", "test_pairs": 3}


@pytest.fixture
def few_steps(monkeypatch):
    monkeypatch.setattr(reference, "STEPS", 2)
    monkeypatch.setattr(batch_norm_averages, "CROP_BATCHES", 2)


@pytest.fixture
def tiny_study(monkeypatch, tmp_path, few_steps):
    """Two networks per call, one call per part, and a folder of pairs."""
    monkeypatch.setitem(
        grid.GRIDS, "tiny", lambda: [grid.Variant("batch", "k3"), grid.Variant("hybrid", "k3")]
    )
    parts = {part: [run.Call(calls[0].task, **ABOUT)] for part, calls in run.PARTS.items()}
    parts["mri-ct"].append(run.Call("mri-ct", seed=1, **ABOUT))
    monkeypatch.setattr(run, "PARTS", parts)
    for task, sources in (("ir-vis", ("ir", "vi")), ("mri-ct", ("MRI", "CT"))):
        write_pairs(tmp_path / run.FOLDERS[task] / "train", sources, 33)  # two held out of a third
        write_pairs(tmp_path / run.FOLDERS[task] / "test", sources, 3)
    return tmp_path


@pytest.mark.slow
def test_the_whole_study_runs_again(tiny_study, monkeypatch):
    out = tiny_study / "out"
    run.run(tiny_study, out, device="cpu")
    for name in ("ir-vis", "mri-ct", "long", "base"):
        table, pairs = (pd.read_csv(out / f"{name}{suffix}.csv") for suffix in ("", "-pairs"))
        assert set(table) == set(read(name))
        assert len(pairs) == 3 * len(table)
    networks = pd.read_csv(out / "mri-ct.csv")[["variant", "seed"]].to_numpy().tolist()
    assert networks == [list(x[::-1]) for x in product((0, 1), ("batch-k3", "hybrid-k3"))]
    references = pd.read_csv(out / "reference.csv")
    assert list(references) == list(read("reference"))
    assert len(references) == 6
    for name in ("base-slices", "averages"):
        assert list(pd.read_csv(out / f"{name}.csv")) == list(read(name))
    monkeypatch.delattr(run, "ablate")  # nothing is trained twice
    run.run(tiny_study, out, part="mri-ct", device="cpu")


def test_a_call_that_was_cut_short_is_made_again(tiny_study):
    call = run.PARTS["ir-vis"][0]
    table, pairs = call.tables(tiny_study / "out" / "ir-vis")
    table.parent.mkdir(parents=True)
    table.write_text("variant\nbatch-k3\n")
    pairs.write_text("pair\n000\n")
    assert not run.is_done(call, table)
    run.run(tiny_study, tiny_study / "out", part="ir-vis", device="cpu")
    assert run.is_done(call, table)
    assert len(pd.read_csv(pairs)) == 2 * 3


def test_an_unknown_part_is_refused(tmp_path):
    with pytest.raises(InputError, match="--part norms: choose one of all, reference, ir-vis"):
        run.run(tmp_path, tmp_path, part="norms")


def test_the_calls_make_the_stored_tables():
    assert {call.seed for call in run.PARTS["ir-vis"]} == set(read("ir-vis")["seed"])
    for part in ("long", "base"):
        made = {(c.task, c.steps, v.name) for c in run.PARTS[part] for v in grid.GRIDS[c.grid]()}
        table = read(part)
        assert made == set(zip(table["task"], table["steps"], table["variant"], strict=True))
    assert {call.task: call.every for call in run.PARTS["long"]} == LONG_EVERY
    compared = {(call.task, call.every) for call in run.COMPARED}
    assert compared == set(zip(*(read("reference")[c] for c in ("task", "every")), strict=True))
    assert max(call.steps for call in run.PARTS["base"]) == BASE_STEPS


def test_the_best_image_of_equal_sources_is_their_image():
    source = torch.rand(1, 1, 24, 24)
    sources = source.expand(1, 2, -1, -1)
    best = best_image(sources, LossWeights(), source, reference.STEPS, reference.RATE)
    torch.testing.assert_close(best, source, atol=0.005, rtol=0)


def test_the_best_image_is_better_than_the_brighter_source():
    sources = torch.rand(2, 2, 24, 24)

    def loss(fused):
        terms = fusion_loss(fused, sources[:, :1], sources[:, 1:], LossWeights())
        return terms["total"].item()

    brighter = sources.amax(1, keepdim=True)
    best = best_image(sources, LossWeights(), brighter, reference.STEPS, reference.RATE)
    assert best.shape == (2, 1, 24, 24)
    assert loss(best) < 0.9 * loss(brighter)


def test_patches_are_cut_around_targets_and_stay_inside():
    image = torch.arange(120 * 130.0).view(1, 1, 120, 130)
    patches = reference.cut_around(image, torch.tensor([[60, 70], [3, 128]]))
    assert patches.shape == (2, 1, 96, 96)
    assert torch.equal(patches[0, 0], image[0, 0, 12:108, 22:118])
    assert torch.equal(patches[1, 0], image[0, 0, :96, 34:])


def test_kept_shares_of_patches_are_those_of_whole_images(monkeypatch):
    monkeypatch.setattr(reference, "best_image", lambda s, *_: s.mean(1, keepdim=True) / 2)
    planted = plant_targets(torch.zeros(2, 2, 128, 112), channel=1)
    kept = reference.best_kept(torch.zeros(2, 2, 128, 112), planted)
    torch.testing.assert_close(kept, torch.tensor([0.25, 0.25]))


def test_references_are_measured_on_the_study_pairs(few_steps):
    dark, bright = torch.zeros(2, 96, 112).byte(), torch.full((2, 96, 112), 100).byte()
    bright[:, 0, 0] = 2  # black too
    pairs = StudyPairs(*(torch.stack([dark, bright]) for _ in range(3)), ["one", "two"])
    rule, best = reference.reference_rows(pairs)
    assert rule["black_pixels"] == 96 * 112 + 1
    assert rule["background_mean"] == pytest.approx(2 / (96 * 112 + 1), rel=1e-4)
    assert rule["kept_first"] == pytest.approx(1)  # the other source is nowhere brighter
    assert set(best) == {"rule", "kept_first", "kept_second"}


def test_averages_are_taken_again_and_the_network_is_left_alone():
    batches = [torch.full((2, 2, 4, 4), 1.0), torch.full((4, 2, 4, 4), 5.0)]
    model = nn.Sequential(nn.BatchNorm2d(2), nn.ReLU()).eval()
    retaken = batch_norm_averages.retake_averages(model, batches)
    assert retaken[0].running_mean.tolist() == [3, 3]
    assert model[0].running_mean.tolist() == [0, 0]
    assert not any(module.training for module in retaken.modules())


def test_slices_are_described_by_source():
    pair = torch.zeros(2, 2, 2).byte()
    pair[0] = torch.tensor([[0, 0], [0, 200]])
    row = next(reference.slice_rows(["one"], pair[None]))
    assert row == {
        "pair": "one",
        "mean_first": 50,
        "spread_first": 100,
        "mean_second": 0,
        "spread_second": 0,
    }


@pytest.mark.parametrize("task", TASKS)
def test_stored_references_belong_to_the_stored_study(task):
    assert (RESULTS / f"{task}.csv").is_file()
    rows = read("reference").set_index(["task", "rule"]).loc[[(task, "maximum rule")]]
    assert (rows.filter(like="test_").nunique() == 1).all()  # whatever part was trained on
