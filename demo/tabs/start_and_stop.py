"""What the tabs with long jobs share: two uploads, a start that can be stopped, labels by task."""

from collections.abc import Callable

import gradio as gr

from ..server import latest
from ..server.one_device import JOBS, MAX_WAITING, PRIVATE
from ..words.say import say
from ..work.results import labels
from .controls import FIRST_TASK
from .latest_choice import Choice, Filled, answer, answers, choose, hide_at_once, restore

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


def clear(outputs: list) -> Filled:
    """Empty a job's outputs; what was to be handed out is handed out no more."""
    return {
        output: gr.update(value=None, interactive=False)
        if isinstance(output, gr.DownloadButton)
        else gr.update(value=None)
        for output in outputs
    }


def remember_files(request: gr.Request, choice: Choice, files: tuple) -> bool:
    """Remember the files of a job, and say whether they are others than those remembered before.

    A browser shows an uploaded file a little before it reports it, and a start may come in between.
    """
    place, word = f"files of {choice.place}", repr(files)
    before = latest.noted(request.session_hash, place, "")
    latest.note(request.session_hash, place, word)
    return word != before


def connect_inputs(
    task: gr.Radio,
    uploads: tuple,
    key: str,
    choice: Choice,
    language: str,
    lead: tuple[gr.Markdown, Callable[[str], str]] | None = None,
) -> None:
    """Let labels follow the task, and take the results of other files or another task away.

    Args:
        task: of both uploads.
        uploads: from `build_uploads`.
        key: as there.
        choice: what the job's outputs belong to.
        language: "en" or "zh".
        lead: a text above, and a function that writes it for a task.
    """
    files = [getattr(upload, name) for upload in uploads for name in ("upload", "clear", "delete")]
    shared = {"queue": False, "show_progress": "hidden", "trigger_mode": "multiple", **PRIVATE}

    def change_task(request: gr.Request, task):
        names = [say(key, language, name=name) for name in labels(task, language)]
        renamed = {u: gr.update(label=n) for u, n in zip(uploads, names, strict=True)}
        if lead:
            renamed[lead[0]] = lead[1](task)
        return choose(request, [choice], lambda: renamed, [*renamed])

    def change_files(request: gr.Request, *given):
        are_others = remember_files(request, choice, given)
        return choose(request, [choice]) if are_others else restore(request, [choice])

    hide_at_once([choice], task.change, *files)
    renamed = [*uploads, *([lead[0]] if lead else [])]
    task.change(change_task, task, [*choice.outputs(), *renamed], **shared)
    gr.on(files, change_files, [*uploads], choice.outputs(), **shared)


def connect_job(
    start: gr.Button,
    stop: gr.Button,
    job: Callable,
    inputs: list,
    choice: Choice,
    shown: gr.Component,
    locked: list,
    language: str,
) -> None:
    """Let one button start a job and another ask it to end; one of them can be pressed at a time.

    Args:
        start, stop: the buttons.
        job: called with both sources, a name for `stop_requests`, the other inputs, the language
            and Gradio's progress; yields the outputs.
        inputs: both sources, then the others.
        choice: its parts are the outputs of the job, the status first.
        shown: the output that shows the progress.
        locked: what cannot be changed while the job runs, since its results would not belong to it.
        language: "en" or "zh".
    """
    outputs = choice.parts
    shared = {"queue": False, "show_progress": "hidden", **PRIVATE}

    def running(is_running: bool) -> Filled:
        updates = {part: gr.update(interactive=not is_running) for part in (start, *locked)}
        return updates | {stop: gr.update(interactive=is_running)}

    def begin(request: gr.Request, *sources):
        remember_files(request, choice, sources)
        told = {outputs[0]: say("in_line", language)} | running(True)
        return choose(request, [choice], lambda: told, [*told])

    def do_job(request: gr.Request, progress=gr.Progress(), *given):  # noqa: B008 - Gradio's way
        number, first, second, *options = given
        steps = job((first, second), number, tuple(options), language, progress)
        filled = (dict(zip(outputs, step, strict=True)) for step in steps)
        yield from answers(request, {choice: number}, filled)

    def fail(request: gr.Request, number):
        line = say("no_answer", language, limit=MAX_WAITING)
        return answer(request, {choice: number}, lambda: {outputs[0]: line})

    buttons = [start, stop, *locked]
    hide_at_once([choice], start.click)
    begun = start.click(begin, inputs[:2], [*choice.outputs(), *buttons], **shared)
    done = begun.then(
        do_job, [choice.chosen, *inputs], [choice.shown, *outputs], show_progress_on=shown,
        **PRIVATE, **JOBS,
    )  # fmt: skip
    done.failure(fail, choice.chosen, [choice.shown, *outputs], **shared)
    for ended in (done.success, done.failure):
        ended(lambda: running(False), None, buttons, **shared)
    stop.click(stop_requests.add, choice.chosen, None, **shared)
