"""What fills the two sources: files, examples, a new task, another window or slice."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.events import Dependency

from lkc.errors import InputError
from lkc.tasks import TASKS

from ..server import latest
from ..server.one_device import PRIVATE
from ..server.temporary_files import new_folder
from ..words.say import explain, say
from ..work.one_grid import Placed, moved_onto, moving_place, placed_before
from ..work.prepared import Given, Moved, given_for
from ..work.results import labels
from ..work.slices import as_folder, is_volume
from ..work.uploads import prepare
from .controls import FIRST_TASK
from .kept import READ, Kept, keep, parse_kept
from .latest_choice import Choice, Filled, choose, restore
from .one_grid import no_nudge, nudge_of
from .pair import chosen_files, note_file, note_filled, note_task
from .sources import Sources, examples, file_of, is_example_file, thumbnails
from .volumes import axis_of, index_of, slice_of
from .windows import no_window, window_of, with_complaint

# At this place of `latest` stands whether the sources are an example: "yes" or "no".
IS_EXAMPLE = "is example"
# At these the file that came in beside the images of Gradio; "" where it has been replaced.
OTHERS = ("other first", "other second")
giving = threading.Lock()  # Of two files that come at once, the later act knows of the earlier.


def named(name: str, **changes) -> dict:
    """Rename a source, for readers of the screen as well, and change more of it."""
    return gr.update(label=name, alt_text=name, **changes)


def is_no_example_any_more(request: gr.Request) -> bool:
    """Note that a visitor gave a file, and say whether there was an example before."""
    is_example = latest.noted(request.session_hash, IS_EXAMPLE, "yes") == "yes"
    latest.note(request.session_hash, IS_EXAMPLE, "no")
    return is_example


class Filling:
    """The events that fill the sources: examples, another task, files."""

    def __init__(
        self, sources: Sources, nudge: gr.HTML, task: gr.Radio, choice: Choice, language: str
    ) -> None:
        self.sources, self.gallery = (sources.first, sources.second), sources.gallery
        self.windows, self.slices, self.others = sources.windows, sources.slices, sources.others
        self.task, self.nudge, self.choice, self.language = task, nudge, choice, language
        self.parts = [*self.sources, *self.windows, *self.slices.all(), nudge, self.gallery]
        self.inputs = [*self.sources, task, sources.slices.axis]
        self.shared_options = {
            "show_progress": "hidden", "trigger_mode": "multiple", "queue": False,
            "preprocess": False, **PRIVATE,
        }  # fmt: skip

    def on(self, add: Callable, function: Callable, inputs: Any, parts: list) -> Dependency:
        """Connect an event that fills some parts."""
        return add(function, inputs, [*self.choice.outputs(), *parts], **self.shared_options)

    def choose(
        self, request: gr.Request, fill: Callable[[], Filled] = Filled, parts: Sequence[Any] = ()
    ) -> Filled:
        """Choose another pair, and note which files it puts in place, see `choose`."""
        filled = choose(request, [self.choice], fill, parts)
        return note_filled(request, self.sources, filled)

    def example(self, task: str, index: int = 0) -> Filled:
        """Both sources of an example."""
        names, pairs = labels(task, self.language), examples(task)
        pair = pairs[index] if pairs else (None, None)
        shown = {
            source: named(name, value=file)
            for source, name, file in zip(self.sources, names, pair, strict=True)
        }
        shown |= dict.fromkeys(self.windows, no_window()) | self.slices.nothing()
        return shown | {self.nudge: no_nudge()} | self.examples_with(mark=True)

    def examples_with(self, mark: bool, **changes: Any) -> Filled:
        """The examples, of which one is marked or none; Gradio itself cannot unmark one."""
        return {self.gallery: gr.update(elem_classes=[] if mark else ["unmarked"], **changes)}

    def shown(self, position: int, given: Given | None, task: str, before: str = "") -> Filled:
        """A file in its place, through its window; one that does not fit is explained.

        Args:
            position: 0 or 1.
            given: the file; None empties the place.
            task: whose names the sources have.
            before: the window that stays if that of `given` does not fit.
        """
        name = labels(task, self.language)[position]
        source, place = self.sources[position], self.windows[position]
        if given is None:
            return {source: named(name, value=None), place: no_window()}
        try:
            prepared, limits = prepare(given)
        except InputError as error:
            now = window_of(replace(given, window=before), name)
            return {place: with_complaint(now, explain(error, self.language))}
        label = name
        if limits:
            label = say("window", self.language, name=name, low=limits[0], high=limits[1])
        return {
            source: named(name, value=prepared) | {"label": label},
            place: window_of(given_for(prepared), name),
        }

    def released(self, given: list[Given | None], task: str) -> Filled:
        """The source that lies on the grid of the other, as it was before."""
        filled: Filled = {self.nudge: no_nudge()}
        for position, source in enumerate(given):
            if source and source.moved:
                before = given_for(source.moved.before)
                filled |= self.shown(position, before, task)
        return filled

    def on_one_grid(self, placed: Placed, task: str, **about: Any) -> Filled:
        """One source, moved onto the grid of the other."""
        moved = self.shown(moving_place(task), moved_onto(placed.moved), task)
        return moved | {self.nudge: nudge_of(placed, self.language, **about)}

    def given(self, session: str | None, images: Sequence[object]) -> list[Given | None]:
        """Both sources as they were given last, even if the browser does not show them yet."""
        now: list[Given | None] = []
        files = chosen_files(session, images)
        for file, other in zip(files, OTHERS, strict=True):
            noted = latest.noted(session, other, "")
            given = given_for(file) if file else None
            now.append(given if not noted or (given and given.file == noted) else Given(noted))
        return now

    def sliced(
        self, given: list[Given | None], task: str, axis: str, index: int | None = None
    ) -> Filled:
        """Those sources that are volumes, at one slice of the first of them; None is its middle."""
        grid = next((g.file for g in given if g and is_volume(g.file)), None)
        if grid is None:
            return self.slices.nothing()
        at = slice_of(grid, axis, index)
        filled = self.slices.shown(at, self.language)
        for position, source in enumerate(given):
            if source and is_volume(source.file):
                is_tracer = position == 1 and TASKS[task].second_is_tracer
                cut = replace(source, slice=replace(at, is_tracer=is_tracer))
                filled |= self.shown(position, cut, task)
        return filled

    def note_example(self, session: str | None) -> None:
        latest.note(session, IS_EXAMPLE, "yes")
        for other in OTHERS:
            latest.note(session, other, "")

    def on_load(self, page: gr.Blocks, options: list[Any]) -> Dependency:
        """Put in place what the browser kept, or the first example."""
        parts = [*self.parts, self.task, *options]
        sent = gr.JSON(visible=False)
        keep([self.task, *options, *self.sources])

        def fill(kept: Kept, given: list[Given | None], index: int | None) -> Filled:
            task, pictures = kept.task, thumbnails(kept.task, self.language)
            filled = self.examples_with(
                index is not None, value=pictures, visible=bool(pictures), selected_index=index
            )
            filled[self.task] = task
            filled |= dict(zip(options, kept.options, strict=True))
            for position, source in enumerate(given):
                filled |= self.shown(position, source, task)
                if source and source.moved:
                    placed = placed_before(source.moved)
                    filled[self.nudge] = nudge_of(placed, self.language)
            return filled | self.sliced(given, task, axis_of(given), index_of(given))

        def load(request: gr.Request, sent):
            session, kept = request.session_hash, parse_kept(sent)
            files = [file_of(image) for image in kept.images] if kept else []
            files = [file if file and Path(file).exists() else None for file in files]
            if kept is None or not any(files):
                self.note_example(session)
                note_task(request, FIRST_TASK)
                return self.choose(request, lambda: self.example(FIRST_TASK), parts)
            note_task(request, kept.task)
            latest.note(session, IS_EXAMPLE, "yes" if is_example_file(files[0]) else "no")
            latest.note(session, "view", kept.options[0])
            pairs = [first for first, _ in examples(kept.task)]
            index = pairs.index(files[0]) if files[0] in pairs else None
            given = kept, [given_for(file) if file else None for file in files], index
            return self.choose(request, lambda: fill(*given), parts)

        outputs = [*self.choice.outputs(), *parts]
        return page.load(load, sent, outputs, js=READ, **self.shared_options)

    def on_example(self) -> Dependency:
        """Put an example in place that is picked."""

        def select(request: gr.Request, task, event: gr.SelectData):
            self.note_example(request.session_hash)
            fill = lambda: self.example(task, event.index)  # noqa: E731
            return self.choose(request, fill, self.parts)

        return self.on(self.gallery.select, select, self.task, self.parts)

    def on_task(self) -> Dependency:
        """Rename the sources; an example gives way to one of the new task."""

        def fill(task: str, axis: str, given: list[Given | None], is_example: bool) -> Filled:
            names, pictures = labels(task, self.language), thumbnails(task, self.language)
            renamed: Filled = {}
            for i, (name, source) in enumerate(zip(names, given, strict=True)):
                renamed[self.sources[i]] = named(name)
                renamed[self.windows[i]] = window_of(source, name) if source else no_window()
            gallery = self.examples_with(
                is_example, value=pictures, visible=bool(pictures), selected_index=0
            )
            released = self.released(given, task) | self.sliced(given, task, axis)
            new = self.example(task) if is_example else released
            return renamed | new | gallery

        def change_task(request: gr.Request, first, second, task, axis):
            session = request.session_hash
            note_task(request, task)
            is_example = latest.noted(session, IS_EXAMPLE, "yes") == "yes"
            given = task, axis, self.given(session, (first, second)), is_example
            return self.choose(request, lambda: fill(*given), self.parts)

        return self.on(self.task.input, change_task, self.inputs, self.parts)

    def on_upload(self, position: int) -> Dependency:
        """Show an uploaded file; the other source is emptied if it is still an example."""
        source, other = self.sources[position], self.sources[1 - position]

        def fill(given: list[Given | None], task: str, is_example: bool) -> Filled:
            new, given[position] = given[position], None
            filled = self.released(given, task) | self.shown(position, new, task)
            filled |= self.examples_with(mark=False)
            return filled | (self.shown(1 - position, None, task) if is_example else {})

        def upload(request: gr.Request, *inputs):
            *images, task, _ = inputs
            image = images[position]
            if is_example_file(file_of(image)):  # chosen while the upload was on its way
                return restore(request, [self.choice])
            is_example = is_no_example_any_more(request)
            note_file(request, position, file_of(image))
            latest.note(request.session_hash, OTHERS[position], "")
            given = self.given(request.session_hash, images)
            parts = [source, self.windows[position], self.nudge, self.gallery]
            if is_example or any(g and g.moved for g in given):
                parts += [other, self.windows[1 - position]]
            fill_now = lambda: fill(given, task, is_example)  # noqa: E731
            return self.choose(request, fill_now, parts)

        return self.on(source.upload, upload, self.inputs, self.parts)

    def on_other(self, position: int) -> Dependency:
        """Show what is no image to a browser: DICOM, volumes, arrays, or the files of a series."""

        def fill(given: list[Given | None], task: str, axis: str) -> Filled:
            filled = self.released(given, task) | self.examples_with(mark=False)
            for place, source in enumerate(given):
                if place == position or source is None:
                    filled |= self.shown(place, source, task)
            return filled | self.sliced(given, task, axis)

        def upload(request: gr.Request, files, first, second, task, axis):
            paths = [path for path in map(file_of, files or []) if path]
            if not paths:
                return restore(request, [self.choice])
            session, folder = request.session_hash, task.split("-")[position]
            with giving:
                file = paths[0] if len(paths) == 1 else as_folder(paths, new_folder() / folder)
                is_example = is_no_example_any_more(request)
                latest.note(session, OTHERS[position], file)
                given = self.given(session, (first, second))
            if is_example:
                given[1 - position] = None
            return self.choose(request, lambda: fill(given, task, axis), self.parts)

        inputs = [self.others[position], *self.inputs]
        return self.on(self.others[position].upload, upload, inputs, self.parts)

    def on_slice(self) -> list[Dependency]:
        """Show another slice, or the middle one of another axis."""

        def cut(request: gr.Request, given: tuple, index: int | None) -> Filled:
            first, second, task, axis = given
            now = self.given(request.session_hash, (first, second))
            fill = lambda: self.sliced(now, task, axis, index)  # noqa: E731
            return self.choose(request, fill, self.parts)

        def slide(request: gr.Request, index, *given):
            return cut(request, given, int(index) - 1)

        def turn(request: gr.Request, *given):
            return cut(request, given, None)

        slide_inputs = [self.slices.index, *self.inputs]
        return [
            self.on(self.slices.index.input, slide, slide_inputs, self.parts),
            self.on(self.slices.axis.input, turn, self.inputs, self.parts),
        ]

    def on_window(self, position: int) -> Dependency:
        """Show a source through another window."""
        source, window = self.sources[position], self.windows[position]

        def fill(file: str, words: str, task: str, moved: Moved | None) -> Filled:
            now = given_for(file)
            filled = self.shown(position, replace(now, window=words), task, now.window)
            if moved is None or source not in filled:  # the window does not fit
                return filled
            new = {"before" if moved.before == file else "onto": filled[source]["value"]}
            return filled | self.on_one_grid(placed_before(replace(moved, **new)), task)

        def change(request: gr.Request, first, second, task, _, event: gr.EventData):
            files, words = [file_of(first), file_of(second)], str(event._data.get("words"))
            moved = next((g.moved for g in map(given_for, filter(None, files)) if g.moved), None)
            file = files[position]
            if file is None:
                return restore(request, [self.choice])
            parts = [source, window]
            if moved:
                parts = [*self.sources, *self.windows, self.nudge]
                file = moved.before if position == moving_place(task) else file
            fill_now = lambda: fill(file, words, task, moved)  # noqa: E731
            return self.choose(request, fill_now, parts)

        return self.on(window.input, change, self.inputs, self.parts)

    def on_clear(self, position: int) -> Dependency:
        """Take a source's file away; the page says so before it does."""
        source, window = self.sources[position], self.windows[position]

        def clear(request: gr.Request, first, second, task, _):
            session, nothing = request.session_hash, {source: None, window: no_window()}
            latest.note(session, OTHERS[position], "")
            given = self.given(session, (first, second))
            given[position] = None
            left = given[1 - position]
            if not (left and left.slice):
                nothing |= self.slices.nothing()
            nothing |= self.released(given, task) | self.examples_with(mark=False)
            return self.choose(request, lambda: nothing, [*nothing])

        return self.on(source.clear, clear, self.inputs, self.parts)

    def on_button(self, button: gr.Button) -> Dependency:
        """Choose the same pair once more."""

        def press(request: gr.Request):
            return self.choose(request)

        return self.on(button.click, press, None, [])
