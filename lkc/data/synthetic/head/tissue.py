"""The tissues of a head, and the board that a slice of it is drawn on."""

from enum import IntEnum

import cv2
import numpy as np


class Tissue(IntEnum):
    """The tissue that a point of the head is made of."""

    AIR = 0
    SKIN = 1
    FAT = 2
    BONE = 3
    MARROW = 4
    FLUID = 5
    GRAY = 6
    WHITE = 7
    STRIATUM = 8
    PALLIDUM = 9
    THALAMUS = 10
    LESION = 11
    SWELLING = 12
    CHOROID = 13


class Board:
    """A square drawing board in head units: x to the right and y down, both in [-1, 1].

    Args:
        size: side, pixels.
    """

    def __init__(self, size: int):
        self.size = size
        self.tissue = np.zeros((size, size), np.uint8)
        axis = (np.arange(size, dtype=np.float32) + 0.5) * 2 / size - 1
        self.x, self.y = axis[None], axis[:, None]

    def unit(self, pixels: float) -> float:
        """Convert a length in pixels of a 256-pixel slice to pixels of this board."""
        return pixels * self.size / 256

    def draw(self, image: np.ndarray, points: np.ndarray, value: int) -> None:
        """Fill a polygon of (N, 2) head positions on an image of the board's size."""
        fixed = np.round(((points + 1) * self.size / 2 - 0.5) * 16).astype(np.int32)
        cv2.fillPoly(image, [fixed], value, shift=4)

    def fill(self, points: np.ndarray, tissue: Tissue) -> None:
        """Fill a polygon of (N, 2) head positions with a tissue."""
        self.draw(self.tissue, points, int(tissue))

    def holds(self, *tissues: Tissue) -> np.ndarray:
        """Return the (size, size) mask of some tissues."""
        return np.isin(self.tissue, tissues)


def depth_inside(mask: np.ndarray) -> np.ndarray:
    """Return each pixel's distance to the outside of a mask, pixels.

    >>> depth_inside(np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]])).round().tolist()
    [[0.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]
    """
    return cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 5)
