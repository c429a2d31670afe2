"""Gather what `make docs` builds the site from: pages, notebooks, and the files that they link to.

The pages lie where they are read on GitHub, all over the repository, and link to one another. They
are copied with their folders, so that every link holds on the site as well. Cells that
JupyterLab folds are folded on the site too. Where the source of an exhibit lies, the site has the
page that is built of it. MathJax, which draws the formulas, is copied from its package, so that the
site needs no other host.
"""

import base64
import html
import importlib.util
import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from lkc.tutorial.exhibits import build_page
from lkc.tutorial.exhibits.build import PAGES as EXHIBITS

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
ADDRESS = re.compile(r"\]\(([^)\s]+)\)")
PAGES = (
    "[A-Z]*.md",
    "assets/*.md",
    "benchmarks/[A-Z]*.md",
    "benchmarks/downstream.md",
    "demo/README.md",
    "demo/web/README.md",
    "docs/*.md",
    "experiments/*.md",
    "lkc/**/README.md",
    "notebooks/**/*.ipynb",
    "notebooks/*.md",
)
DRAWINGS = "assets/drawings/*.svg"  # Notebooks show them.
MATHJAX = ("MathJax.js", "LICENSE", "config", "extensions", "fonts", "jax")  # not its languages
INSTALL = "# Where lkc is missing"  # So starts the first code cell of every notebook.
FOLDED = """<details><summary>{summary}</summary>

```python
{code}
```

</details>"""


def links_of(page: Path) -> Iterator[Path]:
    """The files and folders of this repository that a page links to."""
    for address in LINK.findall(page.read_text(encoding="utf-8")):
        target = (page.parent / address).resolve()
        if "://" not in address and target.is_relative_to(ROOT) and target.exists():
            yield target


def site_text(page: Path) -> str:
    """The text of a page, whose links to folders become links to their lists of files."""

    def relink(link: re.Match[str]) -> str:
        address = link[1]
        is_folder = "://" not in address and (page.parent / address).is_dir()
        return link[0].replace(address, f"{address}/README.md") if is_folder else link[0]

    return LINK.sub(relink, page.read_text(encoding="utf-8"))


def site_address(page: Path, address: str) -> str:
    """Where a link of a notebook leads on the site, whose pages end in .html."""
    path, hash_sign, place = address.partition("#")
    if "://" in path or not path:
        return address
    if (page.parent / path).is_dir():
        path += "/README.md"
    path = re.sub(r"README\.md$", "index.html", path)
    return re.sub(r"\.(md|ipynb)$", ".html", path) + hash_sign + place


def site_notebook(page: Path) -> str:
    """A notebook for the site: checks and the first cell are folded, and links lead to pages."""
    notebook = json.loads(page.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            source = ADDRESS.sub(lambda link: f"]({site_address(page, link[1])})", source)
        elif "check" in cell["metadata"].get("tags", []) or source.startswith(INSTALL):
            summary, code = source.split("\n", 1)
            fold(cell, summary.lstrip("# "), code)
            continue
        cell["source"] = source
        for output in cell.get("outputs", []):
            name_chart(output)
    return json.dumps(notebook, ensure_ascii=False)


def name_chart(output: dict) -> None:
    """Give an SVG its words, which the site leaves out otherwise, in place."""
    svg = "".join(output.get("data", {}).get("image/svg+xml", ""))
    if svg:
        words = html.escape(output["metadata"]["image/svg+xml"]["alt"])
        pixels = base64.b64encode(svg.encode()).decode()
        image = f'<img alt="{words}" src="data:image/svg+xml;base64,{pixels}">'
        output["data"] = {"text/html": image}


def fold(cell: dict, summary: str, code: str) -> None:
    """Turn a cell of code without outputs into text that a click opens, in place."""
    for key in ("outputs", "execution_count"):
        cell.pop(key)
    cell["cell_type"] = "markdown"
    summary = re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(summary, quote=False))
    cell["source"] = FOLDED.format(summary=summary, code=code)


def list_folder(folder: Path) -> str:
    """A page that lists the files of a folder, since a site has no view of folders."""
    names = sorted(file.name for file in folder.iterdir() if file.is_file())
    lines = [f"- [{name}]({name})" for name in names]
    return "\n".join([f"# Files of {folder.relative_to(ROOT).as_posix()}", "", *lines, ""])


def copy_mathjax(folder: Path) -> None:
    """Copy the parts of MathJax that a page may load."""
    package = importlib.util.find_spec("jupyter_server_mathjax")
    if package is None or package.origin is None:
        raise SystemExit('Formulas need jupyter-server-mathjax: pip install -e ".[docs]".')
    static = Path(package.origin).parent / "static"
    folder.mkdir(parents=True)
    for name in MATHJAX:
        copy = shutil.copytree if (static / name).is_dir() else shutil.copyfile
        copy(static / name, folder / name)


def gather(site: Path) -> None:
    """Copy everything into a folder that is made anew."""
    shutil.rmtree(site, ignore_errors=True)
    pages = [page for pattern in PAGES for page in ROOT.glob(pattern)]
    linked = [target for page in pages for target in links_of(page)]
    folders = [target for target in linked if target.is_dir()]
    inside = [file for folder in folders for file in folder.iterdir() if file.is_file()]
    for file in {*pages, *linked, *inside, *ROOT.glob(DRAWINGS)}:
        target = site / file.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        if file.suffix == ".md":
            target.write_text(site_text(file), encoding="utf-8")
        elif file.suffix == ".ipynb":
            target.write_text(site_notebook(file), encoding="utf-8")
        elif file.parent == EXHIBITS and file.suffix == ".html":
            target.write_text(build_page(file.stem), encoding="utf-8")
        elif file.is_file():
            shutil.copyfile(file, target)
    for folder in folders:
        listing = site / folder.relative_to(ROOT) / "README.md"
        if not listing.exists():
            listing.write_text(list_folder(folder), encoding="utf-8")
    copy_mathjax(site / "assets" / "mathjax")
    shutil.copyfile(Path(__file__).with_name("notebooks.css"), site / "assets" / "notebooks.css")


if __name__ == "__main__":
    gather(Path(sys.argv[1]))
