"""Endpoints for programs: `fuse` and `evaluate`; the README shows a call of each."""

from typing import Any

import gradio as gr
from gradio.data_classes import GradioRootModel

import lkc
from lkc.errors import InputError
from lkc.evaluation.scoring import ShownPair, as_stored

from .server.one_device import QUEUE
from .tabs.sources import file_of, source_image
from .words.say import Complaint, explain
from .work.fuse_files import check_sizes, fuse_files, open_source
from .work.results import describe, save_result

LONGEST_NAME = 40  # So much is said of a name that there is not.


class Anything(GradioRootModel):
    """What a program may send: Gradio answers `null` to what a stricter model refuses."""

    root: Any


def any_image(name: str) -> gr.Image:
    """An image that is taken as it comes, so that what is none is refused in a sentence of ours."""
    image = source_image(name, visible=False)
    image.api_info()  # Gradio keeps it: programs are told what an image looks like
    image.data_model = Anything
    return image


def refuse(error: InputError) -> gr.Error:
    """Hand the sentence to the client, without a trace on the server."""
    return gr.Error(explain(error, "en"), print_exception=False)


def given_file(image: object, name: str) -> str:
    """Return the file of an image that was given."""
    if not (path := file_of(image)):
        raise Complaint("missing", name=name)
    return path


def fuse(
    first: object,
    second: object,
    task: str = "ir-vis",
    method: str = "lite",
    detail: float = 1.0,
    colour: str | bool = "keep",
) -> tuple[str, str]:
    """Fuse a registered pair; returns a PNG (16-bit if both sources are) and a status line."""
    try:
        chosen = lkc.tasks.get_task(str(task)[:LONGEST_NAME])
        a, b = given_file(first, chosen.first), given_file(second, chosen.second)
        if isinstance(colour, bool):  # as clients of earlier versions say it
            colour = "keep" if colour else "gray"
        fusion = fuse_files(a, b, task, method, detail, str(colour)[:LONGEST_NAME])
        result, seconds = save_result(fusion, task, a, b)
    except InputError as error:
        raise refuse(error) from None
    return result.fused, describe(fusion, seconds, "en")


def evaluate(fused: object, first: object, second: object) -> dict[str, float]:
    """Measure a fused image against its sources; returns the eleven metrics by key."""
    try:
        given = {"fused": fused, "first": first, "second": second}
        opened = {name: open_source(file_of(image), name) for name, image in given.items()}
        pixels = as_stored(opened["fused"])
        sources, _ = ShownPair(opened["first"], opened["second"]).show(opened["fused"].notes)
        for name, source in zip(("first", "second"), sources, strict=True):
            check_sizes((pixels, source), ("fused", name))
        return lkc.metrics.evaluate(pixels, *sources)
    except InputError as error:
        raise refuse(error) from None


def build_api() -> None:
    """Connect the endpoints to parts that the page does not show."""

    first, second, fused = map(any_image, ("first", "second", "fused"))
    task = gr.Textbox("ir-vis", label="task", visible=False)
    method = gr.Textbox("lite", label="method", visible=False)
    detail = gr.Number(1.0, label="detail", visible=False)
    colour = gr.Textbox("keep", label="colour", visible=False)
    file = gr.File(label="fused PNG", visible=False)
    status = gr.Textbox(label="status", visible=False)
    scores = gr.JSON(label="metrics", visible=False)
    call = gr.Button(visible=False)
    shared = {"preprocess": False, **QUEUE}  # values as they come, so that each is explained
    call.click(
        fuse, [first, second, task, method, detail, colour], [file, status], api_name="fuse",
        **shared,
    )  # fmt: skip
    call.click(evaluate, [fused, first, second], scores, api_name="evaluate", **shared)
