"""What all commands share: the version, bounds of options, how the command line ends."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import lkc.cli
from lkc.cli import COMMANDS, app, load_command
from lkc.tutorial.examples import SHIPPED


def test_version(lkc_command):
    assert lkc_command("--version") == (0, f"lkc {lkc.__version__}\n", "")


def test_help_names_every_command(lkc_command):
    status, out, _ = lkc_command("--help")
    assert status == 0
    modules = {path.stem for path in Path(lkc.cli.__file__).parent.glob("*.py")}
    helpers = {"__init__", "options", "fuse_job", "fuse_volumes", "evaluate_tables"}
    assert modules - COMMANDS.keys() == helpers
    for name, sentence in COMMANDS.items():
        assert f" {name} " in out
        assert sentence.split()[-1] in out


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_what_the_command_says_of_itself(name):
    assert load_command(name).help.split("\n\n")[0] == COMMANDS[name]


def test_a_command_that_there_is_not(lkc_command):
    status, _, err = lkc_command("fues")
    assert status == 2
    assert "Did you mean 'fuse'?" in err


@pytest.mark.parametrize(
    ("typed", "completed"),
    [("lkc ev", ["evaluate"]), ("lkc fuse --pre", ["--preset"]), ("lkc downstream s", ["segment"])],
)
def test_a_shell_completes_commands_and_options(typed, completed):
    asked = {"COMP_WORDS": typed, "COMP_CWORD": str(typed.count(" "))}
    asked["_LKC_COMPLETE"] = "complete_bash"
    assert CliRunner().invoke(app, env=asked, prog_name="lkc").stdout.split() == completed


@pytest.mark.parametrize("port", ["99999", "0", "-1", "x"])
def test_a_port_that_there_is_not(lkc_command, port):
    status, _, err = lkc_command("demo", "--port", port)
    assert status == 2
    assert "--port" in err
    assert "Traceback" not in err


def test_interrupted(lkc_command, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("lkc.cli.samples.list_sets", interrupt)
    status, _, err = lkc_command("samples", "--list")
    assert status == 1
    assert "interrupted; what was finished is kept" in err


def test_a_terminal_that_knows_few_letters_gets_question_marks(tmp_path):
    folders = [str(SHIPPED / "ir-vis" / name) for name in ("ir", "vis")]
    asked = ["evaluate", "--a", folders[0], "--b", folders[1], "--preset", "average"]
    files = ["--json", str(tmp_path / "a.json"), "--csv", str(tmp_path / "a.csv")]
    ended = subprocess.run(
        [sys.executable, "-m", "lkc", *asked, *files],
        env={**os.environ, "PYTHONIOENCODING": "cp1252"}, capture_output=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert b"VIFF?" in ended.stdout
    assert (tmp_path / "a.json").exists()
    assert (tmp_path / "a.csv").exists()
