"""Trees, bushes, street lamps and traffic signs."""

import numpy as np

from lkc.data.synthetic.camera import Camera
from lkc.data.synthetic.classes import BACKGROUND, SIGN, VEGETATION
from lkc.data.synthetic.layers import Layers, Sketch
from lkc.data.synthetic.noise import fractal_noise, smoothstep
from lkc.data.synthetic.plan import Thing

LAMP_HEIGHT = 5.6
"""Height of the light above the ground, metres."""


def _foliage_heat(time: str) -> float:
    return {"day": 0.25, "glare": 0.23, "night": 0.15, "fog": 0.16}[time]


def paint_clump(
    layers: Layers, camera: Camera, centre, radii, depth: float, green, heat: float, rng
) -> None:
    """Draw one clump of leaves: a ragged ellipse, lit from above.

    Args:
        layers: what to draw on.
        camera: who looks.
        centre: (x, y) of the clump in metres; radii: its half axes in metres.
        radii: half width and half height, metres.
        depth: metres.
        green: reflectance, RGB.
        heat: of the leaves.
        rng: source of randomness.
    """
    scale = camera.pixels_per_metre(depth)
    middle = camera.project(np.array([[*centre, depth]]))[0]
    half = np.multiply(radii, scale)
    x0, x1 = (int(np.clip(middle[0] + s * 1.35 * half[0], 0, camera.width)) for s in (-1, 1))
    y0, y1 = (int(np.clip(middle[1] + s * 1.35 * half[1], 0, camera.height)) for s in (-1, 1))
    if x1 - x0 < 2 or y1 - y0 < 2:
        return
    x = (np.arange(x0, x1, dtype=np.float32) + 0.5 - middle[0])[None] / half[0]
    y = (np.arange(y0, y1, dtype=np.float32) + 0.5 - middle[1])[:, None] / half[1]
    leaves = fractal_noise(rng, y1 - y0, x1 - x0, 0.55 * scale, 6, 0.72)
    alpha = smoothstep(0.0, 0.16, 1.0 - np.hypot(x, y) + 2.4 * (leaves - 0.53))
    above = np.clip(0.62 - 0.38 * y - 0.18 * x, 0.12, 1.1)
    light = above * np.clip(1 + 4.2 * (leaves - 0.5), 0.12, 2.2)
    warmth = heat * (0.72 + 0.25 * above + 0.55 * (leaves - 0.5))
    layers.cover(
        (slice(y0, y1), slice(x0, x1)),
        alpha,
        light[..., None] * np.asarray(green, np.float32),
        warmth,
        depth,
        VEGETATION,
        np.clip(above, 0, 1),
    )


def paint_tree(layers: Layers, camera: Camera, thing: Thing, time: str) -> None:
    """Draw a trunk, some branches and a crown of clumps."""
    rng = np.random.default_rng(thing.seed)
    tall, spread = rng.uniform(5.5, 9.5), rng.uniform(1.6, 2.8)
    fork = tall * rng.uniform(0.30, 0.4)
    scale = camera.pixels_per_metre(thing.z)
    foot = camera.project(np.array([[thing.x, 0, thing.z]]))[0]
    sketch = Sketch(camera, foot + scale * np.array([[-spread, -tall], [spread, 0.1]]))
    bark, heat = (0.11, 0.085, 0.06), _foliage_heat(time) * 1.35
    lean = rng.uniform(-0.25, 0.25)
    top = foot + scale * np.array([lean, -fork])
    width = rng.uniform(0.12, 0.2) * scale
    sketch.limb(foot, top, width * 1.25, width * 0.85, bark, heat)
    for _ in range(5):
        tip = foot + scale * np.array(
            [lean + rng.uniform(-0.8, 0.8) * spread, -tall * rng.uniform(0.6, 0.85)]
        )
        sketch.limb(top, tip, width * 0.6, width * 0.15, bark, heat * 0.95)
    if not sketch.empty:
        ridges = fractal_noise(rng, *sketch.alpha().shape, max(0.12 * scale, 1.5), 3)
        sketch.put(
            layers,
            thing.z,
            VEGETATION,
            texture=0.5 + ridges,
            sun=0.6,
            heat_texture=0.8 + 0.4 * ridges,
        )
    season = rng.choice(3, p=[0.6, 0.25, 0.15])
    green = np.array(
        [(0.13, 0.20, 0.05), (0.20, 0.22, 0.05), (0.30, 0.19, 0.05)][season]
    ) * rng.uniform(0.75, 1.1)
    clumps = [
        (
            rng.uniform(-0.62, 0.62) * spread,
            rng.uniform(fork * 1.12, tall * 0.92),
            rng.uniform(0.42, 0.62) * spread,
        )
        for _ in range(9)
    ]
    for right, up, size in sorted(clumps, key=lambda clump: clump[1]):
        shade = 0.65 + 0.5 * (up - fork) / (tall - fork)
        paint_clump(
            layers,
            camera,
            (thing.x + lean + right, up),
            (size, size * 0.72),
            thing.z,
            green * shade,
            _foliage_heat(time),
            rng,
        )


def paint_hedge(
    layers: Layers, camera: Camera, x: float, z: float, tall: float, time: str, rng
) -> None:
    """Draw a bush that stands on the ground."""
    green = np.array([0.08, 0.13, 0.04]) * rng.uniform(0.7, 1.2)
    paint_clump(
        layers,
        camera,
        (x, tall * 0.42),
        (tall * 1.1, tall * 0.62),
        z,
        green,
        _foliage_heat(time) * 0.95,
        rng,
    )


def paint_lamp(layers: Layers, camera: Camera, thing: Thing, time: str) -> None:
    """Draw a street lamp that leans over the road; it burns at night."""
    scale = camera.pixels_per_metre(thing.z)
    foot = camera.project(np.array([[thing.x, 0, thing.z]]))[0]
    arm = -np.sign(thing.x) * 1.1
    sketch = Sketch(camera, foot + scale * np.array([[-1.5, -LAMP_HEIGHT - 0.4], [1.5, 0.1]]))
    metal, heat = (0.14, 0.15, 0.15), {"day": 0.27, "glare": 0.26}.get(time, 0.13)
    at = [
        foot + scale * np.array(p)
        for p in (
            (0, 0),
            (0, -LAMP_HEIGHT + 0.5),
            (arm * 0.3, -LAMP_HEIGHT),
            (arm, -LAMP_HEIGHT - 0.05),
        )
    ]
    sketch.limb(at[0], at[1], 0.08 * scale, 0.05 * scale, metal, heat)
    sketch.limb(at[1], at[2], 0.05 * scale, 0.045 * scale, metal, heat)
    sketch.limb(at[2], at[3], 0.045 * scale, 0.04 * scale, metal, heat)
    on = time in ("night", "fog")
    glow = (1.0, 0.93, 0.75) if on else (0, 0, 0)
    sketch.ellipse(at[3], (0.32 * scale, 0.11 * scale), (0.5, 0.5, 0.48), heat + 0.45 * on, glow)
    sketch.put(layers, thing.z, BACKGROUND, sun=0.8)


_SIGN_LOOKS = (
    ("disc", (0.75, 0.75, 0.72), (0.55, 0.03, 0.03)),
    ("disc", (0.04, 0.12, 0.50), (0.75, 0.75, 0.75)),
    ("triangle", (0.75, 0.75, 0.70), (0.58, 0.03, 0.03)),
    ("board", (0.04, 0.14, 0.48), (0.75, 0.75, 0.75)),
    ("board", (0.05, 0.30, 0.12), (0.75, 0.75, 0.75)),
    ("board", (0.72, 0.55, 0.05), (0.05, 0.05, 0.05)),
)


def paint_sign(layers: Layers, camera: Camera, thing: Thing, time: str) -> None:
    """Draw a traffic sign on a pole: its face shows in the visible, hardly in the infrared."""
    rng = np.random.default_rng(thing.seed)
    scale = camera.pixels_per_metre(thing.z)
    foot = camera.project(np.array([[thing.x, 0, thing.z]]))[0]
    heat = {"day": 0.24, "glare": 0.23}.get(time, 0.12)
    pole = Sketch(camera, foot + scale * np.array([[-0.1, -2.9], [0.1, 0.05]]))
    pole.limb(foot, foot - (0, 2.8 * scale), 0.035 * scale, 0.035 * scale, (0.32, 0.33, 0.33), heat)
    pole.put(layers, thing.z + 0.05, BACKGROUND, sun=0.8)
    kind, ground, mark = _SIGN_LOOKS[rng.integers(len(_SIGN_LOOKS))]
    centre = foot - (0, 2.45 * scale)
    face = Sketch(camera, centre + scale * np.array([[-0.8, -0.6], [0.8, 0.6]]))
    _sign_face(face, kind, centre, scale, ground, mark, heat, rng)
    face.put(layers, thing.z, SIGN, sun=0.7)


def _sign_face(
    face: Sketch, kind: str, centre, scale: float, ground, mark, heat: float, rng
) -> None:
    def box(x0: float, y0: float, x1: float, y1: float, colour, warmth: float = heat) -> None:
        corners = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
        face.polygon(centre + corners * scale, colour, warmth)

    if kind == "disc":
        face.ellipse(centre, (0.36 * scale, 0.36 * scale), mark, heat * 1.05)
        face.ellipse(centre, (0.28 * scale, 0.28 * scale), ground, heat)
        box(-0.17, -0.05, 0.17, 0.05, mark)
    elif kind == "triangle":
        for size, colour in ((0.46, mark), (0.30, ground)):
            t = np.pi / 2 + np.arange(3) * 2 * np.pi / 3
            points = np.stack([np.cos(t), -np.sin(t)], 1) * size + (0, 0.06)
            face.polygon(centre + points * scale, colour, heat)
        box(-0.03, -0.06, 0.03, 0.10, (0.03, 0.03, 0.03))
    else:
        box(-0.70, -0.42, 0.70, 0.42, mark, heat * 1.05)
        box(-0.66, -0.38, 0.66, 0.38, ground)
        for line in range(3):
            right = -0.52 + rng.uniform(0.5, 1.0)
            for x in np.arange(-0.52, right, 0.13):
                y = -0.26 + 0.22 * line
                box(x, y, x + rng.uniform(0.05, 0.10), y + rng.uniform(0.08, 0.13), mark)
