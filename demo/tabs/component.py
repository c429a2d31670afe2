"""Components of our own: plain files in a folder, which Gradio gives to the browser as they are."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from string import Template
from typing import Any

import gradio as gr

from ..words.say import say

BETWEEN_MODULES = re.compile(r"^import .*\n|^export ", re.MULTILINE)
START = """
const part = new CLASS(element, WORDS, trigger);
watch("value", () => part.take(props.value));
part.take(props.value);
"""


def build_component(
    name: str, modules: Sequence[str], words: Sequence[str], language: str, **options: Any
) -> gr.HTML:
    """Lay out a component that waits invisibly for a value.

    Args:
        name: of its folder, of its page and style there, and, with a capital, of its class, which
            has a method `take` for the value that the server sends.
        modules: in the order in which they need one another, the one with the class last.
        words: that it says; NAME_WORD are their keys.
        language: of the words.
        options: for `gr.HTML`.
    """
    folder = Path(__file__).parents[1] / name

    def read(file: str) -> str:
        return (folder / file).read_text(encoding="utf-8")

    said = {word: say(f"{name}_{word}", language) for word in words}
    start = START.replace("CLASS", name.capitalize()).replace("WORDS", json.dumps(said))
    script = "".join(BETWEEN_MODULES.sub("", read(module)) for module in modules) + start
    return gr.HTML(
        visible=False, html_template=Template(read(f"{name}.html")).substitute(said),
        css_template=read(f"{name}.css"), js_on_load=script, apply_default_css=False, **options,
    )  # fmt: skip
