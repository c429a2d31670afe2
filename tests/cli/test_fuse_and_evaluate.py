"""`lkc fuse` on files and folders: results, exit status, one sentence for each bad input."""

import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

import lkc
from lkc.io.image_files import read_image, write_image
from lkc.model.network import create_model

RNG = np.random.default_rng(0)
GRAY = RNG.integers(0, 256, (32, 40), dtype=np.uint8)
COLOUR = RNG.integers(0, 256, (32, 40, 3), dtype=np.uint8)
GRAY16 = RNG.integers(0, 65536, (32, 40), dtype=np.uint16)


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A pair of files and a pair of folders with orphans, in the current folder."""
    monkeypatch.chdir(tmp_path)
    write_image("a.png", GRAY)
    write_image("b.png", COLOUR)
    for number in range(3):
        write_image(f"ir/{number}.png", np.roll(GRAY, number, axis=1))
        write_image(f"vi/{number}.png", np.roll(COLOUR, number, axis=1))
    write_image("ir/lonely.png", GRAY)
    write_image("vi/[odd].png", COLOUR)
    return tmp_path


def written(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_two_files(files, lkc_command):
    status, out, err = lkc_command("fuse", "a.png", "b.png", "-o", "out.png")
    assert status == 0, err
    assert (read_image("out.png") == lkc.fuse(GRAY, COLOUR)).all()
    assert "fused 1 of 1" in out


def test_two_files_into_a_folder(files, lkc_command):
    (files / "out").mkdir()
    assert lkc_command("fuse", "a.png", "b.png", "-o", "out")[0] == 0
    assert written(files / "out") == ["a.png"]


def test_two_folders(files, lkc_command):
    status, out, _ = lkc_command("fuse", "ir", "vi", "-o", "new/out")
    assert status == 0
    assert written(files / "new" / "out") == ["0.png", "1.png", "2.png"]
    expected = lkc.fuse("ir/2.png", "vi/2.png")
    assert (read_image("new/out/2.png") == expected).all()
    assert "fused 3 of 3" in out
    assert "2 without partner" in out


def test_folders_in_folders(files, lkc_command):
    for name, image in (("sets/a/day", GRAY), ("sets/a/night", GRAY[:20]), ("sets/b/day", COLOUR)):
        write_image(f"{name}/1.png", image)
    write_image("sets/b/night/1.png", COLOUR)
    status, out, err = lkc_command("fuse", "sets/a", "sets/b", "-o", "out")
    assert status == 1
    assert "night/1.png: 1.png is 40x20 but" in err.replace(os.sep, "/")
    assert "fused 1 of 2" in out
    assert [
        path.relative_to(files / "out").as_posix() for path in (files / "out").rglob("*.png")
    ] == ["day/1.png"]


def test_a_result_replaces_no_source_in_a_folder(files, lkc_command):
    for name in ("1", "day/1"):
        write_image(f"sets/a/{name}.png", GRAY)
        write_image(f"sets/b/{name}.png", COLOUR)
    status, _, err = lkc_command("fuse", "sets/a", "sets/b", "-o", "sets/b/day")
    assert status == 1
    assert "day/1.png is one of the sources" in err.replace(os.sep, "/")


def test_dry_run_lists_and_writes_nothing(files, lkc_command):
    status, out, _ = lkc_command("fuse", "ir", "vi", "-o", "out", "--dry-run")
    assert status == 0
    lines = out.splitlines()
    assert len(lines) == 5
    assert lines[1] == f"{Path('ir/1.png')} + {Path('vi/1.png')} -> {Path('out/1.png')}"
    assert f"no partner: {Path('ir/lonely.png')}" in lines
    assert f"no partner: {Path('vi/[odd].png')}" in lines
    assert not (files / "out").exists()


def test_one_bad_file_among_good_ones(files, lkc_command):
    (files / "vi" / "1.png").write_bytes(b"not an image")
    write_image("ir/2.png", GRAY[:20])
    status, out, err = lkc_command("fuse", "ir", "vi", "-o", "out")
    assert status == 1
    assert written(files / "out") == ["0.png"]
    assert "1.png is not an image" in err
    assert "2.png is 40x20 but 2.png is 40x32" in err
    assert "fused 1 of 3" in out


def test_sixteen_bits_stay_sixteen(files, lkc_command):
    write_image("a16.png", GRAY16)
    write_image("b16.png", GRAY16[::-1].copy())
    assert lkc_command("fuse", "a16.png", "b16.png", "-o", "out.png")[0] == 0
    assert read_image("out.png").dtype == np.uint16
    assert lkc_command("fuse", "a16.png", "b.png", "-o", "out.png")[0] == 0
    assert read_image("out.png").dtype == np.uint8


@pytest.mark.parametrize("task", ["ir-vis", "mri-ct", "mri-pet", "mri-spect"])
def test_tasks(files, lkc_command, task):
    assert lkc_command("fuse", "a.png", "b.png", "-o", "out.png", "--task", task)[0] == 0
    assert (read_image("out.png") == lkc.fuse(GRAY, COLOUR, task)).all()


def test_baseline_and_detail(files, lkc_command):
    arguments = ("fuse", "a.png", "b.png", "-o")
    assert lkc_command(*arguments, "max.png", "--preset", "maximum")[0] == 0
    assert lkc_command(*arguments, "none.png", "--detail", "0")[0] == 0
    assert (read_image("max.png") == read_image("none.png")).all()
    assert lkc_command(*arguments, "full.png", "--detail", "2")[0] == 0
    assert (read_image("full.png") != read_image("none.png")).any()


def test_given_weights(files, lkc_command):
    net = create_model("lite")
    torch.nn.init.normal_(net.model.head.weight, std=0.1)
    torch.save(net.state_dict(), "mine.pth")
    assert lkc_command("fuse", "a.png", "b.png", "-o", "out.png", "--weights", "mine.pth")[0] == 0
    model = lkc.load_model("lite", weights="mine.pth")
    assert (read_image("out.png") == lkc.fuse(GRAY, COLOUR, model=model)).all()


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (("nowhere.png", "b.png"), 1, "nowhere.png does not exist"),
        (("a.png", "nowhere.png"), 1, "nowhere.png does not exist"),
        (("a.png", "vi"), 1, "give two files or two folders"),
        (("ir", "b.png"), 1, "give two files or two folders"),
        (("ir", "nowhere"), 1, "nowhere is not a folder"),
        (("ir", "empty"), 1, "empty holds no images"),
        (("text.png", "b.png"), 1, "text.png is not an image"),
        (("small.png", "b.png"), 1, "small.png is 40x20 but b.png is 40x32"),
        (("a.png", "b.png", "--task", "ct"), 2, "unknown task 'ct'"),
        (("a.png", "b.png", "--preset", "huge"), 2, "unknown preset 'huge'"),
        (("a.png", "b.png", "--preset", "base"), 2, "no weights ship for 'base'"),
        (("a.png", "b.png", "--device", "tpu"), 2, "unknown device 'tpu'"),
        (("a.png", "b.png", "--device", "cuda"), 2, "device 'cuda' was asked for"),
        (("a.png", "b.png", "--weights", "nowhere.pth"), 2, "nowhere.pth does not exist"),
        (("a.png", "b.png", "--weights", "text.png"), 2, "text.png is not a weights file"),
        (("a.png", "b.png", "--detail", "3"), 2, "between 0 and 2"),
        (("a.png",), 2, "Missing argument"),
        (("a.png", "b.png", "--nonsense"), 2, "No such option"),
    ],
)
def test_bad_input(files, lkc_command, monkeypatch, arguments, status, sentence):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    (files / "empty").mkdir()
    (files / "text.png").write_text("hello")
    write_image("small.png", GRAY[:20])
    before = written(files)
    ended, _, err = lkc_command("fuse", *arguments, "-o", "out.png")
    assert ended == status
    assert sentence in err
    assert "Traceback" not in err
    assert written(files) == before


def test_unusable_targets(files, lkc_command):
    status, _, err = lkc_command("fuse", "a.png", "b.png", "-o", "out.jpg")
    assert status != 0
    assert "name the output out.png" in err
    status, _, err = lkc_command("fuse", "ir", "vi", "-o", "a.png")
    assert status == 1
    assert "cannot be written" in err
    assert (read_image("a.png") == GRAY).all()


@pytest.mark.parametrize(
    "arguments",
    [
        ("a.png", "b.png", "-o", "b.png"),
        ("a.png", "b.png", "-o", "link.png"),
        ("ir/1.png", "vi/1.png", "-o", "vi"),
        ("ir", "vi", "-o", "ir"),
        ("ir", "vi", "-o", "./vi/../vi/"),
        ("ir", "vi", "-o", "linked"),
    ],
)
@pytest.mark.parametrize("more", [(), ("--dry-run",)])
def test_sources_are_never_overwritten(files, lkc_command, arguments, more):
    (files / "link.png").symlink_to("a.png")
    (files / "linked").symlink_to("vi", target_is_directory=True)
    before = {path: path.read_bytes() for path in files.rglob("*.png")}
    status, _, err = lkc_command("fuse", *arguments, *more)
    assert status == 1
    assert "is one of the sources: choose another name" in err
    assert {path: path.read_bytes() for path in files.rglob("*.png")} == before


def test_a_hint_is_a_sentence_on_stderr(files, lkc_command):
    write_image("a16.png", (28000 + GRAY16 // 64).astype(np.uint16))
    status, out, err = lkc_command("fuse", "a16.png", "b.png", "-o", "out.png", "--window", "full")
    assert status == 0
    assert "full: 0 to 65535" in out
    assert "lkc: a16.png is shown in full, but its values only lie between 280" in err
    assert "UserWarning" not in err
    status, out, err = lkc_command("fuse", "a16.png", "b.png", "-o", "out.png")
    assert status == 0
    assert "window of first: percentile 1,99: 280" in out
    assert "shown in full" not in err


def test_help_names_every_command(lkc_command):
    status, out, _ = lkc_command("--help")
    assert status == 0
    for name in ("fuse", "train", "demo"):
        assert name in out
    status, out, _ = lkc_command("fuse", "--help")
    assert status == 0
    assert "--dry-run" in out


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "status"), [(("a.png", "b.png"), 0), (("a.png", "x.png"), 1), (("a.png",), 2)]
)
def test_exit_status_of_the_program(files, arguments, status):
    command = [sys.executable, "-m", "lkc", "fuse", *arguments, "-o", "out.png"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == status
    assert "Traceback" not in done.stderr
    assert "Warning" not in done.stderr
    assert (files / "out.png").exists() == (status == 0)
    assert not list(files.glob("*.part"))


def test_infrared_in_false_colour_is_told(lkc_command, tmp_path):
    gray = np.tile(np.arange(64, dtype=np.uint8) * 4, (64, 1))
    pictures = {
        "gray": np.dstack([gray] * 3),
        "rainbow": cv2.applyColorMap(gray, cv2.COLORMAP_JET),
    }
    write_image(tmp_path / "vis.png", gray / np.float32(255))
    for name, picture in pictures.items():
        cv2.imwrite(str(tmp_path / f"{name}.jpg"), picture)
        asked = [str(tmp_path / f"{name}.jpg"), str(tmp_path / "vis.png"), "--preset", "average"]
        status, _, errors = lkc_command("fuse", *asked, "-o", str(tmp_path / "out.png"))
        assert status == 0
        assert ("rainbow.jpg has colour" in errors) == (name == "rainbow")


def test_clips_and_folders_of_frames_are_told_how(lkc_command, tmp_path):
    (tmp_path / "frames").mkdir()
    (tmp_path / "a.avi").write_bytes(b"RIFF0000AVI ")
    clip, folder = str(tmp_path / "a.avi"), str(tmp_path / "frames")
    _, _, errors = lkc_command("fuse", clip, clip, "-o", str(tmp_path / "out.png"))
    assert "name the output out.mp4 or .mkv" in errors
    _, _, errors = lkc_command("fuse", folder, folder, "-o", str(tmp_path / "out.mp4"))
    assert "give its frames as a numbered series" in errors
