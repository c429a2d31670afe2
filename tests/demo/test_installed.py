"""What `pip install` puts into site-packages: the library, and the page as `lkc_demo`."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("gradio")
ROOT = Path(__file__).parents[2]
BUILT_FROM = ("lkc", "demo", "assets", "setup.py", "pyproject.toml", "README.md", "LICENSE")
LOOK = """
import lkc
import lkc_demo.app
from lkc.tutorial.examples import pair_names
from lkc_demo.tabs import about, sources
print(lkc.__file__, lkc_demo.app.__file__, sep="\\n")
assert len(sources.examples("ir-vis")) == 3 == len(pair_names("ir-vis"))
assert "<td>" in about.results_table("en")
assert lkc_demo.app.build_page()
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """A folder into which the package was installed, from a copy of what it is built from."""
    pytest.importorskip("setuptools")
    source, site = (tmp_path_factory.mktemp(name) for name in ("source", "site"))
    leave_out = shutil.ignore_patterns("__pycache__", "node_modules", "dist")
    for name in BUILT_FROM:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=leave_out)
        else:
            shutil.copy(ROOT / name, source)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--target", site, source], check=True)
    return site


@pytest.mark.slow
def test_only_lkc_and_lkc_demo_are_installed(site):
    folders = {path.name for path in site.iterdir() if path.is_dir() and path.suffix == ""}
    assert folders - {"bin", "Scripts"} == {"lkc", "lkc_demo"}
    installed = {path.relative_to(site) for path in site.glob("lkc*/**/*.py")}
    written = {path.relative_to(ROOT) for path in (ROOT / "lkc").rglob("*.py")}
    pages = (path.relative_to(ROOT / "demo") for path in (ROOT / "demo").rglob("*.py"))
    assert installed == written | {Path("lkc_demo") / page for page in pages}


@pytest.mark.slow
def test_the_installed_page_has_its_pairs_and_numbers(site, tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(site)}
    run = [sys.executable, "-P", "-c", LOOK]
    done = subprocess.run(run, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert all(Path(line).is_relative_to(site) for line in done.stdout.split())


@pytest.mark.slow
def test_a_space_starts_the_page_from_a_clone_by_its_path(tmp_path):
    start = "import runpy, gradio; gradio.Blocks.launch = lambda *a, **k: exit(7); "
    start += f"runpy.run_path({str(ROOT / 'demo' / 'space.py')!r})"
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run([sys.executable, "-P", "-c", start], cwd=tmp_path, env=environment)
    assert done.returncode == 7  # it came as far as launching
