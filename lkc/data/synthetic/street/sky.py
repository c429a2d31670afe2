"""Draw what closes the view: the sky, and the skyline at the end of the street."""

import numpy as np

from lkc.data.synthetic.noise import fractal_noise, smoothstep
from lkc.data.synthetic.street.camera import Camera
from lkc.data.synthetic.street.classes import VEGETATION
from lkc.data.synthetic.street.conditions import Hour
from lkc.data.synthetic.street.layers import Layers

# Colours are those of zenith, horizon and cloud.
_SKIES = {
    "day": ((0.20, 0.38, 0.72), (0.75, 0.82, 0.90), 1.05),
    "glare": ((0.20, 0.38, 0.72), (0.75, 0.82, 0.90), 1.05),
    "night": ((0.002, 0.003, 0.006), (0.014, 0.012, 0.010), 0.007),
    "fog": ((0.62, 0.64, 0.66), (0.66, 0.67, 0.68), 0.72),
}


def paint_sky(layers: Layers, camera: Camera, rng: np.random.Generator, hour: Hour) -> None:
    """Fill the frame with a gradient and clouds, cold above and less so near the horizon."""
    up = np.clip(-camera.down * camera.focal / camera.horizon, 0, 1)
    clouds = fractal_noise(rng, layers.heat.shape, camera.width / 3, 6, 0.55)
    cover = rng.uniform(0.35, 0.6)
    clouds = smoothstep(cover, cover + 0.28, clouds) * (0.3 + 0.7 * up)
    zenith, low, cloud = (np.asarray(part, np.float32) for part in _SKIES[hour.name])
    tint = low + (zenith - low) * up[..., None] ** 0.6
    layers.glow[:] = tint + 0.9 * clouds[..., None] * (cloud - tint)
    cold = 0.10 if hour.name == "fog" else 0.015
    layers.heat[:] = cold + 0.05 * (1 - up) ** 3 + 0.05 * clouds


def paint_skyline(layers: Layers, camera: Camera, rng: np.random.Generator, hour: Hour) -> None:
    """Close the street with far trees and hills."""
    ridge = 0.035 + 0.10 * fractal_noise(rng, (1, camera.width), camera.width / 5, 6, 0.6)
    rows = np.arange(camera.height, dtype=np.float32)[:, None] + 0.5
    alpha = np.clip(rows - camera.horizon + camera.height * ridge, 0, 1)
    alpha = alpha * (rows < camera.horizon + 2)
    leaves = fractal_noise(rng, alpha.shape, camera.width / 45, 4, 0.65)
    green = np.clip(0.3 + 1.4 * leaves, 0.2, 2)[..., None] * np.array(
        [0.05, 0.075, 0.035], np.float32
    )
    heat = 0.85 * hour.leaves * (0.7 + 0.6 * leaves)
    whole = (slice(None), slice(None))
    layers.cover(whole, alpha, green, heat, 150.0, VEGETATION, sun=0.7)
