"""What `make docs` builds the site from: every page in its menu is there, and so is every link."""

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MENU = re.compile(r"^ +- (?:\S+: )?([\w/.-]+\.(?:md|ipynb))$", re.MULTILINE)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The gathered pages, and the script that gathers them."""
    spec = importlib.util.spec_from_file_location("gather", ROOT / "docs" / "site" / "gather.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
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
