"""A button that is pressed again while its first press waits for the device."""

import pytest

from tests.demo.steps import number, open_tab, wait_for_answer, wait_until_fused

pytest.importorskip("gradio")
pytestmark = pytest.mark.page
ANOTHER = """first => {
    const now = document.getElementById('video-chosen').textContent.match(/[0-9a-f]{32}/)?.[0];
    return now && now !== first;
}"""


def test_example_clips_come_though_the_button_was_pressed_twice(opened):
    from demo.server.one_device import turn

    page = opened()
    wait_until_fused(page)
    open_tab(page, "Video")
    with turn():
        page.locator("#video-example").click()
        first = number(page, "video")
        page.locator("#video-example").click()
        page.wait_for_function(ANOTHER, arg=first)
    wait_for_answer(page, "video", first)
    for place in ("first", "second"):
        page.wait_for_selector(f"#clip-{place} .file-preview")
