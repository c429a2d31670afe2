"""Folders split over processes: each pair once, one report, and an interrupted run goes on."""

import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from lkc import processes
from lkc.errors import InputError

LAUNCH = "-m accelerate.commands.launch --multi_gpu --num_processes 2 --main_process_port 0 -m lkc"


@pytest.fixture
def folders(tmp_path):
    """Five pairs in two folders, the third of which is damaged."""
    generator = np.random.default_rng(0)
    for side in ("ir", "vis"):
        (tmp_path / side).mkdir()
        for number in range(5):
            pixels = generator.integers(0, 256, (48, 64), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / side / f"{number}.png")
    (tmp_path / "ir" / "2.png").write_bytes(b"no image")
    return tmp_path / "ir", tmp_path / "vis", tmp_path / "out"


def launch(*arguments):
    """Run lkc in two processes."""
    command = [sys.executable, *LAUNCH.split(), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def written(folder):
    return {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}


def test_continue_leaves_out_what_is_there(folders, lkc_command):
    ir, vis, out = folders
    command = ("fuse", ir, vis, "-o", out, "--preset", "average")
    status, printed, _ = lkc_command(*command)
    assert (status, sorted(written(out))) == (1, ["0.png", "1.png", "3.png", "4.png"])
    assert "fused 4 of 5 into" in printed
    (out / "3.png").unlink()
    before = written(out)
    Image.fromarray(np.zeros((48, 64), np.uint8)).save(ir / "2.png")
    status, printed, _ = lkc_command(*command, "--continue", "--dry-run")
    assert [line.split("->")[1].split("/")[-1] for line in printed.splitlines()] == [
        *("2.png", "3.png")
    ]
    status, printed, err = lkc_command(*command, "--continue")
    assert status == 0, err
    assert "fused 2 of 5 into" in printed
    assert "3 already there" in printed
    after = written(out)
    assert len(after) == 5
    assert before.items() <= after.items()
    assert lkc_command(*command)[0] == 0  # without the option every pair is fused again
    assert not before.items() & written(out).items()


@pytest.mark.slow
def test_two_processes_fuse_each_pair_once(folders):
    ir, vis, out = folders
    command = ("fuse", ir, vis, "-o", out, "--preset", "nano", "--device", "cpu")
    done = launch(*command)
    assert done.returncode == 1
    assert done.stderr.count("2.png: 2.png is not an image") == 1
    assert done.stdout.count("fused 4 of 5") == 1
    first = written(out)
    assert sorted(first) == ["0.png", "1.png", "3.png", "4.png"]
    for name in ("0.png", "4.png"):
        (out / name).unlink()
    Image.fromarray(np.zeros((48, 64), np.uint8)).save(ir / "2.png")
    done = launch(*command, "--continue")
    assert done.returncode == 0, done.stderr
    assert "fused 3 of 5" in done.stdout
    assert "2 already there" in done.stdout
    assert {name: time for name, time in written(out).items() if name in ("1.png", "3.png")} == {
        name: first[name] for name in ("1.png", "3.png")
    }
    assert len(written(out)) == 5


@pytest.mark.slow
def test_two_processes_make_one_report(folders, tmp_path, lkc_command):
    ir, vis, _ = folders
    sources = ("evaluate", "--a", ir, "--b", vis, "--preset", "average", "--preset", "maximum")
    done = launch(*sources, "--json", tmp_path / "two.json", "--html", tmp_path / "two.html")
    assert done.returncode == 1
    assert done.stderr.count("2 left out") == 1
    assert done.stdout.count("4 pairs that all methods have") == 1
    lkc_command(*sources, "--json", tmp_path / "one.json")
    two, one = (json.loads((tmp_path / f"{name}.json").read_text()) for name in ("two", "one"))
    assert list(two["average"]["pairs"]) == ["0", "1", "3", "4"]
    for method, content in one.items():
        assert two[method]["mean"] == pytest.approx(content["mean"], rel=1e-5)
    assert "4 of 4 pairs" in (tmp_path / "two.html").read_text()


def test_a_command_is_for_one_process(folders, lkc_command, monkeypatch):
    monkeypatch.setattr("lkc.cli.evaluate.count_processes", lambda: 2)
    command = "m=fuse {first} {second} {fused}"
    status, _, err = lkc_command(
        "evaluate", "--a", folders[0], "--b", folders[1], "--command", command
    )
    assert status == 2
    assert "--command is for one process" in err


def test_processes_that_do_not_meet_are_refused(monkeypatch):
    """Otherwise each of them would do all of the work."""

    class Alone:
        num_processes = 1

    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setattr("accelerate.PartialState", lambda **_: Alone())
    processes.state.cache_clear()
    with pytest.raises(InputError, match="2 processes were started, but only 1 found each other"):
        processes.share([1, 2])
