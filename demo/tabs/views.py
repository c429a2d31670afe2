"""Ways to look at a result, of which one is visible at a time."""

from dataclasses import dataclass

import gradio as gr

from lkc.errors import InputError
from lkc.io.image_files import read_image

from ..words.say import as_text, explain, say
from ..work import scores
from ..work.fuse_files import read_pair
from ..work.results import Result, origin
from .viewer import build_viewer, to_compare

VIEWS = ("fused", "compare", "origin", "numbers")


def view_choices(language: str) -> list[tuple[str, str]]:
    return [(say(view, language), view) for view in VIEWS]


@dataclass
class Views:
    """The places where a result is shown."""

    image: gr.Image
    viewer: gr.HTML
    gallery: gr.Gallery
    table: gr.HTML
    note: gr.Markdown

    def all(self) -> list:
        return [self.image, self.viewer, self.gallery, self.table, self.note]


def show(view: str, result: Result | None, language: str) -> list[dict]:
    """Fill the view that was chosen and hide the others; the order is that of `Views`."""
    parts = {name: gr.update(visible=False) for name in ("image", "viewer", "gallery", "table")}
    parts["viewer"] = gr.update(visible=False, value=None)
    parts["note"] = gr.update(visible=False)
    try:
        if result is None or view == "fused":
            parts["image"] = gr.update(visible=True, value=result and result.shown)
        elif view == "compare":
            parts["viewer"] = gr.update(visible=True, value=to_compare(result, language))
        elif view == "origin":
            images, sentence = origin(result, language)
            parts["gallery"] = gr.update(visible=True, value=images)
            parts["note"] = gr.update(visible=True, value=sentence)
        else:
            first, second = read_pair(result.first, result.second, result.task)
            values = scores.score(read_image(result.fused), first, second, result.task)
            parts["table"] = gr.update(visible=True, value=scores.table(values, language))
            parts["note"] = gr.update(visible=True, value=scores.reading(values, language))
    except InputError as error:
        parts["note"] = gr.update(visible=True, value=as_text(explain(error, language)))
    return list(parts.values())


def build_views(language: str) -> Views:
    """Lay out every view of a result; all but the first wait invisibly."""
    image = gr.Image(
        label=say("fused", language), format="png", interactive=False, height=460,
        buttons=["fullscreen"], elem_id="fused", alt_text=say("fused", language),
    )  # fmt: skip
    gallery = gr.Gallery(
        show_label=False, format="png", columns=2, object_fit="contain", visible=False,
        buttons=["fullscreen"], elem_id="views", elem_classes="pictures", interactive=False,
    )  # fmt: skip
    table = gr.HTML(visible=False, elem_id="numbers")
    note = gr.Markdown(visible=False, elem_id="note")
    return Views(image, build_viewer(language), gallery, table, note)
