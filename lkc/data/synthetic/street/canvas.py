"""A drawing board for one object, finer than the frame and then averaged to smooth edges."""

import cv2
import numpy as np
from numpy.typing import ArrayLike

from lkc.data.synthetic.street.camera import Camera
from lkc.data.synthetic.street.layers import Layers

_SUBPIXEL_BITS = 4
_BRIGHTEST = 8.0
_CIRCLE = np.stack([np.cos(t := np.linspace(0, 2 * np.pi, 28, endpoint=False)), np.sin(t)], axis=1)


class Sketch:
    """A board over a part of the frame; all positions are columns and rows of the frame.

    Args:
        camera: whose frame it lies over.
        points: (N, 2) positions that must fit.
    """

    def __init__(self, camera: Camera, points: np.ndarray):
        self.region = camera.window(points, margin=2)
        rows, columns = self.region
        self.shape = (rows.stop - rows.start, columns.stop - columns.start)
        self.is_empty = min(self.shape) < 1
        self._fine = 2 if self.shape[0] * self.shape[1] > 60_000 else 4
        self._origin = np.array([columns.start, rows.start])
        size = (self.shape[0] * self._fine, self.shape[1] * self._fine, 4)
        self._colour_heat = np.zeros(size, np.uint8)
        self._glow_alpha = np.zeros(size, np.uint8)

    def polygon(
        self, points: ArrayLike, colour: ArrayLike, heat: float, glow: ArrayLike = (0, 0, 0)
    ) -> None:
        """Fill a polygon with one colour, heat and glow, all in [0, 1]."""
        if self.is_empty:
            return
        corners = (np.asarray(points) - self._origin) * self._fine - 0.5
        # For a few numbers this takes a third of the time of np.clip.
        corners = np.minimum(np.maximum(corners, -30_000), 30_000)
        fixed = np.round(corners * (1 << _SUBPIXEL_BITS)).astype(np.int32)
        boards = ((self._colour_heat, colour, heat), (self._glow_alpha, glow, 1.0))
        for board, three, fourth in boards:
            values = [*np.ravel(three).tolist(), fourth]
            fill = [round(min(max(255 * value, 0), 255)) for value in values]
            cv2.fillPoly(board, [fixed], fill, shift=_SUBPIXEL_BITS)

    def ellipse(
        self,
        centre: ArrayLike,
        radii: ArrayLike,
        colour: ArrayLike,
        heat: float,
        glow: ArrayLike = (0, 0, 0),
    ) -> None:
        """Fill an upright ellipse."""
        self.polygon(np.asarray(centre) + _CIRCLE * np.asarray(radii), colour, heat, glow)

    def limb(
        self,
        start: ArrayLike,
        end: ArrayLike,
        radii: tuple[float, float],
        colour: ArrayLike,
        heat: float,
    ) -> None:
        """Fill a limb that tapers between two round ends."""
        start, end = np.asarray(start, float), np.asarray(end, float)
        along = end - start
        across = np.array([-along[1], along[0]]) / max(float(np.hypot(*along)), 1e-6)
        first, last = across * radii[0], across * radii[1]
        self.polygon([start + first, end + last, end - last, start - first], colour, heat)
        self.ellipse(start, (radii[0], radii[0]), colour, heat)
        self.ellipse(end, (radii[1], radii[1]), colour, heat)

    def alpha(self) -> np.ndarray:
        """Return (h, w) float32: the share of each pixel drawn on."""
        return self._average(self._glow_alpha)[..., 3]

    def _average(self, board: np.ndarray) -> np.ndarray:
        size = self.shape[::-1]
        return cv2.resize(board, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255

    def put(
        self,
        layers: Layers,
        depth: float,
        label: int,
        texture: np.ndarray | float = 1.0,
        heat_texture: np.ndarray | float = 1.0,
        sun: np.ndarray | float = 1.0,
    ) -> None:
        """Lay the drawing over the layers; the textures (h, w) multiply its colours and heat."""
        if self.is_empty:
            return
        colour_heat, glow_alpha = self._average(self._colour_heat), self._average(self._glow_alpha)
        alpha = glow_alpha[..., 3]
        # The boards are zero where nothing was drawn, so their averages are colour times coverage.
        covered = np.maximum(alpha, 1 / 255)[..., None]
        colour_heat /= covered
        layers.cover(
            self.region,
            alpha,
            colour_heat[..., :3] * np.asarray(texture, np.float32)[..., None],
            colour_heat[..., 3] * heat_texture,
            depth,
            label,
            sun,
            glow_alpha[..., :3] / covered * _BRIGHTEST,
        )
