"""The pair that a visitor has chosen, as the server knows it.

The browser puts an answer in place part by part. What it sends meanwhile can join the number of
the new pair to a file of the earlier one, so the server remembers what each act has put in place.
"""

from collections.abc import Sequence
from typing import Any

import gradio as gr

from ..server import latest
from .latest_choice import Filled, order_of
from .sources import file_of

# At these places of `latest` stand both files, "" where there is none, and the task.
FILES = ("first file", "second file")
TASK = "task of the pair"


def note_file(request: gr.Request, position: int, file: str | None) -> None:
    """Note the file of a source, unless a later act has put another one in place."""
    latest.note_in_order(request.session_hash, FILES[position], file or "", order_of(request))


def note_task(request: gr.Request, task: str) -> None:
    """Note the task, unless a later act has chosen another one."""
    latest.note_in_order(request.session_hash, TASK, task, order_of(request))


def note_filled(request: gr.Request, sources: Sequence[Any], filled: Filled) -> Filled:
    """Note the files that an act puts in place of the sources; returns what it fills in."""
    for position, source in enumerate(sources):
        update = filled.get(source, {})
        if update is None:
            note_file(request, position, None)
        elif "value" in update:
            note_file(request, position, update["value"])
    return filled


def chosen_files(session: str | None, images: Sequence[object]) -> tuple[str | None, str | None]:
    """Both files that are chosen; what the browser sent where nothing was noted."""
    first, second = [
        latest.noted(session, place, file_of(image) or "") or None
        for place, image in zip(FILES, images, strict=True)
    ]
    return first, second


def chosen_task(session: str | None, task: str) -> str:
    """The task that is chosen; what the browser sent where nothing was noted."""
    return latest.noted(session, TASK, task)
