"""The tab that looks inside: feature maps, fields of a clicked pixel, and shares of the sources."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.events import Dependency

from lkc.errors import InputError

from ..server.one_device import MAX_WAITING, PRIVATE, QUEUE
from ..words.say import say, sorry
from ..work.inside import KERNELS, SHIPPED, has_both_kernels, list_layers, list_norms
from ..work.inside_results import (
    Spot,
    Subject,
    first_spot,
    mark,
    show_fields,
    show_fused,
    show_layer,
    show_share,
    subject_of,
)
from .controls import FIRST_TASK
from .hot_spot import HotSpotPart
from .hover import HoverPart, pixel_of
from .latest_choice import Choice, Filled, answer, choose, hide_at_once, restore
from .norms import SideBySide
from .sources import Sources, file_of

FIRST_LAYER = "model.encoder.0"
REGION = 17  # A head or a lamp in the examples has so many pixels.


def layer_label(name: str, language: str) -> str:
    """What a layer such as "model.encoder.0" is called."""
    part, _, index = name.removeprefix("model.").partition(".")
    return say(part, language, number=int(index or 0) + 1)


def norm_choices(task: str, language: str) -> list[tuple[str, str]]:
    return [(say(norm, language), norm) for norm in list_norms(task)]


@dataclass
class Choices:
    """Which network and which layer."""

    norm: gr.Radio
    kernels: gr.Radio
    layer: gr.Dropdown


def build_choices(language: str) -> Choices:
    first = list_norms(FIRST_TASK)[0]
    with gr.Row(elem_classes="controls"):
        norm = gr.Radio(
            norm_choices(FIRST_TASK, language), value=first, label=say("norm", language),
            info=say("only_in_a_clone", language) if first == SHIPPED else None,
            elem_id="norm", scale=3,
        )  # fmt: skip
        kernels = gr.Radio(
            [(label, name) for name, label in KERNELS.items()], value="k15",
            label=say("kernels", language), interactive=has_both_kernels(FIRST_TASK, first),
            elem_id="kernels", scale=2,
        )  # fmt: skip
        layer = gr.Dropdown(
            [(layer_label(name, language), name) for name in list_layers()], value=FIRST_LAYER,
            label=say("layer_to_show", language), elem_id="layer", scale=2, filterable=False,
        )  # fmt: skip
    return Choices(norm, kernels, layer)


@dataclass
class SpotControls:
    """The fused image, and the pixel and square that are asked about."""

    fused: gr.Image
    row: gr.Number
    column: gr.Number
    side: gr.Slider


def build_spot(language: str) -> SpotControls:
    fused = gr.Image(
        label=say("inside_fused", language), format="png", interactive=False, buttons=[],
        elem_id="inside-fused", alt_text=say("inside_fused", language),
    )  # fmt: skip
    with gr.Row():
        row, column = (
            gr.Number(0, label=say(name, language), precision=0, min_width=80, elem_id=name)
            for name in ("row", "column")
        )
    side = gr.Slider(
        1, 65, value=REGION, step=8, label=say("region", language), buttons=[], elem_id="region"
    )
    return SpotControls(fused, row, column, side)


@dataclass
class Findings:
    """Where the answers are shown."""

    share: gr.Markdown
    fields: gr.Gallery
    text: gr.Markdown


def build_findings(language: str) -> Findings:
    share = gr.Markdown(say("waiting_pair", language), elem_id="share")
    fields = gr.Gallery(
        show_label=False, format="png", columns=2, object_fit="contain", interactive=False,
        buttons=[], elem_id="fields", elem_classes="pictures",
    )  # fmt: skip
    return Findings(share, fields, gr.Markdown(elem_id="field-text"))


def build_inside_tab(
    tab: gr.Tab, sources: Sources, task: gr.Radio, pair_choice: Choice, language: str
) -> None:
    """Lay out the tab and connect its events; the pair is that of the first tab."""
    gr.Markdown(say("inside_lead", language))
    choices = build_choices(language)
    with gr.Row():
        with gr.Column(scale=5, min_width=300):
            spot = build_spot(language)
        with gr.Column(scale=7, min_width=300):
            hover = HoverPart(language)
            found = build_findings(language)
    hot = HotSpotPart(language)
    gr.Markdown(f"## {say('maps', language)}")
    line = gr.Markdown(elem_id="maps-text")
    maps = gr.Gallery(
        show_label=False, format="png", columns=6, object_fit="contain", interactive=False,
        buttons=["fullscreen"], elem_id="maps", elem_classes="pictures",
    )  # fmt: skip
    beside = SideBySide(language)
    gr.Markdown(say("exhibits", language), elem_id="exhibits")
    inside = InsideTab(choices, spot, found, line, maps, beside, hot, hover, language)
    inside.connect_pair(tab, [sources.first, sources.second, task], pair_choice)
    inside.connect_network()
    inside.connect_layer()
    inside.connect_spot()


class InsideTab:
    """The events of the tab: look again when the pair, the network, the layer or the spot changes.

    What is shown belongs to several choices: the fused image to a network (of a pair), the feature
    maps to one of its layers, the share and the fields to a spot, and the columns of all norms to
    a layer and the size of the kernels.
    """

    def __init__(
        self, choices: Choices, spot: SpotControls, found: Findings, line: gr.Markdown,
        maps: gr.Gallery, beside: SideBySide, hot: HotSpotPart, hover: HoverPart, language: str,
    ) -> None:  # fmt: skip
        self.choices, self.spot, self.found = choices, spot, found
        self.beside, self.hot, self.hover = beside, hot, hover
        self.line, self.maps, self.language = line, maps, language
        self.pair = gr.State((None, None, FIRST_TASK))
        self.network = Choice("network", [spot.fused])
        self.layer = Choice("layer", [maps, line])
        self.share = Choice("share", [found.share], lambda: {found.share: say("in_line", language)})
        self.fields = Choice("fields", [found.fields, found.text])
        self.of_spot = [self.share, self.fields]
        self.of_network = [self.network, self.layer, hover.choice, *self.of_spot]
        self.of_kernels = [*self.of_network, beside.choice, *hot.choices]
        self.of_pair = [*self.of_kernels, hot.scene]
        self.subject = [self.pair, choices.norm, choices.kernels, choices.layer]
        shared = {"trigger_mode": "multiple", "preprocess": False, **PRIVATE}
        self.at_once: dict[str, Any] = {"show_progress": "hidden", "queue": False, **shared}
        self.in_turn: dict[str, Any] = {"show_progress": "minimal", **shared, **QUEUE}
        hot.connect(self.pair, self.subject, self.at_once, self.in_turn)
        hover.connect(self.subject, self.in_turn)

    def outputs(self, choices: list[Choice]) -> list:
        """The outputs that `choose` needs for these choices."""
        return [output for choice in choices for output in choice.outputs()]

    def connect_pair(self, tab: gr.Tab, shown: list, pair_choice: Choice) -> None:
        """Take over the pair of the first tab whenever this one is opened."""

        def take_pair(request: gr.Request, first, second, task, old, norm):
            pair = file_of(first), file_of(second), task
            if pair == tuple(old):
                return restore(request, self.of_pair)
            return choose(request, self.of_pair, lambda: self.fill_pair(pair, norm), filled)

        opened_or_changed = tab.select, pair_choice.chosen.change
        hide_at_once(self.of_pair, *opened_or_changed, answered_in_order=False)
        choices, spot = self.choices, self.spot
        filled = [self.pair, self.hot.place, choices.norm, choices.kernels, spot.row, spot.column]
        tab.select(
            take_pair, [*shown, self.pair, choices.norm],
            [*self.outputs(self.of_pair), *filled], concurrency_limit=None,
            **self.at_once | {"queue": True},  # else Gradio would not say that the pair changed
        )  # fmt: skip
        self.look_and_point_after(self.pair.change)

    def fill_pair(self, pair: tuple, norm: str) -> Filled:
        """The norms that there are for a pair's task, and a pixel worth starting with."""
        norms = norm_choices(pair[2], self.language)
        norm = norm if norm in dict(norms).values() else norms[0][1]
        try:
            row, column = first_spot(subject_of(pair, norm, "k15"))
        except InputError:
            row, column = 0, 0  # looking inside will say why
        return {
            self.pair: pair,
            self.hot.place: None,
            self.choices.norm: gr.update(choices=norms, value=norm),
            self.choices.kernels: gr.update(interactive=has_both_kernels(pair[2], norm)),
            self.spot.row: row,
            self.spot.column: column,
        }

    def connect_network(self) -> None:
        """Look and point again when another network is chosen."""
        norm, kernels = self.choices.norm, self.choices.kernels

        def change_norm(request: gr.Request, pair, name, size):
            free = has_both_kernels(pair[2], name)  # some networks have large kernels only
            new = {kernels: gr.update(interactive=free, **({} if free else {"value": "k15"}))}
            changed = self.of_network if free or size == "k15" else self.of_kernels
            return choose(request, changed, lambda: new, [kernels])

        def change_kernels(request: gr.Request):
            return choose(request, self.of_kernels)

        outputs = self.outputs(self.of_kernels)
        hide_at_once(self.of_network, norm.input)
        hide_at_once(self.of_kernels, kernels.input)
        events = (
            norm.input(
                change_norm, [self.pair, norm, kernels], [*outputs, kernels], **self.at_once
            ),
            kernels.input(change_kernels, None, outputs, **self.at_once),
        )
        for event in events:
            self.look_and_point_after(event.then)

    def connect_layer(self) -> None:
        """Show another layer when it is chosen."""
        changed = [self.layer, self.beside.choice]
        hide_at_once(changed, self.choices.layer.input)

        def change(request: gr.Request):
            return choose(request, changed)

        event = self.choices.layer.input(change, None, self.outputs(changed), **self.at_once)
        self.compare_after(self.look_after(event.then).then)

    def connect_spot(self) -> None:
        """Point again when another pixel is chosen; a larger square changes the share only."""
        spot, outputs = self.spot, self.outputs(self.of_spot)

        def change(request: gr.Request):
            return choose(request, self.of_spot)

        def pick(request: gr.Request, event: gr.SelectData):
            column, row = event.index
            new = {spot.row: row, spot.column: column}
            return choose(request, self.of_spot, lambda: new, [*new])

        def pick_near(request: gr.Request, pair, event: gr.EventData):
            pixel = pixel_of(event, pair)
            if pixel is None:
                return restore(request, self.of_spot)
            new = dict(zip((spot.row, spot.column), pixel, strict=True))
            return choose(request, self.of_spot, lambda: new, [*new])

        typed, near = [spot.row.input, spot.column.input], self.hover.part.release
        hide_at_once(self.of_spot, *typed, spot.fused.select, near)
        self.point_after(gr.on(typed, change, None, outputs, **self.at_once).then)
        picked = spot.fused.select(pick, None, [*outputs, spot.row, spot.column], **self.at_once)
        self.point_after(picked.then)
        chosen = near(pick_near, self.pair, [*outputs, spot.row, spot.column], **self.at_once)
        self.point_after(chosen.then)
        # Not a choice of its own: the share follows while the slider moves.
        spot.side.change(
            self.resize, [self.network.chosen, self.share.chosen, *self.subject, *self.where()],
            [self.network.shown, self.share.shown, spot.fused, self.found.share],
            show_progress_on=self.found.share, **self.in_turn | {"trigger_mode": "always_last"},
        )  # fmt: skip

    def where(self) -> list:
        spot = self.spot
        return [spot.row, spot.column, spot.side]

    def look_and_point_after(self, event: Callable) -> None:
        compared = self.compare_after(self.point_after(self.look_after(event).then).then)
        self.hover.prepare_after(self.hot.look_after(compared.then).then)

    def look_after(self, event: Callable) -> Dependency:
        """Show the layer after another event, named by its method."""
        return event(
            self.look, [self.layer.chosen, *self.subject],
            [self.layer.shown, self.maps, self.line],
            show_progress_on=self.line, **self.in_turn,
        )  # fmt: skip

    def compare_after(self, event: Callable) -> Dependency:
        """Show all norms side by side after another event, named by its method."""
        choice = self.beside.choice
        return event(
            self.compare, [choice.chosen, choice.shown, *self.subject],
            [choice.shown, *choice.parts], show_progress_on=self.beside.text, **self.in_turn,
        )  # fmt: skip

    def point_after(self, event: Callable) -> Dependency:
        """Ask about the spot after another event, named by its method."""
        asked, found = [self.network, *self.of_spot], self.found
        pointing = event(
            self.point, [*(choice.chosen for choice in asked), *self.subject, *self.where()],
            [*(choice.shown for choice in asked), self.spot.fused, found.share, found.fields,
             found.text],
            show_progress_on=found.share, **self.in_turn,
        )  # fmt: skip
        pointing.failure(
            self.apologize, self.share.chosen, [self.share.shown, found.share], **self.at_once
        )
        return pointing

    def apologize(self, request: gr.Request, number):
        """Say that the queue was full, or worse."""
        line = say("no_answer", self.language, limit=MAX_WAITING)
        return answer(request, {self.share: number}, lambda: {self.found.share: line})

    def look(self, request: gr.Request, number, pair, norm, kernels, layer):
        def work() -> Filled:
            try:
                maps, line = show_layer(subject_of(pair, norm, kernels), layer, self.language)
            except InputError as error:
                maps, line = None, sorry(error, self.language, "cannot_look")
            return {self.maps: maps, self.line: line}

        return answer(request, {self.layer: number}, work)

    def compare(self, request: gr.Request, number, shown, pair, norm, kernels, layer):
        if number == shown:  # another norm was chosen, and all are there
            return gr.skip()
        subject = subject_of(pair, norm, kernels)
        return answer(
            request, {self.beside.choice: number}, lambda: self.beside.fill(subject, layer)
        )

    def share_of(self, subject: Subject, layer: str, at: Spot) -> Filled:
        """The fused image with the spot marked, and how much of it comes from which source."""
        share = show_share(subject, at, self.language)
        return {self.spot.fused: mark(subject, layer, at), self.found.share: share}

    def excuse(self, error: InputError, subject: Subject, layer: str) -> Filled:
        """Why there is no share, with the fused image if there is one."""
        fused = None
        with suppress(InputError):
            fused = show_fused(subject, layer)
        line = sorry(error, self.language, "cannot_look")
        return {self.spot.fused: fused, self.found.share: line}

    def resize(self, request: gr.Request, network, share, pair, norm, kernels, layer, *where):
        subject = subject_of(pair, norm, kernels)

        def work() -> Filled:
            try:
                return self.share_of(subject, layer, spot_at(*where))
            except InputError as error:
                return self.excuse(error, subject, layer)

        return answer(request, {self.network: network, self.share: share}, work)

    def point(
        self, request: gr.Request, network, share, fields, pair, norm, kernels, layer, *where
    ):
        subject, at = subject_of(pair, norm, kernels), spot_at(*where)
        places = self.found.fields, self.found.text

        def work() -> Filled:
            # All at once: of two steps in quick succession, Gradio loses the first one's image.
            try:
                fields = dict(zip(places, show_fields(subject, at, self.language), strict=True))
                return self.share_of(subject, layer, at) | fields
            except InputError as error:
                nothing = dict(zip(places, (None, ""), strict=True))
                return self.excuse(error, subject, layer) | nothing

        numbers = {self.network: network, self.share: share, self.fields: fields}
        return answer(request, numbers, work)


def spot_at(row: float | None, column: float | None, side: float | None) -> Spot:
    """Make a spot of numbers as they were typed."""
    return Spot(round(row or 0), round(column or 0), max(round(side or 0), 1))
