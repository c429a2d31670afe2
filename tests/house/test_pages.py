"""Pages that people read first: links lead somewhere, figures are those that were measured."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
README_ROW = re.compile(r"^\| (\w+) (\d+) \| (.+?) \| (.+) \|$", re.MULTILINE)
SETS = {"MSRS": "MSRS", "CT": "MRI-CT", "PET": "MRI-PET", "SPECT": "MRI-SPECT"}
METRICS = 11


def pages() -> list[str]:
    found = [*ROOT.glob("*.md"), *ROOT.glob("[a-z]*/**/*.md")]
    skipped = re.compile("template|node_modules|site-packages")
    names = [page.relative_to(ROOT).as_posix() for page in found]
    return sorted(name for name in names if not skipped.search(name))


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
