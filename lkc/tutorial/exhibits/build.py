"""Put the parts of an exhibit into one file: page, style, ES modules, and data that Python made.

The sources in `pages/` are a page that links to a style sheet and to a module. Modules are put one
after the other into one scope. So an import stands on one line and does not rename, and two modules
of a page never give two things the same name: a browser would refuse such a page.
"""

import functools
import json
import re
from pathlib import Path

from lkc.errors import InputError
from lkc.tutorial.exhibits.data import DATA

PAGES = Path(__file__).parent / "pages"
IMPORT = re.compile(r'^import \{[^}]*\} from "\./([\w-]+\.js)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export ", re.MULTILINE)
STYLE = '<link rel="stylesheet" href="style.css">'
SCRIPT = re.compile(r'<script type="module" src="([\w-]+\.js)"></script>')
EMPTY_DATA = '<script type="application/json" id="data"></script>'
UNBUILT = re.compile(r'<p id="unbuilt">.*?</p>\n', re.DOTALL)


def exhibit_names() -> list[str]:
    """List the exhibits.

    Returns:
        Names for `exhibit` and `build_page`.

    Example:
        >>> "norm-sharing" in exhibit_names()
        True
    """
    return list(DATA)


def join_modules(name: str, joined: set[str] | None = None) -> str:
    """Return a module of `pages/` below all that it imports, each of them once.

    Args:
        name: such as "norms.js".
        joined: names that are there already; it grows.

    Returns:
        JavaScript for one module without imports and exports.

    Example:
        >>> "import {" in join_modules("norm-sharing.js")
        False
    """
    joined = set() if joined is None else joined
    joined.add(name)
    text = (PAGES / name).read_text(encoding="utf-8")
    below = [join_modules(found, joined) for found in IMPORT.findall(text) if found not in joined]
    return "".join([*below, EXPORT.sub("", IMPORT.sub("", text))])


@functools.cache
def build_page(name: str) -> str:
    """Build an exhibit as one file that needs no other.

    Args:
        name: one of `exhibit_names`.

    Returns:
        HTML.

    Raises:
        InputError: there is no such exhibit.

    Example:
        >>> build_page("norm-sharing").startswith("<!doctype html>")
        True
    """
    if name not in DATA:
        raise InputError(f"there is no exhibit {name!r}: choose one of {', '.join(DATA)}.")
    page = UNBUILT.sub("", (PAGES / f"{name}.html").read_text(encoding="utf-8"))
    script = SCRIPT.search(page)
    assert script, f"{name}.html has no module"
    assert {STYLE, EMPTY_DATA} <= set(page.splitlines()), f"{name}.html lacks a part"
    style = (PAGES / "style.css").read_text(encoding="utf-8")
    data = json.dumps(DATA[name](), separators=(",", ":")).replace("</", "<\\/")
    module = f'<script type="module">\n{join_modules(script[1])}</script>'
    page = page.replace(script[0], module).replace(STYLE, f"<style>\n{style}</style>")
    return page.replace(EMPTY_DATA, EMPTY_DATA.replace("><", f">{data}<"))


def write_pages(folder: Path) -> list[Path]:
    """Write every exhibit as a file.

    Args:
        folder: is made where it is missing.

    Returns:
        The files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"{name}.html" for name in DATA]
    for file in files:
        file.write_text(build_page(file.stem), encoding="utf-8")
    return files
