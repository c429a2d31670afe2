"""Simulate the sensors of both cameras: from light and heat to 8-bit images."""

import cv2
import numpy as np

from lkc.data.synthetic.street.camera import Camera
from lkc.data.synthetic.street.conditions import Hour
from lkc.data.synthetic.street.layers import SKY_DEPTH, Layers
from lkc.data.synthetic.street.light import wide_blur


def expose(light: np.ndarray, camera: Camera, hour: Hour, rng: np.random.Generator) -> np.ndarray:
    """Return the visible image: soft highlights, darker corners, shot and read noise, gamma.

    Args:
        light: (H, W, 3) linear RGB, from 0 up.
        camera: who looks.
        hour: time of day.
        rng: source of randomness.

    Returns:
        (H, W, 3) uint8.
    """
    image = light * np.float32(hour.exposure * rng.uniform(0.92, 1.08))
    image = image * (1 + 0.18 * image) / (1 + 0.75 * image)
    image *= (1 - 0.16 * camera.off_axis)[..., None]
    is_night = hour.name == "night"
    shot, read = (0.013, 0.0020) if is_night else (0.0035, 0.0008)
    grain = cv2.GaussianBlur(rng.standard_normal(image.shape, dtype=np.float32), (0, 0), 0.6)
    image += grain * (read + shot * np.sqrt(np.maximum(image, 0)))
    if is_night:
        image *= np.array([0.94, 1.03, 0.93], np.float32)
    return np.round(np.clip(image, 0, 1) ** np.float32(1 / 2.2) * 255).astype(np.uint8)


def sense_heat(layers: Layers, camera: Camera, hour: Hour, rng: np.random.Generator) -> np.ndarray:
    """Return the infrared image: soft, with column stripes, noise and darker corners.

    Args:
        layers: the scene.
        camera: who looks.
        hour: time of day.
        rng: source of randomness.

    Returns:
        (H, W) uint8.
    """
    clear = np.exp(-np.minimum(layers.heat_depth, 200.0) / hour.haze)
    is_sky = layers.heat_depth >= SKY_DEPTH
    heat = np.where(~is_sky, hour.air + clear * (layers.heat - hour.air), layers.heat)
    soft = cv2.GaussianBlur(heat.astype(np.float32), (0, 0), 0.75 * camera.width / 640 + 0.05)
    detail = soft - wide_blur(soft, camera.width / 60)  # Cameras raise it.
    halo = wide_blur(np.maximum(soft - 0.5, 0), 5.0)
    image = (soft + 0.35 * detail + 0.05 * halo) * (1 - 0.12 * camera.off_axis)
    image = image + 0.0035 * rng.standard_normal((1, camera.width), dtype=np.float32)
    image = image + 0.0065 * rng.standard_normal(image.shape, dtype=np.float32)
    image = image * np.float32(rng.uniform(0.95, 1.05))
    return np.round(np.clip(image, 0, 1) * 255).astype(np.uint8)
