"""What norms do: the study's networks side by side, for the tab that looks inside."""

import gradio as gr

from lkc.errors import InputError

from ..words.say import say, sorry
from ..work.inside_results import Subject
from ..work.norms_results import show_side_by_side
from .latest_choice import Choice, Filled


class SideBySide:
    """A column for each norm, all of one pair, one size of kernels and one layer."""

    def __init__(self, language: str) -> None:
        self.language = language
        gr.Markdown(f"## {say('side_by_side', language)}")
        self.text = gr.Markdown(elem_id="side-by-side-text")
        self.pictures = gr.Gallery(
            show_label=False, format="png", columns=4, object_fit="contain", interactive=False,
            buttons=["fullscreen"], elem_id="side-by-side", elem_classes="pictures",
        )  # fmt: skip
        self.choice = Choice("side-by-side", [self.pictures, self.text])

    def fill(self, subject: Subject, layer: str) -> Filled:
        """Look into all networks, or say why that cannot be done."""
        try:
            pictures, text = show_side_by_side(subject, layer, self.language)
        except InputError as error:
            return {self.pictures: None, self.text: sorry(error, self.language, "cannot_look")}
        columns = max(1, len(pictures) // 3)
        return {self.pictures: gr.update(value=pictures, columns=columns), self.text: text}
