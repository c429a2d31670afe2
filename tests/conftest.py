"""Fixtures of all tests: one seed, one thread, a small image pair, the shared data, a browser."""

import os
import shutil
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # read when torch loads; pytest has two processes
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # before anything imports gradio
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("MPLBACKEND", "Agg")

import pytest
import torch
from hypothesis import settings
from torch import Tensor

# Tests with these markers run last, in this order: files that take longest come first, so that no
# process is left alone with one.
LATE = ("notebook", "page", "slow")
SHARED = Path(__file__).parents[2] / "shared"

# A run that fails must fail again: hypothesis draws the same examples each time.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


def lateness(item):
    """Rank a test by its latest marker: 0 for a quick one."""
    ranks = [LATE.index(mark.name) + 1 for mark in item.iter_markers() if mark.name in LATE]
    return max(ranks, default=0)


def pytest_collection_modifyitems(items):
    """Put quick tests first, so that a failure shows soon."""
    items.sort(key=lateness)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real pairs and reference values that lie beside the repository where it is developed."""
    if not SHARED.is_dir():
        pytest.skip("needs ../shared")
    return SHARED


@pytest.fixture
def tiny_pair() -> tuple[Tensor, Tensor]:
    """Two (1, 1, 48, 64) sources in [0, 1]: a warm disc in the dark, and a textured scene."""
    rows, columns = torch.meshgrid(torch.arange(48.0), torch.arange(64.0), indexing="ij")
    disc = torch.sigmoid(8 - torch.hypot(rows - 24, columns - 40))
    stripes = 0.5 + 0.3 * torch.sin(columns / 2) * torch.cos(rows / 3)
    return (0.1 + 0.8 * disc)[None, None], stripes[None, None]


@pytest.fixture
def lkc_command(monkeypatch, capsys):
    """Run the command line in this process: (*arguments) -> exit status, stdout, stderr."""
    from lkc.cli import main

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["lkc", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return ended.value.code or 0, captured.out, captured.err

    return run


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args, playwright):
    """Let pytest-playwright use the system's Chromium where it has not downloaded its own."""
    if Path(playwright.chromium.executable_path).exists():
        return browser_type_launch_args
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            sandbox = [] if os.name == "nt" or os.geteuid() else ["--no-sandbox"]
            return {**browser_type_launch_args, "executable_path": found, "args": sandbox}
    pytest.skip("needs Chromium")


@pytest.fixture
def context(context):
    """A visitor's browser, with patience."""
    from playwright.sync_api import expect

    from tests.demo.steps import PATIENCE

    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    return context
