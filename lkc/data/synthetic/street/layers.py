"""The layers that both cameras see: reflectance, heat, depth, glow and label."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

SKY_DEPTH = 1000.0
"""Depth of what has none, metres."""

CAMERAS = ("none", "infrared", "visible")
"""Cameras that an object may hide from."""

SEEN = {
    "none": (),
    "infrared": ("heat", "heat_depth"),
    "visible": ("reflectance", "sun", "glow", "depth"),
}
"""Layers that each camera sees."""

Region = tuple[slice, slice]
"""Rows and columns of the frame."""


@dataclass
class Layers:
    """The surfaces of a scene, one value per pixel.

    Attributes:
        reflectance: (H, W, 3) float32, RGB, linear, [0, 1].
        sun: (H, W) float32, share of direct sunlight that arrives, [0, 1].
        glow: (H, W, 3) float32, RGB, linear: light that the surface sends out by itself.
        heat: (H, W) float32, what a thermal camera would show, about [0, 1].
        depth: (H, W) float32, metres, of what the colour camera sees.
        heat_depth: (H, W) float32, metres, of what the thermal camera sees.
        label: (H, W) uint8.
        hidden: (H, W) uint8, index into `CAMERAS`: from which one the label's object hides.
        blind: index into `CAMERAS` of the one that what is drawn now hides from.
    """

    reflectance: np.ndarray
    sun: np.ndarray
    glow: np.ndarray
    heat: np.ndarray
    depth: np.ndarray
    heat_depth: np.ndarray
    label: np.ndarray
    hidden: np.ndarray
    blind: int = 0

    @classmethod
    def empty(cls, height: int, width: int) -> "Layers":
        """Return layers that are black, cold and infinitely far."""
        return cls(
            reflectance=np.zeros((height, width, 3), np.float32),
            sun=np.zeros((height, width), np.float32),
            glow=np.zeros((height, width, 3), np.float32),
            heat=np.zeros((height, width), np.float32),
            depth=np.full((height, width), SKY_DEPTH, np.float32),
            heat_depth=np.full((height, width), SKY_DEPTH, np.float32),
            label=np.zeros((height, width), np.uint8),
            hidden=np.zeros((height, width), np.uint8),
        )

    @property
    def solid(self) -> np.ndarray:
        """Everything but the sky: (H, W) bool."""
        return self.depth < SKY_DEPTH

    @contextmanager
    def hide_from(self, camera: str) -> Iterator[None]:
        """Hide from one camera what is drawn meanwhile; labels and the other camera's view stay.

        Args:
            camera: "infrared": drawn things have the heat of what is behind them (thermal
                crossover). "visible": they look like it (camouflage). "none": nothing is undone.
        """
        before = {name: getattr(self, name).copy() for name in SEEN[camera]}
        self.blind = CAMERAS.index(camera)
        try:
            yield
        finally:
            self.blind = 0
            for name, values in before.items():
                setattr(self, name, values)

    def cover(
        self,
        region: Region,
        alpha: np.ndarray,
        reflectance: np.ndarray,
        heat: np.ndarray | float,
        depth: np.ndarray | float,
        label: int,
        sun: np.ndarray | float = 1.0,
        glow: np.ndarray | float = 0.0,
    ) -> None:
        """Cover the layers by a surface.

        Args:
            region: rows and columns of the frame.
            alpha: (h, w) share of each pixel that the surface covers.
            reflectance: (h, w, 3).
            heat: (h, w), or one value.
            depth: (h, w), or one value, metres.
            label: class of the surface.
            sun: (h, w), or one value.
            glow: (h, w, 3), or one value.
        """
        self.sun[region] += alpha * (sun - self.sun[region])
        self.heat[region] += alpha * (heat - self.heat[region])
        mix = alpha[..., None]
        self.reflectance[region] += mix * (reflectance - self.reflectance[region])
        self.glow[region] += mix * (glow - self.glow[region])
        inside = alpha > 0.5
        for distances in (self.depth, self.heat_depth):
            distances[region] = np.where(inside, depth, distances[region])
        self.label[region][inside] = label
        self.hidden[region][inside] = self.blind
