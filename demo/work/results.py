"""Files of one result, as the page shows and hands them out."""

import time
from dataclasses import dataclass
from pathlib import Path

from numpy.typing import NDArray

from lkc.io.image_files import read_image, write_image
from lkc.model.baselines import BASELINES
from lkc.tasks import TASKS

from ..server.temporary_files import new_folder
from ..words.say import modality, say
from .fuse_files import Fusion, read_pair, to_display
from .nearer_source import difference, origin_map

SHOWN_BY_BROWSERS = {".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif"}


@dataclass(frozen=True)
class Result:
    """A fused pair on disk.

    Attributes:
        task: one of `TASKS`.
        first, second: the uploaded files.
        fused: the full-precision PNG, named after the first source.
        shown: the same with 8 bits.
    """

    task: str
    first: str
    second: str
    fused: str
    shown: str


def save(image: NDArray, name: str, folder: Path | None = None) -> str:
    """Write a PNG into a new temporary folder, or a given one."""
    path = (folder or new_folder()) / f"{name}.png"
    write_image(path, image)
    return str(path)


def save_result(fusion: Fusion, task: str, first: str, second: str) -> tuple[Result, float]:
    """Write a fusion's files; returns them and the seconds it took."""
    start = time.perf_counter()
    folder, name = new_folder(), f"{Path(first).stem}-fused"
    fused = save(fusion.fused, name, folder)
    shown = fused
    if fusion.fused.itemsize > 1:
        shown = save(to_display(fusion.fused), f"{name}-8-bit", folder)
    return Result(task, first, second, fused, shown), time.perf_counter() - start


def shown_by_browsers(path: str) -> bool:
    return Path(path).suffix.lower() in SHOWN_BY_BROWSERS


def displayable(path: str) -> str:
    """A file that a browser shows: the source itself, or a PNG of it."""
    return path if shown_by_browsers(path) else save(to_display(read_image(path)), Path(path).stem)


def describe(fusion: Fusion, encode_seconds: float, language: str) -> str:
    """One line: size, depth, time by stage, device."""
    height, width = fusion.fused.shape[:2]
    return say(
        "status",
        language,
        width=width,
        height=height,
        bits=8 * fusion.fused.itemsize,
        decode=1000 * fusion.seconds["decode"],
        network=1000 * fusion.seconds["network"],
        encode=1000 * encode_seconds,
        device=fusion.device,
    )


def capitalized(name: str) -> str:
    return name[:1].upper() + name[1:]


def method_name(method: str, language: str) -> str:
    """What a network or a rule is called, for a label."""
    return say("rule", language, name=method) if method in BASELINES else say(method, language)


def colour_name(colour: str, task: str, language: str) -> str:
    """What one of the colours of `lkc.fuse` is called, for a label."""
    return say(f"colour_{colour}", language, name=TASKS[task].second)


def labels(task: str, language: str) -> tuple[str, str]:
    """What the two sources of a task are called, for a label."""
    chosen = TASKS[task]
    first, second = (modality(name, language) for name in (chosen.first, chosen.second))
    return capitalized(first), capitalized(second)


def origin(result: Result, language: str) -> tuple[list[tuple[str, str]], str]:
    """Images with captions that show what came from where, and a sentence about them."""
    first, second = read_pair(result.first, result.second, result.task)
    fused = read_image(result.fused)
    painted, share = origin_map(fused, first, second)
    chosen = TASKS[result.task]
    names = {"first": chosen.first, "second": chosen.second}
    folder = new_folder()
    images = [
        (save(painted, "origin", folder), say("origin_map", language, **names)),
        (
            save(difference(fused, first), "minus-first", folder),
            say("minus", language, name=chosen.first),
        ),
        (
            save(difference(fused, second), "minus-second", folder),
            say("minus", language, name=chosen.second),
        ),
    ]
    sentence = say("origin_text", language, share=share, **names)
    if fused.ndim == 3:
        sentence += f" {say('origin_colour', language, **names)}"
    return images, sentence
