"""What the project installs: no torchvision, every version pinned, one list of dependencies."""

import importlib
import pkgutil
import re
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, requires
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import lkc

ROOT = Path(__file__).parents[2]
CONFIGURATION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = CONFIGURATION["project"]
EXTRAS = PROJECT["optional-dependencies"]


def pinned_versions() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line.partition("#")[0]) for line in lines if line.partition("#")[0].strip()]
    return {canonicalize_name(pin.name): str(pin.specifier) for pin in pins}


def direct_requirements(name: str, extras: frozenset[str]) -> set[Requirement]:
    """Return what an installed distribution needs here; nothing where it is not installed."""
    try:
        declared = [Requirement(text) for text in requires(name) or []]
    except PackageNotFoundError:  # an optional dependency that this environment left out
        return set()
    active = {"", *extras}
    return {
        need
        for need in declared
        if need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in active)
    }


def reachable(name: str, *extras: str) -> set[str]:
    """Return the canonical names of everything `name[extras]` installs, itself included."""
    pending, seen = [(canonicalize_name(name), frozenset(extras))], set()
    while pending:
        node = pending.pop()
        if node not in seen:
            seen.add(node)
            needs = direct_requirements(*node)
            pending += [(canonicalize_name(need.name), frozenset(need.extras)) for need in needs]
    return {name for name, _ in seen}


def test_nothing_needs_torchvision():
    installed = reachable("lkc", "all")
    assert {"torch", "gradio", "captum", "pytest"} <= installed  # the walk did go somewhere
    assert "torchvision" not in installed


@pytest.mark.slow
def test_importing_lkc_loads_no_torchvision():
    modules = [module.name for module in pkgutil.walk_packages(lkc.__path__, "lkc.")]
    left_out = ("lkc.__main__",) if find_spec("triton") else ("lkc.__main__", "lkc.model.gpu.")
    modules = ["lkc", *(name for name in modules if not name.startswith(left_out))]
    code = f"import sys, importlib; [importlib.import_module(m) for m in {modules}]; "
    code += "sys.exit('torchvision' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_constraints_pin_all_that_is_installed():
    missing = reachable("lkc", "all") - {"lkc"} - pinned_versions().keys()
    of_torch = ("nvidia-", "cuda-", "triton")  # a CUDA build of torch pins these itself
    assert not [name for name in missing if not name.startswith(of_torch)]


def test_constraints_are_exact_and_portable():
    pins = pinned_versions()
    assert pins["torch"] == "==2.13.0"  # no +cpu: the index decides which build
    inexact = {name: pin for name, pin in pins.items() if not pin.startswith("==") or "+" in pin}
    assert not inexact
    assert not [name for name in pins if name.startswith("nvidia-") or name == "torchvision"]


@pytest.mark.parametrize("extra", ["", *EXTRAS])
def test_constraints_lie_within_the_stated_bounds(extra):
    stated = EXTRAS[extra] if extra else PROJECT["dependencies"]
    pins = pinned_versions()
    for need in map(Requirement, stated):
        if need.name != "lkc":
            pin = pins[canonicalize_name(need.name)].removeprefix("==")
            assert need.specifier.contains(pin), f"{need} excludes {pin}"


def test_extra_all_holds_every_other_extra():
    (everything,) = map(Requirement, EXTRAS["all"])
    assert everything.extras == EXTRAS.keys() - {"all"}


def test_conda_environment_equals_pyproject():
    listed = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    python, pip, from_pip = listed
    assert python.replace("=", ">=") == "python" + PROJECT["requires-python"]
    assert pip == "pip"
    assert from_pip == {"pip": ["-c constraints.txt", "-e .[all]"]}  # pyproject.toml says the rest


def test_every_data_file_is_declared_as_package_data():
    patterns = CONFIGURATION["tool"]["setuptools"]["package-data"]["lkc"]
    package = ROOT / "lkc"
    files = [path.relative_to(package) for path in package.rglob("*") if path.is_file()]
    data = [path for path in files if path.suffix not in {".py", ".pyc"}]
    data = [path for path in data if path.parent != Path("weights/ablation")]  # for clones only
    assert data
    assert not [path for path in data if not any(path.match(pattern) for pattern in patterns)]


def test_the_version_is_the_same_wherever_it_is_read():
    assert "version" in PROJECT["dynamic"]
    assert CONFIGURATION["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "lkc.__version__"}
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == lkc.__version__
    for page in ROOT.glob("README*.md"):
        named = re.findall(r"[Vv]ersion (\d+\.\d+\.\d+)", page.read_text(encoding="utf-8"))
        assert set(named) <= {lkc.__version__}


def test_every_version_of_python_that_is_named_is_tried():
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    tried = yaml.safe_load(workflow)["jobs"]["check"]["strategy"]["matrix"]["python"]
    named = [
        name.rpartition(" :: ")[2] for name in PROJECT["classifiers"] if ":: Python :: 3." in name
    ]
    assert tried == named
    assert PROJECT["requires-python"] == f">={named[0]}"


def test_changelog_names_this_version():
    page = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"\n## [{lkc.__version__}]" in page


def test_entry_point_can_be_called():
    module, _, function = PROJECT["scripts"]["lkc"].partition(":")
    assert callable(getattr(importlib.import_module(module), function))
