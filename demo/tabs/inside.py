"""The tab that looks inside: feature maps, fields of a clicked pixel, and shares of the sources."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import gradio as gr

from lkc.errors import InputError

from ..server.one_device import PRIVATE, QUEUE
from ..words.say import say, sorry
from ..work.inside import KERNELS, list_layers, list_norms
from ..work.inside_results import (
    Spot,
    Subject,
    first_spot,
    mark,
    show_fields,
    show_layer,
    show_share,
)
from .fuse import FIRST_TASK
from .sources import Sources, file_of

FIRST_LAYER = "model.encoder.0"
REGION = 17  # pixels: a head or a lamp in the examples


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
    with gr.Row(elem_classes="controls"):
        norm = gr.Radio(
            norm_choices(FIRST_TASK, language), value="hybrid", label=say("norm", language),
            elem_id="norm", scale=3,
        )  # fmt: skip
        kernels = gr.Radio(
            [(label, name) for name, label in KERNELS.items()], value="k15",
            label=say("kernels", language), elem_id="kernels", scale=2,
        )  # fmt: skip
        layer = gr.Dropdown(
            [(layer_label(name, language), name) for name in list_layers()], value=FIRST_LAYER,
            label=say("layer", language), elem_id="layer", scale=2, filterable=False,
        )  # fmt: skip
    return Choices(norm, kernels, layer)


@dataclass
class SpotControls:
    """The fused image, and the pixel and square that are asked about."""

    fused: gr.Image
    row: gr.Number
    column: gr.Number
    side: gr.Slider
    kernels_only: gr.Checkbox


def build_spot(language: str) -> SpotControls:
    fused = gr.Image(
        label=say("inside_fused", language), format="png", interactive=False, buttons=[],
        elem_id="inside-fused", alt_text=say("inside_fused", language),
    )  # fmt: skip
    with gr.Row():
        row = gr.Number(0, label=say("row", language), precision=0, min_width=80)
        column = gr.Number(0, label=say("column", language), precision=0, min_width=80)
    side = gr.Slider(
        1, 65, value=REGION, step=8, label=say("region", language), buttons=[], elem_id="region"
    )
    kernels_only = gr.Checkbox(
        True, label=say("kernels_only", language), info=say("kernels_only_info", language),
        elem_id="kernels-only",
    )  # fmt: skip
    return SpotControls(fused, row, column, side, kernels_only)


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


def build_inside_tab(tab: gr.Tab, sources: Sources, task: gr.Radio, language: str) -> None:
    """Lay out the tab and connect its events; the pair is that of the first tab."""
    gr.Markdown(say("inside_lead", language))
    choices = build_choices(language)
    with gr.Row():
        with gr.Column(scale=5, min_width=300):
            spot = build_spot(language)
        with gr.Column(scale=7, min_width=300):
            found = build_findings(language)
    gr.Markdown(f"## {say('maps', language)}")
    line = gr.Markdown(elem_id="maps-text")
    maps = gr.Gallery(
        show_label=False, format="png", columns=6, object_fit="contain", interactive=False,
        buttons=["fullscreen"], elem_id="maps", elem_classes="pictures",
    )  # fmt: skip
    pair, plain = gr.State((None, None, FIRST_TASK)), gr.State(None)

    connect_pair(tab, pair, [sources.first, sources.second, task], choices, spot, language)
    connect_looks(pair, plain, choices, spot, found, [maps, line], language)


def connect_pair(tab, pair, shown, choices, spot, language) -> None:
    """Take over the pair of the first tab whenever this one is opened."""

    def take_pair(first, second, task, old, norm):
        first, second = file_of(first), file_of(second)
        if (first, second, task) == tuple(old):
            return [gr.skip()] * 4
        norms = norm_choices(task, language)
        norm = norm if norm in dict(norms).values() else norms[0][1]
        try:
            row, column = first_spot(Subject(first, second, task, norm, "k15"))
        except InputError:
            row, column = 0, 0  # looking inside will say why
        return (first, second, task), gr.update(choices=norms, value=norm), row, column

    tab.select(
        take_pair, [*shown, pair, choices.norm], [pair, choices.norm, spot.row, spot.column],
        preprocess=False, show_progress="hidden", **PRIVATE,
    )  # fmt: skip


def connect_looks(pair, plain, choices, spot, found, layer_outputs, language) -> None:
    """Look again whenever the pair, the network, the layer or the spot changes."""
    shared = {"show_progress": "minimal", "trigger_mode": "always_last", **PRIVATE, **QUEUE}
    looking = {
        "fn": looker(language),
        "inputs": [pair, choices.norm, choices.kernels, choices.layer],
        "outputs": [plain, *layer_outputs],
        "show_progress_on": layer_outputs[1],
        **shared,
    }
    pointing = {
        "fn": pointer(language),
        "inputs": [
            pair, choices.norm, choices.kernels, plain, spot.row, spot.column, spot.side,
            spot.kernels_only,
        ],
        "outputs": [spot.fused, found.share, found.fields, found.text],
        "show_progress_on": found.share,
        "preprocess": False,
        **shared,
    }  # fmt: skip
    networks = [pair.change, choices.norm.input, choices.kernels.input]
    gr.on(networks, **looking).then(**pointing)
    choices.layer.input(**looking)
    gr.on(
        [spot.row.input, spot.column.input, spot.side.change, spot.kernels_only.input],
        **pointing,
    )
    spot.fused.select(
        pick, None, [spot.row, spot.column], show_progress="hidden", queue=False,
        trigger_mode="multiple", **PRIVATE,
    ).then(**pointing)  # fmt: skip


def looker(language: str) -> Callable:
    """Make the event that shows a layer."""

    def look(pair, norm, kernels, layer):
        try:
            fused, maps, line = show_layer(Subject(*pair, norm, kernels), layer, language)
        except InputError as error:
            return None, None, sorry(error, language, "cannot_look")
        return fused, maps, line

    return look


def pointer(language: str) -> Callable:
    """Make the event that asks about a spot; its numbers come as they were typed."""

    def point(pair, norm, kernels, plain, row, column, side, kernels_only) -> Iterator[list]:
        subject = Subject(*pair, norm, kernels)
        at = Spot(round(row or 0), round(column or 0), max(round(side or 0), 1))
        try:
            share = show_share(subject, at, language)
            yield [plain and mark(plain, at), share, gr.skip(), gr.skip()]
            yield [gr.skip(), share, *show_fields(subject, at, kernels_only, language)]
        except InputError as error:
            yield [plain, sorry(error, language, "cannot_look"), None, ""]

    return point


def pick(event: gr.SelectData) -> tuple[int, int]:
    """Row and column of a click."""
    column, row = event.index
    return row, column
