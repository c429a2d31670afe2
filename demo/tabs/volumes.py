"""Files that browsers take for no image: how they come in, and which slice of volumes is shown."""

from dataclasses import dataclass
from typing import Any

import gradio as gr

from lkc.errors import InputError
from lkc.fusion.volumes import AXES

from ..words.say import say
from ..work.prepared import Given, Slice
from ..work.slices import count_slices, millimetres
from .latest_choice import OTHER

FIRST_AXIS = "axial"
TAKE_ANY_FILE = """() => {
  const pictures = "#first, #second";
  const isPicture = files => files.length === 1 && files[0].type.startsWith("image/");
  const send = (event, files) => {
    const picture = event.target.closest?.(pictures);
    if (!picture || !files?.length || isPicture(files)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const moved = new DataTransfer();
    for (const file of files) moved.items.add(file);
    const input = document.getElementById("OTHER" + picture.id).previousElementSibling;
    input.files = moved.files;
    input.dispatchEvent(new Event("change", {bubbles: true}));
  };
  document.addEventListener("drop", event => send(event, event.dataTransfer?.files), true);
  document.addEventListener("change", event => send(event, event.target.files), true);
  document.addEventListener("click", event => {
    if (event.target.matches?.(":is(#first, #second) input[type=file]"))
      Object.assign(event.target, {accept: "", multiple: true});
  }, true);
}""".replace("OTHER", OTHER)
"""Runs in the browser: Gradio's images refuse other files, so these go to a button beside them."""


def other_button(place: str) -> gr.UploadButton:
    """An unseen button that takes the files which Gradio's image refuses."""
    return gr.UploadButton(
        place, file_count="multiple", visible="hidden", elem_id=f"{OTHER}{place}",
    )  # fmt: skip


@dataclass
class SliceControls:
    """Which slice of a pair of volumes is shown."""

    axis: gr.Radio
    index: gr.Slider

    def all(self) -> list[Any]:
        return [self.axis, self.index]

    def nothing(self) -> dict[Any, Any]:
        """No volume is there."""
        return dict.fromkeys(self.all(), gr.update(visible=False))

    def shown(self, at: Slice, language: str) -> dict[Any, Any]:
        """The controls for a slice, which say where it lies."""
        try:
            count, place = count_slices(at.grid, at.axis), millimetres(at)
        except InputError:  # fusing says why
            return self.nothing()
        label = say("slice", language, number=at.index + 1, count=count, place=place)
        # One slice has nothing to slide.
        new = {"maximum": max(count, 2), "value": at.index + 1, "label": label}
        return {
            self.axis: gr.update(visible=True, value=at.axis),
            self.index: gr.update(visible=True, interactive=count > 1, **new),
        }


def build_slices(language: str) -> SliceControls:
    """Lay out the controls, which wait invisibly for a volume."""
    axis = gr.Radio(
        [(say(name, language), name) for name in reversed(AXES)], value=FIRST_AXIS,
        label=say("slices", language), elem_id="axis", visible=False,
    )  # fmt: skip
    index = gr.Slider(
        1, 2, value=1, step=1, label=say("slice", language, number=1, count=1, place=0.0),
        buttons=[], elem_id="slice", visible=False,
    )  # fmt: skip
    return SliceControls(axis, index)


def slice_of(grid: str, axis: str, index: int | None) -> Slice:
    """A slice of a volume; None is the middle one."""
    try:
        count = count_slices(grid, axis)
    except InputError:  # fusing says why
        count = 1
    return Slice(axis, min(count // 2 if index is None else index, count - 1), grid)


def axis_of(given: list[Given | None]) -> str:
    """The axis in which volumes are cut."""
    return next((g.slice.axis for g in given if g and g.slice), FIRST_AXIS)


def index_of(given: list[Given | None]) -> int | None:
    """Which of their slices is shown."""
    return next((g.slice.index for g in given if g and g.slice), None)
