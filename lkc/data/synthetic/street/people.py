"""Draw people: walking figures with clothes, warm where the skin is bare."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import ArrayLike

from lkc.data.synthetic.noise import fractal_noise
from lkc.data.synthetic.outlines import smooth_curve
from lkc.data.synthetic.street.camera import Camera
from lkc.data.synthetic.street.canvas import Sketch
from lkc.data.synthetic.street.classes import PERSON
from lkc.data.synthetic.street.layers import Layers
from lkc.data.synthetic.street.layout import Thing

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
_TROUSERS = ((0.04, 0.04, 0.05), (0.07, 0.09, 0.17), (0.20, 0.17, 0.12), (0.14, 0.14, 0.15))
_SKINS = ((0.62, 0.42, 0.31), (0.45, 0.28, 0.18), (0.22, 0.13, 0.08))
_HAIRS = ((0.02, 0.02, 0.02), (0.08, 0.05, 0.03), (0.25, 0.16, 0.07), (0.30, 0.29, 0.28))

_SHOE = (0.03, 0.03, 0.03)
_FACE_HEAT, _HAND_HEAT, _HAIR_HEAT, _BAG_HEAT = 1.0, 0.96, 0.66, 0.40

Joint = tuple[float, float, float]
"""Right, forward and up from between the feet, in body heights."""


@dataclass(frozen=True)
class _Look:
    """The clothes of a person; `heat` is what they let through."""

    top: np.ndarray
    trousers: np.ndarray
    skin: np.ndarray
    hair: np.ndarray
    bag: np.ndarray
    heat: float
    has_coat: bool
    has_backpack: bool


def _dress(rng: np.random.Generator) -> _Look:
    def pick(colours: tuple, spread: float = 0.0) -> np.ndarray:
        return np.array(colours[rng.integers(len(colours))]) * rng.uniform(1 - spread, 1 + spread)

    return _Look(
        top=pick(_TOPS, 0.2),
        trousers=pick(_TROUSERS, 0.25),
        skin=pick(_SKINS),
        hair=pick(_HAIRS),
        bag=pick(_TOPS, 0.3),
        heat=rng.uniform(0.66, 0.86),
        has_coat=rng.random() < 0.3,
        has_backpack=rng.random() < 0.35,
    )


class _Figure:
    """Draws a body in body heights; `sideways` is 1 in profile to the right, 0 from the front."""

    def __init__(self, sketch: Sketch, feet: np.ndarray, scale: float, sideways: float):
        self.sketch, self.feet, self.scale, self.sideways = sketch, feet, scale, sideways
        self.across = float(np.sqrt(1 - sideways**2))

    def at(self, joint: Joint) -> np.ndarray:
        right, forward, up = joint
        offset = np.array([right * self.across + forward * self.sideways, -up])
        return self.feet + self.scale * offset

    def limb(
        self, start: Joint, end: Joint, radii: tuple[float, float], colour: ArrayLike, heat: float
    ) -> None:
        thick = (radii[0] * self.scale, radii[1] * self.scale)
        self.sketch.limb(self.at(start), self.at(end), thick, colour, heat)

    def oval(self, centre: Joint, radii: ArrayLike, colour: ArrayLike, heat: float) -> None:
        self.sketch.ellipse(self.at(centre), np.asarray(radii) * self.scale, colour, heat)


def _hang(origin: Joint, lengths: tuple[float, float], angles: tuple[float, float]) -> list[Joint]:
    """Return the ends of two links that hang from `origin` at angles from straight down."""
    joints, (right, forward, up) = [], origin
    for length, angle in zip(lengths, angles, strict=True):
        forward, up = forward + length * np.sin(angle), up - length * np.cos(angle)
        joints.append((right, forward, up))
    return joints


def _draw_leg(figure: _Figure, side: int, phase: float, look: _Look, shade: float) -> None:
    swing, bend = 0.42 * np.sin(phase), 0.75 * max(0.0, np.cos(phase)) + 0.08
    hip = (side * 0.047, 0.0, 0.52)
    knee, ankle = _hang(hip, (0.245, 0.235), (swing, swing - bend))
    heel = (ankle[0], ankle[1], ankle[2] - 0.012)
    toe = (ankle[0] + side * 0.012, ankle[1] + 0.075, max(ankle[2] - 0.03, 0.012))
    heat = look.heat * (0.86 + 0.1 * shade)
    figure.limb(heel, toe, (0.024, 0.018), _SHOE, heat * 0.72)
    figure.limb(hip, knee, (0.054, 0.039), look.trousers * shade, heat)
    figure.limb(knee, ankle, (0.038, 0.026), look.trousers * shade, heat * 0.93)


def _draw_arm(figure: _Figure, side: int, phase: float, look: _Look, shade: float) -> None:
    swing = 0.38 * np.sin(phase)
    shoulder = (side * 0.096, 0.0, 0.785)
    elbow, wrist = _hang(shoulder, (0.155, 0.14), (swing, swing + 0.35))
    elbow = (elbow[0] + side * 0.024, *elbow[1:])
    wrist = (wrist[0] + side * 0.020, *wrist[1:])
    figure.limb(shoulder, elbow, (0.032, 0.027), look.top * shade, look.heat)
    figure.limb(elbow, wrist, (0.027, 0.020), look.top * shade, look.heat * 0.95)
    hand = (wrist[0], wrist[1] + 0.01, wrist[2] - 0.02)
    figure.oval(hand, (0.019, 0.026), look.skin, _HAND_HEAT)


def _draw_torso(figure: _Figure, look: _Look, facing: int) -> None:
    def half(width: float) -> float:
        return float(np.hypot(width * figure.across, 0.060 * figure.sideways))

    hem, flare = (0.33, 1.2) if look.has_coat else (0.485, 1.02)
    shoulder, waist = half(0.108), half(0.080)
    right = [(0.030, 0.850), (shoulder * 0.80, 0.822), (shoulder, 0.780), (shoulder * 0.95, 0.70)]
    right += [(waist, 0.60), (waist * 1.1 * flare, hem + 0.02), (waist * flare, hem)]
    outline = smooth_curve(right + [(-x, y) for x, y in reversed(right)], 5)
    figure.sketch.polygon(figure.feet + figure.scale * outline * (1, -1), look.top, look.heat)
    if look.has_backpack and (facing > 0 or abs(figure.sideways) > 0.7):
        back = (0.0, -0.07, 0.71)
        figure.oval(back, (0.040 + 0.022 * figure.across, 0.090), look.bag, _BAG_HEAT)
        figure.oval((0.0, -0.07, 0.68), (0.045 * figure.across, 0.042), look.bag * 0.8, _BAG_HEAT)


def _draw_head(figure: _Figure, look: _Look, facing: int) -> None:
    nod = 0.015
    figure.limb((0, 0, 0.82), (0, nod, 0.88), (0.032, 0.028), look.skin, 0.95)
    figure.oval((0, nod * 0.6, 0.930), (0.054, 0.068), look.hair, _HAIR_HEAT)
    if facing <= 0:
        face = (0, nod + 0.012 * abs(figure.sideways), 0.915)
        figure.oval(face, (0.046, 0.056), look.skin, _FACE_HEAT)
        figure.oval((0, nod * 0.4, 0.966), (0.050, 0.032), look.hair, _HAIR_HEAT)


def paint_person(layers: Layers, camera: Camera, thing: Thing) -> None:
    """Draw a walking person, far limbs first."""
    rng = np.random.default_rng(thing.seed)
    look, phase = _dress(rng), rng.uniform(0, 2 * np.pi)
    sideways = rng.uniform(0.85, 1.0) if thing.facing == 0 else rng.uniform(0.0, 0.45)
    tall = rng.uniform(1.55, 1.88) * camera.pixels_per_metre(thing.z)
    feet = camera.foot(thing.x, thing.z)
    sketch = Sketch(camera, feet + tall * np.array([[-0.45, -1.02], [0.45, 0.03]]))
    if sketch.is_empty:
        return
    figure = _Figure(sketch, feet, tall, sideways * rng.choice([-1, 1]))
    _draw_arm(figure, -1, phase, look, 0.75)
    _draw_leg(figure, -1, phase + np.pi, look, 0.75)
    _draw_leg(figure, 1, phase, look, 1.0)
    _draw_torso(figure, look, thing.facing)
    _draw_head(figure, look, thing.facing)
    _draw_arm(figure, 1, phase + np.pi, look, 1.1)

    inside = (sketch.alpha() > 0.5).astype(np.uint8)
    round_off = np.clip(cv2.distanceTransform(inside, cv2.DIST_L2, 3) / (0.042 * tall), 0, 1)
    folds = fractal_noise(rng, sketch.shape, max(0.08 * tall, 1.5), 3)
    light = np.linspace(1.14, 0.86, sketch.shape[1], dtype=np.float32)[None]
    sketch.put(
        layers,
        thing.z,
        PERSON,
        texture=(0.60 + 0.40 * round_off) * (0.65 + 0.7 * folds) * light,
        heat_texture=(0.82 + 0.18 * round_off) * (0.86 + 0.28 * folds),
        sun=np.clip(0.2 + 0.8 * light * round_off, 0, 1),
    )
