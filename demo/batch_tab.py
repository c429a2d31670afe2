"""The second tab: many pairs, or a ZIP."""

import html
import time
from collections.abc import Iterator

import gradio as gr

from demo.batch import MAX_PAIRS, Batch, fuse_all, pack, write_table
from demo.fuse_tab import FIRST_TASK, QUEUE
from demo.inference import METHODS
from demo.labels import explain, say
from demo.results import labels
from lkc.errors import InputError
from lkc.pairing import IMAGE_SUFFIXES
from lkc.tasks import TASKS

SHOWN = 12
FILE_TYPES = [*sorted(IMAGE_SUFFIXES), ".zip"]


def report(batch: Batch, seconds: float, language: str) -> str:
    """What was done, what failed and why, and what had no partner."""
    done, total = len(batch.done), len(batch.pairing.pairs)
    lines = [say("batch_done", language, done=done, all=total, seconds=seconds)]
    if batch.late:
        lines.append(say("batch_late", language, seconds=round(seconds)))
    lines += [f"{name}: {explain(error, language)}" for name, error in batch.errors.items()]
    orphans = [path.name for path in (*batch.pairing.first_only, *batch.pairing.second_only)]
    if orphans:
        lines.append(say("batch_orphans", language, names=", ".join(orphans)))
    return "\n\n".join(map(html.escape, lines))


def finish(batch: Batch, seconds: float, language: str) -> list:
    """Status, gallery, ZIP and CSV of what was done."""
    table, archive = write_table(batch), pack(batch)
    shown = [(str(path), path.stem) for path in batch.done[:SHOWN]]
    files = [
        gr.update(value=path and str(path), interactive=bool(path)) for path in (archive, table)
    ]
    return [report(batch, seconds, language), shown, *files]


def run(first, second, task, method, detail, measure, language: str, progress) -> Iterator[list]:
    """Fuse a batch; yields status, gallery, ZIP, CSV and the batch as it goes."""
    start = time.monotonic()
    nothing = gr.update(value=None, interactive=False)
    steps = enumerate(fuse_all(first or [], second or [], task, method, detail, measure))
    batch = None
    try:
        for done, batch in steps:
            total = len(batch.pairing.pairs)
            progress((done, total), desc=say("progress", language))
            yield [f"{done} / {total}", gr.skip(), nothing, nothing, batch]
    except InputError as error:
        sentence = html.escape(explain(error, language))
        yield [f"**{say('cannot', language)}**{sentence}", None, nothing, nothing, None]
        return
    yield [*finish(batch, time.monotonic() - start, language), None]


def build_batch_tab(language: str) -> None:
    """Lay out the tab and connect its events."""
    tasks = [(" + ".join(labels(task, language)), task) for task in TASKS]
    task = gr.Radio(
        tasks, value=FIRST_TASK, label=say("task", language), elem_classes="segments",
        container=False, elem_id="batch-task",
    )  # fmt: skip
    gr.Markdown(say("batch_lead", language, first="ir", second="vis", pairs=MAX_PAIRS))
    with gr.Row():
        first, second = (
            gr.Files(
                label=say("files", language, name=name), file_types=FILE_TYPES, height=170,
                elem_id=elem_id,
            )
            for name, elem_id in zip(
                labels(FIRST_TASK, language), ("batch-first", "batch-second"), strict=True
            )
        )  # fmt: skip
    with gr.Row(elem_classes="controls"):
        detail = gr.Slider(0, 2, value=1, step=0.1, label=say("detail", language), buttons=[])
        methods = [
            (say("lite", language) if m == "lite" else say("rule", language, name=m), m)
            for m in METHODS
        ]
        method = gr.Dropdown(methods, value="lite", label=say("method", language))
        measure = gr.Checkbox(True, label=say("with_metrics", language))
    with gr.Row():
        start = gr.Button(say("run", language), variant="primary", elem_id="batch-run")
        stop = gr.Button(say("stop", language))
    status = gr.Markdown(elem_id="batch-status")
    with gr.Row():
        archive = gr.DownloadButton(
            say("results", language), interactive=False, elem_id="batch-zip"
        )
        table = gr.DownloadButton(say("table", language), interactive=False, elem_id="batch-csv")
    gallery = gr.Gallery(
        label=say("gallery", language, count=SHOWN), columns=4, format="png", interactive=False,
        object_fit="contain", buttons=["fullscreen"], elem_id="batch-gallery",
    )  # fmt: skip

    def fuse_batch(first, second, task, method, detail, measure, progress=gr.Progress()):  # noqa: B008
        yield from run(first, second, task, method, detail, measure, language, progress)

    def hand_out(unfinished, begun):
        if unfinished is None:
            return [gr.skip()] * 5
        return [*finish(unfinished, time.monotonic() - begun, language), None]

    unfinished, begun = gr.State(None), gr.State(0)
    outputs = [status, gallery, archive, table, unfinished]
    job = start.click(
        time.monotonic, None, begun, api_visibility="private", queue=False
    ).then(
        fuse_batch, [first, second, task, method, detail, measure], outputs,
        api_visibility="private", show_progress_on=gallery, **QUEUE,
    )  # fmt: skip
    stop.click(
        hand_out, [unfinished, begun], outputs, cancels=[job], api_visibility="private"
    )  # fmt: skip
    task.change(
        lambda task: [
            gr.update(label=say("files", language, name=name)) for name in labels(task, language)
        ],
        task, [first, second], api_visibility="private", queue=False,
    )  # fmt: skip
