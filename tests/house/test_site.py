"""What `make docs` builds the site from: every page in its menu is there, and so is every link."""

import importlib.util
import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from lkc.tutorial.exhibits import build_page, exhibit_names

ROOT = Path(__file__).parents[2]
MENU = re.compile(r"^ +- (?:\S+: )?([\w/.-]+\.(?:md|ipynb))$", re.MULTILINE)

CODE = re.compile("```.*?```", re.DOTALL)


def script_of(name):
    """A script of docs/site as a module."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / "site" / f"{name}.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The gathered pages, and the script that gathers them."""
    script = script_of("gather")
    folder = tmp_path_factory.mktemp("site")
    script.gather(folder)
    return folder, script


def test_every_page_of_the_menu_is_gathered(site):
    folder, _ = site
    menu = MENU.findall((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    assert len(menu) > 30
    assert [page for page in menu if not (folder / page).is_file()] == []


def test_every_link_of_the_site_leads_to_a_file_of_it(site):
    folder, script = site
    dead = [
        (page.name, address)
        for page in folder.rglob("*.md")
        for address in script.LINK.findall(page.read_text(encoding="utf-8"))
        if "://" not in address and not (page.parent / address).is_file()
    ]
    assert dead == []


def test_exhibits_of_the_site_need_no_other_file(site):
    folder, _ = site
    pages = {path.stem: path for path in folder.glob("lkc/tutorial/exhibits/pages/*.html")}
    assert set(pages) == set(exhibit_names())
    assert all(page.read_text("utf-8") == build_page(name) for name, page in pages.items())


def texts_of(notebook):
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]


def test_every_link_of_a_notebook_leads_to_a_page_or_file_of_the_site(site):
    folder, script = site
    pages = {path.with_suffix(".html") for path in folder.rglob("*.ipynb")}
    pages |= {path.with_suffix(".html") for path in folder.rglob("*.md")}
    pages |= {path.parent / "index.html" for path in folder.rglob("README.md")}
    dead = [
        (notebook.name, address)
        for notebook in folder.rglob("*.ipynb")
        for text in texts_of(notebook)
        for address in script.LINK.findall(CODE.sub("", text))
        if "://" not in address
        and not (notebook.parent / address).is_file()
        and (notebook.parent / address).resolve() not in pages
    ]
    assert dead == []


def test_checks_of_notebooks_are_folded(site):
    folder, _ = site
    notebook = folder / "notebooks" / "01_normalization.ipynb"
    folded = [text for text in texts_of(notebook) if text.startswith("<details><summary>Check: ")]
    assert len(folded) > 5
    assert all("```python\n" in text and text.endswith("</details>") for text in folded)
    titles = [text.partition("</summary>")[0] for text in folded]
    assert any("<code>lkc</code>" in title for title in titles)
    assert not [title for title in titles if "`" in title]
    code = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    assert not [
        cell
        for cell in code
        if "check" in cell["metadata"].get("tags", []) and cell["cell_type"] == "code"
    ]


def test_the_style_of_the_site_is_one_of_its_files(site):
    folder, _ = site
    settings = (ROOT / "mkdocs.yml").read_text("utf-8")
    [style] = re.findall(r"extra_css:\n  - (\S+)\n", settings)
    assert (folder / style).read_text("utf-8").startswith("/* Code has the whole column")


def test_charts_of_notebooks_have_their_words(site):
    folder, _ = site
    notebook = json.loads((folder / "notebooks" / "01_normalization.ipynb").read_text("utf-8"))
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
    kinds = [kind for output in outputs for kind in output.get("data", {})]
    assert "image/svg+xml" not in kinds
    shown = "".join("".join(output.get("data", {}).get("text/html", "")) for output in outputs)
    assert '<img alt="Chart: height after the norm over' in shown


@pytest.mark.parametrize("page", ["notebooks/a.html", "notebooks/solutions/a.html", "index.html"])
def test_formulas_are_drawn_by_files_of_the_site(site, page):
    folder, _ = site
    address = re.search(r"custom_mathjax_url: (\S+)", (ROOT / "mkdocs.yml").read_text("utf-8"))[1]
    written = f'<p><script src="{address}"></script>'
    output = script_of("own_files").on_post_page(written, SimpleNamespace(url=page), None)
    assert 'webFont: "STIX-Web"' in output.partition("<script src=")[0]
    path, _, chosen = re.search(r'<script src="([^"]+)"', output)[1].partition("?config=")
    script = ((folder / page).parent / path).resolve()
    assert script == folder / "assets" / "mathjax" / "MathJax.js"
    assert all((script.parent / "config" / f"{name}.js").is_file() for name in chosen.split(","))
    assert list(script.parent.glob("fonts/HTML-CSS/STIX-Web/woff/*.woff"))
