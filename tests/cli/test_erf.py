"""`lkc erf`: numbers as the functions give them, files, one sentence for each bad input."""

import json

import numpy as np
import pytest
import torch

import lkc
from lkc.analysis.features import layer_names
from lkc.analysis.receptive_field import area_by_mass, effective_field
from lkc.cli.erf import pixel_of_layer, read_sources
from lkc.io.image_files import write_image
from lkc.model.checkpoint import save_weights
from lkc.model.network import create_model
from lkc.tasks import get_task

RNG = np.random.default_rng(0)
PIXEL = (20, 31)


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A pair of files and weights without global statistics in the current folder."""
    monkeypatch.chdir(tmp_path)
    write_image("a.png", RNG.integers(0, 256, (44, 60), dtype=np.uint8))
    write_image("b.png", RNG.integers(0, 256, (44, 60, 3), dtype=np.uint8))
    net = create_model("lite", "batch", (3, 3, 3), fusion=False, shortcut=False).eval()
    save_weights("local.safetensors", net, {})
    return tmp_path


def run(lkc_command, *options):
    return lkc_command("erf", "a.png", "b.png", "--device", "cpu", *options)


def test_table_and_json_hold_what_the_functions_measure(files, lkc_command):
    status, out, err = run(lkc_command, "--pixel", *PIXEL, "--json", "field.json")
    assert status == 0, err
    model = lkc.load_model("lite", "ir-vis", device="cpu")
    sources = read_sources(files / "a.png", files / "b.png", get_task("ir-vis"))
    field = effective_field(model, sources, PIXEL, detach_norms=True)
    numbers = json.loads((files / "field.json").read_text())
    detached = numbers["statistics detached"]
    sides = area_by_mass(field[0], pixel=PIXEL)
    assert list(detached["infrared"]["sides"].values()) == list(sides.values())
    assert detached["first_share"] == pytest.approx((field[0].sum() / field.sum()).item())
    row = next(line for line in out.splitlines() if "detached, infrared" in line)
    assert [int(word) for word in row.split()[-4:]] == list(sides.values())
    assert numbers["theoretical_field"] == 296
    assert numbers["pixel"] == list(PIXEL)


def test_a_network_without_global_statistics_has_one_field(files, lkc_command):
    assert run(lkc_command, "--weights", "local.safetensors", "--json", "field.json")[0] == 0
    numbers = json.loads((files / "field.json").read_text())
    for name in ("both", "infrared", "visible"):
        true, detached = (numbers[g][name] for g in ("true gradient", "statistics detached"))
        assert true["sides"] == detached["sides"]
    assert numbers["theoretical_field"] == 88
    assert numbers["pixel"] == [22, 30]


def test_a_layer_sees_less_than_the_image(files, lkc_command):
    status, out, _ = run(lkc_command, "--layer", "model.stem")
    assert status == 0
    assert "layer model.stem" in out
    assert "upsampling: 6 pixels" in out


@pytest.mark.parametrize("preset", ["lite", "base"])
def test_a_pixel_is_found_in_every_layer(preset):
    model = create_model(preset, kernel_sizes=(1, 1, 1)).eval()
    sources = torch.rand(1, 2, 20, 28)  # padded inside
    for name in layer_names(model):
        row, column = pixel_of_layer(model, sources, name, (19, 27))
        assert 2 <= row <= 19
        assert 19 // row == 27 // column


def test_figure(files, lkc_command):
    assert run(lkc_command, "-o", "field.png")[0] == 0
    assert (files / "field.png").stat().st_size > 10_000


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--pixel", 44, 0], "pixel 44 0 lies outside: rows are 0 to 43, columns 0 to 59."),
        (["--pixel", -1, 0], "pixel -1 0 lies outside"),
        (["--layer", "stem"], "no layer 'stem': choose one of model.stem,"),
        (["--preset", "maximum"], "'maximum' is a rule without gradients"),
        (["-o", "field.txt"], "field.txt: a figure is a .png, .pdf, .svg file."),
        (["-o", "no/field.png"], "cannot be written: its folder does not exist."),
    ],
)
def test_bad_input_is_one_sentence(files, lkc_command, options, sentence):
    status, _, err = run(lkc_command, *options)
    assert status == 2
    assert sentence in " ".join(err.split())


def test_sizes_that_do_not_fit(files, lkc_command, monkeypatch):
    monkeypatch.setattr("lkc.cli.erf.FIELD_PIXELS", 1000)
    assert "a.png is 60x44: a field needs every map" in run(lkc_command)[2]
    write_image("b.png", np.zeros((44, 64), dtype=np.uint8))
    assert "a.png is 60x44 but b.png is 64x44" in run(lkc_command)[2]


def test_a_pixel_that_nothing_reaches(files, lkc_command):
    dead = create_model("lite", "batch", (3, 3, 3), fusion=False, shortcut=False).eval()
    torch.nn.init.zeros_(dead.model.head.weight)
    save_weights("dead.safetensors", dead, {})
    assert "nothing reaches pixel 22 30" in run(lkc_command, "--weights", "dead.safetensors")[2]
