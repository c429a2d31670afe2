"""Draw street lamps and traffic signs."""

import numpy as np
from numpy.typing import ArrayLike

from lkc.data.synthetic.street.camera import Camera
from lkc.data.synthetic.street.canvas import Sketch
from lkc.data.synthetic.street.classes import BACKGROUND, SIGN
from lkc.data.synthetic.street.conditions import Hour
from lkc.data.synthetic.street.layers import Layers
from lkc.data.synthetic.street.layout import Thing

LAMP_HEIGHT = 5.6
"""Height of the light above the ground, metres."""

LAMP_ARM = 1.1
"""How far the light hangs over the road from its post, metres."""

_STEEL = (0.14, 0.15, 0.15)
_WHITE, _RED, _BLUE, _GREEN = (
    (0.75, 0.75, 0.72),
    (0.56, 0.03, 0.03),
    (0.04, 0.13, 0.5),
    (0.05, 0.3, 0.12),
)
_SIGNS = (
    ("disc", _WHITE, _RED),
    ("disc", _BLUE, _WHITE),
    ("triangle", _WHITE, _RED),
    ("board", _BLUE, _WHITE),
    ("board", _GREEN, _WHITE),
    ("board", (0.72, 0.55, 0.05), (0.05, 0.05, 0.05)),
)


def paint_lamp(layers: Layers, camera: Camera, thing: Thing, hour: Hour) -> None:
    """Draw a street lamp that leans over the road."""
    scale = camera.pixels_per_metre(thing.z)
    foot, arm = camera.foot(thing.x, thing.z), -np.sign(thing.x) * LAMP_ARM
    sketch = Sketch(camera, foot + scale * np.array([[-1.5, -LAMP_HEIGHT - 0.4], [1.5, 0.1]]))
    path = np.array([(0, 0), (0, 0.5), (0.06, 0.25), (0.3, 0), (1, -0.05)]) * (arm, 1)
    path[1:, 1] -= LAMP_HEIGHT
    points = foot + scale * path
    radii = scale * np.array([0.08, 0.05, 0.048, 0.045, 0.04])
    for i in range(4):
        ends = (radii[i], radii[i + 1])
        sketch.limb(points[i], points[i + 1], ends, _STEEL, hour.metal)
    burns = float(hour.lamps and thing.running)
    glow, heat = np.multiply((1.0, 0.93, 0.75), burns), hour.metal + 0.45 * burns
    sketch.ellipse(points[4], (0.32 * scale, 0.11 * scale), (0.5, 0.5, 0.48), heat, glow)
    sketch.put(layers, thing.z, BACKGROUND, sun=0.8)


class _Face:
    """A sign's face: shapes in metres around its middle, all at nearly one temperature."""

    def __init__(self, camera: Camera, thing: Thing, heat: float):
        self.scale, self.heat = camera.pixels_per_metre(thing.z), heat
        self.centre = camera.foot(thing.x, thing.z) - (0, 2.45 * self.scale)
        self.sketch = Sketch(
            camera, self.centre + self.scale * np.array([[-0.8, -0.6], [0.8, 0.6]])
        )

    def polygon(self, points: ArrayLike, colour: ArrayLike, heat: float = 1.0) -> None:
        self.sketch.polygon(self.centre + np.asarray(points) * self.scale, colour, self.heat * heat)

    def box(
        self, x: tuple[float, float], y: tuple[float, float], colour: ArrayLike, heat: float = 1.0
    ) -> None:
        self.polygon([(x[0], y[0]), (x[1], y[0]), (x[1], y[1]), (x[0], y[1])], colour, heat)

    def disc(self, radius: float, colour: ArrayLike, heat: float = 1.0) -> None:
        radii = (radius * self.scale, radius * self.scale)
        self.sketch.ellipse(self.centre, radii, colour, self.heat * heat)

    def triangle(self, size: float, colour: ArrayLike) -> None:
        t = np.pi / 2 + np.arange(3) * 2 * np.pi / 3
        self.polygon(np.stack([np.cos(t), -np.sin(t)], axis=1) * size + (0, 0.06), colour)


def _draw_board(face: _Face, ground: ArrayLike, mark: ArrayLike, rng: np.random.Generator) -> None:
    """Draw a direction board: an arrow and two lines of words."""
    face.box((-0.70, 0.70), (-0.42, 0.42), mark, heat=1.06)
    face.box((-0.66, 0.66), (-0.38, 0.38), ground)
    way = rng.choice([-1, 1])
    face.box((way * 0.42 - 0.04, way * 0.42 + 0.04), (-0.18, 0.28), mark)
    head = [(way * 0.42 - 0.14, -0.12), (way * 0.42, -0.30), (way * 0.42 + 0.14, -0.12)]
    face.polygon(head, mark)
    for line in (-0.26, 0.04):
        x, end = -0.58 + 0.34 * (way < 0), 0.20 + 0.34 * (way < 0)
        while x < end - 0.09:
            x = _draw_letter(face, x, line, mark, rng) + rng.choice([0.03, 0.12], p=[0.85, 0.15])


def _draw_letter(
    face: _Face, x: float, y: float, mark: ArrayLike, rng: np.random.Generator
) -> float:
    """Draw something like a capital letter at (x, y), metres; return where it ends."""
    end, bars, has_right = x + rng.uniform(0.07, 0.10), rng.random(3) < 0.55, rng.random() < 0.5
    face.box((x, x + 0.025), (y, y + 0.18), mark)
    for bar, top in zip(bars, (0.0, 0.078, 0.155), strict=True):
        if bar:
            face.box((x, end), (y + top, y + top + 0.025), mark)
    if has_right:
        face.box((end - 0.025, end), (y, y + 0.18), mark)
    return end


def paint_sign(layers: Layers, camera: Camera, thing: Thing, hour: Hour) -> None:
    """Draw a traffic sign on a post; its text shows in the visible only."""
    rng = np.random.default_rng(thing.seed)
    scale, foot = camera.pixels_per_metre(thing.z), camera.foot(thing.x, thing.z)
    post = Sketch(camera, foot + scale * np.array([[-0.1, -2.9], [0.1, 0.05]]))
    thick = (0.035 * scale, 0.035 * scale)
    post.limb(foot, foot - (0, 2.8 * scale), thick, (0.32, 0.33, 0.33), hour.metal)
    post.put(layers, thing.z, BACKGROUND, sun=0.8)
    kind, ground, mark = _SIGNS[rng.integers(len(_SIGNS))]
    face = _Face(camera, thing, hour.metal * 0.92)
    if kind == "disc":
        face.disc(0.36, mark, heat=1.06)
        face.disc(0.28, ground)
        face.box((-0.17, 0.17), (-0.05, 0.05), mark)
    elif kind == "triangle":
        face.triangle(0.46, mark)
        face.triangle(0.30, ground)
        face.box((-0.03, 0.03), (-0.06, 0.10), (0.03, 0.03, 0.03))
    else:
        _draw_board(face, ground, mark, rng)
    face.sketch.put(layers, thing.z, SIGN, sun=0.7)
