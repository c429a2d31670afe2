"""The two sources: uploads, examples, and what a new task or a new file does to them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.events import Dependency

from lkc.errors import InputError
from lkc.tutorial.examples import SHIPPED

from ..server import latest
from ..server.one_device import PRIVATE
from ..server.temporary_files import is_ours, keep_copy
from ..words.say import example, explain, say
from ..work.fuse_files import list_examples
from ..work.prepared import Given, given_for
from ..work.results import labels
from ..work.uploads import prepare_upload
from .latest_choice import Choice, Filled, choose, hide_at_once, restore
from .windows import build_window, no_window, window_of, with_complaint

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
    windows: tuple[gr.HTML, gr.HTML]
    gallery: gr.Gallery


def build_sources(task: str, language: str) -> Sources:
    """Lay out the first column for a task."""
    first_label, second_label = labels(task, language)
    with gr.Row(elem_classes="sources"):
        first = source_image(first_label, elem_id="first")
        second = source_image(second_label, elem_id="second")
    windows = build_window(language, "first"), build_window(language, "second")
    pictures = thumbnails(task, language)
    gallery = gr.Gallery(
        pictures, label=say("examples", language), show_label=False, columns=3,
        buttons=[], elem_id="examples", selected_index=0, object_fit="cover", format="png",
        allow_preview=False, interactive=False, visible=bool(pictures),
    )  # fmt: skip
    return Sources(first, second, windows, gallery)


def named(name: str, **changes) -> dict:
    """Rename a source, for readers of the screen as well, and change more of it."""
    return gr.update(label=name, alt_text=name, **changes)


class Filling:
    """The events that fill the sources: examples, another task, files."""

    def __init__(self, sources: Sources, task: gr.Radio, choice: Choice, language: str) -> None:
        self.sources, self.gallery = (sources.first, sources.second), sources.gallery
        self.windows = sources.windows
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
        shown = {
            source: named(name, value=file)
            for source, name, file in zip(self.sources, names, pair, strict=True)
        }
        return shown | dict.fromkeys(self.windows, no_window())

    def shown(
        self, position: int, file: str | None, task: str, words: str = "", before: str = ""
    ) -> Filled:
        """A file in its place, through a window in the words of `--window`, or its default ("").

        One that does not fit the file is explained, and the window before stays.
        """
        name = labels(task, self.language)[position]
        source, place = self.sources[position], self.windows[position]
        if file is None:
            return {source: named(name, value=None), place: no_window()}
        try:
            prepared, limits = prepare_upload(file, words)
        except InputError as error:
            now = window_of(Given(file, before), name)
            return {place: with_complaint(now, explain(error, self.language))}
        label = name
        if limits:
            label = say("window", self.language, name=name, low=limits[0], high=limits[1])
        new = {} if prepared == file else {"value": prepared}
        return {
            source: named(name, **new) | {"label": label},
            place: window_of(given_for(prepared), name),
        }

    def on_example(self, page: gr.Blocks) -> list[Dependency]:
        """Put an example in place: the first when the page is opened, or the one that is picked."""
        parts = [*self.sources, *self.windows]

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
        parts = [*self.sources, *self.windows, self.gallery]

        def fill(task: str, files: list[str | None], is_example: bool) -> Filled:
            names, pictures = labels(task, self.language), thumbnails(task, self.language)
            renamed: Filled = {}
            for i, (name, file) in enumerate(zip(names, files, strict=True)):
                renamed[self.sources[i]] = named(name)
                renamed[self.windows[i]] = window_of(given_for(file), name) if file else no_window()
            gallery = gr.update(
                value=pictures, visible=bool(pictures),
                selected_index=0 if is_example and pictures else None,
            )  # fmt: skip
            new = self.example(task) if is_example else {}
            return renamed | new | {self.gallery: gallery}

        def change_task(request: gr.Request, task, *images):
            is_example = latest.noted(request.session_hash, IS_EXAMPLE, "yes") == "yes"
            given = task, [file_of(image) for image in images], is_example
            return choose(request, [self.choice], lambda: fill(*given), parts)

        return self.on(self.task.change, change_task, [self.task, *self.sources], parts)

    def on_upload(self, position: int) -> Dependency:
        """Show an uploaded file; the other source is emptied if it is still an example."""
        source, other = self.sources[position], self.sources[1 - position]

        def fill(file: str | None, task: str, is_example: bool) -> Filled:
            filled = self.shown(position, file, task)
            return filled | (self.shown(1 - position, None, task) if is_example else {})

        def upload(request: gr.Request, image, task):
            if is_example_file(file_of(image)):  # chosen while the upload was on its way
                return restore(request, [self.choice])
            is_example = latest.noted(request.session_hash, IS_EXAMPLE, "yes") == "yes"
            latest.note(request.session_hash, IS_EXAMPLE, "no")
            parts = [source, self.windows[position]]
            parts += [other, self.windows[1 - position]] if is_example else []
            given = file_of(image), task, is_example
            return choose(request, [self.choice], lambda: fill(*given), parts)

        parts = [*self.sources, *self.windows]
        return self.on(source.upload, upload, [source, self.task], parts)

    def on_window(self, position: int) -> Dependency:
        """Show a source through another window."""
        parts = [self.sources[position], self.windows[position]]

        def change(request: gr.Request, image, task, event: gr.EventData):
            file, words = file_of(image), str(event._data.get("words"))
            if file is None:
                return restore(request, [self.choice])
            now = given_for(file)
            given = position, now.file, task, words, now.window
            return choose(request, [self.choice], lambda: self.shown(*given), parts)

        inputs = [self.sources[position], self.task]
        return self.on(self.windows[position].input, change, inputs, parts)

    def on_clear(self, position: int) -> Dependency:
        """Take a source's file away; the page says so before it does."""
        source, window = self.sources[position], self.windows[position]

        def clear(request: gr.Request):
            nothing = {source: None, window: no_window()}
            return choose(request, [self.choice], lambda: nothing, [source, window])

        return self.on(source.clear, clear, None, [source, window])

    def on_button(self, button: gr.Button) -> Dependency:
        """Choose the same pair once more."""

        def press(request: gr.Request):
            return choose(request, [self.choice])

        return self.on(button.click, press, None, [])


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
    files += [window.input for window in sources.windows]
    hide_at_once([choice], sources.gallery.select, task.change, button.click, *files)
    return [
        *filling.on_example(page),
        filling.on_task(),
        *(filling.on_upload(position) for position in (0, 1)),
        *(filling.on_window(position) for position in (0, 1)),
        *(filling.on_clear(position) for position in (0, 1)),
        filling.on_button(button),
    ]
