"""The events that move one source onto the grid of the other."""

from typing import Any

import gradio as gr
from gradio.events import Dependency

from lkc.errors import InputError

from ..server.one_device import PRIVATE, QUEUE
from ..words.say import explain, say
from ..work import one_grid
from ..work.prepared import given_for
from .filling import Filling
from .latest_choice import Choice, Filled, answer, hide_at_once, restore
from .one_grid import Offer, complain, no_nudge
from .pair import note_filled
from .sources import Sources, file_of


def unmoved(images: tuple[Any, Any]) -> tuple[str, str] | None:
    """The pictures of both sources as they were before one was moved; none without both."""
    files = [file_of(image) for image in images]
    first, second = [
        (g.moved.before if (g := given_for(f)).moved else f) if f else None for f in files
    ]
    return (first, second) if first and second else None


class Moving:
    """Find a transform, read it from a file, change it by hand, or take it back."""

    def __init__(self, filling: Filling, offer: Offer) -> None:
        self.filling, self.offer = filling, offer
        self.choice, self.language = filling.choice, filling.language
        self.parts = [*filling.sources, *filling.windows, filling.nudge]

    def find(self, pictures: tuple[str, str], task: str) -> Filled:
        """Find a transform; where none can be trusted, start by hand from the middle."""
        complaint = ""
        try:
            placed = one_grid.find(pictures, task)
        except InputError as error:
            complaint = f"{explain(error, self.language)} {say('align_by_hand', self.language)}"
            placed = one_grid.place(pictures, task)
        return self.filling.on_one_grid(placed, task, complaint=complaint)

    def on_find(self) -> Dependency:
        """Wait in line, and find a transform."""

        def wait(request: gr.Request):
            return self.filling.choose(request)

        def find(request: gr.Request, number, first, second, task):
            pictures = unmoved((first, second))

            def work() -> Filled:
                try:
                    found = self.find(pictures, task) if pictures else {}
                    return note_filled(request, self.filling.sources, found)
                except InputError as error:  # such as a file that is no longer there
                    return {self.filling.nudge: complain(error, self.language)}

            return answer(request, {self.choice: number}, work)

        begun = self.filling.on(self.offer.find.click, wait, None, [])
        inputs = [self.choice.chosen, *self.filling.inputs[:3]]
        return begun.then(
            find, inputs, [self.choice.shown, *self.parts], show_progress="hidden",
            trigger_mode="multiple", preprocess=False, **PRIVATE, **QUEUE,
        )  # fmt: skip

    def on_file(self) -> Dependency:
        """Take the transform of a file."""

        def fill(pictures: tuple[str, str], file: str, task: str) -> Filled:
            try:
                return self.filling.on_one_grid(one_grid.use_file(pictures, task, file), task)
            except InputError as error:
                return {self.filling.nudge: complain(error, self.language)}

        def take(request: gr.Request, given, first, second, task, _):
            pictures, file = unmoved((first, second)), file_of(given)
            if pictures is None or file is None:
                return restore(request, [self.choice])
            fill_now = lambda: fill(pictures, file, task)  # noqa: E731
            return self.filling.choose(request, fill_now, self.parts)

        inputs = [self.offer.file, *self.filling.inputs]
        return self.filling.on(self.offer.file.upload, take, inputs, self.parts)

    def on_nudge(self) -> Dependency:
        """Follow the browser, where a visitor moves a source or takes that back."""
        filling = self.filling

        def fill(pictures: tuple[str, str], task: str, data: dict[str, Any]) -> Filled:
            if "matrix" not in data:
                place = one_grid.moving_place(task)
                shown = filling.shown(place, given_for(pictures[place]), task)
                return shown | {filling.nudge: no_nudge()}
            try:
                matrix = one_grid.parse_matrix(data["matrix"])
                placed = one_grid.place(pictures, task, matrix)
                return filling.on_one_grid(placed, task, act=data.get("act"))
            except InputError as error:
                return {filling.nudge: complain(error, self.language)}

        def change(request: gr.Request, first, second, task, _, event: gr.EventData):
            pictures = unmoved((first, second))
            if pictures is None:
                return restore(request, [self.choice])
            fill_now = lambda: fill(pictures, task, event._data)  # noqa: E731
            return self.filling.choose(request, fill_now, self.parts)

        return filling.on(filling.nudge.input, change, filling.inputs, self.parts)


def connect_sources(
    sources: Sources,
    page: gr.Blocks,
    task: gr.Radio,
    button: gr.Button,
    choice: Choice,
    options: list[Any],
    nudge: gr.HTML,
    offer: Offer,
    language: str,
) -> list[Dependency]:
    """Let examples, uploads and tasks fill the sources; returns the events that choose a pair.

    `options` are what else the browser keeps: the view, and the controls of the fusion. `nudge`
    and `offer` are from `one_grid.py`.
    """
    filling = Filling(sources, nudge, task, choice, language)
    moving = Moving(filling, offer)
    files = [e for s in (sources.first, sources.second) for e in (s.upload, s.clear)]
    files += [window.input for window in sources.windows]
    files += [other.upload for other in sources.others]
    files += [control.input for control in sources.slices.all()]
    files += [nudge.input, offer.file.upload]
    acts = sources.gallery.select, task.input, button.click, offer.find.click
    hide_at_once([choice], *acts, *files)
    return [
        filling.on_load(page, options),
        filling.on_example(),
        filling.on_task(),
        *(filling.on_upload(position) for position in (0, 1)),
        *(filling.on_other(position) for position in (0, 1)),
        *filling.on_slice(),
        *(filling.on_window(position) for position in (0, 1)),
        *(filling.on_clear(position) for position in (0, 1)),
        filling.on_button(button),
        moving.on_find(),
        moving.on_file(),
        moving.on_nudge(),
    ]
