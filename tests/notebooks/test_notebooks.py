"""Every notebook runs from the top, and what is stored in it can be read without running it."""

import base64
import copy
import math
import os
import re
import sys
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import nbformat
import numpy as np
import pytest
from IPython.core.inputtransformer2 import TransformerManager
from nbclient.exceptions import CellExecutionError
from PIL import Image

from notebooks.frame import (
    NOTEBOOKS,
    all_notebooks,
    install_cell,
    lessons,
)
from notebooks.refresh import (
    WIDGET,
    WIDGET_NOTE,
    drop_what_varies,
    execute,
    keep_what_is_shown,
)

LESSONS = lessons()
FIGURES = {"image/png", "image/jpeg", "image/svg+xml"}
# A slash that starts a path of two or more parts, or a drive; web addresses have another before it.
ABSOLUTE_PATH = re.compile(r"(?<![\w.:/\\)}<])/[A-Za-z][\w.-]*/[\w.-]+|\b[A-Z]:\\\w")
VARIES = "varies"  # This tag marks a cell whose numbers the machine decides: times, trainings.
NUMBER = re.compile(r"[-+]?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?")
SAME_NUMBER = 0.02  # Another processor rounds differently.


def named(path: Path) -> str:
    return path.relative_to(NOTEBOOKS).as_posix()


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def code_cells(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def outputs_of(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [output for cell in code_cells(notebook) for output in cell.outputs]


def outputs(path: Path) -> list[nbformat.NotebookNode]:
    return outputs_of(read(path))


def readable_texts(path: Path) -> list[str]:
    """Sources and textual outputs, not the bytes of images."""
    texts = [cell.source for cell in read(path).cells]
    for output in outputs(path):
        texts.append(output.get("text", ""))
        data = output.get("data", {})
        texts += [str(value) for kind, value in data.items() if kind.startswith("text/")]
    return texts


def shown(notebook: nbformat.NotebookNode) -> dict[str, str]:
    """What each cell says in words: printed text, tables, and alternative texts of figures."""
    texts = {}
    for cell in code_cells(notebook):
        said = [output.get("text", "") for output in cell.outputs]
        for output in cell.outputs:
            said.append(output.get("data", {}).get("text/plain", ""))
            about = output.get("metadata", {}).values()
            said += [words["alt"] for words in about if "alt" in words]
        without_addresses = re.sub(r" at 0x[0-9a-f]+", "", " ".join(said))
        text = " ".join(without_addresses.split())
        if VARIES in cell.metadata.get("tags", []):  # in any order, since some are sorted by time
            text = " ".join(sorted(re.findall(r"[^\W\d]{4,}", text)))
        texts[cell.source] = text
    return texts


def differences(stored: dict[str, str], fresh: dict[str, str]) -> list[tuple[str, str]]:
    """Pairs of stored and fresh text whose words differ, or whose numbers differ visibly."""
    pairs = [(text, fresh.get(source, "")) for source, text in stored.items()]
    return [pair for pair in pairs if not says_the_same(*pair)]


def says_the_same(one: str, other: str) -> bool:
    if NUMBER.sub("", one) != NUMBER.sub("", other):
        return False
    numbers = zip(NUMBER.findall(one), NUMBER.findall(other), strict=True)
    return all(is_same_number(first, second) for first, second in numbers)


def is_same_number(one: str, other: str) -> bool:
    """Whether two printed numbers agree but for rounding: of the value, or of the last digit."""
    decimals = len(one.partition(".")[2].partition("e")[0])
    first, second = (float(number.replace(",", "")) for number in (one, other))
    return math.isclose(first, second, rel_tol=SAME_NUMBER, abs_tol=1.01 * 10**-decimals)


every_file = pytest.mark.parametrize("path", all_notebooks(), ids=named)
every_lesson = pytest.mark.parametrize("path", LESSONS, ids=named)


@pytest.mark.notebook
@every_file
def test_runs_from_the_top(path, tmp_path, monkeypatch):
    monkeypatch.delenv("LKC_DATA", raising=False)
    copied = tmp_path / path.name
    copied.write_bytes(path.read_bytes())
    executed = execute(copied, tmp_path)
    assert all(cell.execution_count for cell in code_cells(executed))
    kinds = [output.output_type for output in outputs_of(executed)]
    assert "error" not in kinds  # of a control's first call
    assert differences(shown(read(path)), shown(drop_what_varies(executed))) == []


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
def test_figures_have_alternative_text(path):
    for output in outputs(path):
        for kind in FIGURES & output.get("data", {}).keys():
            assert len(output.metadata[kind]["alt"]) > 10


@every_file
def test_charts_are_svg_and_pictures_have_two_pixels_for_one(path):
    for output in outputs(path):
        for kind in (FIGURES - {"image/svg+xml"}) & output.get("data", {}).keys():
            about = output.metadata[kind]
            assert re.search(r"\b(Picture|Map): ", about["alt"]), about["alt"]
            image = Image.open(BytesIO(base64.b64decode(output.data[kind])))
            assert image.width // 2 == about["width"], about["alt"]


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
    assert code_cells(read(path))[0].source == install_cell(path)


@every_file
def test_install_cell_reaches_the_project_from_the_folder_of_its_notebook(path, monkeypatch):
    commands = []
    shell = SimpleNamespace(run_line_magic=lambda name, line: commands.append(f"{name} {line}"))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr("sys.path", sys.path.copy())
    monkeypatch.chdir(path.parent)
    python = TransformerManager().transform_cell(code_cells(read(path))[0].source)
    names = {"get_ipython": lambda: shell}
    exec(python, names)
    folder = Path(commands[0].split("--editable ")[1].format(**names))
    assert (folder / "pyproject.toml").is_file()
    assert Path(sys.path[0]).samefile(folder)


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


def write_notebook(path: Path, *codes: str) -> Path:
    cells = [nbformat.v4.new_code_cell(code) for code in codes]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def test_a_notebook_that_fails_is_noticed(tmp_path):
    path = write_notebook(tmp_path / "failing.ipynb", "raise ValueError('on purpose')")
    with pytest.raises(CellExecutionError, match="on purpose"):
        execute(path, tmp_path)


def test_an_error_behind_a_control_is_noticed(tmp_path):
    code = "from ipywidgets import interact\ninteract(lambda number: 1 / number, number=0);"
    executed = execute(write_notebook(tmp_path / "control.ipynb", code), tmp_path)
    assert "error" in [output.output_type for output in outputs_of(executed)]
    stored = outputs_of(keep_what_is_shown(executed))
    assert [output.data for output in stored] == [{"text/plain": WIDGET_NOTE}]


@pytest.mark.slow
def test_what_a_picture_shows_is_stored_as_its_alternative_text(tmp_path):
    code = "import numpy as np\nfrom lkc import viz\nviz.use_style()\nviz.use_style()\n"
    path = write_notebook(
        tmp_path / "figure.ipynb", code + "viz.plot_images({'infrared': np.eye(8)})"
    )
    (output,) = outputs_of(keep_what_is_shown(execute(path, tmp_path)))
    (kind,) = FIGURES & output.data.keys()
    about = output.metadata[kind]
    assert about["alt"] == "Picture: infrared."
    image = Image.open(BytesIO(base64.b64decode(output.data[kind])))
    assert image.width // 2 == about["width"]  # two pixels for one on the page


@pytest.mark.slow
def test_a_chart_is_stored_as_svg_with_its_words(tmp_path):
    code = "import pandas as pd\nfrom lkc import viz\nviz.use_style()\n"
    code += "viz.plot_bars(pd.Series({'one': 1, 'two': 2}), 'ms')"
    path = write_notebook(tmp_path / "chart.ipynb", code)
    (output,) = outputs_of(keep_what_is_shown(execute(path, tmp_path)))
    assert FIGURES & output.data.keys() == {"image/svg+xml"}
    assert output.metadata["image/svg+xml"] == {"alt": "Bars: ms; one 1, two 2."}
    root = ElementTree.fromstring(output.data["image/svg+xml"])
    assert "Bars: ms; one 1, two 2." in "".join(root.itertext())


def noise(colours: int) -> str:
    """A PNG of random pixels, as a notebook stores it."""
    pixels = np.random.default_rng(0).integers(0, colours, (300, 300, 3), dtype=np.uint8)
    stored = BytesIO()
    Image.fromarray(pixels).save(stored, "PNG")
    return base64.b64encode(stored.getvalue()).decode()


@pytest.mark.parametrize(("tags", "kind"), [([], "image/jpeg"), (["grain"], "image/png")])
def test_no_jpeg_where_the_text_speaks_of_grain(tags, kind):
    output = nbformat.v4.new_output("display_data", {"image/png": noise(256)})
    cell = nbformat.v4.new_code_cell("", outputs=[output], metadata={"tags": tags})
    (stored,) = outputs_of(keep_what_is_shown(nbformat.v4.new_notebook(cells=[cell])))
    assert set(stored.data) == {kind}


def test_jpegs_are_stored_as_well_as_the_file_may_be_large():
    cells = [
        nbformat.v4.new_code_cell(
            "", outputs=[nbformat.v4.new_output("display_data", {"image/png": noise(256)})]
        )
        for _ in range(12)
    ]
    few, many = (
        keep_what_is_shown(nbformat.v4.new_notebook(cells=cells[:count])) for count in (1, 12)
    )
    sizes = [len(outputs_of(each)[0].data["image/jpeg"]) for each in (few, many)]
    assert sizes[1] < sizes[0]
    assert len(nbformat.writes(many)) < 1_000_000


def test_a_kernel_ends_with_its_notebook(tmp_path):
    path = write_notebook(tmp_path / "number.ipynb", "import os\nprint(os.getpid())")
    (number,) = outputs_of(execute(path, tmp_path))
    with pytest.raises(OSError, match=r"."):
        os.kill(int(number.text), 0)


@pytest.mark.parametrize(
    ("stored", "fresh", "same"),
    [
        ("mean 0.52, 6 of 16", "mean 0.53, 6 of 16", True),
        ("41,174,438 weights", "41,174,438 weights", True),
        ("IoU of 58.3", "IoU of 61.2", False),
        ("hides: light blue", "hidden: blue", False),
        ("two 1.0 2.0", "two 1.0", False),
    ],
)
def test_stale_words_and_numbers_are_told_from_rounding(stored, fresh, same):
    assert says_the_same(stored, fresh) == same


@pytest.mark.slow
def test_a_stale_figure_is_noticed(tmp_path):
    code = "import numpy as np\nfrom lkc import viz\nviz.use_style()\n"
    path = write_notebook(
        tmp_path / "figure.ipynb", code + "viz.plot_images({'infrared': np.zeros((8, 8))})"
    )
    fresh = keep_what_is_shown(execute(path, tmp_path))
    stored = copy.deepcopy(fresh)
    assert differences(shown(stored), shown(fresh)) == []
    (output,) = outputs_of(stored)
    (kind,) = FIGURES & output.data.keys()
    output.metadata[kind]["alt"] = "Picture: visible."
    assert differences(shown(stored), shown(fresh)) != []
