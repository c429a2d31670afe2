"""What tests do with the page, by a client or in a browser."""

import re
import socket
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

EXAMPLES = Path(__file__).parents[2] / "assets" / "examples"
NIGHT = [str(EXAMPLES / "ir-vis" / folder / "night.png") for folder in ("ir", "vis")]
PATIENCE = 120_000  # milliseconds for anything to appear, on a busy machine as well


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def write(path: Path, pixels: np.ndarray) -> str:
    cv2.imwrite(str(path), pixels)
    return str(path)


def call(client, endpoint: str, *arguments):
    from gradio_client import handle_file

    files = [handle_file(a) if isinstance(a, str) and Path(a).exists() else a for a in arguments]
    return client.predict(*files, api_name=endpoint)


def upload(page, place: str, files) -> None:
    page.locator(f"{place} input[type=file]").first.set_input_files(files)


def choose(page, group: str, number: int) -> None:
    """Press one of a group of buttons."""
    page.locator(f"{group} label").nth(number).click()


def say(page, place: str, text: str | re.Pattern) -> None:
    """Wait until a place of the page says something."""
    page.locator(place).get_by_text(text).first.wait_for()


def open_tab(page, name: str) -> None:
    """Open a tab, which on a narrow screen may be behind the button with the dots."""
    tab = page.get_by_role("tab", name=name)
    if not tab.is_visible():
        page.locator(".overflow-menu button").first.click()
        tab = page.locator(".overflow-dropdown button", has_text=name)
    tab.click()


def wait_for_change(page, expression: str, before) -> None:
    """Wait until a JavaScript expression has another value."""
    page.wait_for_function(f"before => ({expression}) !== before", arg=before)


def expect_width(page, place: str, width: int) -> None:
    """Wait until a picture has been loaded and is this wide: before that, the browser says 0.

    Where a style sheet gives it a size, a picture that is on its way counts as visible.
    """
    from playwright.sync_api import expect

    expect(page.locator(place)).to_have_js_property("naturalWidth", width)


def comes_true(page, is_so: Callable[[], bool]) -> bool:
    """Whether something is so now or soon, however busy the machine is."""
    for _ in range(PATIENCE // 100):
        if is_so():
            return True
        page.wait_for_timeout(100)
    return is_so()


def wait_until_still(page) -> None:
    """Wait until no transition is under way, whose colours lie between two."""
    page.evaluate("new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    page.wait_for_function("""() => document.getAnimations().every(({playState, effect}) =>
        playState !== "running" || effect.getComputedTiming().endTime === Infinity)""")


def upload_small_pair(page, folder: Path) -> None:
    """Give a corner of an example, 160 × 120 pixels, since a network is looked into longer."""
    parts = ("#first", "#second"), ("Waiting for the visible image", "160 × 120"), NIGHT
    for place, said, file in zip(*parts, strict=True):
        corner = cv2.imread(file, cv2.IMREAD_UNCHANGED)[:120, :160]
        upload(page, place, write(folder / f"{place[1:]}.png", corner))
        say(page, "#status", said)


def number(page, place: str) -> str:
    """The number of the latest choice in a place of the page, once the server has given it one."""
    read = """place => document.getElementById(`${place}-chosen`)
        .textContent.match(/[0-9a-f]{32}/)?.[0]"""
    return page.wait_for_function(read, arg=place).json_value()


def wait_for_answer(page, place: str, before: str = "") -> None:
    """Wait until a place shows what belongs to its latest choice, which is not an earlier one."""
    answered = """([place, before]) => {
        const [chosen, shown] = ["chosen", "shown"]
            .map(name => document.getElementById(`${place}-${name}`)?.textContent)
            .map(text => text?.match(/[0-9a-f]{32}/)?.[0]);
        return chosen && chosen === shown && chosen !== before;
    }"""
    page.wait_for_function(answered, arg=[place, before])


def wait_until_fused(page) -> None:
    """Wait until the first tab shows the result of what is chosen there."""
    page.wait_for_selector("#download:not([disabled])")
    wait_for_answer(page, "pair")
    waits = "document.querySelector('#status').innerText.includes('Waiting for its turn')"
    page.wait_for_function(f"!{waits}")


def wait_for_findings(page, before: str = "") -> None:
    """Wait until the tab that looks inside shows all that it has to say of what is chosen."""
    for place in ("network", "layer", "share", "fields", "side-by-side", "scene", "hot"):
        wait_for_answer(page, place, before if place in ("share", "fields") else "")
