"""From surfaces to pictures: light, weather and the two cameras' sensors."""

import cv2
import numpy as np

from lkc.data.synthetic.camera import Camera
from lkc.data.synthetic.layers import SKY_DEPTH, Layers
from lkc.data.synthetic.noise import fractal_noise, smoothstep


def _blur(image: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian blur; wide ones at a quarter of the size, where they cost a sixteenth."""
    if sigma < 8:
        return cv2.GaussianBlur(image, (0, 0), sigma)
    size = (max(image.shape[1] // 4, 1), max(image.shape[0] // 4, 1))
    small = cv2.GaussianBlur(
        cv2.resize(image, size, interpolation=cv2.INTER_AREA), (0, 0), sigma / 4
    )
    return cv2.resize(small, image.shape[1::-1], interpolation=cv2.INTER_LINEAR)


def lamp_light(
    layers: Layers, camera: Camera, lamps: list[tuple[np.ndarray, np.ndarray]]
) -> np.ndarray:
    """Return (H, W, 3): light that arrives from lamps, each a position in metres and an RGB power."""
    z = layers.depth
    u = np.arange(camera.width, dtype=np.float32)[None] + 0.5 - camera.column
    v = np.arange(camera.height, dtype=np.float32)[:, None] + 0.5 - camera.horizon
    x, y = camera.x + u * z / camera.focal, camera.eye - v * z / camera.focal
    light = np.zeros((*z.shape, 3), np.float32)
    for (lx, ly, lz), power in lamps:
        away = (x - lx) ** 2 + (y - ly) ** 2 + (z - lz) ** 2
        below = np.clip((ly + 1.0 - y) / 3, 0, 1)
        light += (below / (away + 4.0))[..., None] * power.astype(np.float32)
    return light


def headlights(layers: Layers, camera: Camera) -> np.ndarray:
    """Return (H, W) light from the dipped headlights of the camera's own car."""
    z = layers.depth
    u = np.arange(camera.width, dtype=np.float32)[None] + 0.5 - camera.column
    v = np.arange(camera.height, dtype=np.float32)[:, None] + 0.5 - camera.horizon
    side, drop = u / camera.focal, v / camera.focal
    beam = np.exp(-((side / 0.30) ** 2)) * smoothstep(-0.005, 0.05, drop)
    return beam * 34.0 / (z * z + 60.0)


def see(
    layers: Layers, camera: Camera, time: str, lamps: list, rng: np.random.Generator
) -> np.ndarray:
    """Return the visible image.

    Args:
        layers: the scene.
        camera: who looks.
        time: one of the times of ``street_scene``.
        lamps: positions and powers of what lights the night.
        rng: source of randomness.

    Returns:
        (H, W, 3) uint8.
    """
    if time == "night":
        light = 0.010 + lamp_light(layers, camera, lamps)
        light += (headlights(layers, camera) * rng.uniform(0.0, 0.5))[..., None]
    else:
        sky, sun = {"day": (0.42, 1.25), "fog": (0.62, 0.0), "glare": (0.30, 0.22)}[time]
        light = sky * np.array([0.92, 0.98, 1.08]) + (sun * layers.sun)[..., None] * np.array(
            [1.08, 1.0, 0.86]
        )
    image = (layers.reflectance * light + layers.glow).astype(np.float32)
    if time in ("day", "glare"):
        haze = (1 - np.exp(-layers.depth / 350))[..., None] * (layers.depth < SKY_DEPTH)[..., None]
        image += haze * (np.array([0.62, 0.72, 0.85], np.float32) - image)
    if time == "fog":
        drift = 0.75 + 0.5 * fractal_noise(rng, camera.height, camera.width, camera.width / 2, 3)
        veil = (1 - np.exp(-layers.depth * drift / rng.uniform(14, 22)))[..., None]
        halo = _blur(layers.glow * (layers.depth < SKY_DEPTH)[..., None], camera.width / 40)
        image += veil * (np.array([0.66, 0.67, 0.68], np.float32) - image) + 0.5 * halo
    if time == "glare":
        image = _into_the_sun(image, layers, camera, rng)
    if time == "night":
        image = _wet_shine(image, layers, camera)
        bright = np.minimum(np.maximum(image - 0.5, 0), 6)
        for sigma, share in ((1.5, 0.25), (6, 0.10), (24, 0.055), (70, 0.02)):
            image = image + share * _blur(bright, sigma * camera.width / 640)
    return _expose(image, time, camera, rng)


def _wet_shine(image: np.ndarray, layers: Layers, camera: Camera) -> np.ndarray:
    """Add streaks that lamps draw on the asphalt towards the camera."""
    low = int(camera.horizon)
    bright = np.minimum(layers.glow, 3.0)
    length = max(int(camera.height * 0.35), 3)
    streak = cv2.blur(bright, (3, length), anchor=(1, length - 1), borderType=cv2.BORDER_CONSTANT)
    ground = (layers.label == 1).astype(np.float32)[..., None]
    image = image.copy()
    image[low:] += (0.16 * streak * ground)[low:]
    return image


def _into_the_sun(
    image: np.ndarray, layers: Layers, camera: Camera, rng: np.random.Generator
) -> np.ndarray:
    """Put a low sun ahead: it bleaches what stands around it."""
    centre = np.array(
        [
            camera.column + rng.uniform(-0.16, 0.16) * camera.width,
            camera.horizon - rng.uniform(0.05, 0.12) * camera.height,
        ]
    )
    u = (np.arange(camera.width, dtype=np.float32)[None] - centre[0]) / camera.width
    v = (np.arange(camera.height, dtype=np.float32)[:, None] - centre[1]) / camera.width
    away = np.hypot(u, v)
    warm = np.array([1.0, 0.93, 0.78], np.float32)
    veil = 4.5 * np.exp(-((away / 0.085) ** 2)) + 1.15 * np.exp(-away / 0.16) + 0.10
    angle = np.arctan2(v, u)
    rays = sum(np.clip(np.cos(angle * 1.0 - a), 0, 1) ** 400 for a in rng.uniform(-np.pi, np.pi, 9))
    veil = veil + 0.5 * rays * np.exp(-away / 0.25)
    shine = np.exp(-((u / 0.09) ** 2)) * smoothstep(0.0, 0.1, v) * (layers.label == 1)
    image = (
        image * 0.75
        + (0.55 * shine * np.clip(layers.reflectance[..., 0] * 9, 0.3, 3))[..., None] * warm
    )
    return image + veil[..., None] * warm


def _expose(image: np.ndarray, time: str, camera: Camera, rng: np.random.Generator) -> np.ndarray:
    """Film curve, lens blur and noise of the visible sensor."""
    gain = {"day": 1.0, "fog": 0.95, "glare": 0.85, "night": 1.9}[time] * rng.uniform(0.92, 1.08)
    image = image * gain
    image = image * (1 + image * 0.18) / (1 + image * 0.75)
    u = np.linspace(-1, 1, camera.width, dtype=np.float32)[None]
    v = np.linspace(-1, 1, camera.height, dtype=np.float32)[:, None]
    image = image * (1 - 0.16 * (u * u + v * v))[..., None]
    shot, read = {"night": (0.020, 0.0016)}.get(time, (0.006, 0.0006))
    grain = rng.standard_normal(image.shape, dtype=np.float32)
    grain = cv2.GaussianBlur(grain, (0, 0), 0.6) * 1.5
    image = np.maximum(image + grain * (read + shot * np.sqrt(np.maximum(image, 0)) * 0.5), 0)
    if time == "night":
        image = image * np.array([0.94, 1.03, 0.93], np.float32)
    image = np.clip(image, 0, 1) ** (1 / 2.2)
    return np.round(image * 255).astype(np.uint8)


def sense_heat(layers: Layers, camera: Camera, time: str, rng: np.random.Generator) -> np.ndarray:
    """Return the infrared image: soft, with column stripes, a little noise and darker corners.

    Args:
        layers: the scene.
        camera: who looks.
        time: one of the times of ``street_scene``.
        rng: source of randomness.

    Returns:
        (H, W) uint8.
    """
    heat = layers.heat.copy()
    reach = {"fog": 90.0}.get(time, 400.0)
    air = {"day": 0.16, "glare": 0.15, "night": 0.06, "fog": 0.10}[time]
    seen = np.exp(-np.minimum(layers.depth, 200.0) / reach)
    solid = layers.depth < SKY_DEPTH
    heat = np.where(solid, air + seen * (heat - air), heat)
    heat = cv2.GaussianBlur(heat.astype(np.float32), (0, 0), 0.75 * camera.width / 640 + 0.05)
    heat += 0.04 * _blur(np.maximum(heat - 0.5, 0), 5)
    columns = rng.standard_normal((1, camera.width), dtype=np.float32) * 0.0035
    fixed = rng.standard_normal(heat.shape, dtype=np.float32) * 0.004
    flicker = rng.standard_normal(heat.shape, dtype=np.float32) * 0.005
    u = np.linspace(-1, 1, camera.width, dtype=np.float32)[None]
    v = np.linspace(-1, 1, camera.height, dtype=np.float32)[:, None]
    heat = heat * (1 - 0.12 * (u * u + v * v)) + columns + fixed + flicker
    gain = rng.uniform(0.92, 1.0)
    return np.round(np.clip(heat * gain, 0, 1) * 255).astype(np.uint8)
