"""Draw the ground: asphalt with cracks, patches and marks, kerbs, paved sidewalks, grass."""

from dataclasses import dataclass

import cv2
import numpy as np

from lkc.data.synthetic.noise import smoothstep, tiled_noise
from lkc.data.synthetic.street.camera import Camera
from lkc.data.synthetic.street.classes import BACKGROUND, ROAD, VEGETATION
from lkc.data.synthetic.street.conditions import Hour
from lkc.data.synthetic.street.layers import Layers
from lkc.data.synthetic.street.layout import StreetPlan
from lkc.data.synthetic.street.stripes import repeated_stripe, stripe


@dataclass(frozen=True)
class _Ground:
    """The place where each pixel below the horizon meets the ground, and textures of the ground.

    `x` (h, W) and `z` (h, 1) are metres, `dx` and `dz` the size of a pixel; `broad`, `grain` and
    `spots` (h, W) are noise around 0 with features of metres, centimetres and decimetres.
    """

    x: np.ndarray
    z: np.ndarray
    dx: np.ndarray
    dz: np.ndarray
    broad: np.ndarray
    grain: np.ndarray
    spots: np.ndarray


def _sample(tile: np.ndarray, x: np.ndarray, z: np.ndarray, metres: float) -> np.ndarray:
    """Read a repeating tile that spans `metres` at ground points."""
    side = tile.shape[0]
    u = np.mod(x * np.float32(side / metres), side)
    v = np.mod(np.broadcast_to(z, x.shape) * np.float32(side / metres), side)
    return cv2.remap(tile, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP) - 0.5


def _look_down(camera: Camera, top: int, rng: np.random.Generator) -> _Ground:
    z = np.float32(camera.eye) / camera.down[top:]
    x = np.float32(camera.x) + camera.right * z
    dx, dz = z / np.float32(camera.focal), z * z / np.float32(camera.focal * camera.eye)
    tile = tiled_noise(rng, 256, 6)
    stones = cv2.GaussianBlur(rng.random((256, 256), dtype=np.float32), (0, 0), 0.8)
    resolved = np.clip(0.06 / dz, 0.2, 1)
    return _Ground(
        x,
        z,
        dx,
        dz,
        broad=_sample(tile, x, z, 23.0),
        grain=_sample(stones, x, z, 2.3) * resolved,
        spots=_sample(tile, x + 3.3, z, 6.1),
    )


def _marks(plan: StreetPlan, ground: _Ground) -> np.ndarray:
    """Return how much paint lies on the road."""
    x, z, dx, dz = ground.x, ground.z, ground.dx, ground.dz
    paint = stripe(x, -0.08, 0.08, dx) * repeated_stripe(z, 9.0, 0.0, 4.5, dz)
    for edge in (0.35 - plan.road, plan.road - 0.35):
        paint = np.maximum(paint, stripe(x, edge - 0.07, edge + 0.07, dx))
    if plan.crossing is not None:
        begin = plan.crossing
        inside = stripe(z, begin, begin + 3.2, dz)
        bars = repeated_stripe(x + 50, 1.0, 0.0, 0.5, dx) * (np.abs(x) < plan.road - 0.6)
        stop = stripe(z, begin - 1.6, begin - 1.2, dz) * stripe(x, 0.1, plan.road - 0.45, dx)
        paint = np.maximum(paint * (1 - inside), np.maximum(inside * bars, stop))
    wear = ground.broad + 0.7 * ground.spots + 0.8 * ground.grain
    return paint * smoothstep(-0.42, -0.12, wear)


def _asphalt(plan: StreetPlan, ground: _Ground, rng: np.random.Generator) -> np.ndarray:
    """Return the road's gray: wheel tracks, mended patches, cracks and manhole covers."""
    x, z = ground.x, ground.z
    gray = 0.085 + 0.022 * ground.broad + 0.018 * ground.spots + 0.10 * ground.grain
    lane = np.abs(np.abs(x) - plan.road / 2)
    gray = gray - 0.010 * np.exp(-(((lane - 0.75) / 0.3) ** 2))
    for _ in range(rng.integers(1, 5)):
        left, near = rng.uniform(-plan.road, plan.road - 1), rng.uniform(3, 40)
        patch = stripe(x, left, left + rng.uniform(0.8, 2.2), ground.dx)
        patch = patch * stripe(z, near, near + rng.uniform(1, 6), ground.dz)
        gray = gray * (1 + patch * rng.uniform(-0.32, 0.15))
    crack = smoothstep(0.010, 0.004, np.abs(ground.spots + 0.25 * ground.grain))
    gray = gray * (1 - 0.35 * crack * smoothstep(0.04, 0.12, ground.broad))
    for _ in range(rng.integers(0, 3)):
        away = np.hypot(x - rng.uniform(-plan.road, plan.road), z - rng.uniform(4, 22))
        cover = smoothstep(0.36, 0.32, away) * (1 - 0.6 * smoothstep(0.05, 0.02, abs(away - 0.27)))
        gray = gray * (1 - 0.45 * cover)
    return gray


def _paving(ground: _Ground, out: np.ndarray) -> np.ndarray:
    """Return the sidewalk's gray: slabs with joints, behind a light kerb."""
    joints = np.maximum(
        repeated_stripe(ground.z, 0.9, 0, 0.03, ground.dz),
        repeated_stripe(np.abs(out), 0.9, 0, 0.03, ground.dx),
    )
    slabs = 0.20 + 0.05 * ground.broad + 0.05 * ground.spots + 0.12 * ground.grain
    return slabs * (1 - 0.45 * joints) + 0.10 * stripe(out, 0.0, 0.22, ground.dx)


def _parks(plan: StreetPlan, ground: _Ground) -> np.ndarray:
    """Return where grass grows: behind the sidewalk of a stretch without a building."""
    grass = np.zeros(ground.x.shape, bool)
    for block in plan.blocks:
        if block.height == 0:
            along = (ground.z > block.near) & (ground.z < block.far)
            grass |= along & (ground.x * block.side > plan.road + plan.pavement)
    return grass


def _heat(hour: Hour, ground: _Ground, out: np.ndarray, grass: np.ndarray) -> np.ndarray:
    """Return the ground's heat: asphalt keeps the day's warmth longest, grass loses it first."""
    tracks = np.exp(-(((np.abs(out) - 2.0) / 0.5) ** 2))
    heat = 1 + 0.30 * ground.broad + 0.12 * ground.spots + 0.20 * ground.grain + 0.07 * tracks
    joints = repeated_stripe(ground.z, 0.9, 0, 0.05, ground.dz)
    walk = 0.84 + 0.25 * ground.broad + 0.15 * ground.grain - 0.04 * joints
    walk = walk + 0.14 * stripe(out, 0.0, 0.2, ground.dx)
    heat = np.where(out > 0, walk, heat)
    return hour.ground * np.where(grass, 0.55 + 0.5 * ground.spots + 0.5 * ground.grain, heat)


def paint_ground(
    layers: Layers, camera: Camera, plan: StreetPlan, rng: np.random.Generator, hour: Hour
) -> None:
    """Lay road, kerbs, sidewalks and grass below the horizon."""
    top = int(np.ceil(camera.horizon + 1))
    ground = _look_down(camera, top, rng)
    out = np.abs(ground.x) - np.float32(plan.road)
    gray = _asphalt(plan, ground, rng) * (1 - 0.5 * stripe(out, -0.12, 0.02, ground.dx))
    road = gray[..., None] * np.array([1.0, 1.0, 1.03], np.float32)
    road += _marks(plan, ground)[..., None] * (np.array([0.62, 0.61, 0.57], np.float32) - road)
    walk = _paving(ground, out)[..., None] * np.array([1.0, 0.96, 0.90], np.float32)
    surface = road + np.clip(out / ground.dx + 0.5, 0, 1)[..., None] * (walk - road)
    grass = _parks(plan, ground)
    blades = np.clip(0.5 + 1.1 * ground.spots + 1.3 * ground.grain + 0.8 * ground.broad, 0.1, 1.3)
    surface = np.where(grass[..., None], blades[..., None] * [0.09, 0.15, 0.04], surface)
    below = (slice(top, None), slice(None))
    layers.reflectance[below] = np.clip(surface, 0.004, 1)
    layers.sun[below], layers.glow[below] = 1.0, 0.0
    layers.heat[below] = _heat(hour, ground, out, grass)
    layers.depth[below] = layers.heat_depth[below] = np.broadcast_to(ground.z, ground.x.shape)
    layers.label[below] = np.where(out < 0, ROAD, np.where(grass, VEGETATION, BACKGROUND))
