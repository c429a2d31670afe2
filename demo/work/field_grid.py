"""Fields of places all over a pair, small enough for a browser to hold them all."""

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..words.say import say
from .inside import to_8_bit
from .inside_results import Subject, held
from .receptive_field import REACH, SHARES, Field, colour, measure_field, strength
from .results import save

ROWS, COLUMNS = 6, 8
TILE = 52  # cells along each side of a small map


@dataclass(frozen=True)
class Place:
    """A pixel and its field, as a browser shows it.

    Attributes:
        row, column: of the pixel.
        sides: of the squares that hold half and 99 % of the field, in pixels.
        said: the same in words.
        tiles: (TILE, 2 * TILE, 4) uint8, transparent where there is little: first source, second.
    """

    row: int
    column: int
    sides: tuple[int, ...]
    said: str
    tiles: NDArray[np.uint8]


def window_of(kernels: str) -> int:
    """How many pixels a small map shows along each side: a whole number for each of its cells."""
    return TILE * round(2 * REACH[kernels] / TILE)


def reduce(field: Field, window: int) -> NDArray[np.uint8]:
    """Make small maps of a window around a field's pixel; what lies beyond the image is empty."""
    half = window // 2
    padded = np.pad(field.values, ((0, 0), (half, half), (half, half)))
    row, column = field.pixel
    near = padded[:, row : row + window, column : column + window]
    cell = window // TILE
    cells = near.reshape(2, TILE, cell, TILE, cell).mean(axis=(2, 4))
    colours, cover = colour(strength(cells / cells.max()))
    tiles = np.concatenate([colours, cover[..., None]], axis=3)  # (2, TILE, TILE, 4)
    return (np.concatenate([*tiles], axis=1) * 255).astype(np.uint8)


def measure_place(subject: Subject, row: int, column: int, language: str) -> Place:
    """Measure the field of one pixel in the network that is looked at.

    Raises:
        InputError: no pair, or the pixel lies outside.
    """
    network, _ = held(subject)
    reach = REACH[subject.kernels]
    field = measure_field(network, subject.sources()[0], (row, column), reach)
    half, most = sides = tuple(field.sides[share] for share in SHARES)
    numbers = {"row": row, "column": column, "half": half, "most": most}
    said = say("field_near", language, share=field.first_share, **numbers, **subject.names())
    return Place(row, column, sides, said, reduce(field, window_of(subject.kernels)))


def measure_grid(subject: Subject, language: str) -> Iterator[Place]:
    """Measure the fields of places that lie evenly over a pair, one after the other."""
    height, width = subject.sources()[0].shape[-2:]
    for i in range(ROWS):
        for j in range(COLUMNS):
            row, column = int((i + 0.5) * height / ROWS), int((j + 0.5) * width / COLUMNS)
            yield measure_place(subject, row, column, language)


def save_sources(subject: Subject) -> list[str]:
    """Write both sources as networks see them; returns their files."""
    sources = subject.sources()[0]
    return [save(to_8_bit(sources[:, i : i + 1]), name) for i, name in enumerate(("a", "b"))]


def as_picture(places: Sequence[Place]) -> str:
    """One PNG of all small maps, one place below the other, as an address that holds it."""
    if not places:
        return ""
    file = BytesIO()
    Image.fromarray(np.concatenate([place.tiles for place in places])).save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
