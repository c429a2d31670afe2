"""One axial slice of an imagined head: which tissue lies where."""

from enum import IntEnum

import cv2
import numpy as np

from lkc.data.synthetic.noise import fractal_noise, smoothstep


class Tissue(IntEnum):
    """What a point of the head is made of."""

    AIR = 0
    SKIN = 1
    FAT = 2
    BONE = 3
    MARROW = 4
    FLUID = 5
    GRAY = 6
    WHITE = 7
    PUTAMEN = 8
    PALLIDUM = 9
    THALAMUS = 10
    LESION = 11
    SWELLING = 12
    VESSEL = 13


class Board:
    """A square drawing board in head units: x to the right and y down, both in [-1, 1].

    Args:
        size: side, pixels.
    """

    def __init__(self, size: int):
        self.size = size
        self.tissue = np.zeros((size, size), np.uint8)
        axis = (np.arange(size, dtype=np.float32) + 0.5) * 2 / size - 1
        self.x, self.y = (
            np.broadcast_to(axis[None], (size, size)),
            np.broadcast_to(axis[:, None], (size, size)),
        )

    def unit(self, pixels: float) -> float:
        """Return a length given in pixels of a 256-pixel slice in pixels of this board."""
        return pixels * self.size / 256

    def pixels(self, points) -> np.ndarray:
        """Return head positions (N, 2) as fixed-point pixels with 4 fractional bits."""
        return np.round(((np.asarray(points) + 1) * self.size / 2 - 0.5) * 16).astype(np.int32)

    def fill(self, points, tissue: int) -> None:
        """Fill a polygon."""
        cv2.fillPoly(self.tissue, [self.pixels(points)], int(tissue), shift=4)

    def inside(self, points) -> np.ndarray:
        """Return the (size, size) mask of a polygon."""
        mask = np.zeros_like(self.tissue)
        cv2.fillPoly(mask, [self.pixels(points)], 1, shift=4)
        return mask


def depth_inside(mask: np.ndarray) -> np.ndarray:
    """Return each pixel's distance to the outside of a mask, pixels."""
    return cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 5)


def smooth_curve(points, count: int = 60, closed: bool = True) -> np.ndarray:
    """Return a Catmull-Rom curve through points, (count * N, 2)."""
    p = np.asarray(points, float)
    if not closed:
        p = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
    before, here, after, later = (
        [np.roll(p, s, 0) for s in (1, 0, -1, -2)] if closed else [p[:-3], p[1:-2], p[2:-1], p[3:]]
    )
    t = np.linspace(0, 1, count, endpoint=False)[:, None, None]
    curve = 0.5 * (
        2 * here
        + (after - before) * t
        + (2 * before - 5 * here + 4 * after - later) * t**2
        + (3 * here - before - 3 * after + later) * t**3
    )
    return curve.transpose(1, 0, 2).reshape(-1, 2)


def _head_outline(rng: np.random.Generator) -> np.ndarray:
    """Return the skin: an egg, narrower in front (up), each head a little different."""
    t = np.linspace(0, 2 * np.pi, 240, endpoint=False)
    width, length = rng.uniform(0.60, 0.66), rng.uniform(0.76, 0.82)
    x, y = np.cos(t), np.sin(t)
    egg = width * (1 + 0.10 * y - 0.05 * y**2)
    wobble = 1 + sum(
        rng.normal(0, 0.006 / k) * np.cos(k * t + rng.uniform(0, 6.3)) for k in (2, 3, 4, 5)
    )
    return np.stack([egg * x * wobble, length * y * wobble * (1 - 0.03 * np.abs(x))], 1)


def _sulci(board: Board, brain: np.ndarray, rng: np.random.Generator, width: float) -> np.ndarray:
    """Return the mask of furrows: walks that start at the brain's surface and wander inwards."""
    mask = np.zeros_like(board.tissue)
    contour = max(cv2.findContours(brain, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0], key=len)[
        :, 0
    ]
    inward = cv2.GaussianBlur(depth_inside(brain), (0, 0), board.unit(5))
    gy, gx = np.gradient(inward)
    count = int(rng.integers(34, 42))
    starts = (np.arange(count) + rng.uniform(-0.28, 0.28, count)) / count
    for start in starts:
        position = contour[int(start * len(contour)) % len(contour)].astype(float)
        reach = rng.choice([rng.uniform(9, 16), rng.uniform(18, 34)], p=[0.45, 0.55])
        _furrow(board, mask, position, (gx, gy), reach, rng, width)
    return mask


def _furrow(
    board, mask, position, gradient, reach: float, rng, width: float, turn: float = 0.0
) -> None:
    gx, gy = gradient
    bend, phase, pitch = rng.uniform(0.35, 0.95), rng.uniform(0, 6.3), rng.uniform(9, 15)
    branch = (
        rng.uniform(0.45, 0.8) * reach if reach > 14 and turn == 0 and rng.random() < 0.75 else None
    )
    for step in np.arange(0, reach, 0.5):
        row, column = (int(np.clip(v, 0, board.size - 1)) for v in position[::-1])
        angle = np.arctan2(gy[row, column], gx[row, column]) + turn
        angle += bend * np.sin(phase + 2 * np.pi * step / pitch) + rng.normal(0, 0.10)
        position = position + board.unit(0.5) * np.array([np.cos(angle), np.sin(angle)])
        size = board.unit(width) * (0.95 - 0.55 * step / reach)
        centre = np.round(position * 16).astype(int).tolist()
        cv2.circle(mask, centre, max(int(size * 16), 9), 1, -1, shift=4)
        if branch is not None and step >= branch:
            side = rng.choice([-1, 1]) * rng.uniform(0.9, 1.4)
            _furrow(board, mask, position.copy(), gradient, reach * 0.4, rng, width * 0.8, side)
            branch = None


def _ribbon(board: Board, path, widths) -> np.ndarray:
    """Return the outline of a band along a path of head positions with varying half width."""
    curve = smooth_curve(path, 16, closed=False)
    half = np.interp(np.linspace(0, 1, len(curve)), np.linspace(0, 1, len(widths)), widths)[:, None]
    tangent = np.gradient(curve, axis=0)
    normal = np.stack([-tangent[:, 1], tangent[:, 0]], 1) / np.maximum(
        np.hypot(*tangent.T)[:, None], 1e-9
    )
    return np.concatenate([curve + normal * half, (curve - normal * half)[::-1]])


def _deep_structures(board: Board, rng: np.random.Generator, ventricle: float) -> None:
    """Draw basal nuclei, thalami and ventricles, nearly the same on both sides."""
    rise = rng.uniform(-0.02, 0.02)
    for side in (-1, 1):
        j = rng.normal(0, 0.006, 8)

        def at(x: float, y: float, side: int = side) -> tuple[float, float]:
            return side * x, y + rise

        putamen = [
            at(0.205 + j[0], -0.14),
            at(0.262, -0.06 + j[1]),
            at(0.262, 0.03),
            at(0.215, 0.115 + j[2]),
            at(0.205, 0.02),
            at(0.185, -0.08),
        ]
        pallidum = [
            at(0.178, -0.075),
            at(0.200, -0.01),
            at(0.202, 0.055 + j[3]),
            at(0.165, 0.030),
            at(0.140, -0.01),
        ]
        thalamus = [
            at(0.030, 0.02),
            at(0.085 + j[4], 0.00),
            at(0.140, 0.06),
            at(0.150, 0.125 + j[5]),
            at(0.085, 0.150),
            at(0.032, 0.115),
        ]
        board.fill(smooth_curve(putamen), Tissue.PUTAMEN)
        board.fill(smooth_curve(pallidum), Tissue.PALLIDUM)
        board.fill(smooth_curve(thalamus), Tissue.THALAMUS)
        v = ventricle
        caudate = [
            at(0.075 + 0.035 * v, -0.225),
            at(0.125 + 0.03 * v, -0.19),
            at(0.115 + 0.03 * v, -0.11),
            at(0.075 + 0.02 * v, -0.08),
        ]
        board.fill(smooth_curve(caudate), Tissue.PUTAMEN)
        front = [
            at(0.022, -0.055),
            at(0.040 + 0.01 * v, -0.13),
            at(0.070 + 0.015 * v, -0.205),
            at(0.105 + 0.02 * v, -0.25),
        ]
        board.fill(_ribbon(board, front, np.array([0.014, 0.024, 0.030, 0.006]) * v), Tissue.FLUID)
        back = [at(0.060, 0.16), at(0.120, 0.20 + j[6]), at(0.165, 0.28), at(0.150 + j[7], 0.385)]
        board.fill(_ribbon(board, back, np.array([0.012, 0.026, 0.030, 0.005]) * v), Tissue.FLUID)
        choroid = [at(0.112, 0.195), at(0.130, 0.215), at(0.118, 0.225)]
        board.fill(smooth_curve(choroid), Tissue.VESSEL)
    third = [(0.0, -0.05 + rise), (0.002, 0.03 + rise), (0.0, 0.115 + rise)]
    board.fill(_ribbon(board, third, np.array([0.006, 0.010, 0.007]) * v), Tissue.FLUID)
    cistern = [(-0.05, 0.165 + rise), (0.0, 0.150 + rise), (0.05, 0.165 + rise), (0.0, 0.19 + rise)]
    board.fill(smooth_curve(cistern), Tissue.FLUID)


def _fissures(
    board: Board, rng: np.random.Generator, mask: np.ndarray, top: float, bottom: float
) -> None:
    """Cut the midline in front and behind, and the Sylvian fissure on both sides."""
    sway = rng.normal(0, 0.006, 6)
    front = [(sway[0] * 0.5, top), (sway[1], top * 0.66), (sway[2], -0.30)]
    back = [(sway[3], 0.26), (sway[4], bottom * 0.66), (sway[5] * 0.5, bottom)]
    for path, widths in ((front, (0.011, 0.007, 0.005)), (back, (0.005, 0.007, 0.012))):
        cv2.fillPoly(mask, [board.pixels(_ribbon(board, path, widths))], 1, shift=4)
    for side in (-1, 1):
        s = rng.normal(0, 0.012, 6)
        path = [
            (side * 0.60, 0.02 + s[0]),
            (side * 0.44, 0.00 + s[1]),
            (side * 0.335, -0.055 + s[2]),
        ]
        insula = [
            (side * 0.305, -0.15 + s[3]),
            (side * 0.335, -0.05),
            (side * 0.330, 0.05),
            (side * 0.29, 0.13 + s[4]),
        ]
        cv2.fillPoly(mask, [board.pixels(_ribbon(board, path, (0.012, 0.010, 0.012)))], 1, shift=4)
        cv2.fillPoly(
            mask, [board.pixels(_ribbon(board, insula, (0.006, 0.012, 0.011, 0.005)))], 1, shift=4
        )


def _warp(tissue: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    """Bend the slice smoothly, so that no head is symmetric."""
    size = tissue.shape[0]
    grid = np.arange(size, dtype=np.float32)
    dx, dy = ((fractal_noise(rng, size, size, size / 5, 3) - 0.5) * strength for _ in range(2))
    return cv2.remap(tissue, grid[None] + dx, grid[:, None] + dy, cv2.INTER_NEAREST)


def draw_head(rng: np.random.Generator, size: int) -> Board:
    """Draw a healthy slice.

    Args:
        rng: source of randomness.
        size: side of the board, pixels.

    Returns:
        A board whose ``tissue`` (size, size) holds values of ``Tissue``.
    """
    board = Board(size)
    outline = _head_outline(rng)
    head = board.inside(outline)
    depth = depth_inside(head)
    vary = (fractal_noise(rng, size, size, size / 4, 3) - 0.5) * board.unit(3)
    scalp, skull = board.unit(rng.uniform(5.0, 6.5)), board.unit(rng.uniform(6.0, 8.0))
    ends = 1 + 0.45 * np.abs(board.y) ** 2
    board.tissue[head > 0] = Tissue.SKIN
    board.tissue[depth > board.unit(1.6)] = Tissue.FAT
    bone = depth > scalp + vary
    board.tissue[bone] = Tissue.BONE
    inner = depth - scalp - skull * ends
    marrow = (depth > scalp + vary + board.unit(2.2)) & (inner < -board.unit(1.8) + 0.5 * vary)
    board.tissue[marrow] = Tissue.MARROW
    board.tissue[inner > 0] = Tissue.FLUID

    brain = (inner > board.unit(rng.uniform(1.6, 3.0))).astype(np.uint8)
    age = rng.uniform(0.75, 1.5)
    furrows = _sulci(board, brain, rng, 0.85 * age)
    rows = np.flatnonzero(brain.any(1)) * 2 / size - 1
    _fissures(board, rng, furrows, rows[0], rows[-1])
    pial = depth_inside((brain > 0) & (furrows == 0))
    ribbon = board.unit(3.6) * (0.85 + 0.5 * fractal_noise(rng, size, size, size / 14, 3))
    board.tissue[brain > 0] = Tissue.WHITE
    board.tissue[(brain > 0) & (pial < ribbon)] = Tissue.GRAY
    board.tissue[(brain > 0) & (furrows > 0)] = Tissue.FLUID
    _deep_structures(board, rng, rng.uniform(0.8, 1.7))
    board.tissue = _warp(board.tissue, rng, board.unit(9))
    board.tissue = _turn(board.tissue, rng.uniform(-3, 3))
    return board


def _turn(tissue: np.ndarray, degrees: float) -> np.ndarray:
    size = tissue.shape[0]
    matrix = cv2.getRotationMatrix2D((size / 2, size / 2), degrees, 1.0)
    return cv2.warpAffine(tissue, matrix, (size, size), flags=cv2.INTER_NEAREST)


def plant_lesion(board: Board, rng: np.random.Generator, swelling: bool) -> None:
    """Put an irregular focus into the white matter or cortex of one side, with swelling around it."""
    brain = np.isin(board.tissue, (Tissue.GRAY, Tissue.WHITE))
    deep = depth_inside(brain | (board.tissue == Tissue.FLUID)) > board.unit(16)
    away = (np.abs(board.x) > 0.16) & (np.abs(board.x) < 0.42) & (np.abs(board.y) > 0.16)
    candidates = np.argwhere((board.tissue == Tissue.WHITE) & deep & away)
    row, column = candidates[rng.integers(len(candidates))]
    grid = np.arange(board.size, dtype=np.float32)
    away_px = np.hypot(grid[None] - column, (grid[:, None] - row) * rng.uniform(0.8, 1.25))
    ragged = 1 + 0.9 * (fractal_noise(rng, board.size, board.size, board.unit(16), 4) - 0.5)
    radius = board.unit(rng.uniform(6.5, 12.0)) * ragged
    if swelling:
        fingers = radius * (
            1.35
            + 2.2
            * smoothstep(0.45, 0.7, fractal_noise(rng, board.size, board.size, board.unit(18), 3))
        )
        board.tissue[(away_px < fingers) & (board.tissue == Tissue.WHITE)] = Tissue.SWELLING
    board.tissue[(away_px < radius) & (brain | (board.tissue == Tissue.FLUID))] = Tissue.LESION
