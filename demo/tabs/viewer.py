"""The view that compares the fused image with its sources: a component of the folder `viewer`."""

import json
from typing import Any

import gradio as gr
from gradio.data_classes import FileData

from ..words.say import say
from ..work.own_values import OwnValues, fused_values, source_values
from ..work.results import Result, displayable, labels
from .component import build_component

MODULES = ("geometry.js", "pixels.js", "viewer.js")
WORDS = (
    "layouts", "beside", "fade", "mix", "blink", "closer", "farther", "whole", "screen", "panes",
    "keys", "column", "row", "of", "in_file", "gap", "gone",
)  # fmt: skip


def build_viewer(language: str) -> gr.HTML:
    """Lay out the component; its value is made by `to_compare`."""
    return build_component("viewer", MODULES, WORDS, language, elem_id="viewer")


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
