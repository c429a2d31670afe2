"""Every tab before axe-core, which checks names, roles and contrast: nothing serious of ours."""

import pytest

from tests.demo.steps import (
    choose,
    open_tab,
    upload,
    upload_small_pair,
    wait_for_answer,
    wait_for_findings,
    wait_until_still,
)
from tests.demo.test_windows import counts_file

pytest.importorskip("gradio")
pytestmark = pytest.mark.page
SERIOUS = """async () => {
    const {violations} = await axe.run(document, {resultTypes: ["violations"]});
    return violations.filter(({impact}) => ["serious", "critical"].includes(impact)).flatMap(
        ({id, nodes}) => nodes.map(({html}) => [id, html]));
}"""
OF_GRADIO = {  # rule: a class of the elements that Gradio makes so
    "label-content-name-mismatch": ("thumbnail-item", "upload-container"),
    "aria-prohibited-attr": ("empty",),
}


def serious(page) -> list:
    """What axe finds in the page as it is, but for what Gradio makes."""
    wait_until_still(page)
    found = page.evaluate(SERIOUS)
    return [
        (rule, html)
        for rule, html in found
        if not any(f'class="{name} ' in html for name in OF_GRADIO.get(rule, ()))
    ]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_axe_finds_nothing_serious_in_any_tab(opened, page, web_packages, tmp_path, width, scheme):
    page.emulate_media(color_scheme=scheme)
    opened("", width)
    upload_small_pair(page, tmp_path)
    page.add_script_tag(path=web_packages / "axe-core" / "axe.min.js")
    page.get_by_text("Take it away").click()
    places = ("#fused img", "#viewer canvas[aria-label]", "#views img", "#numbers table")
    for view, shown in enumerate(places):
        choose(page, "#view", view)
        page.wait_for_selector(shown)
        assert serious(page) == [], shown
    choose(page, "#view", 1)
    page.wait_for_selector("#viewer canvas[aria-label]")
    choose(page, "#viewer .layouts", 1)
    assert serious(page) == []
    for name in ("Look inside", "Many pairs", "Video", "About"):
        open_tab(page, name)
        if name == "Look inside":
            wait_for_findings(page)
            assert serious(page) == [], "without a spot"
            page.locator("#spot .stage").click()
            wait_for_answer(page, "spot")
            page.wait_for_selector("#hot img")
        assert serious(page) == [], name


def test_axe_finds_nothing_serious_in_windows(opened, page, web_packages, tmp_path):
    opened()
    page.add_script_tag(path=web_packages / "axe-core" / "axe.min.js")
    upload(page, "#first", counts_file(tmp_path)[0])
    page.wait_for_selector("#window-first canvas")
    assert serious(page) == []


def test_axe_would_find_what_is_wrong(opened, page, web_packages):
    opened()
    page.add_script_tag(path=web_packages / "axe-core" / "axe.min.js")
    page.evaluate("document.body.append(document.createElement('button'))")
    assert [rule for rule, _ in serious(page)] == ["button-name"]
