"""The tab that looks inside leads to the tutorials' exhibits, which the page serves itself."""

from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from lkc.tutorial.exhibits import build_page, exhibit_names


def test_exhibits_are_served(server):
    for name in exhibit_names():
        with urlopen(f"{server}/exhibits/{name}.html") as answer:
            assert answer.headers["Content-Type"].startswith("text/html")
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.read().decode() == build_page(name)


def test_another_name_is_refused_in_a_sentence(server):
    with pytest.raises(HTTPError) as refused:
        urlopen(f"{server}/exhibits/api.html")
    assert refused.value.code == 404
    assert "there is no exhibit 'api'" in refused.value.read().decode()


@pytest.mark.page
@pytest.mark.parametrize(("path", "tab"), [("", "Look inside"), ("zh", "看内部")])
def test_the_tab_leads_to_every_exhibit(opened, path, tab):
    page = opened(path)
    page.get_by_role("tab", name=tab).click()
    links = page.locator("#exhibits a")
    links.first.wait_for()
    leading = [link.evaluate("link => link.href") for link in links.all()]
    assert {link.split("/")[-1] for link in leading} == {f"{n}.html" for n in exhibit_names()}
    assert {page.request.get(link).status for link in leading} == {200}
