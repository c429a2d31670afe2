"""Draw cars: a side profile swept across the width, with glass, wheels, lamps and warm parts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lkc.data.synthetic.noise import fractal_noise
from lkc.data.synthetic.street.camera import NEAR, Camera
from lkc.data.synthetic.street.canvas import Sketch
from lkc.data.synthetic.street.classes import CAR
from lkc.data.synthetic.street.conditions import Hour
from lkc.data.synthetic.street.layers import Layers
from lkc.data.synthetic.street.layout import Thing

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
_GLASS, _PLATE, _TYRE = (0.035, 0.042, 0.050), (0.62, 0.62, 0.56), (0.02, 0.02, 0.02)

# Points are (along, up) in metres, from the rear bumper over the roof to the front bumper.
_SEDAN = [(0, 0.38), (-0.02, 0.62), (0.06, 0.98), (0.75, 1.05), (1.45, 1.42)]
_SEDAN += [(2.35, 1.45), (3.20, 1.05), (4.25, 0.86), (4.42, 0.62), (4.40, 0.36)]
_HATCHBACK = [(0, 0.38), (-0.02, 0.65), (0.06, 1.02), (0.16, 1.10), (0.50, 1.52)]
_HATCHBACK += [(2.10, 1.56), (3.00, 1.10), (3.85, 0.92), (4.02, 0.64), (4.00, 0.36)]
_VAN = [(0, 0.40), (-0.02, 0.70), (0.02, 1.05), (0.05, 1.12), (0.18, 1.90)]
_VAN += [(3.10, 1.95), (3.75, 1.20), (4.35, 1.02), (4.48, 0.70), (4.45, 0.38)]
_PROFILES = tuple(np.array(points, float) for points in (_SEDAN, _HATCHBACK, _VAN))
_REAR_WINDOW, _ROOF, _WINDSCREEN, _HOOD = 3, 4, 5, 6
_WHEEL = np.linspace(0, 2 * np.pi, 26, endpoint=False)


@dataclass(frozen=True)
class _Car:
    """A car that is being drawn."""

    camera: Camera
    thing: Thing
    sketch: Sketch
    profile: np.ndarray
    half: float
    paint: np.ndarray
    hour: Hour

    @property
    def engine(self) -> float:
        return float(self.thing.running)

    @property
    def lamps(self) -> float:
        return float(self.thing.running and self.hour.lamps)

    def half_at(self, up: np.ndarray | float) -> np.ndarray:
        """Return half the width at a height: the cabin leans in, the sill tucks under."""
        lean = 0.40 * np.maximum(0, np.asarray(up) - 1.0) + 0.30 * np.maximum(0, 0.55 - up)
        return self.half * (1 - lean)

    def place(self, across: ArrayLike, along: ArrayLike, up: ArrayLike) -> np.ndarray:
        """Return world points (N, 3) of positions on the car."""
        across, along, up = np.broadcast_arrays(across, along, up)
        ahead = along if self.thing.facing > 0 else self.profile[-1, 0] - along
        return np.stack([self.thing.x + across, up, self.thing.z + ahead], axis=-1)

    def fill(
        self, points: np.ndarray, colour: ArrayLike, heat: float, glow: ArrayLike = (0, 0, 0)
    ) -> None:
        self.sketch.polygon(self.camera.project(points), colour, heat, glow)

    def panel(
        self,
        along: float,
        across: tuple[float, float],
        up: tuple[float, float],
        colour: ArrayLike,
        heat: float,
        glow: ArrayLike = (0, 0, 0),
    ) -> None:
        """Draw an upright rectangle across the car."""
        left, right = across
        corners = self.place([left, right, right, left], along, [up[0], up[0], up[1], up[1]])
        self.fill(corners, colour, heat, glow)


def _draw_strips(car: _Car) -> None:
    """Draw the surfaces that span the width and face the camera, far ones first."""
    strips = []
    for i, ((a0, u0), (a1, u1)) in enumerate(zip(car.profile, car.profile[1:], strict=False)):
        w0, w1 = car.half_at(u0), car.half_at(u1)
        corners = car.place([-w0, w0, w1, -w1], [a0, a0, a1, a1], [u0, u0, u1, u1])
        back, up = np.array([u0 - u1, a1 - a0]) / np.hypot(u0 - u1, a1 - a0)
        eye = np.array([0, car.camera.eye, 0]) - corners.mean(axis=0)
        if back * car.thing.facing * eye[2] + up * eye[1] > 0:
            strips.append((corners[:, 2].mean(), i, up, corners))
    for _, i, up, corners in sorted(strips, key=lambda strip: -strip[0]):
        lit = max(up, 0.0)
        if i in (_REAR_WINDOW, _WINDSCREEN):
            _draw_pane(car, corners, 0.15 + 0.10 * car.engine)
            continue
        hood = 0.26 * car.engine * (i >= _HOOD)
        warm = car.hour.metal * (0.8 + 0.25 * car.hour.sun * max(lit, 0.3)) + 0.06 * car.engine
        roof = 0.75 if i == _ROOF and not car.hour.sun else 1.0  # The roof faces the cold sky.
        car.fill(corners, car.paint * (0.62 + 0.5 * lit), (warm + hood) * roof)


def _draw_pane(car: _Car, corners: np.ndarray, heat: float) -> None:
    """Draw a window in its frame, with the sky mirrored in its upper part."""
    middle = corners.mean(axis=0)
    inner = middle + (corners - middle) * (0.86, 0.84, 0.84)
    car.fill(corners, car.paint * 0.8, heat + 0.09)
    car.fill(inner, _GLASS, heat)
    top, bottom = (inner[[3, 2]], inner[[0, 1]])
    if top[0, 1] < bottom[0, 1]:
        top, bottom = bottom, top
    mirrored = np.concatenate([top, (0.6 * top + 0.4 * bottom)[::-1]])
    car.fill(mirrored, np.multiply(_GLASS, 2.8), heat * 0.8)


def _draw_side(car: _Car) -> None:
    """Draw the side that the camera sees, if there is one."""
    if abs(car.thing.x - car.camera.x) < car.half:
        return
    side = 1.0 if car.thing.x < car.camera.x else -1.0
    along, up = car.profile.T
    heat = car.hour.metal * (0.95 + 0.2 * car.hour.sun) + 0.05 * car.engine
    car.fill(car.place(side * car.half_at(up), along, up), car.paint * 0.78, heat)
    sill_along, sill_up = along[[0, 1, -2, -1]], np.array([0.36, 0.56, 0.56, 0.36])
    sill = car.place(side * car.half_at(sill_up), sill_along, sill_up)
    car.fill(sill, car.paint * 0.45, heat * 0.85 + 0.10 * car.engine)
    cabin = car.profile[_REAR_WINDOW : _HOOD + 1]
    middle = cabin.mean(axis=0)
    rear, rear_top, front_top, front = middle + (cabin - middle) * (0.84, 0.74) + (0, 0.02)
    for low, high in ((0.02, 0.47), (0.53, 0.98)):
        bottom = [rear + (front - rear) * share for share in (low, high)]
        top = [rear_top + (front_top - rear_top) * share for share in (high, low)]
        a, u = np.array(bottom + top).T
        car.fill(car.place(side * car.half_at(u), a, u), _GLASS, 0.16 + 0.08 * car.engine)
    for axle in (0.17 * along[-1] + 0.05, 0.80 * along[-1]):
        _draw_wheel(car, side, axle)


def _draw_wheel(car: _Car, side: float, axle: float) -> None:
    """Draw arch, tyre, rim and hub; tyres and brakes of a running car are warm."""
    cold, engine = car.hour.metal, car.engine
    for radius, gray, heat in (
        (0.37, 0.012, cold * 0.7),
        (0.325, 0.03, cold + 0.40 * engine),
        (0.205, 0.30, cold + 0.22 * engine),
        (0.15, 0.12, cold + 0.48 * engine),
        (0.06, 0.33, cold + 0.25 * engine),
    ):
        along, up = axle + radius * np.cos(_WHEEL), 0.325 + radius * np.sin(_WHEEL)
        car.fill(car.place(side * car.half * 0.975, along, up), (gray, gray, gray), heat)


def _draw_rear(car: _Car) -> None:
    h, top, cold = car.half, car.profile[2, 1], car.hour.metal
    bumper = cold + 0.16 * car.engine
    car.panel(0.0, (-0.93 * h, 0.93 * h), (0.30, 0.50), car.paint * 0.22, bumper)
    plate_glow = np.multiply(_PLATE, 0.03 * car.lamps)
    car.panel(0.0, (-0.26, 0.26), (0.62, 0.75), _PLATE, cold, plate_glow)
    red = np.multiply((1.0, 0.06, 0.03), 0.55 * car.lamps)
    for side in (-h, h):
        lamp = (0.62 * side, 0.93 * side)
        car.panel(0.01, lamp, (top - 0.27, top - 0.09), (0.38, 0.02, 0.02), cold + 0.05, red)
        inner = (0.62 * side, 0.72 * side)
        car.panel(0.01, inner, (top - 0.26, top - 0.16), (0.5, 0.4, 0.3), cold + 0.05, red * 0.5)
        car.panel(0.25, (0.62 * side, 0.92 * side), (0.0, 0.32), _TYRE, cold + 0.42 * car.engine)
    if car.thing.running:
        radius = 0.075 * car.camera.pixels_per_metre(car.thing.z)
        pipe = car.camera.project(car.place([-0.42], 0.0, 0.28))[0]
        car.sketch.ellipse(pipe, (radius * 1.3, radius), (0.05, 0.05, 0.05), 0.98)


def _draw_front(car: _Car) -> None:
    h, end, cold = car.half, car.profile[-1, 0], car.hour.metal
    bumper = cold + 0.14 * car.engine
    car.panel(end, (-0.92 * h, 0.92 * h), (0.30, 0.46), car.paint * 0.25, bumper)
    car.panel(end, (-0.5 * h, 0.5 * h), (0.52, 0.72), (0.02, 0.02, 0.022), cold + 0.5 * car.engine)
    car.panel(end, (-0.26, 0.26), (0.40, 0.51), _PLATE, cold)
    white = np.multiply((1.0, 0.95, 0.80), car.lamps)
    for side in (-h, h):
        lamp, wheel = (0.60 * side, 0.92 * side), (0.62 * side, 0.92 * side)
        heat = cold + 0.08 + 0.3 * car.lamps
        car.panel(end, lamp, (0.60, 0.75), (0.6, 0.62, 0.65), heat, white)
        car.panel(end - 0.2, wheel, (0.0, 0.32), _TYRE, cold + 0.40 * car.engine)


def paint_car(layers: Layers, camera: Camera, thing: Thing, hour: Hour) -> None:
    """Draw a car from behind (`facing` +1) or from the front (-1), with the side in view."""
    if thing.z < NEAR + 1:
        return
    rng = np.random.default_rng(thing.seed)
    profile = _PROFILES[rng.choice(3, p=[0.45, 0.35, 0.2])]
    half = rng.uniform(0.84, 0.92)
    paint = np.array(_PAINTS[rng.integers(len(_PAINTS))]) * rng.uniform(0.85, 1.1)
    near, far = thing.z, thing.z + profile[-1, 0]
    hull = [
        (thing.x + s * (half + 0.1), u, z) for s in (-1, 1) for u in (0, 2) for z in (near, far)
    ]
    sketch = Sketch(camera, camera.project(np.array(hull)))
    if sketch.is_empty:
        return
    car = _Car(camera, thing, sketch, profile, half, paint, hour)
    _draw_side(car)
    _draw_strips(car)
    (_draw_rear if thing.facing > 0 else _draw_front)(car)
    sheen = np.linspace(1.1, 0.85, sketch.shape[0], dtype=np.float32)[:, None]
    cell = max(0.6 * camera.pixels_per_metre(thing.z), 2.0)
    texture = sheen * (0.85 + 0.3 * fractal_noise(rng, sketch.shape, cell, 2))
    heat_texture = 0.85 + 0.3 * fractal_noise(rng, sketch.shape, cell, 4)
    sketch.put(layers, thing.z, CAR, texture, heat_texture, sun=0.75)
