"""One source moved onto the grid of the other: the offer, and the view that nudges it."""

from dataclasses import dataclass
from typing import Any

import gradio as gr

from lkc.alignment.align import GOOD
from lkc.errors import InputError

from ..words.say import explain, say
from ..work.one_grid import Placed, draw_edges, moving_place
from ..work.results import labels
from .component import build_component
from .viewer import as_file

MODULES = ("matrix.js", "nudge.js")
WORDS = (
    "title", "layouts", "edges", "squares", "picture", "left", "right", "up", "down", "turn_left",
    "turn_right", "smaller", "larger", "coarse", "closer", "farther", "undo", "save", "keys",
)  # fmt: skip


def build_nudge(language: str) -> gr.HTML:
    """Lay out the view of both sources, in which one is moved; it waits for `nudge_of`."""
    return build_component("nudge", MODULES, WORDS, language, elem_id="nudge")


def no_nudge() -> dict[str, Any]:
    """Nothing is moved."""
    return gr.update(visible=False, value=None)


def in_words(placed: Placed, language: str) -> str:
    """How well the sources lie on one another."""
    grade = "good" if placed.found.agreement >= GOOD else "weak"
    return say(
        f"nudge_{grade}", language, agreement=placed.found.agreement, overlap=placed.found.overlap
    )


def complain(error: InputError, language: str) -> dict[str, Any]:
    """A sentence about a file that does not fit, and nothing to move."""
    return gr.update(visible=True, value={"complaint": explain(error, language)})


def nudge_of(placed: Placed, language: str, act: int = 0, complaint: str = "") -> dict[str, Any]:
    """What the component shows of a source that was moved.

    Args:
        placed: the source.
        language: of its words.
        act: the browser's number of the act that is answered.
        complaint: what else to say.
    """
    moved, sizes = placed.moved, (placed.moving_size, placed.fixed_size)
    files = moved.before, moved.onto
    pictures = [
        {"file": as_file(file), "height": height, "width": width}
        for file, (height, width) in zip(files, sizes, strict=True)
    ]
    at = moving_place(moved.task)
    names = labels(moved.task, language)
    value = {
        "pair": "|".join(files), "act": act, "complaint": complaint,
        "moving": pictures[0], "fixed": pictures[1], "edges": as_file(draw_edges(moved.before)),
        "names": [names[at], names[1 - at]], "matrix": placed.found.matrix.ravel().tolist(),
        "said": in_words(placed, language), "transform": as_file(moved.transform),
    }  # fmt: skip
    return gr.update(visible=True, value=value)


@dataclass
class Offer:
    """The offer to bring the sources onto one grid."""

    row: gr.Row
    text: gr.Markdown
    find: gr.Button
    file: gr.UploadButton

    def shown(self, key: str | None, language: str) -> dict[Any, Any]:
        """Make the offer in the words of a key, or none."""
        return {
            self.row: gr.update(visible=key is not None),
            self.text: say(key, language) if key else "",
        }


def build_offer(language: str) -> Offer:
    """Lay out the offer, which waits invisibly."""
    with gr.Row(visible=False, elem_id="offer") as row:
        text = gr.Markdown(elem_id="offer-text")
        find = gr.Button(
            say("align", language), elem_id="align", variant="primary", size="md", scale=0,
            min_width=200,
        )  # fmt: skip
        file = gr.UploadButton(
            say("align_file", language), file_types=[".json"], elem_id="align-file", size="md",
            scale=0, min_width=230,
        )  # fmt: skip
    return Offer(row, text, find, file)
