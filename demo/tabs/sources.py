"""The two sources as they are laid out: uploads, windows, slices, examples."""

from dataclasses import dataclass
from pathlib import Path

import gradio as gr

from lkc.tutorial.examples import SHIPPED

from ..server.temporary_files import is_ours, keep_copy
from ..words.say import example, say
from ..work.fuse_files import list_examples
from ..work.results import labels
from .volumes import SliceControls, build_slices, other_button
from .windows import build_window


def source_image(label: str, **options) -> gr.Image:
    """An upload; events that read it say `preprocess=False`, and take the file with `file_of`."""
    return gr.Image(
        label=label, type="filepath", format="png", sources=["upload", "clipboard"],
        buttons=[], min_width=120, height=250, alt_text=label, **options,
    )  # fmt: skip


def file_of(image: object) -> str | None:
    """Return the file of an upload as it is, with all its bits, whether or not it is an image.

    Gradio lets programs name any file of the server as an image: what lies elsewhere is no upload.
    """
    path = image.get("path") if isinstance(image, dict) else None
    return path if isinstance(path, str) and is_ours(path) else None


def examples(task: str) -> list[tuple[str, str]]:
    """Example pairs of a task, copied once, so that no address names the repository's folder."""
    return list_examples(keep_copy(SHIPPED), task)


def is_example_file(file: str | None) -> bool:
    """Whether a file is one of the example pairs' own, and nothing that a visitor gave."""
    return file is not None and Path(file).is_relative_to(keep_copy(SHIPPED))


def thumbnails(task: str, language: str) -> list[tuple[str, str]]:
    """The second sources, which are the more telling ones, with their names."""
    return [(b, example(Path(b).stem, language)) for _, b in examples(task)]


@dataclass
class Sources:
    """What the first column holds."""

    first: gr.Image
    second: gr.Image
    others: tuple[gr.UploadButton, gr.UploadButton]
    windows: tuple[gr.HTML, gr.HTML]
    slices: SliceControls
    gallery: gr.Gallery


def build_sources(task: str, language: str) -> Sources:
    """Lay out the first column for a task."""
    first_label, second_label = labels(task, language)
    with gr.Row(elem_classes="sources"):
        first = source_image(first_label, elem_id="first")
        second = source_image(second_label, elem_id="second")
    others = other_button("first"), other_button("second")
    slices = build_slices(language)
    windows = build_window(language, "first"), build_window(language, "second")
    pictures = thumbnails(task, language)
    gallery = gr.Gallery(
        pictures, label=say("examples", language), show_label=False, columns=3,
        buttons=[], elem_id="examples", selected_index=0, object_fit="cover", format="png",
        allow_preview=False, interactive=False, visible=bool(pictures),
    )  # fmt: skip
    return Sources(first, second, others, windows, slices, gallery)
