"""Importing lkc and reading files, whole or damaged, leave the process as it was."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WATCH = """
import logging, os, signal, sys, warnings
# Libraries set what they like when they are imported: that is not what this looks at.
import numpy, torch, cv2, PIL.Image, pydicom, nibabel, tifffile, av, imagecodecs
import accelerate, matplotlib, pandas, scipy.ndimage, scipy.fft, scipy.stats, seaborn
from PIL import ImageFile

def settings():
    loggers = {"": logging.root, **logging.root.manager.loggerDict}
    kept = {
        name: (list(each.filters), list(each.handlers), each.level)
        for name, each in loggers.items()
        if isinstance(each, logging.Logger)
    }
    return {
        "environment": dict(os.environ),
        "warnings": (list(warnings.filters), warnings.showwarning),
        "loggers": kept,
        "logging": logging.root.manager.disable,
        "numpy": numpy.geterr(),
        "torch": (torch.get_num_threads(), torch.get_default_dtype(), torch.is_grad_enabled()),
        "opencv": (cv2.getNumThreads(), cv2.utils.logging.getLogLevel()),
        "pillow": (PIL.Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES),
        "stderr": (os.fstat(2).st_dev, os.fstat(2).st_ino, sys.stderr),
        "signals": [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)],
        "descriptors": len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0,
    }

def changes(before):
    after = settings()
    new = {name for name in after["loggers"] if name not in before["loggers"]}
    after["loggers"] = {k: v for k, v in after["loggers"].items() if k not in new or any(v)}
    return {key: (before[key], after[key]) for key in before if before[key] != after[key]}

before = settings()
"""
IMPORTS = "import lkc, lkc.fusion, lkc.alignment, lkc.metrics, lkc.training, lkc.evaluation, lkc.io"
READS = """
from lkc.errors import InputError
from lkc.io import read, read_volume

refused = 0
for path in sys.argv[1:]:
    for reader in (read, read_volume):
        try:
            reader(path)
        except InputError:
            refused += 1
assert refused, "some files are damaged"
"""


def run(*steps: str, arguments: tuple[Path, ...] = ()) -> str:
    """Run code in a new process and return what its settings differ in."""
    code = "\n".join([WATCH, *steps, "print(changes(before))"])
    command = [sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout.strip()


@pytest.fixture
def files(tmp_path, monkeypatch) -> tuple[Path, ...]:
    """Every kind of file that the reader's tests know, each whole and cut short."""
    from tests.io.test_damaged_files import whole_files

    paths = []
    for number, (suffix, content) in enumerate(whole_files()):
        for name, part in (("whole", content), ("half", content[: len(content) // 2])):
            paths.append(tmp_path / f"{number}-{name}{suffix}")
            paths[-1].write_bytes(part)
    return tuple(paths)


@pytest.mark.slow
def test_importing_and_reading_leave_no_trace(files):
    assert run(IMPORTS, READS, arguments=files) == "{}"


@pytest.mark.parametrize(
    ("variable", "value"), [("GOMP_SPINCOUNT", "3000"), ("THP_MEM_ALLOC_ENABLE", "1")]
)
def test_the_command_prepares_for_torch_before_it_is_there(monkeypatch, variable, value):
    monkeypatch.delenv(variable, raising=False)
    code = "import os, sys; import lkc.cli as cli; cli.run_command = lambda app: print("
    code += f"os.environ['{variable}'], 'torch' in sys.modules); cli.main()"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, env=dict(os.environ)
    )
    assert done.stdout.split() == [value, "False"]
