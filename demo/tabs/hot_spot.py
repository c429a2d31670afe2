"""A hot spot to drag, and what it changes under each norm, for the tab that looks inside.

The spot itself is chosen in the browser: the component of the folder `spot` writes it down as a
number of its own, so that what belongs to another spot is hidden while it moves.
"""

import json
from typing import Any

import gradio as gr
from gradio.events import Dependency

from lkc.errors import InputError

from ..server.one_device import MAX_WAITING
from ..words.say import say, sorry
from ..work.hot_spot import BRIGHTNESSES, SIGMAS, WIDTHS, parse_spot
from ..work.inside_results import subject_of
from ..work.norms_results import show_first, show_hot_spot
from ..work.results import labels
from .component import build_component
from .latest_choice import Choice, Filled, answer, choose, restore
from .viewer import as_file

WORDS = ("stage", "none", "width", "brightness", "row", "column")
STEPS = {"width": [*WIDTHS, 4, 48], "brightness": [*BRIGHTNESSES, 5, 205]}  # ..., step, start


class HotSpotPart:
    """The first source with the spot, and a map for each norm.

    Attributes:
        scene: the choice to which the first source belongs.
        said, shown: the choices of pair, kernels and spot to which the text and the maps belong.
        place: a state with the latest spot, None before there is one.
        of_spot: the number of the spot that the maps belong to.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        gr.Markdown(f"## {say('hot_spot', language)}\n{say('hot_lead', language)}")
        with gr.Row():
            with gr.Column(scale=5, min_width=300):
                self.picker = build_component("spot", ["spot.js"], WORDS, language, elem_id="spot")
            with gr.Column(scale=7, min_width=300):
                self.text = gr.Markdown(elem_id="hot-text", elem_classes=["of-spot"])
                self.maps = gr.Gallery(
                    show_label=False, format="png", columns=2, object_fit="contain", buttons=[],
                    interactive=False, elem_id="hot", elem_classes=["pictures", "of-spot"],
                )  # fmt: skip
        self.place = gr.State(None)
        self.of_spot = gr.HTML("", elem_id="spot-shown", elem_classes=["number"])
        self.scene = Choice("scene", [self.picker])
        self.said = Choice("hot-text", [self.text], lambda: {self.text: say("in_line", language)})
        self.shown = Choice("hot", [self.maps])
        self.choices = [self.said, self.shown]

    def connect(self, pair: gr.State, subject: list, at_once: dict, in_turn: dict) -> None:
        """Show the first source of every new pair, and look again when the spot has moved."""
        self.subject, self.at_once, self.in_turn = subject, at_once, in_turn
        pair.change(
            self.show_scene, [self.scene.chosen, pair], [self.scene.shown, self.picker], **in_turn
        )

        def move(request: gr.Request, pair, event: gr.EventData):
            spot = parse_spot(event._data)
            if spot is None or event._data.get("pair") != json.dumps(pair):
                return restore(request, self.choices)
            new = {self.place: spot, self.of_spot: spot.code()}
            return choose(request, self.choices, lambda: new, [*new])

        outputs = [*self.said.outputs(), *self.shown.outputs(), self.place, self.of_spot]
        self.look_after(self.picker.release(move, pair, outputs, **at_once).then)

    def show_scene(self, request: gr.Request, number, pair):
        def work() -> Filled:
            try:
                file = show_first(subject_of(pair))
            except InputError:
                return {self.picker: gr.update(visible=False, value=None)}
            name = labels(pair[2], self.language)[0]
            sent: dict[str, Any] = {"pair": json.dumps(pair), "name": name, "sigmas": SIGMAS}
            sent |= {"file": as_file(file), **STEPS}
            return {self.picker: gr.update(visible=True, value=sent)}

        return answer(request, {self.scene: number}, work)

    def look_after(self, event: Any) -> Dependency:
        """Show what the spot changes after another event, named by its method."""
        said, shown = self.said, self.shown
        looking = event(
            self.look, [said.chosen, shown.chosen, shown.shown, self.place, *self.subject],
            [said.shown, shown.shown, self.of_spot, self.text, self.maps],
            show_progress_on=self.text, **self.in_turn,
        )  # fmt: skip
        looking.failure(self.apologize, said.chosen, [said.shown, self.text], **self.at_once)
        return looking

    def apologize(self, request: gr.Request, number):
        """Say that the queue was full, or worse."""
        line = say("no_answer", self.language, limit=MAX_WAITING)
        return answer(request, {self.said: number}, lambda: {self.text: line})

    def look(self, request: gr.Request, said, number, answered, spot, pair, norm, kernels, layer):
        if number == answered:  # another norm was chosen, and all are there
            return gr.skip()

        def work() -> Filled:
            maps, text = None, say("hot_none", self.language)
            try:
                if spot is not None:
                    subject = subject_of(pair, norm, kernels)
                    maps, text = show_hot_spot(subject, spot, self.language)
            except InputError as error:
                text = sorry(error, self.language, "cannot_look")
            code = spot.code() if spot else ""
            return {self.of_spot: code, self.maps: maps, self.text: text}

        return answer(request, {self.said: said, self.shown: number}, work)
