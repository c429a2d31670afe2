"""Endpoints for programs: `fuse` and `evaluate`; the README shows a call of each."""

import gradio as gr
from numpy.typing import NDArray

import lkc
from lkc.errors import InputError
from lkc.io.image_files import FULL_SCALE, to_unit_range

from .server.one_device import QUEUE
from .tabs.sources import file_of, source_image
from .words.say import Complaint, explain
from .work.fuse_files import check_sizes, fuse_files, read_source
from .work.results import describe, save_result

LONGEST_NAME = 40  # what is said of a task that there is not


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
    colour: bool = True,
) -> tuple[str, str]:
    """Fuse a registered pair; returns a PNG (16-bit if both sources are) and a status line."""
    try:
        chosen = lkc.tasks.get_task(str(task)[:LONGEST_NAME])
        a, b = given_file(first, chosen.first), given_file(second, chosen.second)
        fusion = fuse_files(a, b, task, method, detail, colour)
        result, seconds = save_result(fusion, task, a, b)
    except InputError as error:
        raise refuse(error) from None
    return result.fused, describe(fusion, seconds, "en")


def in_gray_levels(path: str | None, name: str) -> NDArray:
    """Read an image as the metrics take it; floats are brought from [0, 1] to 0 to 255."""
    image = read_source(path, name)
    return image if image.dtype in FULL_SCALE else 255 * to_unit_range(image, name)


def evaluate(fused: object, first: object, second: object) -> dict[str, float]:
    """Measure a fused image against its sources; returns the eleven metrics by key."""
    try:
        given = {"fused": fused, "first": first, "second": second}
        images = {name: in_gray_levels(file_of(image), name) for name, image in given.items()}
        for name in ("first", "second"):
            check_sizes((images["fused"], images[name]), ("fused", name))
        return lkc.metrics.evaluate(images["fused"], images["first"], images["second"])
    except InputError as error:
        raise refuse(error) from None


def build_api() -> None:
    """Connect the endpoints to parts that the page does not show."""

    first, second, fused = (
        source_image(name, visible=False) for name in ("first", "second", "fused")
    )
    task = gr.Textbox("ir-vis", label="task", visible=False)
    method = gr.Textbox("lite", label="method", visible=False)
    detail = gr.Number(1.0, label="detail", visible=False)
    colour = gr.Checkbox(True, label="colour", visible=False)
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
