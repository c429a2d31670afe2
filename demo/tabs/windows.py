"""The window of a source of more than 8 bits: a component of the folder `window`."""

from dataclasses import asdict
from typing import Any

import gradio as gr

from ..work.prepared import Given
from ..work.windows import find_shown
from .component import build_component

WORDS = ("title", "shown", "black", "white", "by_hand", "must_rise")


def build_window(language: str, source: str) -> gr.HTML:
    """Lay out the component of the first or the second source."""
    place = f"window-{source}"
    return build_component("window", ["window.js"], WORDS, language, elem_id=place)


def no_window() -> dict[str, Any]:
    """Nothing to choose: 8 bits are shown as they are."""
    return gr.update(visible=False, value=None)


def window_of(given: Given, name: str) -> dict[str, Any]:
    """What the component shows of a file."""
    shown = find_shown(given)
    if shown is None:
        return no_window()
    return gr.update(visible=True, value={"file": given.file, "name": name, **asdict(shown)})


def with_complaint(shown: dict[str, Any], sentence: str) -> dict[str, Any]:
    """The same, with a sentence about a window that does not fit."""
    return shown | {"value": shown["value"] and {**shown["value"], "complaint": sentence}}
