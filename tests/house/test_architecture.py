"""Arrows: a module imports from its own package or from those below it, and never in a circle."""

import ast
import tomllib
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# From the bottom to the top. A line's packages may use those of lower lines, and themselves.
LAYERS = (
    ("lkc.errors", "lkc.threads"),
    ("lkc.tasks", "lkc.extras", "lkc.filters", "lkc.console", "lkc.viz"),
    ("lkc.processes",),
    ("lkc.io",),
    ("lkc.model",),
    ("lkc.alignment",),
    ("lkc.fusion",),
    ("lkc.live",),
    ("lkc.metrics", "lkc.data", "lkc.export_operators"),
    ("lkc.training", "lkc.export"),
    ("lkc.evaluation", "lkc.analysis"),
    ("lkc.downstream",),
    ("lkc",),  # what `import lkc` offers
    ("lkc.tutorial", "lkc.napari"),
    ("experiments", "benchmarks", "lkc_demo"),
    ("lkc.cli",),
    ("lkc.__main__",),
)
HEIGHT = {package: height for height, layer in enumerate(LAYERS) for package in layer}
FOLDERS = {"lkc": "lkc", "experiments": "experiments", "benchmarks": "benchmarks"}
FOLDERS["demo"] = "lkc_demo"  # as the page is called where it is installed


def find_modules() -> dict[str, Path]:
    """List the files of all modules by name."""
    found = {}
    for folder, package in FOLDERS.items():
        for path in (ROOT / folder).rglob("*.py"):
            inside = path.relative_to(ROOT / folder).with_suffix("").parts
            if "node_modules" not in inside:
                found[".".join([package, *inside]).removesuffix(".__init__")] = path
    return found


MODULES = find_modules()


def absolute_name(node: ast.ImportFrom, path: Path) -> str:
    """Name the module that an import is from, also where it is relative, as inside the page."""
    if not node.level:
        return str(node.module)
    folder = path.relative_to(ROOT).parts[: -node.level]
    parts = [FOLDERS[folder[0]], *folder[1:]]
    return ".".join([*parts, node.module] if node.module else parts)


def imported_names(path: Path) -> set[str]:
    """List what a file imports, inside functions and for type checkers too."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            source = absolute_name(node, path)
            members = {f"{source}.{alias.name}" for alias in node.names}
            names |= members & MODULES.keys()
            if members - MODULES.keys():
                names.add(source)
    return names


IMPORTS = {name: imported_names(path) for name, path in MODULES.items()}
ARROWS = {name: (names & MODULES.keys()) - {name} for name, names in IMPORTS.items()}


def package_of(module: str) -> str:
    """Name the entry of `LAYERS` that a module belongs to."""
    parts = module.split(".")
    return next(p for n in (2, 1) if (p := ".".join(parts[:n])) in HEIGHT)


def is_in(name: str, *packages: str) -> bool:
    """Whether a module is one of some packages, or lies in one."""
    return any(f"{name}.".startswith(f"{package}.") for package in packages)


@pytest.mark.parametrize("module", MODULES)
def test_no_arrow_runs_up(module):
    own = package_of(module)
    allowed = {own} | {p for p, height in HEIGHT.items() if height < HEIGHT[own]}
    assert {name for name in ARROWS[module] if package_of(name) not in allowed} == set()


def test_no_import_circle():
    try:
        list(TopologicalSorter(ARROWS).static_order())
    except CycleError as error:
        pytest.fail(" <- ".join(error.args[1]))


def test_the_command_line_is_nobodys_library():
    users = {m for m, names in ARROWS.items() if any(is_in(name, "lkc.cli") for name in names)}
    assert {user for user in users if not is_in(user, "lkc.cli")} == {"lkc.__main__"}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["scripts"] == {"lkc": "lkc.cli:main"}


def test_nothing_but_tests_imports_tests():
    users = {m for m, names in IMPORTS.items() if any(is_in(n, "tests", "pytest") for n in names)}
    assert users == set()
