"""The pinhole camera of the street: X to the right of the road's middle, Y up, Z ahead, metres."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

NEAR = 1.5
"""Nearest depth that is drawn, metres."""


@dataclass(frozen=True)
class Camera:
    """A level camera that looks along the street.

    Attributes:
        height: rows of the frame.
        width: columns of the frame.
        focal: focal length, pixels.
        column: column of the vanishing point.
        horizon: row of the horizon.
        eye: height above the ground, metres.
        x: distance to the right of the road's middle, metres.
    """

    height: int
    width: int
    focal: float
    column: float
    horizon: float
    eye: float
    x: float

    @cached_property
    def right(self) -> np.ndarray:
        """Metres to the right per metre of depth, for every column: (1, W)."""
        columns = np.arange(self.width, dtype=np.float32)[None]
        return (columns + np.float32(0.5 - self.column)) / np.float32(self.focal)

    @cached_property
    def down(self) -> np.ndarray:
        """Metres down per metre of depth, for every row: (H, 1)."""
        rows = np.arange(self.height, dtype=np.float32)[:, None]
        return (rows + np.float32(0.5 - self.horizon)) / np.float32(self.focal)

    @cached_property
    def off_axis(self) -> np.ndarray:
        """Squared distance from the frame's centre, 2 in the corners: (H, W)."""
        rows = np.linspace(-1, 1, self.height, dtype=np.float32)[:, None]
        return rows**2 + np.linspace(-1, 1, self.width, dtype=np.float32)[None] ** 2

    def project(self, points: np.ndarray) -> np.ndarray:
        """Return (N, 2) column and row of (N, 3) points in metres."""
        points = np.asarray(points, np.float64)
        scale = self.focal / np.maximum(points[:, 2], NEAR)
        columns = self.column + scale * (points[:, 0] - self.x)
        rows = self.horizon + scale * (self.eye - points[:, 1])
        return np.stack([columns, rows], axis=1)

    def foot(self, x: float, z: float) -> np.ndarray:
        """Return column and row of a point on the ground."""
        return self.project(np.array([[x, 0.0, z]]))[0]

    def pixels_per_metre(self, depth: float) -> float:
        """Return the number of pixels that one metre takes at a depth in metres."""
        return self.focal / max(depth, NEAR)

    def window(self, points: np.ndarray, margin: float = 0) -> tuple[slice, slice]:
        """Return the rows and columns of the frame that hold (N, 2) points and a margin."""
        low = np.floor(points.min(axis=0) - margin).astype(int)
        high = np.ceil(points.max(axis=0) + margin).astype(int)
        x0, x1 = np.clip((low[0], high[0]), 0, self.width).tolist()
        y0, y1 = np.clip((low[1], high[1]), 0, self.height).tolist()
        return slice(y0, y1), slice(x0, x1)


def make_camera(rng: np.random.Generator, height: int, width: int, lane: float) -> Camera:
    """Return a dashboard camera whose field of view is about 60 degrees wide.

    Args:
        rng: source of randomness.
        height: rows of the frame.
        width: columns of the frame.
        lane: the camera's distance to the right of the road's middle, metres.

    Returns:
        The camera.
    """
    return Camera(
        height,
        width,
        focal=width * rng.uniform(0.82, 0.98),
        column=width * rng.uniform(0.38, 0.62),
        horizon=height * rng.uniform(0.42, 0.5),
        eye=rng.uniform(1.45, 1.9),
        x=lane,
    )
