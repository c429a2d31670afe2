"""Pictures and sentences of the tab that looks inside a network."""

from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np
from torch import Tensor, nn

from lkc.analysis.constant_statistics import with_statistics_of
from lkc.tasks import TASKS

from ..server.temporary_files import new_folder
from ..words.say import Complaint, say
from .inside import (
    KERNELS,
    SHIPPED,
    Look,
    kernels_to_compare,
    load_network,
    look,
    read_sources,
    share_of_sources,
    square,
    study_task,
    telling_pixel,
)
from .receptive_field import DECADES, REACH, SHARES, measure_field, paint, view_of
from .results import labels, save

MARK = (213, 94, 0)  # Vermilion is seen on gray images, also by colour-blind people.
Pictures = list[tuple[str, str]]  # files with their captions


read_once = lru_cache(maxsize=4)(read_sources)


@dataclass(frozen=True)
class Subject:
    """What is looked at.

    Attributes:
        first, second: files of the pair, or None while one is missing.
        task: one of `TASKS`.
        norm: one of `work.inside.list_norms(task)`.
        kernels: one of `KERNELS`.
    """

    first: str | None
    second: str | None
    task: str
    norm: str
    kernels: str

    def sources(self) -> tuple[Tensor, float]:
        """Read the pair once, see `read_sources`."""
        if not self.first or not self.second:
            raise Complaint("waiting_pair")
        return read_once(self.first, self.second, self.task)

    def names(self) -> dict[str, str]:
        """What the sources are called, for a sentence."""
        return {"first": TASKS[self.task].first, "second": TASKS[self.task].second}


def subject_of(pair: tuple, norm: str = "hybrid", kernels: str = "k15") -> Subject:
    """Name a pair, as (first, second, task), with the network that is looked at."""
    first, second, task = pair
    return Subject(first, second, task, norm, kernels)


@dataclass(frozen=True)
class Spot:
    """A pixel of the fused image and the square around it."""

    row: int
    column: int
    side: int

    def inside(self, sources: Tensor) -> tuple[int, int]:
        """Return row and column, if they lie in the image."""
        height, width = sources.shape[-2:]
        if not (0 <= self.row < height and 0 <= self.column < width):
            raise Complaint("pixel_outside", width=width, height=height)
        return self.row, self.column


def first_spot(subject: Subject) -> tuple[int, int]:
    """A pixel worth starting with: row and column."""
    return telling_pixel(subject.sources()[0])


@lru_cache(maxsize=8)
def seen(subject: Subject, layer: str) -> tuple[Look, float]:
    """Fuse and keep a layer, once; with the factor by which the pair was shrunk."""
    sources, factor = subject.sources()
    model = load_network(subject.task, subject.norm, subject.kernels)
    return look(model, sources, layer), factor


@lru_cache(maxsize=16)
def held(subject: Subject) -> tuple[nn.Module, Tensor]:
    """Hold a network's statistics at those of the whole pair, once; with the fused image."""
    sources, _ = subject.sources()
    model = load_network(subject.task, subject.norm, subject.kernels)
    return with_statistics_of(model, sources.to(next(model.parameters()).device))


def show_fused(subject: Subject, layer: str) -> str:
    """Write the fused image; returns its file."""
    return save(seen(subject, layer)[0].fused, "fused")


def show_layer(subject: Subject, layer: str, language: str) -> tuple[Pictures, str]:
    """Show a layer: its feature maps, and a line about them."""
    looked, factor = seen(subject, layer)
    folder = new_folder()
    maps = [
        (save(image, f"channel-{c}", folder), say("channel", language, number=c))
        for c, image in looked.maps.items()
    ]
    channels, height, width = looked.shape
    sizes = {"channels": channels, "height": height, "width": width, "shown": len(maps)}
    line = say("maps_text", language, sparsity=looked.sparsity, **sizes)
    if factor < 1:
        height, width = looked.fused.shape
        line += " " + say("shrunk", language, height=height, width=width)
    if subject.task != study_task(subject.task) and subject.norm != SHIPPED:
        line += " " + say("borrowed", language)
    return maps, line


def mark(subject: Subject, layer: str, spot: Spot) -> str:
    """Draw a spot's square and its pixel on the fused image; returns the new file."""
    fused = seen(subject, layer)[0].fused
    shown = np.repeat(fused[..., None], 3, axis=2)  # (H, W, 3)
    rows, columns = square(fused.shape, (spot.row, spot.column), spot.side)
    low, high = (columns.start - 1, rows.start - 1), (columns.stop, rows.stop)
    cv2.rectangle(shown, low, high, MARK, 1)
    shown[spot.row, spot.column] = MARK
    return save(shown, "fused-marked")


def show_share(subject: Subject, spot: Spot, language: str) -> str:
    """Say how much of a spot comes from which source."""
    sources, _ = subject.sources()
    model = load_network(subject.task, subject.norm, subject.kernels)
    first, second = share_of_sources(model, sources, spot.inside(sources), spot.side)
    kernels = KERNELS["k15" if subject.norm == SHIPPED else subject.kernels]
    rounded = {"first_share": round(first, 2) + 0.0, "second_share": round(second, 2) + 0.0}
    return say("share", language, kernels=kernels, **rounded, **subject.names())


def show_fields(subject: Subject, spot: Spot, language: str) -> tuple[Pictures, str]:
    """Paint the field of a spot's pixel over both sources, a network after the other.

    Args:
        subject: the pair and the norm; the networks of all kernel sizes are shown.
        spot: its row and column.
        language: "en" or "zh".

    Returns:
        Pictures, and a text about them.

    Raises:
        InputError: no pair, or the pixel lies outside.
    """
    sources, _ = subject.sources()
    pixel = spot.inside(sources)
    fields = {}
    for kernels in kernels_to_compare(subject.task, subject.norm):
        network, _ = held(replace(subject, kernels=kernels))
        fields[KERNELS[kernels]] = measure_field(network, sources, pixel, REACH[kernels])
    view, folder = view_of(list(fields.values())), new_folder()
    pair = sources[0].numpy()
    pictures, lines = [], []
    for number, (kernels, field) in enumerate(fields.items()):
        for index, name in enumerate(labels(subject.task, language)):
            file = save(paint(field, pair[index], index, view), f"{number}-{index}", folder)
            pictures.append((file, say("field_caption", language, kernels=kernels, name=name)))
        half, most = (field.sides[share] for share in SHARES)
        numbers = {"half": half, "most": most, "share": field.first_share}
        lines.append(say("field_text", language, kernels=kernels, **numbers, **subject.names()))
    lines.append(say("field_legend", language, decades=DECADES))
    return pictures, "\n\n".join(lines)
