"""The first tab: one pair, fused live, and several ways to look at the result."""

from collections.abc import Callable
from dataclasses import dataclass

import gradio as gr

from lkc.errors import InputError
from lkc.tasks import TASKS

from ..server.one_device import PRIVATE, QUEUE
from ..words.say import say, sorry
from ..work.fuse_files import METHODS, PRECISIONS, fuse_files, has_gpu, read_source
from ..work.results import Result, describe, labels, save_result
from .sources import Sources, build_sources, connect_sources, file_of
from .views import build_views, show, view_choices

FIRST_TASK = "ir-vis"
MAX_WAITING = 32


def fuse_pair(
    first: str | None, second: str | None, task: str, method: str, detail: float, colour: bool,
    precision: str, language: str,
) -> tuple[Result | None, str]:  # fmt: skip
    """Fuse if both sources are there; returns the files, and a line that says how it went."""
    pair = {TASKS[task].first: first, TASKS[task].second: second}
    missing = [name for name, path in pair.items() if not path]
    if len(missing) == 2:
        return None, say("waiting_both", language)
    try:
        if missing:
            for name in pair.keys() - missing:  # a bad one is not kept until the other is there
                read_source(pair[name], name)
            return None, say("waiting", language, name=missing[0])
        fusion = fuse_files(first, second, task, method, detail, colour, precision)
        result, seconds = save_result(fusion, task, first, second)
    except InputError as error:
        return None, sorry(error, language)
    return result, describe(fusion, seconds, language)


@dataclass
class Controls:
    """What a user can change about the fusion."""

    detail: gr.Slider
    method: gr.Dropdown
    colour: gr.Checkbox
    precision: gr.Radio


def method_choices(language: str) -> list[tuple[str, str]]:
    return [
        (say("lite", language) if name == "lite" else say("rule", language, name=name), name)
        for name in METHODS
    ]


def build_controls(language: str) -> Controls:
    with gr.Row(elem_classes="controls"):
        detail = gr.Slider(
            0, 2, value=1, step=0.1, label=say("detail", language), min_width=180, scale=2,
            info=say("detail_info", language), buttons=[],
        )  # fmt: skip
        with gr.Column(min_width=180):
            method = gr.Dropdown(
                method_choices(language), value="lite", label=say("method", language)
            )
            colour = gr.Checkbox(True, label=say("colour", language), container=False)
            precision = gr.Radio(
                list(PRECISIONS), value="fp32", label=say("precision", language),
                visible=has_gpu(), elem_id="precision",
            )  # fmt: skip
    return Controls(detail, method, colour, precision)


@dataclass
class Outcome:
    """What a fusion leaves beside the picture."""

    status: gr.Markdown
    download: gr.DownloadButton
    button: gr.Button
    result: gr.State


def build_outcome(language: str) -> Outcome:
    with gr.Row(elem_id="outcome"):
        status = gr.Markdown(say("waiting_both", language), elem_id="status")
        download = gr.DownloadButton(
            say("download", language), interactive=False, elem_id="download", scale=0,
            min_width=150, size="md",
        )  # fmt: skip
        button = gr.Button(
            say("fuse", language), variant="primary", elem_id="fuse", scale=0, min_width=110,
            size="md",
        )  # fmt: skip
    return Outcome(status, download, button, gr.State(None))


def task_radio(language: str, elem_id: str) -> gr.Radio:
    tasks = [(" + ".join(labels(task, language)), task) for task in TASKS]
    return gr.Radio(
        tasks, value=FIRST_TASK, label=say("task", language), elem_classes="segments",
        elem_id=elem_id, container=False,
    )  # fmt: skip


def build_fuse_tab(page: gr.Blocks, language: str) -> tuple[Sources, gr.Radio]:
    """Lay out the tab and connect its events; returns the sources and their task."""
    task = task_radio(language, "task")
    with gr.Row():
        with gr.Column(scale=4, min_width=300):
            sources = build_sources(FIRST_TASK, language)
        with gr.Column(scale=8, min_width=300):
            view = gr.Radio(
                view_choices(FIRST_TASK, language), value="fused", label=say("view", language),
                elem_classes="segments", elem_id="view", container=False,
            )  # fmt: skip
            views = build_views(language)
            outcome = build_outcome(language)
            controls = build_controls(language)
    connect(page, task, sources, view, views, outcome, controls, language)
    return sources, task


def connect(page, task, sources, view, views, outcome, controls, language) -> None:
    """Fuse whenever a source or control changes, and show what the view asks for."""
    told = [outcome.result, outcome.status, outcome.download]
    changes = [controls.detail, controls.method, controls.colour, controls.precision]
    shared = {
        "show_progress": "minimal",
        "show_progress_on": outcome.status,
        "trigger_mode": "always_last",
        **PRIVATE,
    }

    def report(made, line):
        button = gr.update(interactive=made is not None, value=made and made.fused)
        return [made, line, button]

    def run(first, second, task, detail, method, colour, precision):
        pair = file_of(first), file_of(second)
        return report(*fuse_pair(*pair, task, method, detail, colour, precision, language))

    def show_made(view, made):
        return show(view, made, language)

    def show_if_there(view, made):
        """What is being made shows itself when it is there."""
        return show_made(view, made) if made else [gr.skip()] * len(views.all())

    chosen = {"inputs": [view, outcome.result], "outputs": views.all(), **shared, **QUEUE}

    def saying(key):
        line = say(key, language, limit=MAX_WAITING)
        return {
            "fn": lambda: [*report(None, line), *show("fused", None, language)],
            "outputs": [*told, *views.all()], "queue": False, **shared,
        }  # fmt: skip

    def fuse_after(add: Callable, *triggers) -> None:
        fusing = add(
            *triggers, run, [sources.first, sources.second, task, *changes], told,
            preprocess=False, **shared, **QUEUE,
        )  # fmt: skip
        fusing.failure(**saying("no_answer"))
        # A step of its own: it shows the view that is chosen by then.
        fusing.success(show_made, **chosen)

    # The old result goes at once, since the new one may have to wait for others.
    connect_sources(
        sources, page, task, view,
        lambda event: fuse_after(event.then(**saying("in_line")).then), language,
    )  # fmt: skip
    fuse_after(gr.on, [outcome.button.click, *(control.change for control in changes)])
    view.change(show_if_there, **chosen)
