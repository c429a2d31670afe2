"""The pinhole camera of the street: X to the right of the road's middle, Y up, Z ahead, metres."""

from dataclasses import dataclass

import numpy as np

NEAR = 1.5
"""Nearest depth that is drawn, metres."""


@dataclass(frozen=True)
class Camera:
    """A level camera that looks along the street.

    Args:
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

    def project(self, points: np.ndarray) -> np.ndarray:
        """Return (N, 2) column and row of (N, 3) points in metres."""
        points = np.asarray(points, np.float64)
        depth = np.maximum(points[:, 2], NEAR)
        return np.stack(
            [
                self.column + self.focal * (points[:, 0] - self.x) / depth,
                self.horizon + self.focal * (self.eye - points[:, 1]) / depth,
            ],
            axis=1,
        )

    def pixels_per_metre(self, depth: float) -> float:
        """Return how many pixels one metre takes at a depth in metres."""
        return self.focal / max(depth, NEAR)


def make_camera(rng: np.random.Generator, height: int, width: int, lane: float) -> Camera:
    """Return a dash-board camera in one lane of a street.

    Args:
        rng: source of randomness.
        height: rows of the frame.
        width: columns of the frame.
        lane: the camera's distance to the right of the road's middle, metres.

    Returns:
        The camera; its field of view is about 60 degrees in width.
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
