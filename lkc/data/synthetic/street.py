"""Registered infrared and visible street scenes with pixel labels."""

from dataclasses import dataclass

import numpy as np

from lkc.data.synthetic.buildings import paint_building
from lkc.data.synthetic.camera import NEAR, Camera, make_camera
from lkc.data.synthetic.cars import paint_car
from lkc.data.synthetic.classes import VEGETATION
from lkc.data.synthetic.ground import paint_ground, paint_sky, shade_ground
from lkc.data.synthetic.layers import Layers
from lkc.data.synthetic.noise import fractal_noise
from lkc.data.synthetic.people import paint_person
from lkc.data.synthetic.plan import TIMES, Plan, Thing, make_plan
from lkc.data.synthetic.roadside import LAMP_HEIGHT, paint_hedge, paint_lamp, paint_sign, paint_tree
from lkc.data.synthetic.sensors import see, sense_heat
from lkc.errors import InputError


@dataclass(frozen=True)
class StreetScene:
    """One registered pair with its labels.

    Args:
        infrared: (H, W) uint8.
        visible: (H, W, 3) uint8, RGB.
        labels: (H, W) uint8, indices into ``CLASSES``.
    """

    infrared: np.ndarray
    visible: np.ndarray
    labels: np.ndarray


def _paint_distance(layers: Layers, camera: Camera, rng: np.random.Generator, time: str) -> None:
    """Close the view with a far line of trees and roofs."""
    skyline = camera.horizon - camera.height * (
        0.035 + 0.10 * fractal_noise(rng, 1, camera.width, camera.width / 5, 6, 0.6)[0]
    )
    rows = np.arange(camera.height, dtype=np.float32)[:, None] + 0.5
    alpha = np.clip(rows - skyline[None], 0, 1) * (rows < camera.horizon + 2)
    leaves = fractal_noise(rng, camera.height, camera.width, 14, 4, 0.65)
    green = np.clip(0.3 + 1.4 * leaves, 0.2, 2)[..., None] * np.array(
        [0.05, 0.075, 0.035], np.float32
    )
    warm = {"day": 0.20, "glare": 0.19}.get(time, 0.12)
    layers.cover(
        (slice(None), slice(None)),
        alpha,
        green,
        warm * (0.8 + 0.4 * leaves),
        150.0,
        VEGETATION,
        0.7,
    )


def _shadows(
    layers: Layers, camera: Camera, plan: Plan, time: str, slant: tuple[float, float]
) -> None:
    """Cast shadows on the ground: from the sun by day, and always right under cars and feet."""
    if time == "day":
        for block in plan.blocks:
            if block.height > 0 and np.sign(slant[0]) == -block.side:
                x = block.side * block.face
                dx, dz = slant[0] * block.height, slant[1] * block.height
                corners = [
                    (x, block.near),
                    (x, block.far),
                    (x + dx, block.far + dz),
                    (x + dx, block.near + dz),
                ]
                outline = np.array([(a, 0.0, max(b, NEAR)) for a, b in corners])
                shade_ground(layers, camera, outline, 0.93, 1.2)
    for thing in plan.things:
        if thing.z < NEAR:
            continue
        if time == "day" and thing.kind in ("person", "lamp", "sign", "tree", "car"):
            tall, wide = {
                "person": (1.7, 0.2),
                "lamp": (5.6, 0.06),
                "sign": (2.8, 0.05),
                "tree": (6.5, 0.16),
                "car": (1.4, 0.9),
            }[thing.kind]
            tip = np.array([thing.x + slant[0] * tall, 0, max(thing.z + slant[1] * tall, NEAR)])
            foot = np.array([thing.x, 0, thing.z])
            across = np.array([wide * abs(slant[1]) + 0.02, 0, -wide * slant[0] * 0.5])
            outline = np.array(
                [foot - across, foot + across, tip + across * 0.8, tip - across * 0.8]
            )
            shade_ground(layers, camera, outline, 0.85, 0.8)
            if thing.kind == "tree":
                _round_shadow(layers, camera, tip[0], tip[2], 2.2, 0.8)
        if thing.kind == "car":
            _under_car(layers, camera, thing)
        elif thing.kind == "person":
            _round_shadow(layers, camera, thing.x, thing.z, 0.35, 0.5)


def _round_shadow(
    layers: Layers, camera: Camera, x: float, z: float, radius: float, strength: float
) -> None:
    t = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    wobble = radius * (1 + 0.15 * np.sin(3 * t + x) + 0.1 * np.sin(7 * t + z))
    outline = np.stack([x + wobble * np.cos(t), 0 * t, np.maximum(z + wobble * np.sin(t), NEAR)], 1)
    soft = 0.15 * radius * camera.pixels_per_metre(z)
    shade_ground(layers, camera, outline, strength, max(soft, 0.5))


def _under_car(layers: Layers, camera: Camera, thing: Thing) -> None:
    """Keep light from the ground under a car, which its engine warms."""
    outline = np.array(
        [
            (thing.x + a, 0, thing.z + b)
            for a, b in ((-0.95, -0.15), (0.95, -0.15), (0.95, 4.3), (-0.95, 4.3))
        ]
    )
    points = camera.project(outline)
    soft = 0.12 * camera.pixels_per_metre(thing.z)
    shade_ground(layers, camera, outline, 0.95, soft)
    x0, y0 = (int(max(v, 0)) for v in np.floor(points.min(0) - soft))
    x1, y1 = (int(max(v, 0)) for v in np.ceil(points.max(0) + soft))
    region = (slice(y0, y1), slice(x0, x1))
    layers.reflectance[region] *= 0.25 + 0.75 * layers.sun[region][..., None]
    if thing.running:
        layers.heat[region] += 0.22 * (1 - layers.sun[region])


def _paint_things(layers: Layers, camera: Camera, plan: Plan, time: str) -> None:
    painters = {
        "person": lambda thing: paint_person(layers, camera, thing),
        "car": lambda thing: paint_car(layers, camera, thing, time),
        "tree": lambda thing: paint_tree(layers, camera, thing, time),
        "lamp": lambda thing: paint_lamp(layers, camera, thing, time),
        "sign": lambda thing: paint_sign(layers, camera, thing, time),
    }
    for thing in sorted(plan.things, key=lambda thing: -thing.z):
        if thing.z > NEAR + 1.5:
            painters[thing.kind](thing)


def _paint_blocks(layers: Layers, camera: Camera, plan: Plan, time: str, sun_side: int) -> None:
    for block in sorted(plan.blocks, key=lambda block: -block.near):
        if block.height > 0:
            paint_building(layers, camera, block, time, sun_side)
            continue
        rng = np.random.default_rng(block.seed)
        for z in np.arange(min(block.far, 90.0), max(block.near, 6.0), -3.2):
            x = block.side * (block.face + rng.uniform(3.0, 6.0))
            paint_tree(
                layers, camera, Thing("tree", x, z, 1, True, int(rng.integers(2**31))), time
            ) if rng.random() < 0.6 else None
            paint_hedge(
                layers, camera, block.side * (block.face + 0.6), z, rng.uniform(0.7, 1.3), time, rng
            )


def _lamps(plan: Plan, rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray]]:
    """List what lights the night: street lamps, oncoming headlights, tail lights."""
    tint = np.array([(1.0, 0.95, 0.80), (1.0, 0.72, 0.38), (0.85, 1.0, 0.85)][rng.integers(3)])
    lamps = []
    for thing in plan.things:
        if thing.kind == "lamp":
            position = np.array([thing.x - np.sign(thing.x) * 1.1, LAMP_HEIGHT, thing.z])
            lamps.append((position, tint * 6.0))
        elif thing.kind == "car" and thing.running and thing.z < 45:
            power = (
                np.array([1.0, 0.1, 0.05]) * 0.5
                if thing.facing > 0
                else np.array([1.0, 0.95, 0.8]) * 5
            )
            lamps.append(
                (np.array([thing.x, 0.7, thing.z - (0.6 if thing.facing > 0 else 3.0)]), power)
            )
    return lamps


def street_scene(seed: int, height: int = 480, width: int = 640, time: str = "day") -> StreetScene:
    """Draw a street as a thermal and a colour camera at the same place see it.

    The same seed draws the same street at every time of day. People and running cars are bright in
    the infrared; lane marks, signs and colours show in the visible only; people in the dark, in fog
    or behind glare show in the infrared only.

    Args:
        seed: which street.
        height: rows, at least 64.
        width: columns, at least 64.
        time: "day", "night", "fog" or "glare".

    Returns:
        The pair and its labels: infrared (H, W), visible (H, W, 3), labels (H, W), all uint8.

    Raises:
        InputError: if the size is too small or the time is none of the four.

    >>> scene = street_scene(0, height=96, width=128, time="night")
    >>> scene.infrared.shape, scene.visible.shape, scene.labels.shape
    ((96, 128), (96, 128, 3), (96, 128))
    """
    if time not in TIMES:
        raise InputError(f"There is no time {time!r}: choose one of {', '.join(TIMES)}.")
    if min(height, width) < 64:
        raise InputError(
            f"A street scene of {height}x{width} is too small: both sides need 64 pixels."
        )
    rng = np.random.default_rng(seed)
    lane = float(rng.choice([-1, 1]) * rng.uniform(1.6, 1.95))
    camera, plan = make_camera(rng, height, width, lane), make_plan(rng, lane)
    slant = (float(rng.choice([-1, 1]) * rng.uniform(0.25, 0.9)), float(rng.uniform(-0.2, 0.6)))
    layers = Layers.empty(height, width)
    paint_sky(layers, camera, rng, time)
    _paint_distance(layers, camera, rng, time)
    paint_ground(layers, camera, plan, rng, time)
    _shadows(layers, camera, plan, time, slant)
    _paint_blocks(layers, camera, plan, time, -int(np.sign(slant[0])))
    _paint_things(layers, camera, plan, time)
    visible = see(layers, camera, time, _lamps(plan, rng), rng)
    return StreetScene(sense_heat(layers, camera, time, rng), visible, layers.label)
