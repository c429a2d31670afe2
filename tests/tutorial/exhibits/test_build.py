"""An exhibit is one file that needs no other, wherever it is shown."""

import re
import runpy
import sys

import pytest

from lkc.errors import InputError
from lkc.tutorial.exhibits import build_page, exhibit, exhibit_names
from lkc.tutorial.exhibits.build import PAGES, join_modules
from tests.notebooks.test_notebooks import ABSOLUTE_PATH

ADDRESS = re.compile(r"""(?:src|href)=["']?|https?://|@import|url\(|\bfetch\(""")


@pytest.mark.parametrize("name", exhibit_names())
def test_a_page_needs_no_other_file(name):
    page = build_page(name)
    assert not ADDRESS.search(page)
    assert "unbuilt" not in page
    assert not re.search(r"^(import|export) ", page, re.MULTILINE)


@pytest.mark.parametrize("name", exhibit_names())
def test_a_notebook_can_store_it(name):
    shown = exhibit(name)._repr_html_()
    assert len(shown) < 120_000
    assert not ABSOLUTE_PATH.search(shown)


def test_every_source_is_part_of_a_page():
    joined: set[str] = set()
    for name in exhibit_names():
        join_modules(f"{name}.js", joined)
    assert {path.name for path in PAGES.glob("*.js")} == joined
    assert {path.stem for path in PAGES.glob("*.html")} == set(exhibit_names())


def test_a_name_that_is_not_there_is_refused():
    with pytest.raises(InputError, match="no exhibit 'norms': choose one of norm-sharing"):
        exhibit("norms")


def test_the_command_writes_files(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["exhibits", str(tmp_path / "new")])
    runpy.run_module("lkc.tutorial.exhibits", run_name="__main__")
    written = {path.stem: path.read_text("utf-8") for path in (tmp_path / "new").iterdir()}
    assert written == {name: build_page(name) for name in exhibit_names()}
    assert all(f"{name}.html in a browser" in capsys.readouterr().out for name in ["norm-sharing"])
