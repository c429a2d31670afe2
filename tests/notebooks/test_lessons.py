"""What every lesson has: facts at its head, folded checks, questions, exercises, links."""

import ast
import re
from pathlib import Path

import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager

from notebooks.frame import (
    CHECK,
    FIGURES,
    NOTEBOOKS,
    all_notebooks,
    frame,
    frame_readme,
    has_tag,
    lessons,
    read,
    reading_of,
)

LESSONS = lessons()
PICTURES = FIGURES - {"text/html"}  # Tables may stand beside a figure.
FACTS = ("task", "model", "data", "prerequisites", "minutes")


def named(path: Path) -> str:
    return path.relative_to(NOTEBOOKS).as_posix()


every_file = pytest.mark.parametrize("path", all_notebooks(), ids=named)
every_lesson = pytest.mark.parametrize("path", LESSONS, ids=named)


def exercises(path: Path) -> list[str]:
    """The numbered items below the heading "Exercises"."""
    markdown = [cell.source for cell in read(path).cells if cell.cell_type == "markdown"]
    text = "\n".join(markdown)
    _, _, below = text.partition("## Exercises")
    section = re.split(r"^## ", below, flags=re.MULTILINE)[0]
    return re.findall(r"^\d+\. .+", section, flags=re.MULTILINE)


def drawings(path: Path) -> list[tuple[str, str]]:
    """Alternative text and file of each picture in the text of a notebook."""
    text = "\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")
    return re.findall(r"!\[(.*?)\]\((.*?)\)", text)


@every_file
def test_drawings_are_there_and_have_alternative_text(path):
    for words, file in drawings(path):
        assert len(words) > 20
        assert (path.parent / file).is_file(), file


def test_every_drawing_is_shown_in_a_lesson():
    found = {Path(file).name for path in LESSONS for _, file in drawings(path)}
    stored = {path.name for path in (NOTEBOOKS.parent / "assets" / "drawings").iterdir()}
    assert found == stored


@every_lesson
def test_first_cell_says_what_is_needed(path):
    first = read(path).cells[0]
    assert first.cell_type == "markdown"
    assert first.source.startswith("# ")
    assert not [fact for fact in FACTS if fact not in first.source.lower()]


@every_lesson
def test_every_exercise_has_its_solution(path):
    asked = exercises(path)
    assert 4 <= len(asked) <= 7  # numbered in the list, not below it
    cells = read(NOTEBOOKS / "solutions" / path.name).cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    answered = re.findall(r"^## Exercise (\d+)", text, flags=re.MULTILINE)
    assert answered == [str(number) for number in range(1, len(asked) + 1)]


def assertions(cell: nbformat.NotebookNode) -> int:
    """How many claims a cell checks, by `assert` or by `expect`."""
    nodes = list(ast.walk(ast.parse(TransformerManager().transform_cell(cell.source))))
    calls = [node.func for node in nodes if isinstance(node, ast.Call)]
    expected = [call for call in calls if isinstance(call, ast.Name) and call.id == "expect"]
    return len(expected) + sum(isinstance(node, ast.Assert) for node in nodes)


@every_lesson
def test_checks_do_not_hide_the_lesson(path):
    for cell in read(path).cells:
        if cell.cell_type != "code":
            continue
        if has_tag(cell, CHECK):
            assert cell.source.startswith("# Check: ")
            assert cell.metadata["jupyter"]["source_hidden"]
            assert not cell.outputs
            assert assertions(cell) > 0
        else:
            assert assertions(cell) <= 1, cell.source


@every_lesson
def test_each_figure_has_its_paragraph(path):
    beside = True
    for cell in read(path).cells:
        shown_here = [o for o in cell.get("outputs", []) if PICTURES & o.get("data", {}).keys()]
        if cell.cell_type == "markdown":
            beside = beside or not cell.source.startswith("**What do you expect?**")
        elif shown_here:
            assert beside, cell.source
            beside = False


@every_lesson
def test_questions_are_asked_before_what_surprises(path):
    texts = [cell.source for cell in read(path).cells if cell.cell_type == "markdown"]
    assert [text for text in texts if text.startswith("**What do you expect?**")]


@every_lesson
def test_two_exercises_have_a_start_a_hint_and_a_solution(path):
    cells = [cell for cell in read(path).cells if "exercise" in cell.metadata]
    for number in {cell.metadata["exercise"] for cell in cells}:
        hint, start, solution = (c for c in cells if c.metadata["exercise"] == number)
        assert "<summary>Hint</summary>" in hint.source
        assert "# Your turn: " in start.source
        assert "<summary>Solution</summary>" in solution.source
        assert len(solution.source) > 100
    assert len(cells) >= 6


@every_file
def test_what_all_notebooks_share_is_up_to_date(path):
    assert frame(read(path), path) == read(path)


@pytest.mark.parametrize("address", ["", "repository-code: https://github.com/ann/lkc\n"])
def test_colab_is_linked_once_there_is_a_public_address(address, tmp_path, monkeypatch):
    citation = tmp_path / "CITATION.cff"
    citation.write_text(f"title: lkc\n{address}version: 1.0.0\n", encoding="utf-8")
    path = LESSONS[0]
    before = read(path)
    monkeypatch.setattr("notebooks.frame.CITATION", citation)
    once = frame(read(path), path)
    assert frame(nbformat.from_dict(once), path) == once
    link = f"https://colab.research.google.com/github/ann/lkc/blob/main/notebooks/{path.name}"
    assert (f"[Open this lesson in Colab]({link})" in once.cells[0].source) == bool(address)
    assert ('REPOSITORY = "https://github.com/ann/lkc"\n' in once.cells[1].source) == bool(address)
    citation.write_text("title: lkc\n", encoding="utf-8")
    assert frame(once, path).cells[0] == before.cells[0]  # and without one the line goes


def test_minutes_in_the_readme_are_those_that_are_counted():
    page = (NOTEBOOKS / "README.md").read_text(encoding="utf-8")
    assert frame_readme(page) == page


def test_a_longer_text_takes_longer(tmp_path):
    text = nbformat.v4.new_markdown_cell("word " * 2000)
    code = nbformat.v4.new_code_cell("x = 1\n" * 150)
    check = nbformat.v4.new_code_cell("assert x\n" * 999, metadata={"tags": [CHECK]})
    end = nbformat.v4.new_markdown_cell("## Exercises")
    reading = reading_of(nbformat.v4.new_notebook(cells=[text, code, check, end, text]))
    assert (reading.words, reading.lines, reading.figures) == (2000, 150, 0)
    assert reading.minutes == 20  # ten for each


def test_each_term_of_the_glossary_is_linked_where_it_is_first_used():
    page = (NOTEBOOKS / "glossary.md").read_text(encoding="utf-8")
    terms = re.findall(r'<a id="([a-z-]+)"></a>\*\*[^*]+\*\*: (.+)', page)
    assert 30 <= len(terms) <= 50
    assert all(len(sentence.split()) <= 25 for _, sentence in terms)
    text = "\n".join(cell.source for path in LESSONS for cell in read(path).cells)
    links = re.findall(r"\(glossary\.md#([a-z-]+)\)", text)
    assert sorted(links) == sorted(term for term, _ in terms)


@every_lesson
def test_readme_lists_it(path):
    assert f"({path.name})" in (NOTEBOOKS / "README.md").read_text(encoding="utf-8")


def test_every_solution_belongs_to_a_notebook():
    solutions = {path.name for path in (NOTEBOOKS / "solutions").glob("*.ipynb")}
    assert solutions <= {path.name for path in LESSONS}
