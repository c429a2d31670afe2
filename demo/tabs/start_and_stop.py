"""What the tabs with long jobs share: two uploads, a start that can be stopped, labels by task."""

import uuid
from collections.abc import Callable

import gradio as gr

from ..server.one_device import JOBS, PRIVATE
from ..words.say import say
from ..work.results import labels
from .fuse import FIRST_TASK, MAX_WAITING

stop_requests: set[str] = set()
"""Jobs that a user wants to end.

A job looks here between two steps and ends by itself, with what it has. Cancelling it from outside
instead would let its last update reach the page after the result, and hide it.
"""


def build_uploads(kind: type[gr.File], key: str, prefix: str, language: str, **options) -> tuple:
    """Lay out one upload for each source side by side.

    Args:
        kind: `gr.File` or `gr.Files`.
        key: of the label, which has a {name} in it.
        prefix: of the elements' names, which end in "-first" and "-second".
        language: "en" or "zh".
        options: of `kind`.

    Returns:
        The uploads of the first and of the second source.
    """
    with gr.Row():
        return tuple(
            kind(label=say(key, language, name=name), elem_id=f"{prefix}-{place}", **options)
            for name, place in zip(labels(FIRST_TASK, language), ("first", "second"), strict=True)
        )


def rename_with_task(task: gr.Radio, uploads: tuple, key: str, language: str) -> None:
    """Let the labels of `build_uploads` follow the task."""
    task.change(
        lambda task: [
            gr.update(label=say(key, language, name=name)) for name in labels(task, language)
        ],
        task, list(uploads), queue=False, show_progress="hidden", **PRIVATE,
    )  # fmt: skip


def connect_job(
    start: gr.Button,
    stop: gr.Button,
    job: Callable,
    inputs: list,
    outputs: list,
    shown: gr.Component,
    language: str,
) -> None:
    """Let one button start a job and another ask it to end; one of them can be pressed at a time.

    Args:
        start, stop: the buttons.
        job: called with both sources, a name for `stop_requests`, the other inputs, the language
            and Gradio's progress; yields the outputs.
        inputs: both sources, then the others.
        outputs: of the job, its status first.
        shown: the output that shows its progress.
        language: "en" or "zh".
    """
    number, buttons = gr.State(""), [start, stop]
    shared = {"queue": False, "show_progress": "hidden", **PRIVATE}

    def running(is_running):
        return [gr.update(interactive=not is_running), gr.update(interactive=is_running)]

    def begin():
        status, *others = [gr.update(value=None) for _ in outputs]
        status["value"] = say("in_line", language)
        return [uuid.uuid4().hex, *running(True), status, *others]

    def do_job(progress=gr.Progress(), *given):  # noqa: B008 - how Gradio knows a progress
        number, first, second, *options = given
        yield from job((first, second), number, tuple(options), language, progress)

    def fail():
        return [*running(False), say("no_answer", language, limit=MAX_WAITING)]

    begun = start.click(begin, None, [number, *buttons, *outputs], **shared)
    done = begun.then(do_job, [number, *inputs], outputs, show_progress_on=shown, **PRIVATE, **JOBS)
    done.then(lambda: running(False), None, buttons, **shared)
    done.failure(fail, None, [*buttons, outputs[0]], **shared)
    stop.click(stop_requests.add, number, None, **shared)
