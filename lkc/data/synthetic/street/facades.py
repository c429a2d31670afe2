"""Draw the face of a building: bricks, floors, windows, light and warmth behind them."""

from dataclasses import dataclass

import numpy as np

from lkc.data.synthetic.noise import fractal_noise, smoothstep
from lkc.data.synthetic.street.conditions import Hour
from lkc.data.synthetic.street.stripes import repeated_stripe

_FLOORS, _BAYS = 12, 40

_WALLS = (
    (0.42, 0.24, 0.17),
    (0.50, 0.45, 0.38),
    (0.36, 0.36, 0.37),
    (0.58, 0.55, 0.50),
    (0.30, 0.22, 0.18),
    (0.44, 0.48, 0.50),
    (0.55, 0.42, 0.28),
)
_LAMPS = ((1.0, 0.72, 0.38), (1.0, 0.86, 0.62), (0.80, 1.0, 0.86), (0.85, 0.95, 1.0))


@dataclass(frozen=True)
class Facade:
    """The looks of a building; lengths in metres, tables by floor and bay.

    Attributes:
        wall: (3,) reflectance.
        bay, window: distance and width of windows.
        floor, pane: distance and height of windows.
        every_bay: whether the ground floor has a window in every bay, or in every other.
        bricks: whether mortar shows.
        light: (floors, bays, 3) light behind each window.
        warmth: (floors, bays) heat behind each window.
        blinds: (floors, bays) how far each blind is drawn.
        heat: of the wall.
    """

    wall: np.ndarray
    bay: float
    window: float
    floor: float
    pane: float
    every_bay: bool
    bricks: bool
    light: np.ndarray
    warmth: np.ndarray
    blinds: np.ndarray
    heat: float


def make_facade(rng: np.random.Generator, hour: Hour) -> Facade:
    """Choose a building's looks at random."""
    bay, floor = rng.uniform(1.9, 3.6), rng.uniform(2.9, 3.6)
    tables = (_FLOORS, _BAYS)
    is_lit = rng.random(tables) < hour.lit * rng.uniform(0.2, 1)
    lamps = np.array(_LAMPS)[rng.integers(len(_LAMPS), size=tables)]
    return Facade(
        wall=np.array(_WALLS[rng.integers(len(_WALLS))], np.float32)
        * np.float32(rng.uniform(0.75, 1.1)),
        bay=bay,
        window=bay * rng.uniform(0.42, 0.72),
        floor=floor,
        pane=floor * rng.uniform(0.42, 0.6),
        every_bay=rng.random() < 0.45,
        bricks=rng.random() < 0.4,
        light=(is_lit[..., None] * lamps * rng.uniform(0.25, 1.0, (*tables, 1))).astype(np.float32),
        warmth=rng.random(tables, dtype=np.float32) ** 4,
        blinds=rng.random(tables, dtype=np.float32),
        heat=hour.wall * rng.uniform(0.85, 1.2),
    )


@dataclass(frozen=True)
class _Wall:
    """Positions on a face: `s` (1, w) along and `y` (h, w) up, metres; `ds`, `dy` pixel sizes."""

    s: np.ndarray
    y: np.ndarray
    ds: np.ndarray
    dy: np.ndarray
    grime: np.ndarray


def _tone(facade: Facade, wall: _Wall, height: float) -> np.ndarray:
    """Return the brightness of the wall itself: grime, ledges, mortar, cornice."""
    y, floor = wall.y, facade.floor
    tone = 1 + 0.5 * wall.grime - 0.25 * smoothstep(1.2, 0.0, y)
    tone = tone * (1 + 0.28 * repeated_stripe(y, floor, 0, 0.22, wall.dy) * (y > 2))
    tone = tone - 0.35 * repeated_stripe(y, floor, floor - 0.12, floor, wall.dy)
    if facade.bricks:
        courses = repeated_stripe(y, 0.25, 0, 0.035, wall.dy)
        joints = repeated_stripe(wall.s, 0.5, 0, 0.035, wall.ds)
        tone = tone * (1 - 0.22 * np.maximum(courses, joints))
    return np.clip(tone + 0.22 * smoothstep(height - 0.7, height - 0.6, y), 0.15, 1.6)


def _opening(facade: Facade, wall: _Wall, has_window: np.ndarray, border: float) -> np.ndarray:
    """Return how much of each pixel lies in a window, or in its frame of a given border."""
    margin, sill = (facade.bay - facade.window) / 2, (facade.floor - facade.pane) * 0.55
    across = repeated_stripe(
        wall.s, facade.bay, margin - border, facade.bay - margin + border, wall.ds
    )
    low, high = sill - 1.4 * border, sill + facade.pane + 0.9 * border
    return across * repeated_stripe(wall.y, facade.floor, low, high, wall.dy) * has_window


def _pane(level: np.ndarray, blind: np.ndarray) -> np.ndarray:
    """Return reflectance (h, w, 3) of glass: the sky mirrored towards its top, and blinds."""
    sky = 0.05 + 0.10 * level[..., None] * np.array([0.7, 0.9, 1.15], np.float32)
    return sky + 0.30 * blind[..., None] * np.array([1.0, 0.95, 0.85], np.float32)


def _wall_heat(facade: Facade, wall: _Wall) -> np.ndarray:
    """Return the wall's heat: warmer near the ground, cooler along the floors' ledges."""
    ledge = repeated_stripe(wall.y, facade.floor, 0, 0.25, wall.dy)
    return facade.heat * (1 + 0.45 * wall.grime + 0.16 * smoothstep(2.5, 0, wall.y) - 0.10 * ledge)


def render_facade(
    facade: Facade,
    s: np.ndarray,
    y: np.ndarray,
    ds: np.ndarray,
    dy: np.ndarray,
    height: float,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return reflectance (h, w, 3), heat (h, w) and glow (h, w, 3) of a face.

    Args:
        facade: looks of the building.
        s: (1, w) positions along the face, metres, at least 0.
        y: (h, w) or (h, 1) positions above the ground, metres.
        ds: (1, w) width of a pixel, metres.
        dy: height of a pixel, metres; broadcasts.
        height: of the building, metres.
        rng: source of randomness.
    """
    y = np.broadcast_to(y, (y.shape[0], s.shape[1]))
    wall = _Wall(s, y, ds, dy, fractal_noise(rng, y.shape, 90, 5, 0.6) - 0.5)
    floor = np.floor(y / facade.floor).astype(int)
    bay = np.broadcast_to(np.floor(s / facade.bay).astype(int) % _BAYS, y.shape)
    has_window = (y < height - 0.8) & (y > 0.5)
    has_window &= (floor != 0) | (bay % 2 == 0) | facade.every_bay
    middle = repeated_stripe(s, facade.bay, facade.bay / 2 - 0.03, facade.bay / 2 + 0.03, ds)
    glass = _opening(facade, wall, has_window, 0.0) * (1 - middle)
    frame = _opening(facade, wall, has_window, 0.10)

    cell = (floor % _FLOORS, bay)
    level = (np.mod(y, facade.floor) - (facade.floor - facade.pane) * 0.55) / facade.pane
    blind = np.clip((level - facade.blinds[cell]) * 12, 0, 1) * (facade.blinds[cell] > 0.35)
    reflectance = facade.wall * _tone(facade, wall, height)[..., None]
    reflectance += frame[..., None] * (facade.wall * 0.35 + 0.32 - reflectance)
    reflectance += glass[..., None] * (_pane(level, blind) - reflectance)

    room = (0.5 + 0.45 * level) * (0.65 + 0.7 * fractal_noise(rng, y.shape, 12, 2))
    glow = facade.light[cell] * (1.6 * glass * room * (1 - 0.45 * blind))[..., None]
    behind = facade.heat * (0.62 + 0.25 * level) + 0.30 * facade.warmth[cell]
    heat = _wall_heat(facade, wall) - 0.12 * facade.heat * frame
    heat += 0.9 * glass * (behind - heat)
    return np.clip(reflectance, 0.01, 1), np.clip(heat, 0.01, 0.7), glow
