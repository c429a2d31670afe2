"""Cars: a rounded side profile swept across the width, with glass, wheels, lamps and warm parts."""

from dataclasses import dataclass

import numpy as np

from lkc.data.synthetic.camera import NEAR, Camera
from lkc.data.synthetic.classes import CAR
from lkc.data.synthetic.layers import Layers, Sketch
from lkc.data.synthetic.noise import fractal_noise
from lkc.data.synthetic.plan import Thing

_PAINTS = (
    (0.62, 0.63, 0.64),
    (0.72, 0.72, 0.70),
    (0.03, 0.03, 0.035),
    (0.14, 0.15, 0.17),
    (0.30, 0.03, 0.03),
    (0.05, 0.09, 0.22),
    (0.35, 0.36, 0.37),
    (0.10, 0.16, 0.13),
)

# (along, up) in metres from the rear bumper; "beltline" splits body and cabin.
_SEDAN = (
    (0.0, 0.38),
    (-0.02, 0.62),
    (0.06, 0.98),
    (0.75, 1.05),
    (1.45, 1.42),
    (2.35, 1.45),
    (3.20, 1.05),
    (4.25, 0.86),
    (4.42, 0.62),
    (4.40, 0.36),
)
_HATCH = (
    (0.0, 0.38),
    (-0.02, 0.65),
    (0.06, 1.02),
    (0.16, 1.10),
    (0.50, 1.52),
    (2.10, 1.56),
    (3.00, 1.10),
    (3.85, 0.92),
    (4.02, 0.64),
    (4.00, 0.36),
)
_VAN = (
    (0.0, 0.40),
    (-0.02, 0.70),
    (0.02, 1.05),
    (0.05, 1.12),
    (0.18, 1.90),
    (3.10, 1.95),
    (3.75, 1.20),
    (4.35, 1.02),
    (4.48, 0.70),
    (4.45, 0.38),
)
_GLASS_REAR, _GLASS_FRONT = 3, 5


@dataclass(frozen=True)
class _Car:
    profile: np.ndarray
    half: float
    paint: np.ndarray
    running: bool
    sunny: float
    night: bool


def _place(car: _Car, thing: Thing, across, along, up) -> np.ndarray:
    """Return world points of positions on the car; ``along`` counts from its own rear."""
    across, along, up = np.broadcast_arrays(across, along, up)
    length = car.profile[-1, 0]
    z = thing.z + (along if thing.facing > 0 else length - along)
    return np.stack([thing.x + across, up, z], -1).reshape(-1, 3)


def _narrowing(car: _Car, up: float) -> float:
    """Return the half width at a height: the cabin leans in, the sill tucks under."""
    belt = 1.0
    return car.half * (1 - 0.20 * max(0.0, up - belt) / 0.5 - 0.06 * max(0.0, 0.55 - up) / 0.2)


def _strips(car: _Car, thing: Thing, camera: Camera, sketch: Sketch) -> None:
    """Draw the surfaces that span the width, those that face the camera, far ones first."""
    faces = []
    for i in range(len(car.profile) - 1):
        (a0, u0), (a1, u1) = car.profile[i], car.profile[i + 1]
        normal = np.array([u0 - u1, a1 - a0]) * (1, 1)
        normal = normal / np.hypot(*normal)
        w0, w1 = _narrowing(car, u0), _narrowing(car, u1)
        world = np.concatenate(
            [
                _place(car, thing, np.array([-w0, w0]), a0, u0),
                _place(car, thing, np.array([w1, -w1]), a1, u1),
            ]
        )
        ahead = normal[0] * thing.facing
        view = np.array([0, camera.eye, 0]) - world.mean(0)
        if ahead * view[2] + normal[1] * view[1] <= 0:
            continue
        faces.append((world[:, 2].mean(), i, normal[1], world))
    for _, i, up, world in sorted(faces, key=lambda face: -face[0]):
        glass = i in (_GLASS_REAR, _GLASS_FRONT)
        shade = 0.62 + 0.5 * max(up, 0.0)
        colour = (
            car.paint * shade
            if not glass
            else np.array([0.05, 0.06, 0.07]) * (1 + 1.6 * max(up, 0))
        )
        heat = _strip_heat(car, i, up, glass)
        sketch.polygon(camera.project(world), colour, heat)
        if glass:
            _pane(car, camera, sketch, world, heat)


def _pane(car: _Car, camera: Camera, sketch: Sketch, world: np.ndarray, heat: float) -> None:
    """Draw a painted frame round a window and a sky reflection in it."""
    middle = world.mean(0)
    inner = middle + (world - middle) * (0.86, 0.84, 0.84)
    sketch.polygon(camera.project(world), car.paint * 0.8, heat + 0.08)
    sketch.polygon(camera.project(inner), (0.035, 0.042, 0.05), heat)
    top = np.array(
        [inner[3], inner[2], inner[2] * 0.6 + inner[1] * 0.4, inner[3] * 0.6 + inner[0] * 0.4]
    )
    if inner[2, 1] < inner[0, 1]:
        top = np.array(
            [inner[0], inner[1], inner[1] * 0.6 + inner[2] * 0.4, inner[0] * 0.6 + inner[3] * 0.4]
        )
    sketch.polygon(camera.project(top), (0.10, 0.12, 0.14), heat * 0.85)


def _strip_heat(car: _Car, i: int, up: float, glass: bool) -> float:
    if glass:
        return 0.16 + 0.10 * car.running
    hood = 0.26 if i in (6, 7, 8) and car.running else 0.0
    return 0.20 + 0.16 * car.sunny * max(up, 0.3) + hood + 0.07 * car.running


def _side(car: _Car, thing: Thing, camera: Camera, sketch: Sketch) -> None:
    """Draw the side that the camera sees."""
    side = 1.0 if thing.x < camera.x else -1.0
    if abs(thing.x - camera.x) < car.half:
        return
    widths = np.array([_narrowing(car, u) for u in car.profile[:, 1]])
    outline = _place(car, thing, side * widths, car.profile[:, 0], car.profile[:, 1])
    sketch.polygon(
        camera.project(outline), car.paint * 0.78, 0.22 + 0.12 * car.sunny + 0.05 * car.running
    )
    low = car.profile[[0, 1, -2, -1]]
    sill = [(low[0, 0], 0.36), (low[1, 0], 0.56), (low[2, 0], 0.56), (low[3, 0], 0.36)]
    band = np.concatenate([_place(car, thing, side * _narrowing(car, u), a, u) for a, u in sill])
    sketch.polygon(camera.project(band), car.paint * 0.45, 0.25 + 0.05 * car.running)
    cabin = car.profile[3:7]
    centre = cabin.mean(0)
    glass = centre + (cabin - centre) * (0.84, 0.74) + (0, 0.02)
    for low_share, high_share in ((0.02, 0.47), (0.53, 0.98)):
        _side_window(car, thing, camera, sketch, side, glass, low_share, high_share)
    length = car.profile[-1, 0]
    for axle in (0.17 * length + 0.05, 0.80 * length):
        _wheel(car, thing, camera, sketch, side, axle)


def _side_window(car, thing, camera, sketch, side, glass, low: float, high: float) -> None:
    bottom = glass[0] + (glass[3] - glass[0]) * np.array([[low], [high]])
    top = glass[1] + (glass[2] - glass[1]) * np.array([[high], [low]])
    points = np.concatenate([bottom, top])
    widths = np.array([_narrowing(car, u) for u in points[:, 1]])
    world = _place(car, thing, side * widths, points[:, 0], points[:, 1])
    sketch.polygon(camera.project(world), (0.04, 0.05, 0.06), 0.18 + 0.08 * car.running)


def _wheel(
    car: _Car, thing: Thing, camera: Camera, sketch: Sketch, side: float, axle: float
) -> None:
    t = np.linspace(0, 2 * np.pi, 26, endpoint=False)
    for radius, colour, heat in (
        (0.37, (0.012, 0.012, 0.012), 0.20),
        (0.325, (0.03, 0.03, 0.032), 0.30 + 0.38 * car.running),
        (0.205, (0.30, 0.31, 0.32), 0.26 + 0.22 * car.running),
        (0.15, (0.12, 0.12, 0.13), 0.26 + 0.40 * car.running),
        (0.06, (0.33, 0.34, 0.35), 0.3 + 0.25 * car.running),
    ):
        x = side * (car.half * 0.985 - 0.01)
        rim = _place(car, thing, x, axle + radius * np.cos(t), 0.325 + radius * np.sin(t))
        sketch.polygon(camera.project(rim), colour, heat)


def _box(
    car, thing, camera, sketch, end: float, across: tuple, up: tuple, colour, heat, glow=(0, 0, 0)
) -> None:
    """Draw an upright rectangle on the rear (``end`` 0) or the front (``end`` = length)."""
    world = np.concatenate(
        [
            _place(car, thing, np.array(across), end, up[0]),
            _place(car, thing, np.array(across[::-1]), end, up[1]),
        ]
    )
    sketch.polygon(camera.project(world), colour, heat, glow)


def _rear(car: _Car, thing: Thing, camera: Camera, sketch: Sketch) -> None:
    h, tall = car.half, car.profile[2, 1]
    on = car.running and car.night
    _box(
        car,
        thing,
        camera,
        sketch,
        0.0,
        (-h * 0.93, h * 0.93),
        (0.30, 0.50),
        car.paint * 0.22,
        0.24 + 0.16 * car.running,
    )
    _box(
        car,
        thing,
        camera,
        sketch,
        0.0,
        (-0.26, 0.26),
        (0.62, 0.75),
        (0.62, 0.62, 0.55),
        0.22,
        np.multiply((0.9, 0.9, 0.8), 0.02 * on),
    )
    glow = np.multiply((1.0, 0.06, 0.03), 0.55 if on else 0.0)
    for side in (-1, 1):
        across = (side * h * 0.62, side * h * 0.93)
        _box(
            car,
            thing,
            camera,
            sketch,
            0.01,
            across,
            (tall - 0.27, tall - 0.09),
            (0.38, 0.02, 0.02),
            0.28,
            glow,
        )
        _box(
            car,
            thing,
            camera,
            sketch,
            0.01,
            (side * h * 0.62, side * h * 0.72),
            (tall - 0.26, tall - 0.16),
            (0.5, 0.4, 0.3),
            0.28,
            glow * 0.5,
        )
        _box(
            car,
            thing,
            camera,
            sketch,
            0.25,
            (side * h * 0.62, side * h * 0.92),
            (0.0, 0.32),
            (0.02, 0.02, 0.02),
            0.30 + 0.35 * car.running,
        )
    if car.running:
        pipe = camera.project(_place(car, thing, -0.42, 0.0, 0.28))[0]
        radius = 0.075 * camera.pixels_per_metre(thing.z)
        sketch.ellipse(pipe, (radius * 1.3, radius), (0.05, 0.05, 0.05), 0.98)


def _front(car: _Car, thing: Thing, camera: Camera, sketch: Sketch) -> None:
    h, end = car.half, car.profile[-1, 0]
    on = car.running and car.night
    _box(
        car,
        thing,
        camera,
        sketch,
        end,
        (-h * 0.92, h * 0.92),
        (0.30, 0.46),
        car.paint * 0.25,
        0.26 + 0.2 * car.running,
    )
    _box(
        car,
        thing,
        camera,
        sketch,
        end,
        (-h * 0.5, h * 0.5),
        (0.52, 0.72),
        (0.02, 0.02, 0.022),
        0.30 + 0.5 * car.running,
    )
    _box(car, thing, camera, sketch, end, (-0.26, 0.26), (0.40, 0.51), (0.6, 0.6, 0.55), 0.25)
    for side in (-1, 1):
        across = (side * h * 0.60, side * h * 0.92)
        glow = (1.0, 0.95, 0.80) if on else (0, 0, 0)
        _box(
            car,
            thing,
            camera,
            sketch,
            end,
            across,
            (0.60, 0.75),
            (0.6, 0.62, 0.65),
            0.34 + 0.3 * on,
            glow,
        )
        _box(
            car,
            thing,
            camera,
            sketch,
            end - 0.2,
            (side * h * 0.62, side * h * 0.92),
            (0.0, 0.32),
            (0.02, 0.02, 0.02),
            0.3 + 0.35 * car.running,
        )


def paint_car(layers: Layers, camera: Camera, thing: Thing, time: str) -> None:
    """Draw a car from behind (``facing`` +1) or from the front (-1), with the side in view."""
    rng = np.random.default_rng(thing.seed)
    profile = np.array((_SEDAN, _HATCH, _VAN)[rng.choice(3, p=[0.45, 0.35, 0.2])])
    paint = np.multiply(_PAINTS[rng.integers(len(_PAINTS))], rng.uniform(0.85, 1.1))
    sunny = {"day": 1.0, "glare": 0.8}.get(time, 0.0)
    car = _Car(
        profile, rng.uniform(0.84, 0.92), paint, thing.running, sunny, time in ("night", "fog")
    )
    if thing.z < NEAR + 1:
        return
    hull = _place(
        car,
        thing,
        np.array([-1, 1, -1, 1, -1, 1, -1, 1]) * (car.half + 0.1),
        np.repeat([0, profile[-1, 0]], 4),
        np.array([0, 0, 2, 2] * 2),
    )
    sketch = Sketch(camera, camera.project(hull))
    if sketch.empty:
        return
    _side(car, thing, camera, sketch)
    _strips(car, thing, camera, sketch)
    (_rear if thing.facing > 0 else _front)(car, thing, camera, sketch)
    shape = sketch.alpha().shape
    rows = np.linspace(1.1, 0.85, shape[0], dtype=np.float32)[:, None]
    sheen = rows * (
        0.85 + 0.3 * fractal_noise(rng, *shape, max(camera.pixels_per_metre(thing.z) * 0.6, 2), 2)
    )
    sketch.put(
        layers,
        thing.z,
        CAR,
        texture=sheen,
        sun=0.75,
        heat_texture=0.9 + 0.2 * fractal_noise(rng, *shape, 20, 3),
    )
