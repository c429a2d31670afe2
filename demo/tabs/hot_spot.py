"""A hot spot to drag, and what it changes under each norm, for the tab that looks inside.

The spot itself is chosen in the browser: the component of the folder `spot` writes it down as a
number of its own, so that what belongs to another spot is hidden while it moves.
"""

import json
from typing import Any

import gradio as gr

from lkc.errors import InputError

from ..words.say import say, sorry
from ..work.hot_spot import BRIGHTNESSES, SIGMAS, WIDTHS, HotSpot, parse_spot
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
        choice: the choice of pair and kernels to which the maps belong.
        place: a state with the latest spot, None before there is one.
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
        self.choice = Choice("hot", [self.maps, self.text])

    def connect(self, pair: gr.State, subject: list, at_once: dict, in_turn: dict) -> None:
        """Show the first source of every new pair, and look again when the spot has moved."""
        self.subject, self.in_turn = subject, in_turn
        pair.change(
            self.show_scene, [self.scene.chosen, pair], [self.scene.shown, self.picker], **in_turn
        )

        def move(request: gr.Request, pair, event: gr.EventData):
            spot = self.read_spot(event._data, pair)
            if spot is None:
                return restore(request, [self.choice])
            return choose(request, [self.choice], lambda: {self.place: spot}, [self.place])

        outputs = [*self.choice.outputs(), self.place]
        self.look_after(self.picker.release(move, pair, outputs, **at_once).then)

    def read_spot(self, sent: Any, pair: tuple) -> HotSpot | None:
        """Take a spot that belongs to the present pair."""
        if not isinstance(sent, dict) or sent.get("pair") != json.dumps(pair):
            return None
        try:
            sources, _ = subject_of(pair).sources()
        except InputError:
            return None
        height, width = sources.shape[-2:]
        return parse_spot(sent, (height, width))

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

    def look_after(self, event: Any) -> None:
        """Show what the spot changes after another event, named by its method."""
        choice = self.choice
        event(
            self.look, [choice.chosen, choice.shown, self.place, *self.subject],
            [choice.shown, self.of_spot, *choice.parts], show_progress_on=self.text,
            **self.in_turn,
        )  # fmt: skip

    def look(self, request: gr.Request, number, shown, spot, pair, norm, kernels, layer):
        if number == shown:  # another norm was chosen, and all are there
            return gr.skip()

        def work() -> Filled:
            of_spot = {self.of_spot: spot.code() if spot else ""}
            if spot is None:
                return of_spot | {self.maps: None, self.text: say("hot_none", self.language)}
            try:
                maps, text = show_hot_spot(subject_of(pair, norm, kernels), spot, self.language)
            except InputError as error:
                maps, text = None, sorry(error, self.language, "cannot_look")
            return of_spot | {self.maps: maps, self.text: text}

        return answer(request, {self.choice: number}, work)
