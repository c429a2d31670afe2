"""What tests do with the page, by a client or in a browser."""

from pathlib import Path

import cv2
import numpy as np

EXAMPLES = Path(__file__).parents[2] / "assets" / "examples"
NIGHT = [str(EXAMPLES / "ir-vis" / folder / "night.png") for folder in ("ir", "vis")]
PATIENCE = 60_000  # milliseconds for anything to appear


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


def say(page, place: str, text: str) -> None:
    """Wait until a place of the page says something."""
    page.locator(place).get_by_text(text).first.wait_for(timeout=PATIENCE)


def open_tab(page, name: str) -> None:
    """Open a tab, which on a narrow screen may be behind the button with the dots."""
    tab = page.get_by_role("tab", name=name)
    if not tab.is_visible():
        page.locator(".overflow-menu button").first.click()
        tab = page.locator(".overflow-dropdown button", has_text=name)
    tab.click()


def wait_for_change(page, expression: str, before) -> None:
    """Wait until a JavaScript expression has another value."""
    page.wait_for_function(f"before => ({expression}) !== before", arg=before, timeout=PATIENCE)
