"""What `import lkc` and the start of the command line load: only what is used."""

import subprocess
import sys
from pathlib import Path

import pytest

import lkc

ROOT = Path(__file__).parents[2]
TABLES_AND_PLOTS = {"matplotlib", "pandas", "pywt", "scipy", "seaborn", "torchmetrics"}
HEAVY = {*TABLES_AND_PLOTS, "accelerate", "captum", "cv2", "gradio", "numpy", "torch"}


def loaded_by(code: str) -> set[str]:
    """Run code in a new process and list the top-level modules that it has loaded."""
    command = f"import atexit, sys\natexit.register(lambda: print(*sys.modules))\n{code}"
    done = subprocess.run(
        [sys.executable, "-c", command], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return {name.partition(".")[0] for name in done.stdout.splitlines()[-1].split()}


def test_importing_lkc_loads_nothing_else():
    assert not loaded_by("import lkc") & HEAVY


def test_fusing_loads_no_wavelet_plotting_or_table_library():
    loaded = loaded_by("import lkc; lkc.fuse, lkc.load_model, lkc.metrics.evaluate")
    assert "torch" in loaded
    assert not loaded & TABLES_AND_PLOTS


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_the_command_line_starts_without_torch(option):
    code = f"sys.argv = ['lkc', '{option}']\nfrom lkc.cli import main\nmain()"
    loaded = loaded_by(code)
    assert "typer" in loaded
    assert not loaded & HEAVY


def test_public_names_are_there_and_listed():
    for name in (*lkc.__all__, *lkc.PACKAGES):
        assert getattr(lkc, name) is not None
        assert name in dir(lkc)
    assert lkc.fuse is lkc.fusion.fuse
    from lkc import InputError, load_model  # as a user would

    assert issubclass(InputError, ValueError)
    assert load_model is lkc.model.loading.load_model
    with pytest.raises(AttributeError, match="no attribute 'fusee'"):
        _ = lkc.fusee
