"""The two sources: uploads, examples, and what a new task or a new file does to them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import gradio as gr

from lkc.tutorial.examples import SHIPPED

from ..server.one_device import PRIVATE
from ..server.temporary_files import is_ours, keep_copy
from ..words.say import example, say
from ..work.fuse_files import list_examples
from ..work.results import labels
from ..work.uploads import prepare_upload
from .views import view_choices


def source_image(label: str, **options) -> gr.Image:
    """An upload; events that read it say `preprocess=False`, and take the file with `file_of`."""
    return gr.Image(
        label=label, type="filepath", format="png", sources=["upload", "clipboard"],
        buttons=[], min_width=120, height=250, alt_text=label, **options,
    )  # fmt: skip


def file_of(image: dict | None) -> str | None:
    """Return the file of an upload as it is, with all its bits, whether or not it is an image.

    Gradio lets programs name any file of the server as an image: what lies elsewhere is no upload.
    """
    path = image and image["path"]
    return path if path and is_ours(path) else None


def examples(task: str) -> list[tuple[str, str]]:
    """Example pairs of a task, copied once, so that no address names the repository's folder."""
    return list_examples(keep_copy(SHIPPED), task)


def thumbnails(task: str, language: str) -> list[tuple[str, str]]:
    """The second sources, which are the more telling ones, with their names."""
    return [(b, example(Path(b).stem, language)) for _, b in examples(task)]


def pick_example(task: str, index: int = 0) -> list:
    """Values of the two sources, and that they are an example."""
    pairs = examples(task)
    return [*(pairs[index] if pairs else (None, None)), True]


@dataclass
class Sources:
    """What the first column holds, and whether the sources are an example."""

    first: gr.Image
    second: gr.Image
    gallery: gr.Gallery
    from_example: gr.State


def build_sources(task: str, language: str) -> Sources:
    """Lay out the first column for a task."""
    first_label, second_label = labels(task, language)
    with gr.Row(elem_classes="sources"):
        first = source_image(first_label, elem_id="first")
        second = source_image(second_label, elem_id="second")
    pictures = thumbnails(task, language)
    gallery = gr.Gallery(
        pictures, label=say("examples", language), show_label=False, columns=3,
        buttons=[], elem_id="examples", selected_index=0, object_fit="cover", format="png",
        allow_preview=False, interactive=False, visible=bool(pictures),
    )  # fmt: skip
    return Sources(first, second, gallery, gr.State(True))


def change_task(task: str, is_example: bool, language: str) -> list:
    """Rename the sources and views; an example gives way to one of the new task."""
    first, second = (gr.update(label=label) for label in labels(task, language))
    if is_example:
        first["value"], second["value"], _ = pick_example(task)
    pictures = thumbnails(task, language)
    chosen = 0 if is_example and pictures else None
    gallery = gr.update(value=pictures, visible=bool(pictures), selected_index=chosen)
    return [first, second, is_example, gallery, gr.update(choices=view_choices(task, language))]


def keep_upload(path: str, position: int, is_example: bool, task: str, language: str) -> list:
    """Show an uploaded file; the other source is emptied if it is still an example."""
    names = labels(task, language)
    prepared, window = prepare_upload(path)
    name = names[position]
    if window:
        name = say("window", language, name=name, low=window[0], high=window[1])
    new = gr.update(label=name)
    if prepared != path:
        new["value"] = prepared
    other = gr.update(value=None, label=names[1 - position]) if is_example else gr.skip()
    return [new, other, False] if position == 0 else [other, new, False]


def connect_sources(
    sources: Sources,
    page: gr.Blocks,
    task: gr.Radio,
    view: gr.Radio,
    then_fuse: Callable,
    language: str,
) -> None:
    """Let examples, uploads and tasks fill the sources, and fuse after each."""
    outputs = [sources.first, sources.second, sources.from_example]
    private = {"show_progress": "hidden", "trigger_mode": "multiple", **PRIVATE, "queue": False}

    def select(task, event: gr.SelectData):
        first, second, is_example = pick_example(task, event.index)
        names = labels(task, language)
        return [
            gr.update(value=first, label=names[0]),
            gr.update(value=second, label=names[1]),
            is_example,
        ]

    then_fuse(page.load(pick_example, task, outputs, **private))
    then_fuse(sources.gallery.select(select, task, outputs, **private))
    for position, source in enumerate((sources.first, sources.second)):
        uploaded = source.upload(
            lambda image, is_example, task, position=position: keep_upload(
                file_of(image), position, is_example, task, language
            ),
            [source, sources.from_example, task], outputs, preprocess=False, **private,
        )  # fmt: skip
        then_fuse(uploaded)
        # The page says so before it takes the file away, so that it is taken away here as well.
        then_fuse(source.clear(lambda: None, None, source, **private))
    changed = task.change(
        lambda task, is_example: change_task(task, is_example, language),
        [task, sources.from_example], [*outputs, sources.gallery, view], **private,
    )  # fmt: skip
    then_fuse(changed)
