"""The two sources: uploads, examples, and what a new task or a new file does to them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.events import Dependency

from lkc.tutorial.examples import SHIPPED

from ..server import latest
from ..server.one_device import PRIVATE
from ..server.temporary_files import is_ours, keep_copy
from ..words.say import example, say
from ..work.fuse_files import list_examples
from ..work.results import labels
from ..work.uploads import prepare_upload
from .latest_choice import Choice, Filled, choose, hide_at_once, restore

# At this place of `latest` stands whether the sources are an example: "yes" or "no".
IS_EXAMPLE = "is example"


def source_image(label: str, **options) -> gr.Image:
    """An upload; events that read it say `preprocess=False`, and take the file with `file_of`."""
    return gr.Image(
        label=label, type="filepath", format="png", sources=["upload", "clipboard"],
        buttons=[], min_width=120, height=250, alt_text=label, **options,
    )  # fmt: skip


def file_of(image: object) -> str | None:
    """Return the file of an upload as it is, with all its bits, whether or not it is an image.

    Gradio lets programs name any file of the server as an image: what lies elsewhere is no upload.
    """
    path = image.get("path") if isinstance(image, dict) else None
    return path if isinstance(path, str) and is_ours(path) else None


def examples(task: str) -> list[tuple[str, str]]:
    """Example pairs of a task, copied once, so that no address names the repository's folder."""
    return list_examples(keep_copy(SHIPPED), task)


def is_example_file(file: str | None) -> bool:
    """Whether a file is one of the example pairs' own, and nothing that a visitor gave."""
    return file is not None and Path(file).is_relative_to(keep_copy(SHIPPED))


def thumbnails(task: str, language: str) -> list[tuple[str, str]]:
    """The second sources, which are the more telling ones, with their names."""
    return [(b, example(Path(b).stem, language)) for _, b in examples(task)]


@dataclass
class Sources:
    """What the first column holds."""

    first: gr.Image
    second: gr.Image
    gallery: gr.Gallery


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
    return Sources(first, second, gallery)


def named(name: str, **changes) -> dict:
    """Rename a source, for readers of the screen as well, and change more of it."""
    return gr.update(label=name, alt_text=name, **changes)


class Filling:
    """The events that fill the sources: examples, another task, files."""

    def __init__(self, sources: Sources, task: gr.Radio, choice: Choice, language: str) -> None:
        self.sources, self.gallery = (sources.first, sources.second), sources.gallery
        self.task, self.choice, self.language = task, choice, language
        self.shared = {
            "show_progress": "hidden", "trigger_mode": "multiple", "queue": False,
            "preprocess": False, **PRIVATE,
        }  # fmt: skip

    def on(self, add: Callable, function: Callable, inputs: Any, parts: list) -> Dependency:
        """Connect an event that fills some parts."""
        return add(function, inputs, [*self.choice.outputs(), *parts], **self.shared)

    def example(self, task: str, index: int = 0) -> Filled:
        """Both sources of an example."""
        names, pairs = labels(task, self.language), examples(task)
        pair = pairs[index] if pairs else (None, None)
        return {
            source: named(name, value=file)
            for source, name, file in zip(self.sources, names, pair, strict=True)
        }

    def on_example(self, page: gr.Blocks) -> list[Dependency]:
        """Put an example in place: the first when the page is opened, or the one that is picked."""
        parts = [*self.sources]

        def fill(request: gr.Request, task: str, index: int) -> Filled:
            latest.note(request.session_hash, IS_EXAMPLE, "yes")
            return choose(request, [self.choice], lambda: self.example(task, index), parts)

        def load(request: gr.Request, task):
            return fill(request, task, 0)

        def select(request: gr.Request, task, event: gr.SelectData):
            return fill(request, task, event.index)

        return [
            self.on(page.load, load, self.task, parts),
            self.on(self.gallery.select, select, self.task, parts),
        ]

    def on_task(self) -> Dependency:
        """Rename the sources; an example gives way to one of the new task."""
        parts = [*self.sources, self.gallery]

        def fill(task: str, is_example: bool) -> Filled:
            names, pictures = labels(task, self.language), thumbnails(task, self.language)
            renamed = {s: named(name) for s, name in zip(self.sources, names, strict=True)}
            gallery = gr.update(
                value=pictures, visible=bool(pictures),
                selected_index=0 if is_example and pictures else None,
            )  # fmt: skip
            new = self.example(task) if is_example else {}
            return renamed | new | {self.gallery: gallery}

        def change_task(request: gr.Request, task):
            is_example = latest.noted(request.session_hash, IS_EXAMPLE, "yes") == "yes"
            return choose(request, [self.choice], lambda: fill(task, is_example), parts)

        return self.on(self.task.change, change_task, self.task, parts)

    def on_upload(self, position: int) -> Dependency:
        """Show an uploaded file; the other source is emptied if it is still an example."""
        source, other = self.sources[position], self.sources[1 - position]

        def fill(file: str | None, task: str, is_example: bool) -> Filled:
            names = labels(task, self.language)
            filled = {source: upload_as_shown(file, names[position], self.language)}
            return filled | ({other: named(names[1 - position], value=None)} if is_example else {})

        def upload(request: gr.Request, image, task):
            if is_example_file(file_of(image)):  # chosen while the upload was on its way
                return restore(request, [self.choice])
            is_example = latest.noted(request.session_hash, IS_EXAMPLE, "yes") == "yes"
            latest.note(request.session_hash, IS_EXAMPLE, "no")
            parts = [source, other] if is_example else [source]
            given = file_of(image), task, is_example
            return choose(request, [self.choice], lambda: fill(*given), parts)

        return self.on(source.upload, upload, [source, self.task], [*self.sources])

    def on_clear(self, source: gr.Image) -> Dependency:
        """Take a source's file away; the page says so before it does."""

        def clear(request: gr.Request):
            return choose(request, [self.choice], lambda: {source: None}, [source])

        return self.on(source.clear, clear, None, [source])

    def on_button(self, button: gr.Button) -> Dependency:
        """Choose the same pair once more."""

        def press(request: gr.Request):
            return choose(request, [self.choice])

        return self.on(button.click, press, None, [])


def upload_as_shown(file: str | None, name: str, language: str) -> dict:
    """Change what shows an upload: a name with the window if there is one, a file browsers show."""
    if file is None:
        return named(name, value=None)
    prepared, window = prepare_upload(file)
    label = name
    if window:
        label = say("window", language, name=name, low=window[0], high=window[1])
    new = {} if prepared == file else {"value": prepared}
    return named(name, **new) | {"label": label}


def connect_sources(
    sources: Sources,
    page: gr.Blocks,
    task: gr.Radio,
    button: gr.Button,
    choice: Choice,
    language: str,
) -> list[Dependency]:
    """Let examples, uploads and tasks fill the sources; returns the events that choose a pair."""
    filling = Filling(sources, task, choice, language)
    files = [e for s in (sources.first, sources.second) for e in (s.upload, s.clear)]
    hide_at_once([choice], sources.gallery.select, task.change, button.click, *files)
    return [
        *filling.on_example(page),
        filling.on_task(),
        *(filling.on_upload(position) for position in (0, 1)),
        *(filling.on_clear(source) for source in (sources.first, sources.second)),
        filling.on_button(button),
    ]
