"""What both cameras of a street scene share: geometry, and painting with depth order."""

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

CLASSES = ("background", "road", "building", "vegetation", "sign", "car", "person")
CAMERA_HEIGHT = 1.6  # metres
FRACTION_BITS = 4  # sub-pixel bits of OpenCV's drawing functions

Points = NDArray[np.float64]
Paint = float | tuple[float, float, float] | NDArray[np.float32]


@dataclass
class Canvas:
    """Reflectance, heat, class and depth of the nearest surface at each pixel.

    World axes: x to the right, y up from the ground, z ahead, in metres. Objects must be painted
    from far to near.
    """

    height: int
    width: int
    grain: NDArray[np.float32]  # (H, W) noise that roughens surfaces
    colour: NDArray[np.float32] = field(init=False)  # (H, W, 3) in 0..1, RGB, under full light
    heat: NDArray[np.float32] = field(init=False)  # (H, W) in 0..1
    glow: NDArray[np.float32] = field(init=False)  # (H, W, 3) own light
    labels: NDArray[np.uint8] = field(init=False)  # (H, W), index into CLASSES
    depth: NDArray[np.float32] = field(init=False)  # (H, W) metres

    def __post_init__(self) -> None:
        shape = (self.height, self.width)
        self.colour = np.zeros((*shape, 3), dtype=np.float32)
        self.glow = np.zeros((*shape, 3), dtype=np.float32)
        self.heat = np.zeros(shape, dtype=np.float32)
        self.labels = np.zeros(shape, dtype=np.uint8)
        self.depth = np.full(shape, 200, dtype=np.float32)

    @property
    def focal(self) -> float:
        """Focal length in pixels."""
        return 0.95 * self.width

    @property
    def horizon(self) -> float:
        """Row of the horizon."""
        return 0.46 * self.height

    def project(self, points: list[tuple[float, float, float]]) -> Points:
        """World points to pixels: N tuples (x, y, z) -> (N, 2)."""
        x, y, z = np.array(points, dtype=np.float64).T
        z = np.maximum(z, 1.0)
        column = self.width / 2 + self.focal * x / z
        row = self.horizon + self.focal * (CAMERA_HEIGHT - y) / z
        return np.stack([column, row], axis=1)

    def scale(self, z: float) -> float:
        """Pixels per metre at depth z."""
        return self.focal / z

    def polygon(self, pixels: Points) -> NDArray[np.bool_]:
        """Fill a polygon: (N, 2) pixels -> (H, W) mask."""
        mask = np.zeros((self.height, self.width), dtype=np.uint8)
        corners = np.round(pixels * 2**FRACTION_BITS).astype(np.int32)
        cv2.fillPoly(mask, [corners], 1, shift=FRACTION_BITS)
        return mask.astype(bool)

    def capsule(self, start: Points, end: Points, thickness: float) -> NDArray[np.bool_]:
        """A line with round ends between two pixels."""
        mask = np.zeros((self.height, self.width), dtype=np.uint8)
        ends = [tuple(int(v * 2**FRACTION_BITS) for v in point) for point in (start, end)]
        cv2.line(mask, *ends, 1, max(1, round(thickness)), cv2.LINE_8, FRACTION_BITS)
        return mask.astype(bool)

    def disc(self, centre: Points, radius: float, aspect: float = 1.0) -> NDArray[np.bool_]:
        """An upright ellipse; aspect is height over width."""
        angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
        outline = centre + np.stack([np.cos(angles), aspect * np.sin(angles)], axis=1) * radius
        return self.polygon(outline)

    def paint(
        self,
        mask: NDArray[np.bool_],
        label: str,
        depth: float | NDArray[np.float32],
        colour: Paint,
        heat: float | NDArray[np.float32],
        glow: Paint = 0.0,
        roughness: float = 0.0,
    ) -> None:
        """Cover the masked pixels with a surface; roughness is its relative variation by grain."""

        def at_mask(value: Paint) -> NDArray[np.float32]:
            array = np.asarray(value, dtype=np.float32)
            return array[mask] if array.shape[:2] == mask.shape else array

        grain = roughness * self.grain[mask] if roughness else np.float32(0)
        self.colour[mask] = (at_mask(colour) * (1 + np.expand_dims(grain, -1))).clip(0, 1)
        self.glow[mask] = at_mask(glow)
        self.heat[mask] = at_mask(heat) + 0.12 * grain
        self.depth[mask] = at_mask(depth)
        self.labels[mask] = CLASSES.index(label)
