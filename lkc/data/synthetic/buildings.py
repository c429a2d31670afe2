"""Buildings: boxes along the street, their faces textured with bricks, floors and windows."""

from dataclasses import dataclass

import cv2
import numpy as np

from lkc.data.synthetic.camera import NEAR, Camera
from lkc.data.synthetic.classes import BUILDING
from lkc.data.synthetic.ground import repeated_stripe
from lkc.data.synthetic.layers import Layers
from lkc.data.synthetic.noise import fractal_noise, smoothstep
from lkc.data.synthetic.plan import Block

_WALLS = (
    (0.42, 0.24, 0.17),
    (0.50, 0.45, 0.38),
    (0.36, 0.36, 0.37),
    (0.58, 0.55, 0.50),
    (0.30, 0.22, 0.18),
    (0.44, 0.48, 0.50),
    (0.55, 0.42, 0.28),
)
_LIT = ((1.0, 0.72, 0.38), (1.0, 0.86, 0.62), (0.80, 1.0, 0.86), (0.85, 0.95, 1.0))


@dataclass(frozen=True)
class Style:
    """How a building's faces look; widths and heights in metres."""

    wall: np.ndarray
    bay: float
    window: float
    floor: float
    pane: float
    shop: bool
    bricks: bool
    lit: np.ndarray
    warmth: np.ndarray
    blinds: np.ndarray
    base_heat: float


def make_style(rng: np.random.Generator, time: str) -> Style:
    """Choose a building's looks at random; more windows are lit at night."""
    bay, floor = rng.uniform(1.9, 3.6), rng.uniform(2.9, 3.6)
    share = {"night": rng.uniform(0.08, 0.45), "fog": 0.12}.get(time, 0.03)
    lamp = np.asarray(_LIT)[rng.integers(len(_LIT), size=(12, 40))]
    lit = (rng.random((12, 40)) < share)[..., None] * lamp * rng.uniform(0.25, 1.0, (12, 40, 1))
    base = {"day": 0.27, "glare": 0.26, "night": 0.17, "fog": 0.19}[time]
    return Style(
        wall=np.asarray(_WALLS[rng.integers(len(_WALLS))]) * rng.uniform(0.75, 1.1),
        bay=bay,
        window=bay * rng.uniform(0.42, 0.72),
        floor=floor,
        pane=floor * rng.uniform(0.42, 0.6),
        shop=rng.random() < 0.45,
        bricks=rng.random() < 0.4,
        lit=lit.astype(np.float32),
        warmth=(rng.random((12, 40)) ** 4).astype(np.float32),
        blinds=rng.random((12, 40)).astype(np.float32),
        base_heat=base * rng.uniform(0.85, 1.2),
    )


def paint_face(
    layers: Layers,
    camera: Camera,
    style: Style,
    corners: np.ndarray,
    along: np.ndarray,
    depth: np.ndarray,
    height: float,
    sun: float,
    rng: np.random.Generator,
) -> None:
    """Draw one upright face.

    Args:
        layers: what to draw on.
        camera: who looks.
        style: looks of the building.
        corners: (4, 2) corners in the frame, pixels.
        along: (W,) position on the face under each column of the frame, metres.
        depth: (W,) distance of the face under each column, metres.
        height: of the building, metres.
        sun: share of sunlight on the face.
        rng: source of randomness.
    """
    x0, x1 = (
        int(np.clip(f(corners[:, 0]), 0, camera.width))
        for f in (lambda c: np.floor(c.min()), lambda c: np.ceil(c.max()))
    )
    y0, y1 = (
        int(np.clip(f(corners[:, 1]), 0, camera.height))
        for f in (lambda c: np.floor(c.min()), lambda c: np.ceil(c.max()))
    )
    if x1 - x0 < 1 or y1 - y0 < 1:
        return
    mask = np.zeros((y1 - y0, x1 - x0), np.uint8)
    fixed = np.round((np.clip(corners, -20_000, 20_000) - (x0 + 0.5, y0 + 0.5)) * 16).astype(
        np.int32
    )
    cv2.fillPoly(mask, [fixed], 255, cv2.LINE_AA, shift=4)
    s, d = along[x0:x1][None].astype(np.float32), depth[x0:x1][None].astype(np.float32)
    ds = (
        np.abs(np.gradient(along[x0:x1]))[None].astype(np.float32) + 1e-3
        if x1 - x0 > 1
        else np.full((1, 1), 1.0, np.float32)
    )
    dy = d / camera.focal
    y = camera.eye + (camera.horizon - np.arange(y0, y1, dtype=np.float32)[:, None] - 0.5) * dy
    reflectance, heat, glow = _texture(style, s, y, ds, dy, height, rng)
    alpha = mask.astype(np.float32) / 255
    layers.cover(
        (slice(y0, y1), slice(x0, x1)),
        alpha,
        reflectance,
        heat,
        np.broadcast_to(d, alpha.shape),
        BUILDING,
        sun,
        glow,
    )


def _texture(
    style: Style, s, y, ds, dy, height: float, rng
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return reflectance, heat and glow of a face at positions ``s`` along and ``y`` up."""
    shape = np.broadcast_shapes(s.shape, y.shape)
    grime = fractal_noise(rng, *shape, 90, 5, 0.6) - 0.5
    tone = 1 + 0.5 * grime - 0.25 * smoothstep(1.2, 0.0, y)
    ledge = repeated_stripe(y, style.floor, 0, 0.22, dy) * (y > 2)
    tone = tone * (1 + 0.28 * ledge) - 0.35 * repeated_stripe(
        y, style.floor, style.floor - 0.12, style.floor, dy
    )
    if style.bricks:
        mortar = np.maximum(
            repeated_stripe(y, 0.25, 0, 0.035, dy), repeated_stripe(s, 0.5, 0, 0.035, ds)
        )
        tone = tone * (1 - 0.22 * mortar)
    cornice = smoothstep(height - 0.7, height - 0.6, y)
    tone = tone + 0.22 * cornice

    sill = (style.floor - style.pane) * 0.55
    margin = (style.bay - style.window) / 2
    row = np.floor(y / style.floor).astype(int)
    column = np.floor(s / style.bay).astype(int) % 40
    ground_floor = row == 0
    inside_wall = (y < height - 0.8) & (y > 0.5)
    if style.shop:
        inside_wall &= True
    else:
        inside_wall &= ~ground_floor | (column % 2 == 0)
    across = repeated_stripe(s, style.bay, margin, style.bay - margin, ds)
    glass = across * repeated_stripe(y, style.floor, sill, sill + style.pane, dy) * inside_wall
    frame_across = repeated_stripe(s, style.bay, margin - 0.09, style.bay - margin + 0.09, ds)
    frame = (
        frame_across
        * repeated_stripe(y, style.floor, sill - 0.14, sill + style.pane + 0.08, dy)
        * inside_wall
    )
    bar = repeated_stripe(s, style.bay, style.bay / 2 - 0.03, style.bay / 2 + 0.03, ds)
    glass = glass * (1 - bar)

    cell = (np.broadcast_to(row % 12, shape), np.broadcast_to(column, shape))
    blinds = style.blinds[cell]
    level = (np.mod(y, style.floor) - sill) / style.pane
    drawn = np.clip((level - blinds) * 12, 0, 1) * (blinds > 0.35)
    pane = (
        0.05
        + 0.10 * level[..., None] * np.array([0.7, 0.9, 1.15], np.float32)
        + 0.30 * drawn[..., None] * np.array([1.0, 0.95, 0.85])
    )
    wall = style.wall * np.clip(tone, 0.15, 1.6)[..., None]
    reflectance = wall + frame[..., None] * (style.wall * 0.35 + 0.32 - wall)
    reflectance = reflectance + glass[..., None] * (pane - reflectance)

    lit = style.lit[cell]
    indoors = (
        (0.55 + 0.45 * level)
        * (0.75 + 0.5 * fractal_noise(rng, *shape, 12, 2))
        * (1 - 0.45 * drawn)
    )
    glow = lit * (glass * indoors)[..., None] * 1.6
    warm = style.warmth[cell]
    heat = style.base_heat * (
        1 + 0.30 * grime + 0.12 * ledge - 0.10 * cornice + 0.1 * smoothstep(3, 0, y)
    )
    heat = heat + glass * (style.base_heat * (0.75 + 0.25 * level) + 0.30 * warm - heat) * 0.9
    return np.clip(reflectance, 0.01, 1), np.clip(heat, 0.01, 0.7), glow


def paint_building(layers: Layers, camera: Camera, block: Block, time: str, sun_side: int) -> None:
    """Draw a building: the face along the street, and the one that looks at the camera."""
    rng = np.random.default_rng(block.seed)
    style = make_style(rng, time)
    x, near = block.side * block.face, max(block.near, NEAR)
    if block.far <= near:
        return
    columns = np.arange(camera.width) + 0.5 - camera.column
    if block.near > NEAR:
        depth = np.full(camera.width, block.near)
        back = x + block.side * 22
        corners = _corners(camera, (x, block.near), (back, block.near), block.height)
        along = camera.x + columns * block.near / camera.focal + 100
        paint_face(
            layers,
            camera,
            style,
            corners,
            along,
            depth,
            block.height,
            0.35 if time != "glare" else 0.0,
            rng,
        )
    lateral = x - camera.x
    towards = np.where(columns * np.sign(lateral) > 1e-3, columns, np.sign(lateral) * 1e-3)
    depth = np.clip(lateral * camera.focal / towards, NEAR, 400)
    corners = _corners(camera, (x, near), (x, block.far), block.height)
    lit = 1.0 if block.side != sun_side else 0.0
    paint_face(layers, camera, style, corners, depth, depth, block.height, lit, rng)


def _corners(camera: Camera, start: tuple, end: tuple, height: float) -> np.ndarray:
    points = [(*start, 0), (*end, 0), (*end, height), (*start, height)]
    return camera.project(np.array([(x, y, z) for x, z, y in points]))
