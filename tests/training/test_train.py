"""Training: the loss falls, a resumed run equals an uninterrupted one, the command works."""

import csv
import math
import shutil
import statistics
import subprocess
import sys
from dataclasses import asdict, replace
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from accelerate import Accelerator
from PIL import Image
from torch import nn
from typer.testing import CliRunner

import lkc
from lkc.cli import app
from lkc.cli.train import loss_weights
from lkc.errors import InputError
from lkc.model.checkpoint import load_weights, read_header, save_weights
from lkc.model.network import create_model
from lkc.tasks import TASKS, get_task
from lkc.training import train
from lkc.training.config import TrainConfig
from lkc.training.crops import CropSampler, load_pairs
from lkc.training.curves import Curves
from lkc.training.held_out import hold_out
from lkc.training.loop import Trainer
from lkc.training.losses import LossWeights
from lkc.training.recipes import (
    BRIGHTNESS_RECIPES,
    CONTRAST_RECIPES,
    OTHER_CAMERAS,
    RECIPES,
)
from lkc.training.schedule import cosine_with_warmup


def scene(number: int, height: int = 44, width: int = 48) -> tuple[np.ndarray, np.ndarray]:
    """A warm disc in the dark, and stripes: (H, W) uint8 and (H, W, 3) uint8."""
    rows, columns = np.mgrid[:height, :width]
    disc = np.hypot(rows - 20, columns - 10 - 2 * number) < 8
    stripes = 0.5 + 0.3 * np.sin(columns / (2 + number % 3)) * np.cos(rows / 3)
    colour = np.stack([stripes, 0.8 * stripes, 0.5 * stripes], axis=2)
    return (40 + 180 * disc).astype(np.uint8), (255 * colour).astype(np.uint8)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Twelve pairs as a data set on disk."""
    root = tmp_path_factory.mktemp("data") / "scenes"
    for name in ("ir", "vi"):
        (root / name).mkdir(parents=True)
    for number in range(12):
        infrared, visible = scene(number)
        Image.fromarray(infrared).save(root / "ir" / f"{number:02}.png")
        Image.fromarray(visible).save(root / "vi" / f"{number:02}.png")
    return root


@pytest.fixture(scope="module")
def images(folder):
    return list(load_pairs([folder], get_task("ir-vis")).values())


def test_data_sets_of_one_name_are_refused(folder, tmp_path):
    """Their pairs would replace each other's, as both are called scenes/00, scenes/01, ..."""
    shutil.copytree(folder, tmp_path / "other" / "scenes")
    with pytest.raises(InputError, match=r"have the same name: rename one\."):
        load_pairs([folder, tmp_path / "other" / "scenes"], get_task("ir-vis"))
    shutil.copytree(folder, tmp_path / "MSRS" / "train")
    shutil.copytree(folder, tmp_path / "Harvard" / "train")
    both = load_pairs([tmp_path / "MSRS/train", tmp_path / "Harvard/train"], get_task("ir-vis"))
    assert len(both) == 2 * 12
    assert {"MSRS/train/00", "Harvard/train/00"} <= both.keys()


ABLATION = Path(lkc.__file__).parent / "weights" / "ablation"
ABOUT = {"training": {"seed": 5}, "data": ["a", "b"]}


def make_trainer(images, steps: int, **changes) -> Trainer:
    config = TrainConfig(**{"steps": steps, "batch": 2, "crop": 24, "seed": 5, **changes})
    torch.manual_seed(config.seed)
    model = create_model("lite", kernel_sizes=(5, 3, 3))
    return Trainer(model, images, config, Accelerator(cpu=True))


def weights_of(trainer: Trainer) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in trainer.model.state_dict().items()}


def assert_same(one: dict, other: dict) -> None:
    assert one.keys() == other.keys()
    assert [name for name in one if not torch.equal(one[name], other[name])] == []


def test_the_loss_falls(images):
    trainer = make_trainer(images[:1], steps=30, crop=40)  # the same scene in every crop
    losses = [terms["total"].item() for terms in trainer.run()]
    assert len(losses) == 30
    assert np.mean(losses[-5:]) < 0.95 * np.mean(losses[:5])


def test_a_seed_repeats_a_run(images):
    runs = [make_trainer(images, steps=3) for _ in range(2)]
    losses = [[terms["total"].item() for terms in run.run()] for run in runs]
    assert losses[0] == losses[1]
    assert_same(weights_of(runs[0]), weights_of(runs[1]))
    other = make_trainer(images, steps=3, seed=6)
    assert next(other.run())["total"].item() != losses[0][0]


def test_a_resumed_run_is_bit_identical(images, tmp_path):
    whole = make_trainer(images, steps=6)
    losses = [terms["total"].item() for terms in whole.run()]
    first = make_trainer(images, steps=6)
    for _ in range(3):
        first.train_step()
    first.save_state(tmp_path / "state.pt", ABOUT)
    torch.rand(7)  # another process, another random state
    second = make_trainer(images, steps=6)
    second.load_state(tmp_path / "state.pt", ABOUT)
    assert [terms["total"].item() for terms in second.run()] == losses[3:]
    assert_same(weights_of(whole), weights_of(second))
    assert [p.name for p in tmp_path.iterdir()] == ["state.pt"]


def test_dropout_is_resumed_too(images, tmp_path):
    """`base` drops values and paths at random: the global random state belongs to the run."""

    def trainer():
        made = make_trainer(images, steps=4)
        made.model = torch.nn.Sequential(torch.nn.Dropout(0.5), made.model)
        return made

    whole = trainer()
    losses = [terms["total"].item() for terms in whole.run()]
    first = trainer()
    for _ in range(2):
        first.train_step()
    first.save_state(tmp_path / "state.pt", ABOUT)
    second = trainer()
    second.load_state(tmp_path / "state.pt", ABOUT)
    assert [terms["total"].item() for terms in second.run()] == losses[2:]


def test_schedule():
    rates = [cosine_with_warmup(step, 1000) for step in range(1001)]
    top = rates.index(1.0)
    assert 0 < rates[0] < rates[50] < rates[top] == 1
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert rates[-1] == pytest.approx(0)
    assert all(0 < cosine_with_warmup(0, steps) <= 1 for steps in (1, 2, 5))


def test_gradients_are_clipped(images):
    trainer = make_trainer(images, steps=1, clip=1e-3)
    trainer.optimizer.zero_grad = lambda set_to_none: None  # keep the gradient to look at
    trainer.train_step()
    norms = [p.grad.norm() for p in trainer.model.parameters() if p.grad is not None]
    assert torch.stack(norms).norm() <= 1.001e-3


def test_crops_are_flipped_parts_of_both_sources():
    image = torch.arange(2 * 8 * 9).view(2, 8, 9).to(torch.uint8)
    crops = CropSampler([image], 4, "cpu").sample(200, torch.Generator().manual_seed(0)) * 255
    assert crops.shape == (200, 2, 4, 4)
    assert torch.allclose(crops[:, 1] - crops[:, 0], torch.tensor(72.0))  # cut at the same place
    first = crops[:, 0].round().int()
    down, right = first[:, 1, 0] - first[:, 0, 0], first[:, 0, 1] - first[:, 0, 0]
    assert set(zip(down.tolist(), right.tolist(), strict=True)) == {
        (9, 1),
        (9, -1),
        (-9, 1),
        (-9, -1),
    }
    assert len(first.flatten(1).amin(dim=1).unique()) == 5 * 6  # every position


def test_a_crop_larger_than_an_image():
    with pytest.raises(InputError, match="side of 8: smaller than 9"):
        CropSampler([torch.zeros(2, 8, 20, dtype=torch.uint8)], 9, "cpu")


def test_curves_average_an_interval(tmp_path):
    curves = Curves(tmp_path / "curves.csv", every=2, start=0)
    for step, value in enumerate((1.0, 3.0, 5.0, 9.0), start=1):
        curves.add(step, {"total": torch.tensor(value)})
    again = Curves(tmp_path / "curves.csv", every=2, start=2)
    for step, value in enumerate((5.0, 11.0, 6.0), start=3):
        again.add(step, {"total": torch.tensor(value)})
    again.flush(5)
    again.flush(5)
    with (tmp_path / "curves.csv").open() as file:
        rows = [(int(row["step"]), float(row["total"])) for row in csv.DictReader(file)]
    assert rows == [(2, 2), (4, 8), (5, 6)]  # a resumed run repeats no row, and loses none


def test_every_task_has_a_recipe():
    assert set(RECIPES) == set(TASKS)


TINY = ("--steps", "4", "--batch", "2", "--crop", "24", "--save-every", "2", "--cpu")
TINY += ("--objective", "brightness")  # This one takes such small crops.


def test_command(folder, tmp_path, lkc_command):
    status, out, err = lkc_command("train", "--data", folder, "-o", tmp_path / "run", *TINY)
    assert status == 0, err
    assert "Qabf" in out
    path = tmp_path / "run" / "lite-ir-vis.safetensors"
    header = read_header(path)
    names = [f"scenes/{number:02}" for number in range(12)]
    assert header["data"] == dict(zip(("training", "validation"), hold_out(names), strict=True))
    assert header["task"] == "ir-vis"
    assert header["training"]["steps"] == 4
    assert header["training"]["loss"]["intensity"] == BRIGHTNESS_RECIPES["ir-vis"].intensity
    assert all(math.isfinite(value) for value in header["validation_metrics"].values())
    assert load_weights(path, "lite").config.norm == "hybrid"
    assert len((tmp_path / "run" / "curves.csv").read_text().splitlines()) == 1 + 2


@pytest.mark.parametrize("save_every", [2, 3])  # 3: a row is begun when the run is saved
def test_command_resumes(folder, tmp_path, lkc_command, monkeypatch, save_every):
    monkeypatch.setattr("lkc.training.run.CURVE_STEPS", 2)
    arguments = ("train", "--data", folder, *TINY, "--steps", "5", "--save-every", save_every)
    assert lkc_command(*arguments, "-o", tmp_path / "whole")[0] == 0
    original, taken = Trainer.train_step, []

    def pull_the_plug(trainer):
        if len(taken) == 4:
            raise KeyboardInterrupt
        taken.append(trainer.step)
        return original(trainer)

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "train_step", pull_the_plug)
        assert lkc_command(*arguments, "-o", tmp_path / "run")[0] != 0
    status, _, err = lkc_command(*arguments, "-o", tmp_path / "run", "--resume")
    assert status == 0, err
    files = [tmp_path / run / "lite-ir-vis.safetensors" for run in ("whole", "run")]
    assert_same(*(load_weights(path, "lite").state_dict() for path in files))
    curves = [(tmp_path / run / "curves.csv").read_text() for run in ("whole", "run")]
    assert curves[0] == curves[1]
    assert curves[0].splitlines()[-1].startswith("5,")


def test_python_users_train_as_the_command_does(folder, tmp_path, lkc_command):
    config = TrainConfig(steps=4, batch=2, crop=24, loss=BRIGHTNESS_RECIPES["ir-vis"])
    scores = train([folder], out=tmp_path / "python", config=config, cpu=True, save_every=2)
    status, out, _ = lkc_command("train", "--data", folder, "-o", tmp_path / "command", *TINY)
    assert status == 0
    assert out.split()[:2] == ["EN", f"{scores['EN']:.3f}"]
    for name in ("lite-ir-vis.safetensors", "curves.csv"):
        assert (tmp_path / "python" / name).read_bytes() == (
            tmp_path / "command" / name
        ).read_bytes()
    again = train([folder], out=tmp_path / "python", config=config, cpu=True, resume=True)
    assert again == scores  # nothing was left to do


def test_a_teacher_is_learnt_from(images):
    torch.manual_seed(1)
    teacher = create_model("lite", kernel_sizes=(3, 3, 3))
    nn.init.normal_(teacher.model.head.weight, std=0.05)
    config = TrainConfig(
        steps=40, batch=4, crop=32, loss=LossWeights(intensity=0, gradient=0, ssim=0)
    )
    torch.manual_seed(2)
    trainer = Trainer(create_model("nano"), images, config, Accelerator(cpu=True), teacher)
    distances = [terms["teacher"].item() for terms in trainer.run()]
    assert statistics.mean(distances[-8:]) < 0.7 * statistics.mean(distances[:8])
    assert not any(parameter.requires_grad for parameter in teacher.parameters())


def test_command_names_the_teacher(folder, finished, tmp_path, lkc_command):
    teacher = finished / "lite-ir-vis.safetensors"
    command = ("train", "--data", folder, "-o", tmp_path, *TINY, "--preset", "nano")
    status, _, err = lkc_command(*command, "--teacher", teacher)
    assert status == 0, err
    header = read_header(tmp_path / "nano-ir-vis.safetensors")
    assert header["taught_by"]["file"] == "lite-ir-vis.safetensors"
    assert header["taught_by"]["network"]["preset"] == "lite"
    status, _, err = lkc_command(*command, "--teacher", tmp_path / "nobody.safetensors")
    assert status == 2
    assert "nobody.safetensors does not exist" in err


@pytest.fixture(scope="module")
def finished(folder, tmp_path_factory):
    """A finished run."""
    out = tmp_path_factory.mktemp("finished")
    result = CliRunner().invoke(app, ["train", "--data", str(folder), "-o", str(out), *TINY])
    assert result.exit_code == 0, result.output
    return out


@pytest.mark.parametrize(
    ("options", "name"),
    [
        (("--lr", "1e-4"), "training.learning_rate"),
        (("--seed", "1"), "training.seed"),
        (("--loss", '{"ssim": 9}'), "training.loss.ssim"),
        (("--steps", "6"), "training.steps"),  # the learning rate has already fallen to 0
        (("--norm", "group"), "network.norm"),  # whose weights have the shapes of hybrid's
        (("--data", "more"), "data.training, data.validation"),
        (("--weights", "start"), "started_from"),
    ],
)
def test_a_run_resumes_with_the_options_it_was_started_with(
    folder, finished, tmp_path, lkc_command, options, name
):
    shutil.copytree(folder, tmp_path / "more")
    save_weights(tmp_path / "start.safetensors", create_model(), start_header(folder))
    paths = {"more": tmp_path / "more", "start": tmp_path / "start.safetensors"}
    options = [paths.get(option, option) for option in options]
    before = (finished / "lite-ir-vis.safetensors").read_bytes()
    status, _, err = lkc_command(
        "train", "--data", folder, "-o", finished, *TINY, "--resume", *options
    )
    assert status == 2
    assert f"is of a run that differs in {name}: resume with" in err
    assert (finished / "lite-ir-vis.safetensors").read_bytes() == before


def start_header(folder, held_out=("00", "10")):
    """Header of weights that were judged on other pairs than `hold_out` would choose."""
    names = [f"{number:02}" for number in range(12)]
    data = {
        "training": [f"elsewhere/{name}" for name in names if name not in held_out],
        "validation": [f"elsewhere/{name}" for name in held_out],
    }
    return {"training": {"seed": 3}, "data": data}


def test_pairs_that_weights_were_judged_on_stay_held_out(folder, tmp_path, lkc_command):
    start = tmp_path / "start.safetensors"
    save_weights(start, create_model(), start_header(folder, held_out=("03", "07", "08")))
    arguments = ("train", "--data", folder, "-o", tmp_path / "run", *TINY, "--weights", start)
    status, _, err = lkc_command(*arguments)
    assert status == 0, err
    data = read_header(tmp_path / "run" / "lite-ir-vis.safetensors")["data"]
    assert data["validation"] == ["scenes/03", "scenes/07", "scenes/08"]
    assert len(data["training"]) == 12 - 3
    assert not set(data["training"]) & set(data["validation"])


@pytest.mark.parametrize(
    "content", [b"junk", b"", {"step": 1}, [1, 2], {"random": []}, torch.zeros(3)]
)
def test_what_is_no_state_of_a_run_is_refused(folder, tmp_path, lkc_command, content):
    state = tmp_path / "state.pt"
    if isinstance(content, bytes):
        state.write_bytes(content)
    else:
        torch.save(content, state)
    status, _, err = lkc_command("train", "--data", folder, "-o", tmp_path, *TINY, "--resume")
    assert status == 2
    assert "start again without --resume" in err
    assert len(err.splitlines()) == 1


def test_weights_without_a_known_split_are_no_start(folder, tmp_path, lkc_command):
    torch.save(create_model().state_dict(), tmp_path / "released.pth")
    arguments = ("train", "--data", folder, "-o", tmp_path / "run", *TINY, "--weights")
    for path in (ABLATION / "ir-vis-hybrid-k3.safetensors", tmp_path / "released.pth"):
        status, _, err = lkc_command(*arguments, path)
        assert status == 2
        assert f"{path.name} does not say which pairs it was judged on" in err
    assert not (tmp_path / "run").exists()


def test_a_place_that_cannot_be_written_is_refused(folder, tmp_path, lkc_command):
    (tmp_path / "file").write_text("")
    for out in (tmp_path / "file", tmp_path / "file" / "run", tmp_path / ("long" * 99)):
        status, _, err = lkc_command("train", "--data", folder, "-o", out, *TINY)
        assert status == 2
        assert f"{out} cannot be written: " in err
        assert len(err.splitlines()) == 1


def test_a_full_disk_is_one_sentence(images, tmp_path, monkeypatch):
    def fail(*_):
        raise OSError(28, "No space left on device")

    trainer = make_trainer(images, steps=1)
    with monkeypatch.context() as patch:
        patch.setattr(torch, "save", fail)
        with pytest.raises(InputError, match=r"state\.pt cannot be written: No space left"):
            trainer.save_state(tmp_path / "state.pt", ABOUT)
    (tmp_path / "file").write_text("in the way")
    path = tmp_path / "file" / "a.safetensors"
    with pytest.raises(InputError, match=r"a\.safetensors cannot be written: "):
        save_weights(path, create_model(), {})


def test_changes_to_the_recipe_are_taken():
    weights = loss_weights("mri-ct", '{"ssim": 2, "detail": 0.5}')
    recipe = RECIPES["mri-ct"]
    assert (weights.ssim, weights.detail) == (2, 0.5)
    assert (weights.intensity, weights.gain) == (recipe.intensity, recipe.gain)


def test_changes_reach_the_target_image():
    weights = loss_weights("ir-vis", '{"ssim": 2, "target": {"gain": 1.5}}')
    recipe = CONTRAST_RECIPES["ir-vis"]
    assert weights == replace(recipe, ssim=2, target=replace(recipe.target, gain=1.5))


@pytest.mark.parametrize(
    ("task", "changes", "objective", "sentence"),
    [
        ("ir-vis", "{}", "heat", "choose brightness or contrast"),
        ("mri-ct", "{}", "contrast", "there is a recipe for ir-vis, none for mri-ct"),
        ("ir-vis", '{"target": 1}', "contrast", "write weights of sigma, firmness"),
        ("ir-vis", '{"target": {"gain": "much"}}', "contrast", "every weight must be a number"),
        ("ir-vis", '{"gamma": 1}', "contrast", "write weights of image, edges"),
    ],
)
def test_objectives_that_cannot_be_used(task, changes, objective, sentence):
    with pytest.raises(InputError, match=sentence):
        loss_weights(task, changes, objective)


def test_command_keeps_contrast(folder, tmp_path, lkc_command):
    options = (*TINY, "--objective", "contrast", "--crop")
    status, _, err = lkc_command("train", "--data", folder, "-o", tmp_path, *options, "40")
    assert status != 0
    assert "crops of 40 pixels are too small: this objective needs 41" in err
    status, _, err = lkc_command("train", "--data", folder, "-o", tmp_path, *options, "44")
    assert status == 0, err
    made = read_header(tmp_path / "lite-ir-vis.safetensors")["training"]
    assert made["loss"] == asdict(CONTRAST_RECIPES["ir-vis"])
    assert made["cameras"] == asdict(OTHER_CAMERAS)
    columns = (tmp_path / "curves.csv").read_text().splitlines()[0].split(",")
    assert {"image", "fidelity", "information", "outside"} <= set(columns)


def test_command_starts_from_weights(folder, tmp_path, lkc_command):
    first = tmp_path / "first"
    assert lkc_command("train", "--data", folder, "-o", first, *TINY)[0] == 0
    path = first / "lite-ir-vis.safetensors"
    arguments = ("train", "--data", folder, "-o", tmp_path / "next", "--weights", path, *TINY)
    assert lkc_command(*arguments, "--lr", "0")[0] == 0
    after = tmp_path / "next" / "lite-ir-vis.safetensors"
    assert_same(load_weights(path, "lite").state_dict(), load_weights(after, "lite").state_dict())
    assert read_header(after)["data"] == read_header(path)["data"]
    started = {**read_header(path)["training"], "sha256": sha256(path.read_bytes()).hexdigest()}
    assert read_header(after)["started_from"] == started


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--data", "nowhere"), "nowhere is not a folder"),
        (("--task", "mri"), "unknown task 'mri'"),
        (("--task", "mri-ct"), "has no folder named mri for mri-ct"),
        (("--preset", "huge"), "unknown preset 'huge'"),
        (("--norm", "spectral"), "unknown norm 'spectral'"),
        (("--kernels", "15,x"), "--kernels 15,x"),
        (("--kernels", "15,11"), "three odd numbers"),
        (("--precision", "half"), "--precision half"),
        (("--loss", "{ssim: 2}"), "--loss {ssim: 2} cannot be used"),
        (("--loss", '{"colour": 2}'), "cannot be used: write weights of intensity, "),
        (("--loss", '{"ssim": "x"}'), "cannot be used: every weight must be a number"),
        (("--loss", '{"ssim": NaN}'), "cannot be used: every weight must be a number"),
        (("--loss", '{"ssim": true}'), "cannot be used: every weight must be a number"),
        (("--loss", "5"), "cannot be used: write weights of intensity, "),
        (("--lr", "nan"), "--lr"),
        (("--lr", "-1"), "Invalid value"),
        (("--seed", "-1"), "Invalid value"),
        (("--weights", "a.safetensors", "--norm", "batch"), "leave them out"),
        (("--weights", "a.safetensors", "--kernels", "3,3,3"), "leave them out"),
        (("--crop", "64"), "a side of 44: smaller than 64"),
        (("--resume",), "holds no run to resume"),
        (("--weights", "nowhere.safetensors"), "nowhere.safetensors does not exist"),
    ],
)
def test_command_with_bad_input(arguments, sentence, folder, tmp_path, lkc_command):
    status, _, err = lkc_command(
        "train", "--data", folder, "-o", tmp_path / "run", *TINY, *arguments
    )
    assert status == 2
    assert sentence in err
    assert "Traceback" not in err


def test_command_with_one_pair(folder, tmp_path, lkc_command):
    for name in ("ir", "vi"):
        (tmp_path / "one" / name).mkdir(parents=True)
        shutil.copy(folder / name / "00.png", tmp_path / "one" / name)
    status, _, err = lkc_command("train", "--data", tmp_path / "one", "-o", tmp_path / "run", *TINY)
    assert status == 2
    assert "no pair is left to train on" in err


def test_each_process_resumes_its_own_crops(images, tmp_path):
    trainer = make_trainer(images, steps=4)
    trainer.save_state(tmp_path / "state.pt", ABOUT)
    state = torch.load(tmp_path / "state.pt")
    other = torch.Generator().manual_seed(9).get_state()
    state["random"].append({**state["random"][0], "crops": other})
    torch.save(state, tmp_path / "state.pt")
    with pytest.raises(InputError, match="was saved by 2 processes: use as many"):
        trainer.load_state(tmp_path / "state.pt", ABOUT)
    second = SimpleNamespace(num_processes=2, process_index=1, unwrap_model=lambda model: model)
    trainer.accelerator = second
    trainer.load_state(tmp_path / "state.pt", ABOUT)
    assert torch.equal(trainer.generator.get_state(), other)


def test_a_state_that_does_not_fit(images, tmp_path):
    trainer = make_trainer(images, steps=4)
    path = tmp_path / "state.pt"
    trainer.save_state(path, ABOUT)
    other = Trainer(
        create_model("lite", kernel_sizes=(3, 3, 3)), images, trainer.config, trainer.accelerator
    )
    with pytest.raises(InputError, match="holds another network"):
        other.load_state(path, ABOUT)
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(InputError, match="damaged"):
        trainer.load_state(path, ABOUT)
    path.write_bytes(b"")
    with pytest.raises(InputError, match="damaged"):
        trainer.load_state(path, ABOUT)


@pytest.mark.slow
def test_two_processes(folder, tmp_path):
    """Both take part and cut different crops; one of them writes."""
    launch = "-m accelerate.commands.launch --multi_gpu --num_processes 2 --main_process_port 0"
    command = [*launch.split(), "-m", "lkc", "train", "--data", folder, "-o", tmp_path / "run"]
    done = subprocess.run(
        [sys.executable, *map(str, command), *TINY], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("weights:") == 1
    assert read_header(tmp_path / "run" / "lite-ir-vis.safetensors")["training"]["processes"] == 2
    crops = [entry["crops"] for entry in torch.load(tmp_path / "run" / "state.pt")["random"]]
    assert len(crops) == 2
    assert not torch.equal(*crops)
