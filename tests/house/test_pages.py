"""Pages that people read first: links lead somewhere, numbers were measured, examples run."""

import re
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
EXAMPLE = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
README_ROW = re.compile(r"^\| (\w+) (\d+) \| (.+?) \| (.+) \|$", re.MULTILINE)
SETS = {"MSRS": "MSRS", "CT": "MRI-CT", "PET": "MRI-PET", "SPECT": "MRI-SPECT"}
METRICS = 11


def pages() -> list[str]:
    found = [*ROOT.glob("*.md"), *ROOT.glob("[a-z]*/**/*.md")]
    skipped = re.compile("template|node_modules|site-packages")
    names = [page.relative_to(ROOT).as_posix() for page in found]
    return sorted(name for name in names if not skipped.search(name))


def pages_with_examples() -> list[str]:
    """The pages whose Python code needs nothing but this package and its example pairs."""
    names = [name for name in pages() if re.match(r"docs/|README", name)]
    return [name for name in names if EXAMPLE.search((ROOT / name).read_text(encoding="utf-8"))]


def benchmark_rows(title: str, pairs: int) -> dict[str, list[str]]:
    """The table of the benchmark page below that heading: cells without emphasis, by method."""
    page = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
    sections = re.split(r"^##+ ", page, flags=re.MULTILINE)
    (section,) = [s for s in sections if re.match(rf"{title}\b.*\b{pairs} pairs", s)]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    return {row[0].strip(): [cell.strip(" *") for cell in row[1:]] for row in rows}


@pytest.mark.parametrize("name", pages())
def test_links_to_files_lead_somewhere(name):
    page = ROOT / name
    links = LINK.findall(page.read_text(encoding="utf-8"))
    missing = [a for a in links if "://" not in a and not (page.parent / a).exists()]
    assert not missing


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_results_are_those_of_the_benchmark_page(name):
    rows = README_ROW.findall((ROOT / name).read_text(encoding="utf-8"))
    assert {row[0] for row in rows} == set(SETS)
    for title, pairs, method, cells in rows:
        values = [cell.strip() for cell in cells.split("|")]
        assert values == benchmark_rows(SETS[title], int(pairs))[method][: METRICS + 1]


@pytest.mark.slow
@pytest.mark.parametrize("name", pages_with_examples())
def test_python_examples_run(name, tmp_path, monkeypatch):
    """They run in a folder with `assets`, as in the clone, and a reader's ir.tif and vis.jpg."""
    shutil.copytree(ROOT / "assets" / "examples", tmp_path / "assets" / "examples")
    monkeypatch.chdir(tmp_path)
    infrared, visible = (cv2.imread(f"assets/examples/ir-vis/{n}/night.png") for n in ("ir", "vis"))
    cv2.imwrite("ir.tif", 7600 + 4 * infrared[..., 0].astype(np.uint16))  # counts of a camera
    cv2.imwrite("vis.jpg", visible)
    for code in EXAMPLE.findall((ROOT / name).read_text(encoding="utf-8")):
        exec(compile(code, name, "exec"), {})
