"""Fixtures: exhibits opened as files in a browser that watches them, and their modules alone."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from lkc.tutorial.exhibits import write_pages
from lkc.tutorial.exhibits.build import join_modules


@pytest.fixture(scope="session")
def exhibit_files(tmp_path_factory) -> dict[str, Path]:
    files = write_pages(tmp_path_factory.mktemp("exhibits"))
    return {file.stem: file for file in files}


@pytest.fixture
def opened(page, exhibit_files):
    """Open an exhibit as a file: (name, width, scheme) -> page; complaints fail the test."""
    complaints, schemes = [], set()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda m: m.type == "error" and complaints.append(m.text))
    page.on("request", lambda request: schemes.add(urlsplit(request.url).scheme))

    def go(name: str, width: int = 1280, scheme: str = "light"):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.goto(exhibit_files[name].as_uri())
        return page

    yield go
    assert schemes <= {"file", "data"}  # Nothing is fetched.
    assert not complaints


@pytest.fixture(scope="session")
def compute(browser):
    """Run an expression over modules of the exhibits: (modules, expression, given) -> value."""
    page = browser.new_page()

    def run(modules: str, expression: str, given):
        joined: set[str] = set()
        scope = "".join(join_modules(module, joined) for module in modules.split())
        return page.evaluate(f"given => {{ {scope}\nreturn {expression} }}", given)

    yield run
    page.close()
