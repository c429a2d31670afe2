"""What both cameras see before their sensors: reflectance, heat, depth, glow and label."""

from dataclasses import dataclass

import cv2
import numpy as np

from lkc.data.synthetic.camera import Camera

SKY_DEPTH = 1000.0
_SUBPIXEL_BITS = 4


@dataclass
class Layers:
    """The surfaces of a scene, one value per pixel.

    Args:
        reflectance: (H, W, 3) float32, RGB, linear, [0, 1].
        sun: (H, W) float32, share of direct sunlight that arrives, [0, 1].
        glow: (H, W, 3) float32, RGB, linear: light that the surface sends out by itself.
        heat: (H, W) float32, what a thermal camera would show, about [0, 1].
        depth: (H, W) float32, metres.
        label: (H, W) uint8.
    """

    reflectance: np.ndarray
    sun: np.ndarray
    glow: np.ndarray
    heat: np.ndarray
    depth: np.ndarray
    label: np.ndarray

    @classmethod
    def empty(cls, height: int, width: int) -> "Layers":
        """Return layers that are black, cold and infinitely far."""
        return cls(
            reflectance=np.zeros((height, width, 3), np.float32),
            sun=np.zeros((height, width), np.float32),
            glow=np.zeros((height, width, 3), np.float32),
            heat=np.zeros((height, width), np.float32),
            depth=np.full((height, width), SKY_DEPTH, np.float32),
            label=np.zeros((height, width), np.uint8),
        )

    def cover(
        self,
        region: tuple[slice, slice],
        alpha: np.ndarray,
        reflectance: np.ndarray,
        heat: np.ndarray | float,
        depth: np.ndarray | float,
        label: int,
        sun: np.ndarray | float = 1.0,
        glow: np.ndarray | None = None,
    ) -> None:
        """Lay a surface over what is there.

        Args:
            region: rows and columns of the frame.
            alpha: (h, w) share of each pixel that the surface covers.
            reflectance: (h, w, 3), or (3,) for one colour.
            heat: (h, w), or one value.
            depth: (h, w), or one value, metres.
            label: class of the surface.
            sun: (h, w), or one value.
            glow: (h, w, 3), or (3,); none if absent.
        """
        mix = alpha[..., None]
        for layer, value in ((self.sun, sun), (self.heat, heat)):
            layer[region] += alpha * (value - layer[region])
        self.reflectance[region] += mix * (reflectance - self.reflectance[region])
        self.glow[region] += mix * ((0.0 if glow is None else glow) - self.glow[region])
        inside = alpha > 0.5
        self.depth[region] = np.where(inside, depth, self.depth[region])
        self.label[region][inside] = label


class Sketch:
    """A small drawing board over part of the frame, drawn finer and averaged down.

    Args:
        camera: whose frame it lies over.
        points: (N, 2) columns and rows that must fit.
        margin: pixels left free around them.
    """

    def __init__(self, camera: Camera, points: np.ndarray, margin: float = 2.0):
        low, high = points.min(0) - margin, points.max(0) + margin
        self.x0, self.y0 = (
            int(np.clip(np.floor(v), 0, m))
            for v, m in zip(low, (camera.width, camera.height), strict=True)
        )
        self.x1, self.y1 = (
            int(np.clip(np.ceil(v), 0, m))
            for v, m in zip(high, (camera.width, camera.height), strict=True)
        )
        self.empty = self.x1 - self.x0 < 1 or self.y1 - self.y0 < 1
        self.fine = 2 if (self.x1 - self.x0) * (self.y1 - self.y0) > 60_000 else 4
        shape = ((self.y1 - self.y0) * self.fine, (self.x1 - self.x0) * self.fine, 4)
        self._colour_heat = np.zeros(shape, np.uint8)
        self._glow_alpha = np.zeros(shape, np.uint8)

    @property
    def region(self) -> tuple[slice, slice]:
        """Rows and columns of the frame under the board."""
        return slice(self.y0, self.y1), slice(self.x0, self.x1)

    def polygon(self, points, colour, heat, glow=(0.0, 0.0, 0.0)) -> None:
        """Fill a polygon given in frame pixels with one colour, heat and glow."""
        if self.empty:
            return
        corners = (np.asarray(points) - (self.x0, self.y0)) * self.fine - 0.5
        corners = np.clip(corners, -30_000, 30_000)
        fixed = np.round(corners * (1 << _SUBPIXEL_BITS)).astype(np.int32)
        for board, values in (
            (self._colour_heat, (*colour, heat)),
            (self._glow_alpha, (*glow, 1.0)),
        ):
            fill = np.clip(np.multiply(values, 255), 0, 255).round().tolist()
            cv2.fillPoly(board, [fixed], fill, shift=_SUBPIXEL_BITS)

    def ellipse(
        self, centre, radii, colour, heat, glow=(0.0, 0.0, 0.0), angle: float = 0.0
    ) -> None:
        """Fill an ellipse given in frame pixels; ``angle`` in radians."""
        t = np.linspace(0, 2 * np.pi, 28, endpoint=False)
        x, y = radii[0] * np.cos(t), radii[1] * np.sin(t)
        turned = np.stack(
            [x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)], 1
        )
        self.polygon(np.asarray(centre) + turned, colour, heat, glow)

    def limb(self, start, end, radius_start, radius_end, colour, heat) -> None:
        """Fill a limb that tapers between two round ends, in frame pixels."""
        start, end = np.asarray(start, float), np.asarray(end, float)
        direction = end - start
        side = np.array([-direction[1], direction[0]]) / max(np.hypot(*direction), 1e-6)
        quad = [
            start + side * radius_start,
            end + side * radius_end,
            end - side * radius_end,
            start - side * radius_start,
        ]
        self.polygon(quad, colour, heat)
        self.ellipse(start, (radius_start, radius_start), colour, heat)
        self.ellipse(end, (radius_end, radius_end), colour, heat)

    def alpha(self) -> np.ndarray:
        """Return (h, w) float32: the share of each pixel drawn on."""
        return self._average(self._glow_alpha)[..., 3]

    def _average(self, board: np.ndarray) -> np.ndarray:
        size = (self.x1 - self.x0, self.y1 - self.y0)
        return cv2.resize(board, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255

    def put(
        self, layers: Layers, depth: float, label: int, texture=1.0, sun=1.0, heat_texture=1.0
    ) -> None:
        """Lay the drawing over the layers; textures (h, w) multiply its reflectance and heat."""
        if self.empty:
            return
        colour_heat, glow_alpha = self._average(self._colour_heat), self._average(self._glow_alpha)
        alpha = glow_alpha[..., 3]
        # The boards are zero where nothing was drawn, so their averages hold colour x coverage.
        share = np.maximum(alpha, 1 / 255)[..., None]
        layers.cover(
            self.region,
            alpha,
            colour_heat[..., :3] / share * np.asarray(texture)[..., None],
            colour_heat[..., 3] / share[..., 0] * heat_texture,
            depth,
            label,
            sun,
            glow_alpha[..., :3] / share * 8.0,
        )
