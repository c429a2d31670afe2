"""What all commands share: the version, bounds of options, how the command line ends."""

import sys

import pytest

import lkc


def test_version(lkc_command):
    assert lkc_command("--version") == (0, f"lkc {lkc.__version__}\n", "")


def test_help_names_every_command(lkc_command):
    status, out, _ = lkc_command("--help")
    assert status == 0
    for name in ("fuse", "evaluate", "bench", "train", "demo", "erf", "export", "samples"):
        assert f" {name} " in out


@pytest.mark.parametrize("port", ["99999", "0", "-1", "x"])
def test_a_port_that_there_is_not(lkc_command, port):
    status, _, err = lkc_command("demo", "--port", port)
    assert status == 2
    assert "--port" in err
    assert "Traceback" not in err


def test_interrupted(lkc_command, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(sys.modules["lkc.cli.samples"], "list_sets", interrupt)
    status, _, err = lkc_command("samples", "--list")
    assert status == 1
    assert "interrupted; what was finished is kept" in err
