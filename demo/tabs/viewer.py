"""The view that compares the fused image with its sources: a component of the folder `viewer`."""

import json
import re
from pathlib import Path
from string import Template
from typing import Any

import gradio as gr
from gradio.data_classes import FileData

from ..words.say import say
from ..work.own_values import OwnValues, fused_values, source_values
from ..work.results import Result, displayable, labels

FOLDER = Path(__file__).parents[1] / "viewer"
MODULES = ("geometry.js", "pixels.js", "viewer.js")  # in the order in which they need one another
BETWEEN_MODULES = re.compile(r"^import .*\n|^export ", re.MULTILINE)
START = """
const viewer = new Viewer(element, WORDS);
watch("value", () => viewer.take(props.value));
viewer.take(props.value);
"""
WORDS = (
    "layouts", "beside", "fade", "mix", "blink", "closer", "farther", "whole", "screen", "panes",
    "keys", "column", "row", "of", "in_file", "gap", "gone",
)  # fmt: skip


def read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def script(words: dict[str, str]) -> str:
    """The modules as the one function that Gradio runs when the component is there."""
    modules = [BETWEEN_MODULES.sub("", read(name)) for name in MODULES]
    return "".join(modules) + START.replace("WORDS", json.dumps(words))


def build_viewer(language: str) -> gr.HTML:
    """Lay out the component; its value is made by `to_compare`."""
    words = {word: say(f"viewer_{word}", language) for word in WORDS}
    return gr.HTML(
        visible=False, html_template=Template(read("viewer.html")).substitute(words),
        css_template=read("viewer.css"), js_on_load=script(words), apply_default_css=False,
        elem_id="viewer",
    )  # fmt: skip


def as_file(path: str) -> dict[str, Any]:
    """A file that Gradio gives an address."""
    return FileData(path=path).model_dump()


def as_sent(name: str, picture: str, values: OwnValues | None) -> dict[str, Any]:
    """One image of the three, as viewer.js takes it."""
    image: dict[str, Any] = {"name": name, "file": as_file(picture)}
    if values:
        image |= {"unit": values.unit, "range": values.full_range}
        own = {"file": as_file(values.file), "type": values.type, "channels": values.channels}
        image["values"] = own
    return image


def to_compare(result: Result, language: str) -> dict[str, Any]:
    """The fused image and its sources, with the values that are more than what is shown."""
    images = [as_sent(say("fused", language), result.shown, fused_values(result.fused))]
    sources = (result.first, result.second)
    for name, source in zip(labels(result.task, language), sources, strict=True):
        images.append(as_sent(name, displayable(source), source_values(source)))
    return {"pair": json.dumps([result.task, *sources]), "images": images}
