"""Cast shadows on the ground: from the sun by day, and always under cars and feet."""

from collections.abc import Sequence

import cv2
import numpy as np

from lkc.data.synthetic.street.camera import NEAR, Camera
from lkc.data.synthetic.street.layers import Layers, Region
from lkc.data.synthetic.street.layout import Block, StreetPlan, Thing

# Things that cast a shadow have this height and half width in metres.
_CASTERS = {
    "person": (1.7, 0.2),
    "lamp": (5.6, 0.06),
    "sign": (2.8, 0.05),
    "tree": (6.5, 0.16),
    "car": (1.4, 0.9),
}


def _outline(
    layers: Layers, camera: Camera, corners: list[tuple[float, float]], soft: float
) -> tuple[Region, np.ndarray]:
    """Return the mask of a polygon (x, z) on the ground; its edge is `soft` pixels wide."""
    points = camera.project(np.array([(x, 0.0, max(z, NEAR)) for x, z in corners]))
    rows, columns = region = camera.window(points, 3 * soft + 1)
    mask: np.ndarray = np.zeros(layers.sun[region].shape, np.float32)
    if mask.size > 0:
        fixed = np.round((np.clip(points, -4000, 8000) - (columns.start, rows.start)) * 16)
        cv2.fillPoly(mask, [fixed.astype(np.int32)], 1.0, shift=4)
        mask = cv2.GaussianBlur(mask, (0, 0), max(soft, 0.3))
    return region, mask


def _darken(
    layers: Layers, camera: Camera, corners: list[tuple[float, float]], strength: float, soft: float
) -> None:
    """Take a share of the sun from the ground inside a polygon."""
    region, mask = _outline(layers, camera, corners, soft)
    layers.sun[region] *= 1 - strength * mask


def _blot(layers: Layers, camera: Camera, x: float, z: float, radius: float) -> None:
    """Darken a roundish place on the ground, as under a crown or around feet."""
    t = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    wobble = radius * (1 + 0.15 * np.sin(3 * t + x) + 0.1 * np.sin(7 * t + z))
    corners = list(zip(x + wobble * np.cos(t), z + wobble * np.sin(t), strict=True))
    soft = max(0.15 * radius * camera.pixels_per_metre(z), 0.5)
    _darken(layers, camera, corners, 0.65, soft)


def _cast(layers: Layers, camera: Camera, thing: Thing, slant: tuple[float, float]) -> None:
    """Let the sun cast a thing's shadow."""
    tall, half = _CASTERS[thing.kind]
    x, z = thing.x + slant[0] * tall, thing.z + slant[1] * tall
    dx, dz = half * abs(slant[1]) + 0.02, -half * slant[0] * 0.5
    corners = [(thing.x - dx, thing.z - dz), (thing.x + dx, thing.z + dz)]
    corners += [(x + 0.8 * dx, z + 0.8 * dz), (x - 0.8 * dx, z - 0.8 * dz)]
    _darken(layers, camera, corners, 0.85, 0.8)
    if thing.kind == "tree":
        _blot(layers, camera, x, z, 2.2)


def _cast_building(
    layers: Layers, camera: Camera, block: Block, slant: tuple[float, float]
) -> None:
    x, dx, dz = block.side * block.face, slant[0] * block.height, slant[1] * block.height
    corners = [(x, block.near), (x, block.far), (x + dx, block.far + dz), (x + dx, block.near + dz)]
    _darken(layers, camera, corners, 0.93, 1.2)


def _shade_car(layers: Layers, camera: Camera, car: Thing) -> None:
    """Keep light from the ground under a car, which a running engine warms."""
    left, right, near, far = car.x - 0.95, car.x + 0.95, car.z - 0.15, car.z + 4.3
    corners = [(left, near), (right, near), (right, far), (left, far)]
    region, mask = _outline(layers, camera, corners, 0.12 * camera.pixels_per_metre(car.z))
    layers.sun[region] *= 1 - 0.95 * mask
    layers.reflectance[region] *= 1 - 0.7 * mask[..., None]
    if car.running:
        layers.heat[region] += 0.22 * mask


def paint_shadows(
    layers: Layers,
    camera: Camera,
    plan: StreetPlan,
    slant: tuple[float, float] | None,
    blind: Sequence[str],
) -> None:
    """Shade the bare ground before anything is drawn on it.

    Args:
        layers: the ground and what lies behind it.
        camera: who looks.
        plan: what casts shadows.
        slant: (x, z) length of the shadow of one metre, or none without sun.
        blind: for each thing, the camera that it and its shadow hide from, or "none".
    """
    if slant is not None:
        for block in plan.blocks:
            if np.sign(slant[0]) == -block.side and block.height > 0:
                _cast_building(layers, camera, block, slant)
    for thing, hidden in zip(plan.things, blind, strict=True):
        with layers.hide_from(hidden):
            if slant is not None:
                _cast(layers, camera, thing, slant)
            if thing.kind == "car":
                _shade_car(layers, camera, thing)
            elif thing.kind == "person":
                _blot(layers, camera, thing.x, thing.z, 0.35)
