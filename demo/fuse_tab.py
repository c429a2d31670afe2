"""The first tab: one pair, fused live, and several ways to look at the result."""

import html
from dataclasses import dataclass
from pathlib import Path

import gradio as gr

from demo import scoring
from demo.inference import METHODS, fuse_files, list_examples, read_pair
from demo.labels import explain, say
from demo.results import (
    Result,
    describe,
    displayable,
    labels,
    origin,
    save_result,
    side_by_side,
)
from demo.uploads import prepare_upload
from lkc.errors import InputError
from lkc.images import read_image
from lkc.tasks import TASKS

EXAMPLES = Path(__file__).parents[1] / "assets" / "examples"
FIRST_TASK = "ir-vis"
QUEUE = {"concurrency_id": "fuse", "concurrency_limit": 1}  # one device, one job at a time


def source_image(label: str, **options) -> gr.Image:
    """An upload handed on as the file it is, with all its bits, whether or not it is an image."""
    image = gr.Image(
        label=label, image_mode=None, type="filepath", format="png",
        sources=["upload", "clipboard"], buttons=["fullscreen"], min_width=120, height=250,
        alt_text=label,
        **options,
    )  # fmt: skip
    # Gradio would open the file. (A subclass would make it write a .pyi beside this module.)
    image.preprocess = lambda payload: payload.path if payload else None
    return image


def fuse_pair(
    first: str | None, second: str | None, task: str, method: str, detail: float, colour: bool,
    language: str,
) -> tuple[Result | None, str]:  # fmt: skip
    """Fuse if both sources are there; returns the files, and a line that says how it went."""
    names = TASKS[task].first, TASKS[task].second
    missing = [name for name, path in zip(names, (first, second), strict=True) if not path]
    if len(missing) == 2:
        return None, say("waiting_both", language)
    if missing:
        return None, say("waiting", language, name=missing[0])
    try:
        fusion = fuse_files(first, second, task, method, detail, colour)
        result, seconds = save_result(fusion, task, first, second)
    except InputError as error:
        return None, f"**{say('cannot', language)}**{html.escape(explain(error, language))}"
    return result, describe(fusion, seconds, language)


def view_choices(task: str, language: str) -> list[tuple[str, str]]:
    first, second = labels(task, language)
    return [
        (say("fused", language), "fused"),
        (say("against", language, name=first), "first"),
        (say("against", language, name=second), "second"),
        (say("side_by_side", language), "side_by_side"),
        (say("origin", language), "origin"),
        (say("numbers", language), "numbers"),
    ]


@dataclass
class Views:
    """The places where a result is shown, of which one is visible at a time."""

    image: gr.Image
    slider: gr.ImageSlider
    gallery: gr.Gallery
    table: gr.HTML
    note: gr.Markdown

    def all(self) -> list:
        return [self.image, self.slider, self.gallery, self.table, self.note]


def show(view: str, result: Result | None, language: str) -> list[dict]:
    """Fill the view that was chosen and hide the others; the order is that of `Views`."""
    parts = {name: gr.update(visible=False) for name in ("image", "slider", "gallery", "table")}
    parts["note"] = gr.update(visible=False)
    try:
        if result is None or view == "fused":
            parts["image"] = gr.update(visible=True, value=result and result.shown)
        elif view in ("first", "second"):
            pair = (displayable(getattr(result, view)), result.shown)
            parts["slider"] = gr.update(visible=True, value=pair)
        elif view == "side_by_side":
            parts["gallery"] = gr.update(visible=True, value=side_by_side(result, language))
        elif view == "origin":
            images, sentence = origin(result, language)
            parts["gallery"] = gr.update(visible=True, value=images)
            parts["note"] = gr.update(visible=True, value=sentence)
        else:
            first, second = read_pair(result.first, result.second, result.task)
            scores = scoring.score(read_image(result.fused), first, second, result.task)
            parts["table"] = gr.update(visible=True, value=scoring.table(scores, language))
            parts["note"] = gr.update(visible=True, value=scoring.reading(scores, language))
    except InputError as error:
        parts["note"] = gr.update(visible=True, value=html.escape(explain(error, language)))
    return list(parts.values())


def build_views(language: str) -> Views:
    """Lay out every view of a result; all but the first wait invisibly."""
    image = gr.Image(
        label=say("fused", language), format="png", interactive=False, height=460,
        buttons=["fullscreen"], elem_id="fused", alt_text=say("fused", language),
    )  # fmt: skip
    slider = gr.ImageSlider(
        show_label=False, format="png", type="filepath", max_height=460, visible=False,
        buttons=["fullscreen"], elem_id="slider",
    )  # fmt: skip
    gallery = gr.Gallery(
        show_label=False, format="png", columns=2, object_fit="contain", visible=False,
        buttons=["fullscreen"], elem_id="views", interactive=False,
    )  # fmt: skip
    table = gr.HTML(visible=False, elem_id="numbers")
    return Views(image, slider, gallery, table, gr.Markdown(visible=False, elem_id="note"))


def build_controls(language: str) -> tuple[gr.Slider, gr.Dropdown, gr.Checkbox]:
    methods = [
        (say("lite", language) if name == "lite" else say("rule", language, name=name), name)
        for name in METHODS
    ]
    with gr.Row(elem_classes="controls"):
        detail = gr.Slider(
            0, 2, value=1, step=0.1, label=say("detail", language), min_width=180, scale=2,
            info=say("detail_info", language), buttons=[],
        )  # fmt: skip
        with gr.Column(min_width=180):
            method = gr.Dropdown(methods, value="lite", label=say("method", language))
            colour = gr.Checkbox(True, label=say("colour", language), container=False)
    return detail, method, colour


def build_fuse_tab(page: gr.Blocks, language: str) -> None:
    """Lay out the tab and connect its events."""
    first_label, second_label = labels(FIRST_TASK, language)
    result, from_example = gr.State(None), gr.State(True)
    tasks = [(" + ".join(labels(task, language)), task) for task in TASKS]
    task = gr.Radio(
        tasks, value=FIRST_TASK, label=say("task", language), elem_classes="segments",
        elem_id="task", container=False,
    )  # fmt: skip
    with gr.Row():
        with gr.Column(scale=4, min_width=300):
            with gr.Row(elem_classes="sources"):
                first = source_image(first_label, elem_id="first")
                second = source_image(second_label, elem_id="second")
            gallery = gr.Gallery(
                thumbnails(FIRST_TASK), label=say("examples", language), show_label=False,
                columns=3, buttons=[], elem_id="examples", selected_index=0, object_fit="cover",
                allow_preview=False, interactive=False, visible=bool(thumbnails(FIRST_TASK)),
                format="png",
            )  # fmt: skip
        with gr.Column(scale=8, min_width=300):
            view = gr.Radio(
                view_choices(FIRST_TASK, language), value="fused", label=say("view", language),
                elem_classes="segments", elem_id="view", container=False,
            )  # fmt: skip
            views = build_views(language)
            with gr.Row(elem_id="outcome"):
                status = gr.Markdown(say("waiting_both", language), elem_id="status")
                download = gr.DownloadButton(
                    say("download", language), interactive=False, elem_id="download", scale=0,
                    min_width=150, size="md",
                )  # fmt: skip
                button = gr.Button(
                    say("fuse", language), variant="primary", elem_id="fuse", scale=0,
                    min_width=110, size="md",
                )  # fmt: skip
            detail, method, colour = build_controls(language)

    def run(first, second, task, method, detail, colour, view):
        made, line = fuse_pair(first, second, task, method, detail, colour, language)
        button = gr.update(interactive=made is not None, value=made and made.fused)
        return [made, line, button, *show(view, made, language)]

    fusing = {
        "fn": run,
        "inputs": [first, second, task, method, detail, colour, view],
        "outputs": [result, status, download, *views.all()],
        "show_progress": "minimal",
        "show_progress_on": status,
        "api_visibility": "private",
        **QUEUE,
    }
    gr.on(
        [button.click, method.change, detail.release, colour.change, first.clear, second.clear],
        trigger_mode="always_last", **fusing,
    )  # fmt: skip
    connect_sources(language, fusing, page, task, first, second, gallery, view, from_example)
    view.change(
        lambda view, result: show(view, result, language), [view, result], views.all(),
        show_progress="minimal", show_progress_on=status, api_visibility="private",
        trigger_mode="always_last", **QUEUE,
    )  # fmt: skip


def thumbnails(task: str) -> list[tuple[str, str]]:
    """The second sources, which are the more telling ones, with their names."""
    return [(b, Path(b).stem.replace("-", " ")) for _, b in list_examples(EXAMPLES, task)]


def pick_example(task: str, index: int = 0) -> list:
    """Values of the two sources, and that they are an example."""
    examples = list_examples(EXAMPLES, task)
    return [*(examples[index] if examples else (None, None)), True]


def connect_sources(
    language, fusing, page, task, first, second, gallery, view, from_example
) -> None:
    """Let examples and uploads fill the sources, and fuse as soon as both are there.

    An upload empties the other source if that is still an example; a new task brings its own
    example if an example is shown. What a user brought stays.
    """
    sources = [first, second, from_example]
    private = {"api_visibility": "private", "show_progress": "hidden", "queue": False}

    def change_task(task, first, second, is_example):
        kept = pick_example(task) if is_example else [first, second, False]
        names = [gr.update(label=label) for label in labels(task, language)]
        pictures = thumbnails(task)
        chosen = 0 if is_example and pictures else None
        shown = gr.update(value=pictures, visible=bool(pictures), selected_index=chosen)
        for update, path in zip(names, kept, strict=False):
            if is_example:
                update["value"] = path
        return [*names, is_example, shown, gr.update(choices=view_choices(task, language))]

    def select(task, event: gr.SelectData):
        *paths, is_example = pick_example(task, event.index)
        names = labels(task, language)
        updates = [gr.update(value=p, label=n) for p, n in zip(paths, names, strict=True)]
        return [*updates, is_example]

    def keep(path, name):
        prepared, window = prepare_upload(path)
        if window:
            name = say("window", language, name=name, low=window[0], high=window[1])
        return gr.update(value=prepared, label=name)

    def keep_first(path, is_example, task):
        names = labels(task, language)
        other = gr.update(value=None, label=names[1]) if is_example else gr.skip()
        return [keep(path, names[0]), other, False]

    def keep_second(path, is_example, task):
        names = labels(task, language)
        other = gr.update(value=None, label=names[0]) if is_example else gr.skip()
        return [other, keep(path, names[1]), False]

    page.load(pick_example, task, sources, **private).then(**fusing)
    gallery.select(select, task, sources, **private).then(**fusing)
    first.upload(keep_first, [first, from_example, task], sources, **private).then(**fusing)
    second.upload(keep_second, [second, from_example, task], sources, **private).then(**fusing)
    task.change(
        change_task, [task, first, second, from_example], [*sources, gallery, view], **private
    ).then(**fusing)
