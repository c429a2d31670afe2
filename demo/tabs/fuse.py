"""The first tab: one pair, fused live, and several ways to look at the result."""

from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import gradio as gr

from lkc.errors import InputError
from lkc.fusion.images import colours_of
from lkc.model.precision import PRECISIONS
from lkc.tasks import TASKS

from ..server import latest
from ..server.one_device import MAX_WAITING, PRIVATE, QUEUE
from ..words.say import say, sorry
from ..work.fuse_files import fuse_files, has_gpu, read_source
from ..work.one_grid import differ_in_size
from ..work.prepared import given_for
from ..work.preview import fuse_small
from ..work.recipe import as_markdown, recipe_of
from ..work.results import Result, colour_name, describe, save_result
from ..work.sheet import Made, made_after, write_sheet
from ..work.take_away import as_dicom
from .controls import FIRST_TASK, detail_slider, method_dropdown, task_radio
from .latest_choice import Choice, Filled, answer, answers, order_of
from .moving import connect_sources
from .one_grid import Offer, build_nudge, build_offer
from .pair import chosen_files, chosen_task
from .sources import Sources, build_sources
from .views import Views, build_views, show, view_choices

SAVE_FILE = """file => {
  if (file) Object.assign(document.createElement("a"), {
    href: file.url, download: file.orig_name ?? file.path.split("/").pop(),
  }).click();
}"""
"""Runs in the browser: save a file that the server has made."""


def fuse_pair(
    first: str | None, second: str | None, task: str, options: tuple, language: str
) -> tuple[Result | None, str]:
    """Fuse if both sources are there; returns the files, and a line that says how it went."""
    pair = {TASKS[task].first: first, TASKS[task].second: second}
    missing = [name for name, path in pair.items() if not path]
    if first is None and second is None:
        return None, say("waiting_both", language)
    try:
        if first is None or second is None:
            for name in pair.keys() - missing:  # a bad one is not kept until the other is there
                read_source(pair[name], name)
            return None, say("waiting", language, name=missing[0])
        fusion = fuse_files(first, second, task, *options)
        result, seconds = save_result(fusion, task, first, second)
    except InputError as error:
        return None, sorry(error, language)
    return result, describe(fusion, seconds, language)


def can_be_moved(result: Result) -> bool:
    """Whether a pair is two images, of which none was moved onto the grid of the other."""
    given = given_for(result.first), given_for(result.second)
    return not any(source.slice or source.moved for source in given)


def colour_choices(task: str, language: str) -> list[tuple[str, str]]:
    """The colours that results of a task can have: what each is called here, and by `lkc.fuse`."""
    return [(colour_name(name, task, language), name) for name in colours_of(TASKS[task])]


@dataclass
class Controls:
    """What a user can change about the fusion."""

    detail: gr.Slider
    method: gr.Dropdown
    colour: gr.Radio
    precision: gr.Radio

    def all(self) -> list[Any]:
        return [self.method, self.detail, self.colour, self.precision]

    def offer_colours(self, task: gr.Radio, language: str) -> None:
        """Offer those colours that a task has, whenever another one is chosen."""

        def offer(task: str, colour: str) -> dict:
            chosen = colour if colour in colours_of(TASKS[task]) else "keep"
            has_colour = TASKS[task].second_has_colour
            offered = colour_choices(task, language)
            return gr.update(choices=offered, value=chosen, visible=has_colour)

        given = [task, self.colour]
        task.change(offer, given, self.colour, queue=False, show_progress="hidden", **PRIVATE)


def build_controls(language: str) -> Controls:
    with gr.Row(elem_classes="controls"):
        detail = detail_slider(
            language, info=say("detail_info", language), min_width=180, scale=2, elem_id="detail",
        )  # fmt: skip
        with gr.Column(min_width=180):
            method = method_dropdown(language)
            colour = gr.Radio(
                colour_choices(FIRST_TASK, language), value="keep",
                label=say("colour", language), elem_id="colour",
            )  # fmt: skip
            precision = gr.Radio(
                list(PRECISIONS), value="fp32", label=say("precision", language),
                visible=has_gpu(), elem_id="precision",
            )  # fmt: skip
    return Controls(detail, method, colour, precision)


@dataclass
class Outcome:
    """What a fusion leaves beside the picture; `made` is a `Made`, or None."""

    status: gr.Markdown
    download: gr.DownloadButton
    button: gr.Button
    made: gr.State


def build_outcome(language: str) -> Outcome:
    with gr.Row(elem_id="outcome"):
        status = gr.Markdown(say("waiting_both", language), elem_id="status")
        download = gr.DownloadButton(
            say("download", language), interactive=False, elem_id="download", scale=0,
            min_width=150, size="md",
        )  # fmt: skip
        button = gr.Button(
            say("fuse", language), variant="primary", elem_id="fuse", scale=0, min_width=110,
            size="md",
        )  # fmt: skip
    return Outcome(status, download, button, gr.State(None))


@dataclass
class TakeAway:
    """The result as other files, and the lines that make it elsewhere."""

    sheet: gr.Button
    sheet_file: gr.DownloadButton
    dicom: gr.DownloadButton
    recipe: gr.Markdown

    def all(self) -> list[Any]:
        return [self.sheet, self.sheet_file, self.dicom, self.recipe]

    def filled(self, made: Made, language: str) -> Filled:
        """What belongs to a result; the sheet is drawn when it is asked for."""
        lines = as_markdown(made.recipe)
        if made.recipe.axis:
            lines += f"\n\n{say('take_away_slices', language)}"
        dicom = as_dicom(made.result, made.recipe)
        return self.nothing() | {
            self.recipe: lines,
            self.sheet: gr.update(interactive=True),
            self.dicom: gr.update(value=dicom, visible=bool(dicom)),
        }

    def nothing(self) -> Filled:
        """There is no result."""
        return {
            self.recipe: "", self.sheet: gr.update(interactive=False), self.sheet_file: None,
            self.dicom: gr.update(value=None, visible=False),
        }  # fmt: skip


def build_take_away(language: str) -> TakeAway:
    with gr.Accordion(say("take_away", language), open=False, elem_id="take-away"):
        with gr.Row():
            small: dict[str, Any] = {"size": "md", "scale": 0, "min_width": 260}
            sheet = gr.Button(say("sheet", language), interactive=False, elem_id="sheet", **small)
            sheet_file = gr.DownloadButton(visible="hidden", elem_id="sheet-file")
            dicom = gr.DownloadButton(
                say("download_dicom", language), visible=False, elem_id="download-dicom", **small
            )
        gr.Markdown(say("take_away_info", language))
        return TakeAway(sheet, sheet_file, dicom, gr.Markdown(elem_id="recipe"))


class FuseTab:
    """The events of the tab: fuse whenever the pair or a control changes, and show the result."""

    def __init__(
        self, task: gr.Radio, sources: Sources, view: gr.Radio, views: Views, outcome: Outcome,
        controls: Controls, take_away: TakeAway, offer: Offer, language: str,
    ) -> None:  # fmt: skip
        self.view, self.views, self.outcome, self.language = view, views, outcome, language
        self.take_away, self.offer = take_away, offer
        parts = [
            outcome.status, outcome.download, *take_away.all(), offer.row, offer.text, *views.all(),
        ]  # fmt: skip
        # The old result goes at once, since the new one may have to wait for others.
        self.choice = Choice("pair", parts, lambda: self.report(None, say("in_line", language)))
        self.outputs = [self.choice.shown, outcome.made, *parts]
        pair = [sources.first, sources.second, task]
        self.inputs = [self.choice.chosen, view, outcome.made, *pair, *controls.all()]
        self.shared = {
            "show_progress": "minimal",
            "show_progress_on": outcome.status,
            **PRIVATE,
        }

    def report(self, made: Made | None, line: str) -> Filled:
        """What a fusion leaves beside the picture, and the picture's place, empty."""
        download = gr.update(interactive=bool(made), value=made and made.result.fused)
        told = {self.outcome.made: made, self.outcome.status: line, self.outcome.download: download}
        taken = self.take_away.filled(made, self.language) if made else self.take_away.nothing()
        return told | taken | self.pictures("fused", None)

    def pictures(self, view: str, result: Result | None) -> Filled:
        """A view of a result, and where the sources can be compared, the offer to move one."""
        shown = show(view, result, self.language)
        key = "misfit" if result and view == "compare" and can_be_moved(result) else None
        offered = self.offer.shown(key, self.language)
        return offered | dict(zip(self.views.all(), shown, strict=True))

    def pictures_now(self, session: str | None, view: str, result: Result) -> Filled:
        """Show the view that is chosen when it is there, even if another one was when it began."""
        while True:
            view = latest.noted(session, "view", view)
            pictures = self.pictures(view, result)
            if latest.noted(session, "view", view) == view:
                return pictures

    def preview(self, session: str | None, view: str, pair: Any, task: str, options: Any) -> Filled:
        """A small picture of a large pair, where the fused image is what one wants to see."""
        small = None
        if all(pair) and latest.noted(session, "view", view) == "fused":
            with suppress(InputError):  # fusing says why
                small = fuse_small(pair[0], pair[1], task, *options)
        if small is None:
            return {}
        (width, height), (whole_width, whole_height) = small.size, small.whole
        whole = {"whole_width": whole_width, "whole_height": whole_height}
        line = say("preview", self.language, width=width, height=height, **whole)
        picture = gr.update(visible=True, value=small.file)
        return self.report(None, line) | {self.views.image: picture}

    def fuse(
        self,
        session: str | None,
        number: str,
        view: str,
        before: Made | None,
        pair: Any,
        task: str,
        options: Any,
    ) -> Filled:
        """The whole result, in the view that is chosen when it is there."""
        result, line = fuse_pair(pair[0], pair[1], task, options, self.language)
        if result is None:
            files = [file for file in pair if file]
            differ = len(files) == 2 and differ_in_size((files[0], files[1]), task)
            offered = self.offer.shown("other_size" if differ else None, self.language)
            return self.report(None, line) | offered
        pictures = self.pictures_now(session, view, result)
        method, detail, colour, _ = options  # the precision is the device's
        recipe = recipe_of(result.first, result.second, task, method, detail, colour)
        made = made_after(before, number, result, recipe)
        return self.report(made, line) | pictures

    def run(self, request: gr.Request, number, view, before, first, second, task, *options):
        session = request.session_hash
        number = number or latest.noted(session, self.choice.place, "")  # not yet in place there
        files = chosen_files(session, (first, second))
        given = files, chosen_task(session, task), options

        def steps() -> Generator[Filled, None, None]:
            if small := self.preview(session, view, *given):
                yield small
            yield self.fuse(session, number, view, before, *given)

        yield from answers(request, {self.choice: number}, steps())

    def show_made(self, request: gr.Request, number, view, made):
        """Show another view of what was made; what is being made shows itself."""

        def work() -> Filled:
            if not made or made.number != number:
                return {}
            return self.pictures_now(request.session_hash, view, made.result)

        return answer(request, {self.choice: number}, work)

    def draw_sheet(self, request: gr.Request, number, made):
        """Draw the comparison sheet of what was made."""

        def work() -> Filled:
            if not made or made.number != number:
                return {}
            return {self.take_away.sheet_file: write_sheet(made, self.language)}

        return answer(request, {self.choice: number}, work)

    def apologize(self, request: gr.Request, number):
        """Say that the queue was full, or worse."""
        line = say("no_answer", self.language, limit=MAX_WAITING)
        return answer(request, {self.choice: number}, lambda: self.report(None, line))

    def fuse_after(self, add: Callable, *triggers, **options) -> None:
        """Fuse after another event (its `then`), or on triggers (`gr.on` and a list of them)."""
        fusing = add(
            *triggers, self.run, self.inputs, self.outputs, preprocess=False, **options,
            **self.shared, **QUEUE,
        )  # fmt: skip
        fusing.failure(self.apologize, self.choice.chosen, self.outputs, queue=False, **self.shared)

    def show_after_view(self) -> None:
        def note(request: gr.Request, view: str) -> None:
            latest.note_in_order(request.session_hash, "view", view, order_of(request))

        noted = self.view.input(
            note, self.view, None, queue=False, trigger_mode="multiple", **self.shared
        )  # a press while an earlier one is on its way must be noted too
        noted.then(
            self.show_made, [self.choice.chosen, self.view, self.outcome.made], self.outputs,
            trigger_mode="always_last", **self.shared, **QUEUE,
        )  # fmt: skip

    def hand_out_sheet(self) -> None:
        """Draw the sheet when its button is pressed, and save it at once."""
        file = self.take_away.sheet_file
        drawn = self.take_away.sheet.click(
            self.draw_sheet, [self.choice.chosen, self.outcome.made], [self.choice.shown, file],
            **self.shared, **QUEUE,
        )  # fmt: skip
        drawn.success(None, file, None, js=SAVE_FILE, show_progress="hidden", **PRIVATE)


def build_fuse_tab(page: gr.Blocks, language: str) -> tuple[Sources, gr.Radio, Choice]:
    """Lay out the tab and connect its events; returns the sources, their task and their choice."""
    task = task_radio(language, "task")
    with gr.Row():
        with gr.Column(scale=4, min_width=300):
            sources = build_sources(FIRST_TASK, language)
        with gr.Column(scale=8, min_width=300):
            nudge = build_nudge(language)
            view = gr.Radio(
                view_choices(language), value="fused", label=say("view", language),
                elem_classes="segments", elem_id="view", container=False,
            )  # fmt: skip
            views = build_views(language)
            outcome = build_outcome(language)
            offer = build_offer(language)
            controls = build_controls(language)
            take_away = build_take_away(language)
    tab = FuseTab(task, sources, view, views, outcome, controls, take_away, offer, language)
    options = [view, *controls.all()]
    given = sources, page, task, outcome.button, tab.choice, options, nudge, offer, language
    for chosen in connect_sources(*given):
        tab.fuse_after(chosen.then, trigger_mode="multiple")
    moved = [control.input for control in controls.all()]
    tab.fuse_after(gr.on, moved, trigger_mode="always_last")
    tab.show_after_view()
    tab.hand_out_sheet()
    controls.offer_colours(task, language)
    return sources, task, tab.choice
