"""The tab for clips."""

import time
from collections.abc import Iterator

import gradio as gr

from lkc.errors import InputError
from lkc.tutorial.examples import SHIPPED

from ..server.one_device import PRIVATE, QUEUE
from ..words.say import say, sorry
from ..work.fuse_files import device_name
from ..work.video import (
    CLIP_TYPES,
    MAX_SECONDS,
    WINDOWS,
    ClipJob,
    fuse_pair_of_clips,
    make_example_clips,
)
from .controls import detail_slider, method_dropdown, task_radio
from .latest_choice import Choice, Filled, answer, choose, hide_at_once
from .start_and_stop import build_uploads, clear, connect_inputs, connect_job, stop_requests

MAX_MEGABYTES = 50
PREVIEW_SECONDS = 0.5  # So much time lies between two frames that are shown.


def report(job: ClipJob, seconds: float, language: str) -> str:
    """What was fused, and whether it ended early."""
    numbers = {"frames": job.frames, "seconds": seconds, "rate": job.frames / max(seconds, 1e-3)}
    line = say("video_done", language, device=device_name(), **numbers)
    return f"{line} {say('stopped', language)}" if job.stopped else line


def finish(job: ClipJob, seconds: float, language: str) -> list:
    """Status, last frame, clip and download of what was fused."""
    clip = str(job.out) if job.frames else None
    button = gr.update(value=clip, interactive=bool(clip))
    return [report(job, seconds, language), job.shown, clip, button]


def run(clips, number: str, options: tuple, language: str, progress) -> Iterator[list]:
    """Fuse; yields status, frame, clip and download as it goes."""
    start = shown = time.monotonic()
    nothing = gr.update(value=None, interactive=False)
    (first, second), (task, method, detail, window) = clips, options
    fusing = fuse_pair_of_clips(
        first, second, task, method, detail, window, lambda: number in stop_requests
    )
    try:
        for job in fusing:
            done, of = job.step.done, job.step.of
            step = say(f"video_{job.step.step}", language)
            progress((done, of), desc=step)
            if time.monotonic() - shown > PREVIEW_SECONDS or done == 1:
                shown = time.monotonic()
                line = say("video_step", language, step=step, done=done, of=of or "?")
                yield [line, job.shown, None, nothing]
    except InputError as error:
        yield [sorry(error, language), None, None, nothing]
        return
    finally:
        stop_requests.discard(number)
    yield finish(job, time.monotonic() - start, language)


def build_options(language: str) -> tuple[gr.Dropdown, gr.Slider, gr.Radio]:
    with gr.Row(elem_classes="controls"):
        detail, method = detail_slider(language), method_dropdown(language)
        window = gr.Radio(
            [(say(name, language), name) for name in WINDOWS], value=WINDOWS[0],
            label=say("clip_range", language),
        )  # fmt: skip
    return method, detail, window


def build_outputs(language: str) -> list:
    """Status, latest frame, clip, download: in the order of `run`."""
    status = gr.Markdown(elem_id="video-status")
    with gr.Row():
        frame = gr.Image(
            label=say("video_frame", language), format="png", interactive=False, buttons=[],
            elem_id="video-frame", alt_text=say("video_frame", language), min_width=280,
        )  # fmt: skip
        clip = gr.Video(
            label=say("video_result", language), interactive=False, buttons=[],
            elem_id="video-result", min_width=280,
        )  # fmt: skip
    download = gr.DownloadButton(
        say("video_download", language), interactive=False, elem_id="video-download"
    )
    return [status, frame, clip, download]


def build_video_tab(language: str) -> None:
    """Lay out the tab and connect its events."""
    task = task_radio(language, "video-task")
    gr.Markdown(say("video_lead", language, megabytes=MAX_MEGABYTES, seconds=MAX_SECONDS))
    uploads = {"file_types": CLIP_TYPES, "height": 130}
    clips = build_uploads(gr.File, "clip", "clip", language, **uploads)
    options = build_options(language)
    with gr.Row():
        start = gr.Button(say("video_run", language), variant="primary", elem_id="video-run")
        stop = gr.Button(say("stop", language), elem_id="video-stop", interactive=False)
        example = gr.Button(say("video_example", language), elem_id="video-example")
    outputs = build_outputs(language)
    choice = Choice("video", outputs, lambda: clear(outputs))

    inputs, locked = [*clips, task, *options], [*clips, task, example]
    connect_inputs(task, clips, "clip", choice, language)
    connect_job(start, stop, run, inputs, choice, outputs[0], locked, language)
    connect_example(example, task, clips, choice)


def connect_example(example: gr.Button, task: gr.Radio, clips: tuple, choice: Choice) -> None:
    """Let a button make two clips of the task and put them in place."""

    def take_away(request: gr.Request):
        return choose(request, [choice])

    def make(request: gr.Request, number, task):
        def work() -> Filled:
            made = make_example_clips(SHIPPED, task) or (None, None)
            return dict(zip(clips, made, strict=True))

        return answer(request, {choice: number}, work)

    hide_at_once([choice], example.click)
    # A press while an earlier one waits for its turn must not be lost: the earlier is outdated.
    shared = {"trigger_mode": "multiple", **PRIVATE}
    taken = example.click(take_away, None, choice.outputs(), queue=False, **shared)
    taken.then(make, [choice.chosen, task], [choice.shown, *clips], **shared, **QUEUE)
