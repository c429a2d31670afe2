"""Things that stand in a street, each painted for both cameras at once."""

import numpy as np

from lkc.data.synthetic.street_canvas import Canvas
from lkc.data.synthetic.texture import fractal_noise


def paint_ground(canvas: Canvas, road_heat: float) -> None:
    """Road with dashed lane marks, kerbs and pavements, out to the horizon."""
    rows = np.arange(canvas.height, dtype=np.float32)[:, None]
    below = rows > canvas.horizon + 1
    depth = canvas.focal * 1.6 / np.maximum(rows - canvas.horizon, 1)
    depth = np.broadcast_to(depth, (canvas.height, canvas.width)).astype(np.float32)
    ground = np.broadcast_to(below, depth.shape)
    canvas.paint(ground, "background", depth, (0.42, 0.40, 0.37), 0.30, roughness=0.2)
    road = canvas.polygon(canvas.project([(-4, 0, 2), (-4, 0, 300), (4, 0, 300), (4, 0, 2)]))
    canvas.paint(road, "road", depth, (0.27, 0.27, 0.28), road_heat, roughness=0.16)
    for side in (-4, 4):
        kerb = [(side, 0, 2), (side, 0, 300), (side * 1.04, 0, 300), (side * 1.04, 0, 2)]
        canvas.paint(canvas.polygon(canvas.project(kerb)), "road", depth, (0.55, 0.54, 0.5), 0.3)
    for start in np.arange(2.5, 90, 6.0):  # marks differ in paint, not in temperature
        dash = [(-0.08, 0, start), (-0.08, 0, start + 3), (0.08, 0, start + 3), (0.08, 0, start)]
        mark = canvas.polygon(canvas.project(dash))
        canvas.paint(mark, "road", depth, (0.85, 0.85, 0.8), canvas.heat)


def paint_building(
    canvas: Canvas, rng: np.random.Generator, side: int, near: float, far: float
) -> None:
    """A facade along the street with rows of windows, some lit, some leaking heat."""
    height, x = rng.uniform(7, 16), side * rng.uniform(8.0, 9.5)
    wall = [(x, 0, near), (x, height, near), (x, height, far), (x, 0, far)]
    front = [(x, 0, near), (x, height, near), (x + side * 9, height, near), (x + side * 9, 0, near)]
    base = rng.uniform(0.3, 0.6) * np.array([1.0, rng.uniform(0.8, 0.97), rng.uniform(0.7, 0.95)])
    warmth = rng.uniform(0.26, 0.36)
    for corners, light in ((wall, 1.0), (front, 0.75)):
        mask = canvas.polygon(canvas.project(corners))
        canvas.paint(mask, "building", near, tuple(light * base), warmth, roughness=0.15)
    for floor in np.arange(1.0, height - 2.2, 3.0):
        for z in np.arange(near + 1, far - 1.5, 3.0):
            pane = [
                (x, floor, z),
                (x, floor + 1.5, z),
                (x, floor + 1.5, z + 1.3),
                (x, floor, z + 1.3),
            ]
            lit, leaking = rng.random() < 0.3, rng.random() < 0.25
            canvas.paint(
                canvas.polygon(canvas.project(pane)),
                "building",
                near,
                (0.9, 0.8, 0.55) if lit else (0.16, 0.19, 0.23),
                0.5 if leaking else 0.2,
                glow=(0.75, 0.58, 0.3) if lit else 0.0,
            )


def paint_tree(canvas: Canvas, rng: np.random.Generator, x: float, z: float) -> None:
    """A trunk and a crown whose edge is broken by noise."""
    tall = rng.uniform(4.5, 7)
    foot, fork = canvas.project([(x, 0, z), (x, tall * 0.6, z)])
    trunk = canvas.capsule(foot, fork, 0.3 * canvas.scale(z))
    canvas.paint(trunk, "vegetation", z, (0.25, 0.19, 0.14), 0.33)
    centre, radius = canvas.project([(x, tall * 0.75, z)])[0], tall * 0.36 * canvas.scale(z)
    left, top = np.maximum(centre - 1.4 * radius, 0).astype(int)
    right, bottom = (
        np.ceil(centre + 1.4 * radius).astype(int).clip(0, (canvas.width, canvas.height))
    )
    if right <= left or bottom <= top:
        return
    leaves = fractal_noise(rng, bottom - top, right - left, max(4, int(canvas.scale(z) * 0.8)), 6)
    rows, columns = np.mgrid[top:bottom, left:right]
    distance = np.hypot(columns - centre[0], (rows - centre[1]) * 0.85) / radius
    crown = np.zeros((canvas.height, canvas.width), dtype=bool)
    crown[top:bottom, left:right] = distance + 0.25 * leaves.clip(-1, 1) < 1
    from_above = (1.15 - 0.5 * (rows - centre[1]) / radius).clip(0.5, 1.5)
    light = (from_above * (1 + 0.7 * leaves).clip(0.25, 2))[crown[top:bottom, left:right]]
    canvas.paint(crown, "vegetation", z, light[:, None] * np.float32([0.16, 0.30, 0.12]), 0.24)


def paint_lamp(canvas: Canvas, x: float, z: float, is_on: bool) -> None:
    """A street lamp with its arm towards the road."""
    arm = x - np.sign(x) * 1.2
    foot, top, head = canvas.project([(x, 0, z), (x, 6, z), (arm, 6.2, z)])
    for start, end in ((foot, top), (top, head)):
        pole = canvas.capsule(start, end, 0.12 * canvas.scale(z))
        canvas.paint(pole, "background", z, (0.32, 0.33, 0.34), 0.25)
    bulb = canvas.disc(head, 0.2 * canvas.scale(z), aspect=0.5)
    glow = (6.0, 5.0, 3.2) if is_on else 0.0
    canvas.paint(bulb, "background", z, (0.9, 0.88, 0.8), 0.75 if is_on else 0.25, glow)


def paint_sign(canvas: Canvas, rng: np.random.Generator, x: float, z: float) -> None:
    """A round traffic sign: plain to the eye, nearly invisible in infrared."""
    size = canvas.scale(z)
    foot, centre = canvas.project([(x, 0, z), (x, 2.4, z)])
    canvas.paint(canvas.capsule(foot, centre, 0.07 * size), "sign", z, (0.5, 0.5, 0.5), 0.27)
    rim, face = ((0.75, 0.08, 0.08), (0.92, 0.92, 0.9))
    if rng.random() < 0.5:
        rim, face = (0.92, 0.92, 0.9), (0.08, 0.2, 0.62)
    canvas.paint(canvas.disc(centre, 0.4 * size), "sign", z, rim, 0.28)
    canvas.paint(canvas.disc(centre, 0.3 * size), "sign", z, face, 0.28)
    bar = centre + np.array([[-0.17, -0.05], [0.17, -0.05], [0.17, 0.05], [-0.17, 0.05]]) * size
    canvas.paint(canvas.polygon(bar), "sign", z, rim, 0.28)


def paint_car(
    canvas: Canvas, rng: np.random.Generator, x: float, z: float, oncoming: bool, lights: bool
) -> None:
    """A car from behind or from the front: warm tyres and bonnet or exhaust, cold glass."""
    size, foot = canvas.scale(z), canvas.project([(x, 0, z)])[0]

    def box(left: float, bottom: float, right: float, top: float, taper: float = 0.0) -> np.ndarray:
        corners = [(left, bottom), (left + taper, top), (right - taper, top), (right, bottom)]
        return canvas.polygon(foot + np.array(corners) * [1, -1] * size)

    body = tuple(rng.choice([(0.6, 0.62, 0.65), (0.5, 0.1, 0.1), (0.12, 0.2, 0.4), (0.8,) * 3]))
    engine = 0.62 if oncoming else 0.42
    for left in (-0.85, 0.6):
        canvas.paint(box(left, 0, left + 0.25, 0.4), "car", z, (0.05, 0.05, 0.05), 0.72)
    canvas.paint(box(-0.9, 0.25, 0.9, 0.95, 0.05), "car", z, body, engine)
    canvas.paint(box(-0.78, 0.9, 0.78, 1.48, 0.16), "car", z, tuple(0.8 * c for c in body), 0.36)
    canvas.paint(box(-0.66, 0.95, 0.66, 1.38, 0.13), "car", z, (0.1, 0.13, 0.16), 0.17)
    canvas.paint(box(-0.85, 0.2, 0.85, 0.35), "car", z, (0.12, 0.12, 0.13), 0.6)
    if not oncoming:
        canvas.paint(box(0.45, 0.16, 0.6, 0.26), "car", z, (0.1, 0.1, 0.1), 0.95)  # exhaust
    lamp = (0.95, 0.93, 0.85) if oncoming else (0.6, 0.05, 0.05)
    shine = ((7.0, 6.8, 6.0) if oncoming else (1.2, 0.08, 0.05)) if lights else 0.0
    for left in (-0.85, 0.57):
        canvas.paint(box(left, 0.62, left + 0.28, 0.8), "car", z, lamp, engine, glow=shine)


def paint_person(canvas: Canvas, rng: np.random.Generator, x: float, z: float) -> None:
    """A walking person: bare skin hottest, clothes a little cooler."""
    tall, stride = rng.uniform(1.55, 1.9), rng.uniform(0.12, 0.32) * rng.choice([-1, 1])
    cloth = rng.uniform(0.08, 0.4, size=3)
    trousers = rng.uniform(0.06, 0.25) * np.ones(3)

    def at(dx: float, y: float) -> np.ndarray:
        return canvas.project([(x + dx, y * tall, z)])[0]

    size = canvas.scale(z) * tall
    hip, neck = at(0, 0.5), at(0, 0.82)
    limbs = [  # start, joint, end, width, colour, heat
        (at(0.03, 0.5), at(stride * 0.5, 0.27), at(stride, 0.03), 0.085, trousers, 0.80),
        (at(-0.03, 0.5), at(-stride * 0.2, 0.27), at(-stride, 0.05), 0.085, trousers, 0.78),
        (
            at(0.16, 0.78),
            at(0.2 - stride * 0.3, 0.6),
            at(0.18 - stride * 0.8, 0.47),
            0.06,
            cloth,
            0.84,
        ),
    ]
    for start, joint, end, width, colour, heat in limbs:
        for a, b in ((start, joint), (joint, end)):
            canvas.paint(canvas.capsule(a, b, width * size), "person", z, tuple(colour), heat)
    torso = [at(-0.19, 0.81), at(0.19, 0.81), at(0.14, 0.48), at(-0.14, 0.48)]
    canvas.paint(canvas.polygon(np.array(torso)), "person", z, tuple(cloth), 0.86)
    canvas.paint(canvas.capsule(hip, neck, 0.15 * size), "person", z, tuple(cloth), 0.86)
    arm = [at(-0.17, 0.78), at(-0.2 + stride * 0.3, 0.6), at(-0.18 + stride * 0.8, 0.47)]
    for a, b in ((arm[0], arm[1]), (arm[1], arm[2])):
        canvas.paint(canvas.capsule(a, b, 0.06 * size), "person", z, tuple(0.8 * cloth), 0.84)
    skin = (0.62, 0.45, 0.36)
    canvas.paint(canvas.disc(at(0, 0.925), 0.062 * size, 1.3), "person", z, skin, 0.97)
    hair = canvas.disc(at(0, 0.955), 0.062 * size, 0.8)
    canvas.paint(hair, "person", z, (0.1, 0.07, 0.05), 0.88)
