"""People: articulated walking figures, dressed, warm where the skin is bare."""

import cv2
import numpy as np

from lkc.data.synthetic.camera import Camera
from lkc.data.synthetic.classes import PERSON
from lkc.data.synthetic.layers import Layers, Sketch
from lkc.data.synthetic.noise import fractal_noise
from lkc.data.synthetic.plan import Thing

_TOPS = (
    (0.05, 0.05, 0.06),
    (0.10, 0.12, 0.20),
    (0.35, 0.06, 0.05),
    (0.45, 0.43, 0.40),
    (0.10, 0.20, 0.12),
    (0.55, 0.40, 0.12),
    (0.20, 0.16, 0.12),
    (0.16, 0.30, 0.42),
)
_LEGS = ((0.04, 0.04, 0.05), (0.07, 0.09, 0.17), (0.20, 0.17, 0.12), (0.14, 0.14, 0.15))
_SKIN = ((0.62, 0.42, 0.31), (0.45, 0.28, 0.18), (0.22, 0.13, 0.08))
_HAIR = ((0.02, 0.02, 0.02), (0.08, 0.05, 0.03), (0.25, 0.16, 0.07), (0.30, 0.29, 0.28))


class _Figure:
    """Draws in metres around a figure's feet; ``sideways`` is 1 in profile, 0 seen from the front."""

    def __init__(self, sketch: Sketch, feet: np.ndarray, scale: float, sideways: float):
        self.sketch, self.feet, self.scale, self.sideways = sketch, feet, scale, sideways
        self.across = np.sqrt(1 - sideways**2)

    def at(self, right: float, forward: float, up: float) -> np.ndarray:
        return self.feet + self.scale * np.array(
            [right * self.across + forward * self.sideways, -up]
        )

    def limb(self, start, end, r0, r1, colour, heat):
        self.sketch.limb(
            self.at(*start), self.at(*end), r0 * self.scale, r1 * self.scale, colour, heat
        )

    def ellipse(self, centre, radii, colour, heat):
        self.sketch.ellipse(self.at(*centre), np.multiply(radii, self.scale), colour, heat)


def _bend(
    origin: tuple, lengths: tuple[float, float], angles: tuple[float, float]
) -> tuple[tuple, tuple]:
    """Return where two links end that hang from ``origin`` at angles from straight down."""
    right, forward, up = origin
    middle = (right, forward + lengths[0] * np.sin(angles[0]), up - lengths[0] * np.cos(angles[0]))
    end = (
        right,
        middle[1] + lengths[1] * np.sin(angles[1]),
        middle[2] - lengths[1] * np.cos(angles[1]),
    )
    return middle, end


def _leg(
    figure: _Figure, tall: float, side: int, phase: float, colour, shade: float, heat: float
) -> None:
    swing = 0.42 * np.sin(phase)
    knee_bend = 0.75 * max(0.0, np.cos(phase)) + 0.08
    hip = (side * 0.050 * tall, 0.0, 0.52 * tall)
    knee, ankle = _bend(hip, (0.245 * tall, 0.235 * tall), (swing, swing - knee_bend))
    cloth = np.multiply(colour, shade)
    toe = (
        ankle[0] + side * 0.012 * tall,
        ankle[1] + 0.075 * tall,
        max(ankle[2] - 0.03 * tall, 0.012 * tall),
    )
    figure.limb(
        (ankle[0], ankle[1], ankle[2] - 0.012 * tall),
        toe,
        0.024 * tall,
        0.018 * tall,
        (0.03, 0.03, 0.03),
        heat * 0.72,
    )
    figure.limb(hip, knee, 0.055 * tall, 0.040 * tall, cloth, heat)
    figure.limb(knee, ankle, 0.039 * tall, 0.027 * tall, cloth, heat * 0.93)


def _arm(figure: _Figure, tall: float, side: int, phase: float, look: dict, shade: float) -> None:
    swing = 0.38 * np.sin(phase)
    shoulder = (side * 0.108 * tall, 0.0, 0.795 * tall)
    elbow, wrist = _bend(shoulder, (0.16 * tall, 0.14 * tall), (swing, swing + 0.35))
    out = side * 0.025 * tall
    elbow, wrist = (elbow[0] + out, *elbow[1:]), (wrist[0] + out * 0.8, *wrist[1:])
    cloth = np.multiply(look["top"], shade)
    figure.limb(shoulder, elbow, 0.036 * tall, 0.029 * tall, cloth, look["heat"])
    figure.limb(elbow, wrist, 0.028 * tall, 0.021 * tall, cloth, look["heat"] * 0.95)
    figure.ellipse(
        (wrist[0], wrist[1] + 0.01 * tall, wrist[2] - 0.02 * tall),
        (0.020 * tall, 0.026 * tall),
        look["skin"],
        0.97,
    )


def _torso(figure: _Figure, tall: float, look: dict) -> None:
    across, deep = figure.across, 0.062 * tall
    shoulder = np.hypot(0.112 * tall * across, deep * figure.sideways)
    waist = np.hypot(0.080 * tall * across, deep * figure.sideways)
    hem = 0.49 * tall if not look["coat"] else 0.33 * tall
    flare = 1.0 if not look["coat"] else 1.22
    outline = [
        (-shoulder * 0.50, 0.845),
        (-shoulder, 0.805),
        (-shoulder * 0.98, 0.70),
        (-waist, 0.60),
        (-waist * 1.08 * flare, hem / tall),
        (waist * 1.08 * flare, hem / tall),
        (waist, 0.60),
        (shoulder * 0.98, 0.70),
        (shoulder, 0.805),
        (shoulder * 0.50, 0.845),
    ]
    points = [figure.feet + figure.scale * np.array([x, -y * tall]) for x, y in outline]
    figure.sketch.polygon(points, look["top"], look["heat"])
    if look["bag"]:
        centre = (
            (0.0, -0.075 * tall, 0.71 * tall) if figure.sideways > 0.5 else (0.0, 0.0, 0.71 * tall)
        )
        figure.ellipse(centre, (0.062 * tall, 0.095 * tall), look["bag_colour"], 0.42)


def _head(figure: _Figure, tall: float, look: dict, facing: int) -> None:
    nod = 0.015 * tall
    figure.limb(
        (0, 0, 0.82 * tall), (0, nod, 0.88 * tall), 0.030 * tall, 0.028 * tall, look["skin"], 0.95
    )
    hair = look["hair"]
    figure.ellipse((0, nod * 0.6, 0.930 * tall), (0.054 * tall, 0.068 * tall), hair, 0.66)
    if facing <= 0:
        face = (0, nod + 0.012 * tall * figure.sideways, 0.915 * tall)
        figure.ellipse(face, (0.046 * tall, 0.056 * tall), look["skin"], 1.0)
        figure.ellipse((0, nod * 0.4, 0.965 * tall), (0.050 * tall, 0.032 * tall), hair, 0.66)


def _dress(rng: np.random.Generator) -> dict:
    return {
        "top": np.multiply(_TOPS[rng.integers(len(_TOPS))], rng.uniform(0.8, 1.2)),
        "legs": np.multiply(_LEGS[rng.integers(len(_LEGS))], rng.uniform(0.8, 1.3)),
        "skin": _SKIN[rng.integers(len(_SKIN))],
        "hair": _HAIR[rng.integers(len(_HAIR))],
        "heat": rng.uniform(0.66, 0.86),
        "coat": rng.random() < 0.3,
        "bag": rng.random() < 0.35,
        "bag_colour": np.multiply(_TOPS[rng.integers(len(_TOPS))], 0.8),
    }


def paint_person(layers: Layers, camera: Camera, thing: Thing) -> None:
    """Draw a walking person, far limbs first."""
    rng = np.random.default_rng(thing.seed)
    tall, look, phase = rng.uniform(1.55, 1.88), _dress(rng), rng.uniform(0, 2 * np.pi)
    facing = thing.facing
    sideways = rng.uniform(0.85, 1.0) if facing == 0 else rng.uniform(0.0, 0.45)
    sideways *= rng.choice([-1, 1])
    feet = camera.project(np.array([[thing.x, 0.0, thing.z]]))[0]
    scale = camera.pixels_per_metre(thing.z)
    box = feet + scale * np.array([[-0.75, -1.02 * tall], [0.75, 0.05]])
    sketch = Sketch(camera, box)
    if sketch.empty:
        return
    figure = _Figure(sketch, feet, scale, sideways)
    _arm(figure, tall, -1, phase, look, 0.72)
    _leg(figure, tall, -1, phase + np.pi, look["legs"], 0.75, look["heat"] * 0.92)
    _leg(figure, tall, 1, phase, look["legs"], 1.0, look["heat"] * 0.95)
    _torso(figure, tall, look)
    _head(figure, tall, look, facing)
    _arm(figure, tall, 1, phase + np.pi, look, 1.12)

    alpha = sketch.alpha()
    inner = cv2.distanceTransform((alpha > 0.5).astype(np.uint8), cv2.DIST_L2, 3)
    round_off = np.clip(inner / (0.07 * scale), 0, 1)
    folds = fractal_noise(rng, *alpha.shape, max(0.14 * scale, 1.5), 3)
    light = np.linspace(1.12, 0.88, alpha.shape[1], dtype=np.float32)[None]
    sketch.put(
        layers,
        thing.z,
        PERSON,
        texture=(0.62 + 0.38 * round_off) * (0.65 + 0.7 * folds) * light,
        sun=np.clip(0.25 + 0.75 * light * round_off, 0, 1),
        heat_texture=(0.84 + 0.16 * round_off) * (0.90 + 0.2 * folds),
    )
