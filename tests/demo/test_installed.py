"""What a wheel puts into site-packages: the library, and the page as `lkc_demo`."""

import os
import shutil
import subprocess
import sys
import tarfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from tests.house.test_packaging import reachable

ROOT = Path(__file__).parents[2]
BUILT_FROM = ("lkc", "demo", "assets", "setup.py", "pyproject.toml", "README.md", "LICENSE")
MOST_BYTES = 15_000_000
BUILD = "import sys; from setuptools.build_meta import *; globals()[sys.argv[1]](sys.argv[2])"
LOOK = """
import lkc
import lkc_demo.app
from lkc.tutorial.examples import pair_names
from lkc_demo.tabs import about, sources
from lkc_demo.work.inside import list_norms
print(lkc.__file__, lkc_demo.app.__file__, sep="\\n")
assert len(sources.examples("ir-vis")) == 3 == len(pair_names("ir-vis"))
assert "<td>" in about.results_table("en")
assert list_norms("ir-vis") == ["shipped"]
assert lkc_demo.app.build_page()
"""
WITHOUT_EXTRAS = """
import sys
for name in {left_out}:
    sys.modules[name] = None
from lkc.cli import main
main()
"""


def build(kind: str, source: Path, target: Path) -> Path:
    """Call a hook of the build backend, as `python -m build` does, and return what it made."""
    before = set(target.iterdir())
    hook = [sys.executable, "-c", BUILD, f"build_{kind}", target]
    subprocess.run(hook, cwd=source, check=True, stdout=subprocess.DEVNULL)
    (made,) = set(target.iterdir()) - before
    return made


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """A wheel that was built from the source distribution, and that from what is needed for it."""
    pytest.importorskip("setuptools")
    source, made = (tmp_path_factory.mktemp(name) for name in ("source", "made"))
    leave_out = shutil.ignore_patterns("__pycache__", "node_modules", "dist")
    for name in BUILT_FROM:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=leave_out)
        else:
            shutil.copy(ROOT / name, source)
    with tarfile.open(build("sdist", source, made)) as packed:
        packed.extractall(made, filter="data")
    (unpacked,) = (path for path in made.iterdir() if path.is_dir())
    return build("wheel", unpacked, made)


@pytest.fixture(scope="module")
def site(wheel, tmp_path_factory) -> Path:
    """A folder into which the wheel was installed."""
    site = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--target", site, wheel], check=True)
    return site


def names_of_extras() -> list[str]:
    """What can be imported here, but not where only `pip install lkc` was run."""
    core = reachable("lkc")
    return [
        module
        for module, homes in packages_distributions().items()
        if not core & {canonicalize_name(home) for home in homes} and module.isidentifier()
    ]


@pytest.mark.slow
def test_the_wheel_is_small(wheel):
    assert wheel.name.endswith("-py3-none-any.whl")
    assert wheel.stat().st_size < MOST_BYTES


@pytest.mark.slow
def test_the_core_alone_fuses_and_measures_in_an_empty_folder(site, tmp_path):
    left_out = [name for name in names_of_extras() if name not in {"lkc", "lkc_demo"}]
    assert {"gradio", "captum", "pydicom", "pytest"} <= {*left_out}
    code = WITHOUT_EXTRAS.format(left_out=left_out)
    home = tmp_path / "home"
    home.mkdir()
    environment = {**os.environ, "PYTHONPATH": str(site), "HOME": str(home)}
    ir, vis = (site / "lkc/examples/ir-vis" / kind for kind in ("ir", "vis"))

    def lkc(*words):
        run = [sys.executable, "-P", "-c", code, *words]
        return subprocess.run(run, cwd=tmp_path, env=environment, capture_output=True, text=True)

    for command in (
        ["fuse", ir, vis, "-o", "fused"],
        ["evaluate", "--a", ir, "--b", vis, "--fused", "mine=fused", "--html", "report.html"],
    ):
        done = lkc(*command)
        assert done.returncode == 0, done.stderr
    done = lkc("train", "--data", ir.parent)
    assert done.returncode == 2
    said = " ".join(done.stderr.split())
    assert 'training needs accelerate: pip install "lkc[train]"' in said
    assert {path.name for path in (tmp_path / "fused").iterdir()} >= {"night.png", "fog.png"}
    assert "<html" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert not list(home.iterdir())


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
    pytest.importorskip("gradio")
    environment = {**os.environ, "PYTHONPATH": str(site)}
    run = [sys.executable, "-P", "-c", LOOK]
    done = subprocess.run(run, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert all(Path(line).is_relative_to(site) for line in done.stdout.split())


@pytest.mark.slow
def test_a_space_starts_the_page_from_a_clone_by_its_path(tmp_path):
    pytest.importorskip("gradio")
    start = "import runpy, gradio; gradio.Blocks.launch = lambda *a, **k: exit(7); "
    start += f"runpy.run_path({str(ROOT / 'demo' / 'space.py')!r})"
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run([sys.executable, "-P", "-c", start], cwd=tmp_path, env=environment)
    assert done.returncode == 7  # it came as far as launching
