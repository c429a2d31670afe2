"""The second tab: many pairs, or a ZIP."""

import time
from collections.abc import Iterator
from itertools import islice

import gradio as gr

from lkc.errors import InputError
from lkc.io.pairing import IMAGE_SUFFIXES

from ..words.say import as_text, explain, say, sorry
from ..work.batch import MAX_PAIRS, MAX_SECONDS, Batch, fuse_all, pack, write_table
from .controls import FIRST_TASK, detail_slider, method_dropdown, task_radio
from .latest_choice import Choice
from .start_and_stop import build_uploads, clear, connect_inputs, connect_job, stop_requests

SHOWN = 12
FILE_TYPES = [*sorted(IMAGE_SUFFIXES - {".dcm"}), ".zip"]


def report(batch: Batch, seconds: float, stopped: bool, language: str) -> str:
    """What was done, what failed and why, and what had no partner."""
    done, total = len(batch.done), len(batch.matched.pairs)
    lines = [say("batch_done", language, done=done, all=total, seconds=seconds)]
    if batch.late:
        lines.append(say("batch_late", language, seconds=MAX_SECONDS))
    if stopped or batch.late:
        lines.append(say("stopped", language))
    lines += [f"{name}: {explain(error, language)}" for name, error in batch.errors.items()]
    if batch.matched.orphans:
        lines.append(say("batch_orphans", language, names=", ".join(batch.matched.orphans)))
    return "\n\n".join(map(as_text, lines))


def finish(batch: Batch, seconds: float, stopped: bool, language: str) -> list:
    """Status, gallery, ZIP and CSV of what was done."""
    table, archive = write_table(batch), pack(batch)
    shown = [(str(path), name) for name, path in islice(batch.done.items(), SHOWN)]
    files = [
        gr.update(value=path and str(path), interactive=bool(path)) for path in (archive, table)
    ]
    return [report(batch, seconds, stopped, language), shown, *files]


def run(sources, number: str, options: tuple, language: str, progress) -> Iterator[list]:
    """Fuse a batch; yields status, gallery, ZIP and CSV as it goes."""
    start = time.monotonic()
    nothing = gr.update(value=None, interactive=False)
    first, second = sources
    steps = enumerate(fuse_all(first or [], second or [], *options))
    stopped = False
    try:
        for done, batch in steps:
            if stopped := number in stop_requests:
                break
            total = len(batch.matched.pairs)
            progress((done, total), desc=say("progress", language))
            yield [f"{done} / {total}", gr.skip(), nothing, nothing]
    except InputError as error:
        yield [sorry(error, language), None, nothing, nothing]
        return
    finally:
        stop_requests.discard(number)
    yield finish(batch, time.monotonic() - start, stopped, language)


def build_options(language: str) -> tuple[gr.Dropdown, gr.Slider, gr.Checkbox]:
    with gr.Row(elem_classes="controls"):
        detail = detail_slider(language)
        method = method_dropdown(language, min_width=220)
        measure = gr.Checkbox(True, label=say("with_metrics", language), elem_id="measure")
    return method, detail, measure


def build_outputs(language: str) -> list:
    """Status, gallery, ZIP and CSV, in the order of `run`."""
    status = gr.Markdown(elem_id="batch-status")
    with gr.Row():
        archive, table = (
            gr.DownloadButton(say(key, language), interactive=False, elem_id=elem_id)
            for key, elem_id in (("results", "batch-zip"), ("table", "batch-csv"))
        )
    gallery = gr.Gallery(
        label=say("gallery", language, count=SHOWN), columns=4, format="png", interactive=False,
        object_fit="contain", buttons=["fullscreen"], elem_id="batch-gallery",
        elem_classes="pictures",
    )  # fmt: skip
    return [status, gallery, archive, table]


def lead(task: str, language: str) -> str:
    """What to upload, with folders named as the task is."""
    first, second = task.split("-")
    return say("batch_lead", language, first=first, second=second, pairs=MAX_PAIRS)


def build_batch_tab(language: str) -> None:
    """Lay out the tab and connect its events."""
    task = task_radio(language, "batch-task")
    text = gr.Markdown(lead(FIRST_TASK, language), elem_id="batch-lead")
    uploads = {"file_types": FILE_TYPES, "height": 170}
    sources = build_uploads(gr.Files, "files", "batch", language, **uploads)
    options = build_options(language)
    with gr.Row():
        start = gr.Button(say("run", language), variant="primary", elem_id="batch-run")
        stop = gr.Button(say("stop", language), elem_id="batch-stop", interactive=False)
    outputs = build_outputs(language)

    choice = Choice("batch", outputs, lambda: clear(outputs))

    inputs, locked = [*sources, task, *options], [*sources, task]
    connect_inputs(task, sources, "files", choice, language, (text, lambda t: lead(t, language)))
    connect_job(start, stop, run, inputs, choice, outputs[1], locked, language)
