"""The ground and the sky: asphalt with marks, paved sidewalks, grass, clouds."""

import cv2
import numpy as np

from lkc.data.synthetic.camera import Camera
from lkc.data.synthetic.classes import BACKGROUND, ROAD, VEGETATION
from lkc.data.synthetic.layers import Layers
from lkc.data.synthetic.noise import fractal_noise, smoothstep, tiled_noise
from lkc.data.synthetic.plan import Plan


def stripe(x: np.ndarray, low: float, high: float, footprint: np.ndarray) -> np.ndarray:
    """Return the share of a footprint around ``x`` that lies between ``low`` and ``high``.

    Args:
        x: positions, metres.
        low, high: edges of the stripe, metres.
        footprint: width of a pixel at ``x``, metres; broadcasts.

    Returns:
        Values in [0, 1].

    >>> stripe(np.array([0.0, 0.5, 0.8]), -0.5, 0.5, np.array([0.2])).round(3).tolist()
    [1.0, 0.5, 0.0]
    """
    overlap = np.minimum(high, x + footprint / 2) - np.maximum(low, x - footprint / 2)
    return np.clip(overlap / footprint, 0, 1)


def repeated_stripe(x, period: float, low: float, high: float, footprint) -> np.ndarray:
    """Return ``stripe`` repeated every ``period`` metres, faded to its mean where it cannot be seen."""
    phase = np.mod(x, period)
    near = stripe(phase, low, high, footprint)
    fade = smoothstep(0.4, 1.0, footprint / period)
    return near + fade * ((high - low) / period - near)


def paint_sky(layers: Layers, camera: Camera, rng: np.random.Generator, time: str) -> None:
    """Fill the frame with sky: clouds and a gradient by day, a faint city glow by night."""
    rows = np.linspace(1, 0, camera.height, dtype=np.float32)[:, None]
    up = np.clip(
        (camera.horizon / camera.height - 1 + rows) / (camera.horizon / camera.height), 0, 1
    )
    clouds = fractal_noise(rng, camera.height, camera.width, camera.width / 3, 6, 0.55)
    cover = rng.uniform(0.35, 0.6)
    clouds = smoothstep(cover, cover + 0.28, clouds) * (0.3 + 0.7 * up)
    if time == "night":
        zenith, low, cloud = np.array([0.002, 0.003, 0.006]), np.array([0.012, 0.011, 0.010]), 0.006
    elif time == "fog":
        zenith, low, cloud = np.array([0.62, 0.64, 0.66]), np.array([0.66, 0.67, 0.68]), 0.72
    else:
        zenith, low, cloud = np.array([0.20, 0.38, 0.72]), np.array([0.75, 0.82, 0.90]), 1.05
    tint = low + (zenith - low) * up[..., None] ** 0.6
    layers.glow[:] = tint + clouds[..., None] * (cloud - tint) * 0.9
    cold = 0.015 if time != "fog" else 0.10
    layers.heat[:] = cold + 0.05 * (1 - up) ** 3 + 0.05 * clouds


def _tile_at(tile: np.ndarray, x: np.ndarray, z: np.ndarray, metres: float) -> np.ndarray:
    """Sample a repeating tile that spans ``metres`` at ground points."""
    scale = tile.shape[0] / metres
    z = np.broadcast_to(z, x.shape)
    u, v = np.mod(x * scale, tile.shape[0]), np.mod(z * scale, tile.shape[0])
    return cv2.remap(
        tile,
        u.astype(np.float32),
        v.astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_WRAP,
    )


def _marks(plan: Plan, x, z, dx, dz, wear) -> np.ndarray:
    """Return how much paint lies on the road."""
    dash = repeated_stripe(z, 9.0, 0.0, 4.5, dz)
    paint = stripe(x, -0.08, 0.08, dx) * dash
    for side in (-1, 1):
        edge = side * (plan.road - 0.35)
        paint = np.maximum(paint, stripe(x, edge - 0.07, edge + 0.07, dx))
    if plan.crossing is not None:
        inside = stripe(z, plan.crossing, plan.crossing + 3.2, dz)
        bars = repeated_stripe(x + 50, 1.0, 0.0, 0.5, dx) * (np.abs(x) < plan.road - 0.6)
        stop = (
            stripe(z, plan.crossing - 1.6, plan.crossing - 1.2, dz)
            * (x > 0)
            * (x < plan.road - 0.4)
        )
        paint = np.maximum(paint * (1 - inside), np.maximum(inside * bars, stop))
    return paint * smoothstep(0.25, 0.5, wear)


def paint_ground(
    layers: Layers, camera: Camera, plan: Plan, rng: np.random.Generator, time: str
) -> None:
    """Lay road, kerbs, pavements and grass below the horizon."""
    top = int(np.ceil(camera.horizon + 1))
    rows = np.arange(top, camera.height, dtype=np.float32)[:, None]
    z = camera.focal * camera.eye / (rows + 0.5 - camera.horizon)
    x = (
        camera.x
        + (np.arange(camera.width, dtype=np.float32)[None] + 0.5 - camera.column) * z / camera.focal
    )
    dx, dz = z / camera.focal, z * z / (camera.focal * camera.eye)
    coarse, fine = tiled_noise(rng, 256, 5), tiled_noise(rng, 256, 6)
    seen = np.clip(0.08 / dz, 0.15, 1)
    broad = _tile_at(coarse, x, z * 0.6, 23.0) - 0.5
    grain = (_tile_at(fine, x, z, 1.7) - 0.5) * seen
    spots = _tile_at(fine, x + 3.3, z, 6.1)

    asphalt = 0.085 + 0.05 * broad + 0.09 * grain
    tracks = sum(
        stripe(np.abs(np.abs(x) - plan.road / 2), 0.5, 1.0, np.float32(0.5)) for _ in range(1)
    )
    asphalt = asphalt - 0.012 * tracks
    seams = (np.abs(spots - 0.5) < 0.006 + 0.004 * seen) & (broad > 0.02)
    asphalt = np.where(seams, asphalt * 0.55, asphalt)
    paint = _marks(plan, x, z, dx, dz, _tile_at(coarse, x + 7, z, 5.0) + 0.35 * grain + 0.08)
    road = asphalt[..., None] * np.array([1.0, 1.0, 1.03], np.float32)
    road += paint[..., None] * (np.array([0.62, 0.61, 0.57], np.float32) - road)

    out = np.abs(x) - plan.road
    joints = np.maximum(
        repeated_stripe(z, 0.9, 0, 0.03, dz), repeated_stripe(np.abs(out), 0.9, 0, 0.03, dx)
    )
    paving = (0.20 + 0.10 * broad + 0.10 * grain) * (1 - 0.45 * joints)
    kerb = stripe(out, 0.0, 0.22, dx)
    paving = paving * (1 - 0.0 * kerb) + kerb * 0.10
    gutter = stripe(out, -0.12, 0.02, dx)
    walk = paving[..., None] * np.array([1.0, 0.96, 0.90], np.float32)
    on_walk = np.clip(out / dx + 0.5, 0, 1)[..., None]
    surface = (road * (1 - 0.5 * gutter[..., None])) * (1 - on_walk) + walk * on_walk

    grass = _parks(plan, x, z)
    blades = (0.5 + 1.1 * (spots - 0.5) + 1.3 * grain + 0.8 * broad)[..., None]
    green = np.clip(blades, 0.1, 1.3) * np.array([0.09, 0.15, 0.04], np.float32)
    surface = np.where(grass[..., None], green, surface)

    warm = {"day": 0.30, "glare": 0.27, "night": 0.15, "fog": 0.17}[time]
    heat = warm * (1 + 0.25 * broad + 0.10 * grain) + 0.015 * tracks
    heat = np.where(out > 0, heat * 0.86 + 0.03 * kerb, heat)
    heat = np.where(grass, warm * (0.55 + 0.25 * (spots - 0.5)), heat)
    label = np.where(out < 0, ROAD, np.where(grass, VEGETATION, BACKGROUND))
    region = (slice(top, None), slice(None))
    layers.reflectance[region] = np.clip(surface, 0.004, 1)
    layers.sun[region], layers.glow[region] = 1.0, 0.0
    layers.heat[region], layers.depth[region] = heat, np.broadcast_to(z, x.shape)
    layers.label[region] = label


def _parks(plan: Plan, x: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Return where grass grows: behind the pavement of a stretch without a building."""
    grass = np.zeros(x.shape, bool)
    for block in plan.blocks:
        if block.height == 0:
            along = (z > block.near) & (z < block.far)
            grass |= along & (x * block.side > plan.road + plan.pavement)
    return grass


def shade_ground(
    layers: Layers, camera: Camera, outline: np.ndarray, strength: float, soft: float
) -> None:
    """Darken the ground inside an outline of (N, 3) points: a cast shadow takes the sun away."""
    points = camera.project(outline)
    low, high = np.floor(points.min(0) - 3 * soft - 1), np.ceil(points.max(0) + 3 * soft + 1)
    x0, x1 = (int(np.clip(v, 0, camera.width)) for v in (low[0], high[0]))
    y0, y1 = (int(np.clip(v, 0, camera.height)) for v in (low[1], high[1]))
    if x1 <= x0 or y1 <= y0:
        return
    mask = np.zeros((y1 - y0, x1 - x0), np.float32)
    fixed = np.round((np.clip(points, -4000, 8000) - (x0, y0)) * 16).astype(np.int32)
    cv2.fillPoly(mask, [fixed], 1.0, shift=4)
    if soft > 0.3:
        mask = cv2.GaussianBlur(mask, (0, 0), soft)
    layers.sun[y0:y1, x0:x1] *= 1 - strength * mask
