"""Light a street: lamps and headlights, haze, fog, wet asphalt, a low sun ahead."""

import cv2
import numpy as np

from lkc.data.synthetic.noise import fractal_noise, smoothstep
from lkc.data.synthetic.street.camera import Camera
from lkc.data.synthetic.street.classes import ROAD
from lkc.data.synthetic.street.conditions import Hour
from lkc.data.synthetic.street.furniture import LAMP_ARM, LAMP_HEIGHT
from lkc.data.synthetic.street.layers import Layers
from lkc.data.synthetic.street.layout import StreetPlan, Thing

_LAMP_TINTS = ((1.0, 0.95, 0.80), (1.0, 0.72, 0.38), (0.85, 1.0, 0.85))
_FOG = (0.66, 0.67, 0.68)

Lamp = tuple[tuple[float, float, float], np.ndarray]
"""Position (x, y, z) in metres, and RGB power."""


def wide_blur(image: np.ndarray, sigma: float) -> np.ndarray:
    """Blur with a Gaussian; a wide one is made at a quarter of the size, for a 16th of the cost."""
    if sigma < 8:
        return cv2.GaussianBlur(image, (0, 0), sigma)
    size = (max(image.shape[1] // 4, 1), max(image.shape[0] // 4, 1))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return cv2.resize(cv2.GaussianBlur(small, (0, 0), sigma / 4), image.shape[1::-1])


def list_lamps(plan: StreetPlan, rng: np.random.Generator) -> list[Lamp]:
    """List the lights of the night: street lamps, oncoming headlights and tail lights."""
    tint = np.array(_LAMP_TINTS[rng.integers(len(_LAMP_TINTS))])
    return [_lamp(thing, tint) for thing in plan.things if _shines(thing)]


def _shines(thing: Thing) -> bool:
    return thing.running and thing.kind in ("lamp", "car") and thing.z < 60


def _lamp(thing: Thing, tint: np.ndarray) -> Lamp:
    if thing.kind == "lamp":
        return (thing.x - np.sign(thing.x) * LAMP_ARM, LAMP_HEIGHT, thing.z), 4.2 * tint
    if thing.facing > 0:
        return (thing.x, 0.7, thing.z - 0.6), 0.5 * np.array([1.0, 0.1, 0.05])
    return (thing.x, 0.7, thing.z - 3.0), 5.0 * np.array([1.0, 0.95, 0.8])


def _lamp_light(layers: Layers, camera: Camera, lamps: list[Lamp]) -> np.ndarray:
    """Return the light that arrives from lamps, none from below them: (H, W, 3)."""
    z = layers.depth
    x, y = np.float32(camera.x) + camera.right * z, np.float32(camera.eye) - camera.down * z
    light = np.zeros((*z.shape, 3), np.float32)
    for position, power in lamps:
        lx, ly, lz = (np.float32(value) for value in position)
        share = np.square(x - lx)
        share += np.square(y - ly)
        share += np.square(z - lz)
        share += np.float32(3)
        np.divide(np.clip((ly + 1 - y) / 3, 0, 1), share, out=share)
        light += share[..., None] * power.astype(np.float32)
    return light


def _own_headlights(layers: Layers, camera: Camera) -> np.ndarray:
    """Return the light from the dipped headlights of the camera's own car: (H, W)."""
    beam = np.exp(-((camera.right / 0.30) ** 2)) * smoothstep(-0.005, 0.05, camera.down)
    return beam * 34.0 / (layers.depth**2 + 60.0)


def _shine_of_lamps(layers: Layers, camera: Camera) -> np.ndarray:
    """Return the streaks that lamps draw on the asphalt towards the camera: (H, W, 3)."""
    streak = np.minimum(layers.glow, 3.0)
    for share in (0.28, 0.14):
        length = max(int(camera.height * share), 3)
        streak = cv2.blur(streak, (3, length), None, (1, length - 1), cv2.BORDER_CONSTANT)
    streak = cv2.GaussianBlur(streak, (0, 0), camera.width / 250, sigmaY=1)
    smooth = np.clip(1.5 - 11 * layers.reflectance[..., :1], 0.25, 1)
    on_road = (layers.label == ROAD)[..., None] * smoothstep(0.0, 0.08, camera.down)[..., None]
    return 0.22 * streak * smooth * on_road


def _night(
    layers: Layers, camera: Camera, lamps: list[Lamp], rng: np.random.Generator
) -> np.ndarray:
    light = _lamp_light(layers, camera, lamps)
    light += (0.0025 + _own_headlights(layers, camera) * rng.uniform(0.0, 0.35))[..., None]
    image = layers.reflectance * light + layers.glow + _shine_of_lamps(layers, camera)
    bright = np.clip(image - 0.5, 0, 6).astype(np.float32)
    for sigma, share in ((1.5, 0.25), (6, 0.10), (24, 0.055), (70, 0.02)):
        image += share * wide_blur(bright, sigma * camera.width / 640)
    return image


def _day(layers: Layers, hour: Hour) -> np.ndarray:
    light = hour.sky * np.array([0.92, 0.98, 1.08], np.float32)
    light = light + hour.sun * layers.sun[..., None] * np.array([1.08, 1.0, 0.86], np.float32)
    image = layers.reflectance * light + layers.glow
    haze = (1 - np.exp(-layers.depth / 350)) * layers.solid
    return image + haze[..., None] * (np.array([0.62, 0.72, 0.85], np.float32) - image)


def _fog(layers: Layers, camera: Camera, hour: Hour, rng: np.random.Generator) -> np.ndarray:
    image = layers.reflectance * np.float32(hour.sky) + layers.glow
    drift = 0.75 + 0.5 * fractal_noise(rng, layers.depth.shape, camera.width / 2, 3)
    veil = (1 - np.exp(-layers.depth * drift / rng.uniform(14, 22)))[..., None]
    halo = wide_blur(layers.glow * layers.solid[..., None], camera.width / 40)
    return image + veil * (np.array(_FOG, np.float32) - image) + 0.5 * halo


def _glare(layers: Layers, camera: Camera, hour: Hour, rng: np.random.Generator) -> np.ndarray:
    """Put a low sun ahead: it bleaches what stands around it and shines on the road."""
    column = camera.column + rng.uniform(-0.16, 0.16) * camera.width
    row = camera.horizon - rng.uniform(0.05, 0.12) * camera.height
    u = (np.arange(camera.width, dtype=np.float32)[None] - np.float32(column)) / camera.width
    v = (np.arange(camera.height, dtype=np.float32)[:, None] - np.float32(row)) / camera.width
    away, angle = np.hypot(u, v), np.arctan2(v, u)
    veil = 5.0 * np.exp(-np.square(away / 0.055)) + 1.5 * np.exp(-away / 0.13) + 0.07
    around = np.linspace(-np.pi, np.pi, 2048, dtype=np.float32)
    lobes = np.cos(around[:, None] - rng.uniform(-np.pi, np.pi, 9).astype(np.float32))
    rays = (np.maximum(lobes, 0) ** 400).sum(axis=1)
    place = ((angle + np.float32(np.pi)) * np.float32(2047 / (2 * np.pi))).astype(np.int32)
    veil += 0.45 * rays[place] * np.exp(-away / 0.22)
    gloss = np.clip(layers.reflectance[..., 0] * 9, 0.3, 3) * (layers.label == ROAD)
    veil += 0.5 * gloss * np.exp(-((u / 0.09) ** 2)) * smoothstep(0.0, 0.1, v)
    return 0.8 * _day(layers, hour) + veil[..., None] * np.array([1.0, 0.93, 0.78], np.float32)


def light_scene(
    layers: Layers, camera: Camera, plan: StreetPlan, hour: Hour, rng: np.random.Generator
) -> np.ndarray:
    """Return the light that reaches a colour camera, linear RGB, (H, W, 3) float32 from 0 up.

    Args:
        layers: the scene.
        camera: who looks.
        plan: where lamps stand.
        hour: time of day.
        rng: source of randomness.
    """
    if hour.name == "night":
        image = _night(layers, camera, list_lamps(plan, rng), rng)
    elif hour.name == "fog":
        image = _fog(layers, camera, hour, rng)
    elif hour.name == "glare":
        image = _glare(layers, camera, hour, rng)
    else:
        image = _day(layers, hour)
    return image.astype(np.float32)
