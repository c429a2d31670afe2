"""Draw buildings: boxes along the street, of which one or two faces show."""

import cv2
import numpy as np

from lkc.data.synthetic.street.camera import NEAR, Camera
from lkc.data.synthetic.street.classes import BUILDING
from lkc.data.synthetic.street.conditions import Hour
from lkc.data.synthetic.street.facades import Facade, make_facade, render_facade
from lkc.data.synthetic.street.layers import Layers
from lkc.data.synthetic.street.layout import Block

_DEEP = 22.0


def _paint_face(
    layers: Layers,
    camera: Camera,
    facade: Facade,
    ground_line: tuple[tuple[float, float], tuple[float, float]],
    height: float,
    sun: float,
    rng: np.random.Generator,
) -> None:
    """Draw an upright face above a line on the ground between two points (x, z)."""
    (x0, z0), (x1, z1) = ground_line
    points = [(x0, 0, z0), (x1, 0, z1), (x1, height, z1), (x0, height, z0)]
    corners = camera.project(np.array(points))
    rows, columns = region = camera.window(corners)
    if rows.stop <= rows.start or columns.stop - columns.start < 2:
        return
    right = camera.right[:, columns]
    if z0 == z1:  # The face lies across the view, as deep everywhere.
        depth = np.full_like(right, z0)
        along = right * depth + np.float32(camera.x + 100)
    else:  # The face lies along the street.
        lateral = np.float32(x0 - camera.x)
        outward = np.maximum(right * np.sign(lateral), 1e-4)
        depth = along = np.clip(np.abs(lateral) / outward, NEAR, 400)
    alpha = np.zeros((rows.stop - rows.start, columns.stop - columns.start), np.uint8)
    offset = np.array([columns.start + 0.5, rows.start + 0.5])
    fixed = np.round((np.clip(corners, -20_000, 20_000) - offset) * 16).astype(np.int32)
    cv2.fillPoly(alpha, [fixed], 255, cv2.LINE_AA, shift=4)
    ds = np.abs(np.gradient(along[0]))[None] + np.float32(1e-3)
    y = np.float32(camera.eye) - camera.down[rows] * depth
    dy = depth / np.float32(camera.focal)
    reflectance, heat, glow = render_facade(facade, along, y, ds, dy, height, rng)
    layers.cover(region, alpha / np.float32(255), reflectance, heat, depth, BUILDING, sun, glow)


def paint_building(
    layers: Layers, camera: Camera, block: Block, hour: Hour, sunny_side: int
) -> None:
    """Draw the face that looks at the camera, then the face along the street.

    Args:
        layers: what to draw on.
        camera: who looks.
        block: which building.
        hour: time of day.
        sunny_side: side of the street whose faces the sun reaches.
    """
    rng = np.random.default_rng(block.seed)
    facade = make_facade(rng, hour)
    x, near = block.side * block.face, max(block.near, NEAR)
    if block.far <= near:
        return
    if block.near > NEAR:
        across = (x, near), (x + block.side * _DEEP, near)
        _paint_face(layers, camera, facade, across, block.height, 0.35, rng)
    street = (x, near), (x, block.far)
    sun = 1.0 if block.side == sunny_side else 0.0
    _paint_face(layers, camera, facade, street, block.height, sun, rng)
