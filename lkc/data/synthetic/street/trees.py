"""Draw trees and bushes: clumps of leaves made of noise."""

import numpy as np

from lkc.data.synthetic.noise import fractal_noise, smoothstep
from lkc.data.synthetic.street.camera import Camera
from lkc.data.synthetic.street.canvas import Sketch
from lkc.data.synthetic.street.classes import VEGETATION
from lkc.data.synthetic.street.conditions import Hour
from lkc.data.synthetic.street.layers import Layers
from lkc.data.synthetic.street.layout import Thing

_BARK = (0.11, 0.085, 0.06)
_GREENS = ((0.13, 0.20, 0.05), (0.20, 0.22, 0.05), (0.30, 0.19, 0.05))


def paint_clump(
    layers: Layers,
    camera: Camera,
    centre: tuple[float, float, float],
    radii: tuple[float, float],
    green: np.ndarray,
    heat: float,
    rng: np.random.Generator,
) -> None:
    """Draw one clump of leaves: a ragged ellipse, lit from above.

    Args:
        layers: what to draw on.
        camera: who looks.
        centre: (x, y, z), metres.
        radii: half width and half height, metres.
        green: (3,) reflectance.
        heat: of the leaves.
        rng: source of randomness.
    """
    scale = camera.pixels_per_metre(centre[2])
    middle, half = camera.project(np.array([centre]))[0], np.multiply(radii, scale)
    rows, columns = region = camera.window(middle + 1.35 * np.array([-half, half]))
    if rows.stop - rows.start < 2 or columns.stop - columns.start < 2:
        return
    x = (np.arange(columns.start, columns.stop, dtype=np.float32)[None] - middle[0]) / half[0]
    y = (np.arange(rows.start, rows.stop, dtype=np.float32)[:, None] - middle[1]) / half[1]
    x, y = x.astype(np.float32), y.astype(np.float32)
    leaves = fractal_noise(rng, (len(y), x.shape[1]), 0.55 * scale, 6, 0.72)
    alpha = smoothstep(0.0, 0.16, 1.0 - np.hypot(x, y) + 2.4 * (leaves - 0.53))
    above = np.clip(0.62 - 0.38 * y - 0.18 * x, 0.12, 1.1)
    light = above * np.clip(1 + 4.2 * (leaves - 0.5), 0.12, 2.2)
    warmth = heat * (0.68 + 0.30 * above + 1.1 * (leaves - 0.5))
    colour = light[..., None] * np.asarray(green, np.float32)
    layers.cover(region, alpha, colour, warmth, centre[2], VEGETATION, sun=np.clip(above, 0, 1))


def _paint_trunk(
    layers: Layers,
    camera: Camera,
    thing: Thing,
    size: tuple[float, float, float],
    lean: float,
    heat: float,
    rng: np.random.Generator,
) -> None:
    """Draw a trunk that forks into branches; `size` is height, spread and height of the fork."""
    tall, spread, fork = size
    scale = camera.pixels_per_metre(thing.z)
    foot = camera.foot(thing.x, thing.z)
    sketch = Sketch(camera, foot + scale * np.array([[-spread, -tall], [spread, 0.1]]))
    if sketch.is_empty:
        return
    top, thick = foot + scale * np.array([lean, -fork]), rng.uniform(0.12, 0.2) * scale
    sketch.limb(foot, top, (thick * 1.25, thick * 0.85), _BARK, heat)
    for _ in range(5):
        tip = np.array([lean + rng.uniform(-0.5, 0.5) * spread, -tall * rng.uniform(0.55, 0.74)])
        sketch.limb(top, foot + scale * tip, (thick * 0.6, thick * 0.15), _BARK, heat * 0.95)
    ridges = fractal_noise(rng, sketch.shape, max(0.12 * scale, 1.5), 3)
    sketch.put(layers, thing.z, VEGETATION, 0.5 + ridges, 0.75 + 0.5 * ridges, sun=0.6)


def paint_tree(layers: Layers, camera: Camera, thing: Thing, hour: Hour) -> None:
    """Draw a trunk, some branches and a crown of clumps, upper ones last."""
    rng = np.random.default_rng(thing.seed)
    tall, spread = rng.uniform(5.5, 9.5), rng.uniform(1.6, 2.8)
    fork, lean = tall * rng.uniform(0.30, 0.40), rng.uniform(-0.25, 0.25)
    _paint_trunk(layers, camera, thing, (tall, spread, fork), lean, 1.35 * hour.leaves, rng)
    green = np.array(_GREENS[rng.choice(3, p=[0.6, 0.25, 0.15])]) * rng.uniform(0.75, 1.1)
    rights = rng.uniform(-0.62, 0.62, 9) * spread
    ups = np.sort(rng.uniform(fork * 1.12, tall * 0.92, 9))
    for right, up, size in zip(rights, ups, rng.uniform(0.42, 0.62, 9) * spread, strict=True):
        shade = 0.65 + 0.5 * (up - fork) / (tall - fork)
        centre = (thing.x + lean + right, up, thing.z)
        paint_clump(layers, camera, centre, (size, size * 0.72), green * shade, hour.leaves, rng)


def paint_bush(
    layers: Layers, camera: Camera, x: float, z: float, hour: Hour, rng: np.random.Generator
) -> None:
    """Draw a bush that stands on the ground."""
    tall = rng.uniform(0.7, 1.3)
    green = np.array([0.08, 0.13, 0.04]) * rng.uniform(0.7, 1.2)
    radii = (tall * 1.1, tall * 0.62)
    paint_clump(layers, camera, (x, tall * 0.42, z), radii, green, 0.95 * hour.leaves, rng)
