"""Pictures of the pairs where a method does worst, small enough for one file."""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO

from numpy.typing import NDArray
from PIL import Image
from torch import nn

from lkc.evaluation.scoring import Plan, fuse_or_read, holds_values, open_pair
from lkc.io.pixels import to_8_bits, to_unit_range
from lkc.tasks import get_task

LONGEST_SIDE = 640  # Larger pictures are made smaller, in pixels.
QUALITY = 80  # of WebP
MOST_BYTES = 10_000_000  # So much of the file may be pictures.


@dataclass(frozen=True)
class Pictures:
    """What is to be seen of one pair.

    Attributes:
        file: name without suffix.
        shown: data addresses by what they show: both sources, then methods.
    """

    file: str
    shown: dict[str, str]

    @property
    def size(self) -> int:
        """How many bytes the file grows by."""
        return sum(map(len, self.shown.values()))


def data_address(pixels: NDArray) -> str:
    """Write an image as a WebP data address: (H, W) or (H, W, 3), any type that is fused."""
    picture = Image.fromarray(to_8_bits(to_unit_range(pixels, "the picture")))
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    held = BytesIO()
    picture.save(held, "WEBP", quality=QUALITY)
    return f"data:image/webp;base64,{base64.b64encode(held.getvalue()).decode()}"


def source_names(task: str) -> tuple[str, str]:
    """What the two sources of a task are called: "infrared" and "visible"."""
    chosen = get_task(task)
    return chosen.first, chosen.second


def take_pictures(plan: Plan, file: str) -> Pictures:
    """Show both sources of a pair, and the fused image of every method that has one."""
    pair = open_pair(plan, file)
    seen = {
        name: fuse_or_read(plan, name, file, pair)
        for name, method in plan.methods.items()
        if isinstance(method, nn.Module) or not holds_values(method)
    }
    notes = next((notes for _, notes in seen.values()), {})
    sources = dict(zip(source_names(plan.task), pair.show(notes)[0], strict=True))
    images = sources | {name: fused for name, (fused, _) in seen.items()}
    return Pictures(file, {name: data_address(pixels) for name, pixels in images.items()})


def pictures_that_fit(plan: Plan, files: Iterable[str], room: int = MOST_BYTES) -> list[Pictures]:
    """Take pictures of one pair after another, until the next would take too much room."""
    taken: list[Pictures] = []
    for file in files:
        pictures = take_pictures(plan, file)
        room -= pictures.size
        if room < 0:
            break
        taken.append(pictures)
    return taken
