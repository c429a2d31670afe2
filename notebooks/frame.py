"""Write what all notebooks share: `python -m notebooks.frame`, after a lesson was changed.

That is the first code cell, the link that opens a lesson in Colab, the minutes, the links to the
neighbours, the folding of checks, the solutions that are folded below an exercise, and the minutes
in README.md. Colab needs a public address, which CITATION.cff names once there is one. After it,
`python -m notebooks.refresh` runs what was changed.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

NOTEBOOKS = Path(__file__).parent
CITATION = NOTEBOOKS.parent / "CITATION.cff"
ADDRESS = re.compile(r"^repository-code: https://github\.com/([\w.-]+/[\w.-]+)$", re.MULTILINE)
COLAB = "https://colab.research.google.com/github/{repository}/blob/main/notebooks/{name}"
COLAB_LINE = re.compile(r"\n\n\[Open this lesson in Colab\]\(\S+\)$")
NO_ADDRESS = '"URL"  # In Colab, put in the address of the repository that shows you this file.'
INSTALL_CELL = """\
# Where lkc is missing, as in Colab: install it from its clone and leave torch as it is.
import importlib.util
import os
import sys

REPOSITORY = {address}
if importlib.util.find_spec("lkc") is None:
    root = "{root}"
    if not os.path.isfile(os.path.join(root, "pyproject.toml")):
        root = "lkc"
        !git clone --quiet {{REPOSITORY}} {{root}}
    %pip install --quiet --no-deps --editable {{root}}
    %pip install --quiet accelerate captum ipywidgets PyWavelets safetensors torchmetrics
    sys.path.insert(0, root)  # A running kernel does not see an editable install."""
SOLUTION_CELL = """\
<details><summary>Solution</summary>

{solution}

</details>"""
CHECK, NAVIGATION = "check", "navigation"  # These tags mark folded assertions, and the last cell.
SOLUTION = "solution"  # This tag marks a cell that repeats an answer of the solutions.
WORDS_PER_MINUTE = 200  # Adults read technical prose at about this speed.
SECONDS_PER_LINE = 4  # A line of code is read, not typed.
SECONDS_PER_FIGURE = 30  # A figure or a table is looked at.
STEP = 5  # Minutes are rounded to this.
MINUTES = re.compile(r"(?<=^- \*\*Minutes:\*\* )\d+ to read", re.MULTILINE)
COMPUTING = re.compile(r"^- \*\*Minutes:\*\* \d+ to read, ([\d.]+) to compute\.$", re.MULTILINE)
FIGURES = {"image/png", "image/jpeg", "image/svg+xml", "text/html"}


@dataclass(frozen=True)
class Reading:
    """What there is to read in a lesson, without its exercises.

    Attributes:
        words: of the text.
        lines: of code, without checks and the first cell.
        figures: and tables, as stored.
        computing: minutes, as its first cell says.
    """

    words: int
    lines: int
    figures: int
    computing: float

    @property
    def minutes(self) -> int:
        """Minutes to read it, rounded."""
        seconds = SECONDS_PER_LINE * self.lines + SECONDS_PER_FIGURE * self.figures
        return STEP * round((self.words / WORDS_PER_MINUTE + seconds / 60) / STEP)


def lessons() -> list[Path]:
    """Every lesson, in order."""
    return sorted(NOTEBOOKS.glob("*.ipynb"))


def all_notebooks() -> list[Path]:
    """Every lesson, then every notebook of solutions."""
    return lessons() + sorted((NOTEBOOKS / "solutions").glob("*.ipynb"))


def read(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=4)


def has_tag(cell: NotebookNode, tag: str) -> bool:
    return tag in cell.metadata.get("tags", [])


def install_cell(path: Path) -> str:
    """The first code cell of a notebook, which reaches the project from the notebook's folder."""
    root = Path(os.path.relpath(NOTEBOOKS.parent, path.parent)).as_posix()
    public = public_repository()
    address = f'"https://github.com/{public}"' if public else NO_ADDRESS
    return INSTALL_CELL.format(root=root, address=address)


def public_repository() -> str | None:
    """Owner and name of the public repository, if CITATION.cff names one."""
    found = ADDRESS.search(CITATION.read_text(encoding="utf-8"))
    return found[1] if found else None


def with_colab_line(text: str, name: str) -> str:
    """The first cell of a lesson, which ends with a link to Colab if there is a public address."""
    text, public = COLAB_LINE.sub("", text), public_repository()
    if public is None:
        return text
    return f"{text}\n\n[Open this lesson in Colab]({COLAB.format(repository=public, name=name)})"


def title_of(path: Path) -> str:
    """The heading of a notebook, without its #."""
    return read(path).cells[0].source.splitlines()[0].lstrip("# ")


def reading_of(notebook: NotebookNode) -> Reading:
    """Count what there is to read up to the exercises."""
    words = lines = figures = 0
    for cell in notebook.cells:
        if cell.source.startswith("## Exercises"):
            break
        if cell.cell_type == "markdown":
            words += len(re.findall(r"\w+", re.sub(r"\]\([^)]*\)", "]", cell.source)))
        elif not has_tag(cell, CHECK) and "REPOSITORY" not in cell.source:
            lines += len([line for line in cell.source.splitlines() if line.strip()])
            figures += sum(bool(FIGURES & output.get("data", {}).keys()) for output in cell.outputs)
    computing = COMPUTING.search(notebook.cells[0].source)
    return Reading(words, lines, figures, float(computing[1]) if computing else 0.0)


def navigation(path: Path) -> str:
    """The links at the end of a lesson, to its neighbours and to the list."""
    order = lessons()
    place = order.index(path)
    before, after = order[:place][-1:], order[place + 1 :][:1]
    links = [f"Previous: [{title_of(each)}]({each.name})" for each in before]
    links += ["[All lessons](README.md)", "[Glossary](glossary.md)"]
    links += [f"Next: [{title_of(each)}]({each.name})" for each in after]
    return " | ".join(links)


def solution_of(path: Path, exercise: int) -> str:
    """The answer to an exercise, text and code, from the solutions of a lesson."""
    blocks, current = [], 0
    for cell in read(path.parent / "solutions" / path.name).cells:
        if cell.cell_type == "code":
            parts = [f"```python\n{cell.source}\n```"]
        else:
            parts = re.split(r"^(?=## )", cell.source, flags=re.MULTILINE)
        for part in parts:
            heading = re.match(r"## Exercise (\d+)\s*", part)
            if heading:
                current, part = int(heading[1]), part[heading.end() :]
            if current == exercise and part.strip():
                blocks.append(part.strip())
    return "\n\n".join(blocks)


def frame(notebook: NotebookNode, path: Path) -> NotebookNode:
    """Bring the shared parts of a notebook up to date, in place."""
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    first.source = install_cell(path)
    for cell in notebook.cells:
        if has_tag(cell, CHECK):
            cell.metadata["jupyter"] = {"source_hidden": True}
        if has_tag(cell, SOLUTION):
            answer = solution_of(path, cell.metadata["exercise"])
            cell.source = SOLUTION_CELL.format(solution=answer)
    if path.parent == NOTEBOOKS:
        minutes = reading_of(notebook).minutes
        title = MINUTES.sub(f"{minutes} to read", notebook.cells[0].source)
        notebook.cells[0].source = with_colab_line(title, path.name)
        notebook.cells = [cell for cell in notebook.cells if not has_tag(cell, NAVIGATION)]
        last = new_markdown_cell(navigation(path), metadata={"tags": [NAVIGATION]})
        last.id = NAVIGATION
        notebook.cells.append(last)
    return notebook


def frame_readme(page: str) -> str:
    """Bring the minutes up to date: of each lesson in its row, and of each path in its own."""
    readings = {path.name: reading_of(read(path)) for path in lessons()}

    def row(line: str) -> str:
        names = re.findall(r"\((\d\w*\.ipynb)\)", line)
        if not line.startswith("|") or not names:
            return line
        minutes = sum(readings[name].minutes for name in names)
        computing = sum(readings[name].computing for name in names)
        return re.sub(r"\| \d+ \| [\d.]+ \|", f"| {minutes} | {computing:.1f} |", line, count=1)

    return "\n".join(row(line) for line in page.split("\n"))


def main() -> None:
    """Bring all notebooks and the page up to date."""
    for path in all_notebooks():
        nbformat.write(frame(read(path), path), path)
    page = NOTEBOOKS / "README.md"
    page.write_text(frame_readme(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
