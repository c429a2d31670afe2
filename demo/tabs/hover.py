"""The field of the pixel under the pointer, for the tab that looks inside.

On a GPU the field follows the pointer. On a CPU the fields of places all over the pair are measured
in advance, one at a time: the device is free for others between any two, and what nobody waits for
any more is given up.
"""

import json
from collections.abc import Callable, Generator, Sequence
from importlib.util import find_spec
from typing import Any

import gradio as gr

from lkc.errors import InputError

from ..server.one_device import BACKGROUND
from ..words.say import say
from ..work.field_grid import (
    COLUMNS,
    ROWS,
    TILE,
    Place,
    as_picture,
    measure_grid,
    measure_place,
    save_sources,
    window_of,
)
from ..work.fuse_files import has_gpu
from ..work.inside_results import Subject, subject_of
from ..work.results import labels
from .component import build_component
from .latest_choice import Choice, Filled, answer, answers
from .viewer import as_file

WORDS = ("stage", "waiting", "none")
KEY_STEP = 8  # pixels, where every pixel can be asked for


def follows_pointer() -> bool:
    """Whether any field is there at once: on a GPU that need not be asked for first."""
    return has_gpu() and not find_spec("spaces")


def pixel_of(event: gr.EventData, pair: tuple) -> tuple[int, int] | None:
    """Row and column of a pixel that a browser sent for a pair; None where it sent none."""
    sent = event._data if isinstance(event._data, dict) else {}
    row, column = sent.get("row"), sent.get("column")
    if sent.get("pair") != json.dumps(pair):
        return None
    return (row, column) if isinstance(row, int) and isinstance(column, int) else None


class HoverPart:
    """Both sources, and over them the field of a pixel.

    Attributes:
        choice: the network to which the fields belong.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        lead = "hover_lead" if follows_pointer() else "hover_lead_cpu"
        gr.Markdown(say(lead, language, places=ROWS * COLUMNS), elem_id="hover-lead")
        self.part = build_component("field", ["field.js"], WORDS, language, elem_id="field")
        self.choice = Choice("hover", [self.part])

    def shown(self, subject: Subject, files: list[str], places: Sequence[Place]) -> Filled:
        """The sources, and the places whose fields are known."""
        height, width = subject.sources()[0].shape[-2:]
        live = follows_pointer()
        step = [KEY_STEP, KEY_STEP] if live else [height / ROWS, width / COLUMNS]
        known = [
            {"row": p.row, "column": p.column, "sides": p.sides, "said": p.said} for p in places
        ]
        value: dict[str, Any] = {
            "pair": json.dumps((subject.first, subject.second, subject.task)),
            "files": [as_file(file) for file in files], "size": [height, width], "step": step,
            "names": labels(subject.task, self.language), "live": live, "tile": TILE,
            "window": window_of(subject.kernels), "places": known, "maps": as_picture(places),
        }  # fmt: skip
        return {self.part: gr.update(visible=True, value=value)}

    def connect(self, subject: list, in_turn: dict) -> None:
        """Follow the pointer, where a field is there at once."""
        self.subject, self.in_turn = subject, in_turn
        self.files = gr.State([])
        self.part.input(
            self.follow, [self.choice.chosen, self.files, *subject],
            [self.choice.shown, self.part], **in_turn | {"trigger_mode": "always_last"},
        )  # fmt: skip

    def prepare_after(self, event: Callable) -> None:
        """Show the sources and measure fields after another event, named by its method."""
        event(
            self.prepare, [self.choice.chosen, *self.subject],
            [self.choice.shown, self.part, self.files], **self.in_turn | BACKGROUND,
        )  # fmt: skip

    def prepare(self, request: gr.Request, number, pair, norm, kernels, layer):
        subject = subject_of(pair, norm, kernels)

        def steps() -> Generator[Filled, None, None]:
            try:
                files = save_sources(subject)
                yield self.shown(subject, files, []) | {self.files: files}
                if follows_pointer():
                    return
                places = []
                for place in measure_grid(subject, self.language):
                    places.append(place)
                    yield {self.files: files}  # and the device is free for others
                yield self.shown(subject, files, places)
            except InputError:  # the place of the share says why
                yield {self.part: gr.update(visible=False, value=None)}

        yield from answers(request, {self.choice: number}, steps())

    def follow(
        self, request: gr.Request, number, files, pair, norm, kernels, layer, event: gr.EventData
    ):
        pixel, subject = pixel_of(event, pair), subject_of(pair, norm, kernels)

        def work() -> Filled:
            if pixel is None or not follows_pointer():
                return {self.files: files}
            try:
                return self.shown(subject, files, [measure_place(subject, *pixel, self.language)])
            except InputError:
                return {self.files: files}

        return answer(request, {self.choice: number}, work)
