"""What holds for all exhibits in a browser: no errors, no sideways scrolling, both schemes."""

import pytest

from lkc.tutorial.exhibits import exhibit, exhibit_names
from tests.demo.steps import comes_true

pytestmark = pytest.mark.page


def luminance(page, selector: str, role: str) -> float:
    """Relative luminance of a colour of an element, after WCAG 2."""
    colour = page.evaluate(f"getComputedStyle(document.querySelector('{selector}')).{role}")
    levels = [int(part) / 255 for part in colour.removeprefix("rgb(").rstrip(")").split(",")]
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in levels]
    return sum(
        weight * level for weight, level in zip((0.2126, 0.7152, 0.0722), linear, strict=True)
    )


@pytest.mark.parametrize("name", exhibit_names())
def test_exhibit_fits_a_phone_and_can_be_read_in_both_schemes(name, opened):
    for scheme in ("light", "dark"):
        page = opened(name, width=360, scheme=scheme)
        page.wait_for_selector("canvas")
        if name == "metric-gym":
            page.get_by_role("button", name="noisy").click()
        assert page.evaluate("document.documentElement.scrollWidth") == 360
        back = luminance(page, "body", "backgroundColor")
        assert (back < 0.05) == (scheme == "dark")
        for selector in ("body", ".note", ".worse"):
            if not page.locator(selector).count():
                continue
            darker, lighter = sorted([back, luminance(page, selector, "color")])
            assert (lighter + 0.05) / (darker + 0.05) > 4.5


@pytest.mark.parametrize("name", exhibit_names())
def test_exhibit_works_in_the_frame_of_a_notebook(name, page):
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.set_content(f"<!doctype html>{exhibit(name)._repr_html_()}")
    inner = page.frame_locator("iframe")
    inner.locator("canvas").first.wait_for()
    frame, root = page.locator("iframe"), inner.locator("html")

    def differ() -> float:
        height, needed = (part.bounding_box()["height"] for part in (frame, root))
        return abs(height - needed)

    assert comes_true(page, lambda: differ() < 3)
    assert frame.get_attribute("title") == inner.locator("h1").inner_text()
    assert not errors


@pytest.mark.parametrize("is_light", [True, False])
def test_exhibit_takes_the_scheme_of_jupyterlab(is_light, page):
    page.emulate_media(color_scheme="dark" if is_light else "light")
    frame = exhibit("norm-sharing")._repr_html_()
    page.set_content(f"<body data-jp-theme-light='{str(is_light).lower()}'>{frame}</body>")
    page.frame_locator("iframe").locator("canvas").first.wait_for()
    inner = next(frame for frame in page.frames if frame.parent_frame)
    assert (luminance(inner, "body", "backgroundColor") > 0.9) == is_light
