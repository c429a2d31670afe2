"""Controls that several tabs have: the task, the method, the detail."""

import gradio as gr

from lkc.tasks import TASKS

from ..words.say import say
from ..work.fuse_files import METHODS
from ..work.results import labels, method_name

FIRST_TASK = "ir-vis"


def task_radio(language: str, elem_id: str) -> gr.Radio:
    tasks = [(" + ".join(labels(task, language)), task) for task in TASKS]
    return gr.Radio(
        tasks, value=FIRST_TASK, label=say("task", language), elem_classes="segments",
        elem_id=elem_id, container=False,
    )  # fmt: skip


def method_dropdown(language: str, **options) -> gr.Dropdown:
    names = [(method_name(name, language), name) for name in METHODS]
    return gr.Dropdown(names, value="lite", label=say("method", language), **options)


def detail_slider(language: str, **options) -> gr.Slider:
    return gr.Slider(0, 2, value=1, step=0.1, label=say("detail", language), buttons=[], **options)
