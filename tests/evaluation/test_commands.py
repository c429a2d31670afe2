"""Programs of others as methods: how they are called, what they must write, how they may fail."""

import json
import sys

import numpy as np
import pytest
from PIL import Image

from lkc.errors import InputError
from lkc.evaluation import compare, parse_command
from lkc.evaluation.commands import run_command_on

# Both programs average the pair; the second takes folders. An image called "bad" fails.
PER_PAIR = """
import os, sys
from PIL import Image
first, second, fused = sys.argv[1:]
if "bad" in first:
    sys.exit("this one is bad")
assert "PYTHONPATH" not in os.environ
Image.blend(Image.open(first).convert("L"), Image.open(second).convert("L"), 0.5).save(fused)
"""
PER_FOLDER = """
import sys
from pathlib import Path
from PIL import Image
firsts, seconds, outs = map(Path, sys.argv[1:])
for path in sorted(firsts.iterdir()):
    if path.stem != "bad":
        pair = [Image.open(folder / path.name).convert("L") for folder in (firsts, seconds)]
        Image.blend(*pair, 0.5).save(outs / f"{path.stem}.jpg", quality=100)
"""


@pytest.fixture
def folders(tmp_path):
    """Two folders of three pairs, and the two programs: first, second, path of a program."""
    generator = np.random.default_rng(0)
    for side in ("one side", "other"):  # a space in a path is no end of a word
        (tmp_path / side).mkdir()
        for stem in ("1", "2", "bad"):
            pixels = generator.integers(0, 256, (48, 56), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / side / f"{stem}.png")
    (tmp_path / "pair.py").write_text(PER_PAIR)
    (tmp_path / "folder.py").write_text(PER_FOLDER)
    return tmp_path / "one side", tmp_path / "other", tmp_path


def python(program, words):
    """A command that the interpreter of this test runs."""
    return f"{sys.executable} '{program}' {words}"


def evaluate(lkc_command, folders, *options):
    first, second, place = folders
    sources = ("--a", first, "--b", second)
    return lkc_command("evaluate", *sources, *options, "--json", place / "o.json")


@pytest.mark.parametrize(
    ("program", "words", "closeness"),
    [
        ("pair.py", "{first} {second} {fused}", 1e-6),
        ("folder.py", "{firsts} {seconds} {outs}", 0.05),
    ],
)
def test_a_command_is_scored_as_the_images_that_it_writes(
    folders, lkc_command, monkeypatch, program, words, closeness
):
    monkeypatch.setenv("PYTHONPATH", "of-this-program")
    command = f"mean={python(folders[2] / program, words)}"
    status, out, err = evaluate(lkc_command, folders, "--command", command, "--preset", "average")
    assert status == 1
    assert "bad left out: mean: the command ended" in err
    assert "s/pair" in out
    content = json.loads((folders[2] / "o.json").read_text())
    assert list(content) == ["average", "mean"]
    assert [list(method["pairs"]) for method in content.values()] == [["1", "2"]] * 2
    assert content["mean"]["seconds"] > 0
    assert "seconds" not in content["average"]
    # Both are the mean of the pair, rounded in different ways.
    assert content["mean"]["mean"]["SD"] == pytest.approx(content["average"]["mean"]["SD"], rel=0.1)
    images = {}
    for stem in ("1", "2"):
        pair = [Image.open(folder / f"{stem}.png") for folder in folders[:2]]
        images[stem] = np.asarray(Image.blend(*pair, 0.5))
    expected = np.mean([image.std() for image in images.values()])
    assert content["mean"]["mean"]["SD"] == pytest.approx(expected, rel=closeness)


def test_the_reason_is_what_the_program_said_last(folders, lkc_command):
    command = f"mean={python(folders[2] / 'pair.py', '{first} {second} {fused}')}"
    _, _, err = evaluate(lkc_command, folders, "--command", command)
    assert "bad left out: mean: the command ended with status 1: this one is bad" in err


def test_commands_serve_from_python_too(folders):
    command = parse_command(python(folders[2] / "pair.py", "{first} {second} {fused}"))
    with pytest.raises(InputError, match="bad: m: the command ended with status 1"):
        compare(*folders[:2], {"m": command})
    for folder in folders[:2]:
        (folder / "bad.png").unlink()
    assert list(compare(*folders[:2], {"m": command}).index) == [("m", "1"), ("m", "2")]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("no-such-program {first} {second} {fused}", "no-such-program cannot be started"),
        (f"{sys.executable} -c pass {{first}} {{second}} {{fused}}", "wrote no {fused} file"),
        (f"{sys.executable} -c pass {{firsts}} {{seconds}} {{outs}}", "wrote no image of that"),
    ],
)
def test_a_command_that_fuses_nothing_is_refused(folders, tmp_path, text, sentence):
    (tmp_path / "new").mkdir()
    pairs = {"1": (folders[0] / "1.png", folders[1] / "1.png")}
    with pytest.raises(InputError, match="it fused none of 1 pairs") as caught:
        run_command_on(parse_command(text), pairs, tmp_path / "new")
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["fuse {first} {second}", "fuse", "fuse {firsts} {second} {fused}", "a {first} {firsts}"],
)
def test_missing_and_mixed_placeholders_are_refused(text):
    with pytest.raises(InputError, match="or for whole folders"):
        parse_command(text)


def test_words_are_not_given_to_a_shell(folders, tmp_path):
    with pytest.raises(InputError, match="No closing quotation"):
        parse_command("fuse '{first} {second} {fused}")
    (tmp_path / "new").mkdir()
    code = (
        "import sys, shutil; shutil.copy(sys.argv[1], sys.argv[3]); assert sys.argv[4] == '$HOME;'"
    )
    command = parse_command(f'{sys.executable} -c "{code}" {{first}} {{second}} {{fused}} $HOME;')
    pairs = {"1": (folders[0] / "1.png", folders[1] / "1.png")}
    assert list(run_command_on(command, pairs, tmp_path / "new").files) == ["1"]


def test_the_option_wants_a_name(folders, lkc_command):
    status, _, err = evaluate(lkc_command, folders, "--command", "fuse")
    assert status == 2
    assert "write --command NAME=" in err
