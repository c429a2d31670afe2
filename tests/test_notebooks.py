"""Every notebook runs from the top, and what is stored in it can be read without running it."""

import json
import re
from pathlib import Path

import nbformat
import pytest

from notebooks.refresh import INSTALL_CELL, NOTEBOOKS, WIDGET, all_notebooks, execute

LESSONS = sorted(NOTEBOOKS.glob("*.ipynb"))
FACTS = ("task", "model", "data", "prerequisites", "minutes")
FIGURES = {"image/png", "image/jpeg"}
# A slash that starts a path of two or more parts, or a drive; web addresses have another before it.
ABSOLUTE_PATH = re.compile(r"(?<![\w.:/\\)}<])/[A-Za-z][\w.-]*/[\w.-]+|\b[A-Z]:\\\w")


def named(path: Path) -> str:
    return path.relative_to(NOTEBOOKS).as_posix()


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def code_cells(path: Path) -> list[nbformat.NotebookNode]:
    return [cell for cell in read(path).cells if cell.cell_type == "code"]


def outputs(path: Path) -> list[nbformat.NotebookNode]:
    return [output for cell in code_cells(path) for output in cell.outputs]


def readable_texts(path: Path) -> list[str]:
    """Sources and textual outputs, not the bytes of images."""
    texts = [cell.source for cell in read(path).cells]
    for output in outputs(path):
        texts.append(output.get("text", ""))
        data = output.get("data", {})
        texts += [str(value) for kind, value in data.items() if kind.startswith("text/")]
    return texts


def exercises(path: Path) -> list[str]:
    """The numbered items below the heading "Exercises"."""
    markdown = [cell.source for cell in read(path).cells if cell.cell_type == "markdown"]
    text = "\n".join(markdown)
    _, _, below = text.partition("## Exercises")
    section = re.split(r"^## ", below, flags=re.MULTILINE)[0]
    return re.findall(r"^\d+\. .+", section, flags=re.MULTILINE)


every_file = pytest.mark.parametrize("path", all_notebooks(), ids=named)
every_lesson = pytest.mark.parametrize("path", LESSONS, ids=named)


@pytest.mark.notebook
@every_file
def test_runs_from_the_top(path, tmp_path, monkeypatch):
    monkeypatch.delenv("LKC_DATA", raising=False)
    copy = tmp_path / path.name
    copy.write_bytes(path.read_bytes())
    executed = execute(copy, tmp_path)
    assert all(cell.execution_count for cell in executed.cells if cell.cell_type == "code")


@every_file
def test_outputs_are_stored_without_widget_state_or_errors(path):
    assert "widgets" not in read(path).metadata
    kinds = [output.output_type for output in outputs(path)]
    assert "error" not in kinds
    assert any(kind in kinds for kind in ("display_data", "execute_result", "stream"))
    assert not any(WIDGET in output.get("data", {}) for output in outputs(path))


@every_lesson
def test_figures_are_stored(path):
    figures = [output for output in outputs(path) if FIGURES & output.get("data", {}).keys()]
    assert len(figures) >= 3


@every_file
def test_warnings_are_not_stored(path):
    assert not [output for output in outputs(path) if output.get("name") == "stderr"]


@every_file
def test_file_is_below_one_megabyte(path):
    assert path.stat().st_size < 1_000_000


@every_file
def test_no_absolute_path(path):
    found = [
        match.group()
        for text in readable_texts(path)
        for match in [ABSOLUTE_PATH.search(text)]
        if match
    ]
    assert not found


@every_file
def test_first_code_cell_installs_the_package(path):
    assert code_cells(path)[0].source == INSTALL_CELL


@every_lesson
def test_first_cell_says_what_is_needed(path):
    first = read(path).cells[0]
    assert first.cell_type == "markdown"
    assert first.source.startswith("# ")
    assert not [fact for fact in FACTS if fact not in first.source.lower()]


@every_lesson
def test_every_exercise_has_its_solution(path):
    asked = exercises(path)
    assert 4 <= len(asked) <= 7
    cells = read(NOTEBOOKS / "solutions" / path.name).cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    answered = re.findall(r"^## Exercise (\d+)", text, flags=re.MULTILINE)
    assert answered == [str(number) for number in range(1, len(asked) + 1)]


@every_lesson
def test_readme_lists_it(path):
    assert f"({path.name})" in (NOTEBOOKS / "README.md").read_text(encoding="utf-8")


def test_every_solution_belongs_to_a_notebook():
    solutions = {path.name for path in (NOTEBOOKS / "solutions").glob("*.ipynb")}
    assert solutions <= {path.name for path in LESSONS}


@pytest.mark.parametrize(
    ("text", "is_path"),
    [
        ("/home/ann/lkc/x.png", True),
        ("saved to '/tmp/out.png'", True),
        ("C:\\Users", True),
        ("https://arxiv.org/abs/2411.10036", False),
        ("assets/examples/ir-vis and/or", False),
        ("<td>1</td></tr>", False),
    ],
)
def test_absolute_paths_are_recognised(text, is_path):
    assert bool(ABSOLUTE_PATH.search(text)) == is_path


def test_a_notebook_that_fails_is_noticed(tmp_path):
    from nbclient.exceptions import CellExecutionError

    cell = nbformat.v4.new_code_cell("raise ValueError('on purpose')")
    path = tmp_path / "failing.ipynb"
    path.write_text(json.dumps(nbformat.v4.new_notebook(cells=[cell])))
    with pytest.raises(CellExecutionError, match="on purpose"):
        execute(path, tmp_path)
