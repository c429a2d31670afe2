"""Street scenes as an infrared and a visible camera on one car would see them."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lkc.data.synthetic.street_canvas import CLASSES, Canvas
from lkc.data.synthetic.street_objects import (
    paint_building,
    paint_car,
    paint_ground,
    paint_lamp,
    paint_person,
    paint_sign,
    paint_tree,
)
from lkc.data.synthetic.texture import Image, fractal_noise
from lkc.errors import InputError

TIMES = ("night", "day", "fog", "glare")
SUPERSAMPLING = 2  # everything is drawn at twice the size and averaged: smooth edges


@dataclass(frozen=True)
class StreetScene:
    """One scene, seen twice.

    Attributes:
        infrared: (H, W) uint8, warm is bright.
        visible: (H, W, 3) uint8 RGB.
        labels: (H, W) uint8, index into `CLASSES`.
    """

    infrared: NDArray[np.uint8]
    visible: NDArray[np.uint8]
    labels: NDArray[np.uint8]


def paint_sky(canvas: Canvas, rng: np.random.Generator, time: str) -> None:
    """A sky that is cold in infrared, with clouds by day."""
    rows = np.linspace(1, 0, canvas.height, dtype=np.float32)[:, None]
    clouds = fractal_noise(rng, canvas.height, canvas.width, canvas.width // 4, 5)
    top, low = np.array([[0.35, 0.55, 0.85], [0.8, 0.87, 0.95]], dtype=np.float32)
    colour = low + (top - low) * rows[..., None] + 0.12 * clouds[..., None]
    is_dark = time in ("night", "glare")
    glow = np.array([0.012, 0.014, 0.024], dtype=np.float32) if is_dark else 0.0
    everything = np.ones((canvas.height, canvas.width), dtype=bool)
    heat = 0.07 + 0.05 * (1 - rows) + 0.02 * clouds
    canvas.paint(everything, "background", 200, colour.clip(0, 1), heat, glow)


def populate(canvas: Canvas, rng: np.random.Generator, time: str) -> None:
    """Place buildings, trees, lamps, signs, cars and persons, painted from far to near."""
    is_dark = time in ("night", "glare")
    things = []
    for side in (-1, 1):
        near = rng.uniform(10, 16)
        while near < 90:
            far = near + rng.uniform(9, 20)
            things.append((far, paint_building, (side, near, far)))
            near = far + rng.uniform(0, 5)
        for z in np.arange(rng.uniform(9, 14), 60, 12):
            if rng.random() < 0.6:
                things.append((z, paint_tree, (side * rng.uniform(5.6, 6.6), z)))
    for z in np.arange(rng.uniform(8, 12), 70, 16):
        things.append((z, lambda c, _, x, z: paint_lamp(c, x, z, is_dark), (5.0, z)))
    things.append((14.0, paint_sign, (-4.8, rng.uniform(9, 16))))
    lanes = [(2.0, rng.uniform(11, 18), False), (-2.0, rng.uniform(16, 26), True)]
    lanes.append((2.1, rng.uniform(32, 50), False))
    for x, z, oncoming in lanes:
        things.append((z, paint_car, (x, z, oncoming, is_dark or time == "fog")))
    spots = [
        (rng.uniform(-4.9, -4.3), rng.uniform(8, 12)),
        (rng.uniform(4.3, 5.0), rng.uniform(9, 14)),
    ]
    spots += [(rng.uniform(-3.4, 0.5), rng.uniform(13, 28)) for _ in range(rng.integers(2, 4))]
    for x, z in spots:
        things.append((z, paint_person, (x, z)))
    for _, painter, arguments in sorted(things, key=lambda thing: -thing[0]):
        painter(canvas, rng, *arguments)


def bloom(light: Image, sigma: float) -> Image:
    """Scatter of bright light in the lens: a narrow and a wide halo."""
    small = cv2.resize(light, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    halo = cv2.GaussianBlur(small, (0, 0), sigma / 4) + 0.5 * cv2.GaussianBlur(small, (0, 0), sigma)
    return cv2.resize(halo, light.shape[1::-1], interpolation=cv2.INTER_LINEAR)


def headlight_beam(canvas: Canvas) -> Image:
    """Our own headlights: bright on the road ahead, fading with distance and to the sides."""
    columns = (np.arange(canvas.width, dtype=np.float32) - canvas.width / 2) / canvas.focal
    sideways = columns * canvas.depth
    reach = np.exp(-canvas.depth / 14) * np.exp(-((sideways / 3.2) ** 2))
    return 0.55 * reach * (canvas.depth < 150)


def see_visible(canvas: Canvas, rng: np.random.Generator, time: str) -> NDArray[np.float32]:
    """Light the scene and let a camera with noise look at it: (H, W, 3) in 0..1."""
    if time in ("night", "glare"):
        lamps = bloom(canvas.glow, canvas.width / 14)
        light = 0.045 + headlight_beam(canvas)[..., None] + 0.9 * lamps
        image = canvas.colour * light + canvas.glow + 0.35 * lamps
    else:
        image = canvas.colour * 0.95 + canvas.glow * 0.3
    if time == "fog":
        clear = np.exp(-canvas.depth / 16)[..., None]
        image = image * clear + np.float32([0.70, 0.72, 0.74]) * (1 - clear)
    if time == "glare":
        column, row = 0.4 * canvas.width, 0.49 * canvas.height
        rows, columns = np.ogrid[: canvas.height, : canvas.width]
        distance = np.hypot(columns - column, rows - row).astype(np.float32) / canvas.width
        image = (
            image + (1.6 * np.exp(-distance / 0.035) + 0.55 * np.exp(-distance / 0.16))[..., None]
        )
    return image.clip(0, 1)


def see_infrared(canvas: Canvas) -> Image:
    """Warmth without its own light, softened by the optics: (H, W) in 0..1."""
    near = np.exp(-canvas.depth / 120)
    heat = canvas.heat * near + 0.16 * (1 - near)  # air between: far things fade
    return cv2.GaussianBlur(heat, (0, 0), 0.8 * SUPERSAMPLING)


def finish(image: NDArray[np.float32], rng: np.random.Generator, noise: float) -> NDArray[np.uint8]:
    """Halve the size, add sensor noise and store as 8 bits."""
    height, width = image.shape[0] // SUPERSAMPLING, image.shape[1] // SUPERSAMPLING
    image = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    image = image + noise * rng.standard_normal(image.shape, dtype=np.float32)
    return np.rint(image.clip(0, 1) * 255).astype(np.uint8)


def street_scene(
    seed: int, height: int = 480, width: int = 640, time: str = "night"
) -> StreetScene:
    """Draw a street with buildings, trees, signs, cars and persons for two registered cameras.

    Persons, tyres and exhausts are warm, signs and lane marks only coloured; darkness, fog or glare
    hide from the visible camera what the infrared one sees.

    Args:
        seed: same seed, same scene.
        height, width: size in pixels.
        time: "night", "day", "fog" or "glare".

    Returns:
        Both images and the classes.

    Raises:
        InputError: unknown time.

    Example:
        >>> street_scene(0, 48, 64).visible.shape
        (48, 64, 3)
    """
    if time not in TIMES:
        raise InputError(f"unknown time {time!r}: choose one of {', '.join(TIMES)}.")
    rng = np.random.default_rng([seed, TIMES.index(time)])
    size = (height * SUPERSAMPLING, width * SUPERSAMPLING)
    canvas = Canvas(*size, grain=fractal_noise(rng, *size, cell=16, octaves=4))
    paint_sky(canvas, rng, time)
    paint_ground(canvas, road_heat=0.42 if time == "day" else 0.30)
    populate(canvas, rng, time)
    visible = finish(see_visible(canvas, rng, time) ** (1 / 1.6), rng, noise=0.012)
    infrared = finish(see_infrared(canvas), rng, noise=0.008)
    columns = rng.standard_normal(width, dtype=np.float32)  # fixed pattern of the detector
    infrared = np.clip(infrared + np.rint(0.9 * columns), 0, 255).astype(np.uint8)
    return StreetScene(infrared, visible, canvas.labels[::SUPERSAMPLING, ::SUPERSAMPLING].copy())


__all__ = ["CLASSES", "TIMES", "StreetScene", "street_scene"]
