"""Draw one axial slice of an imagined head: which tissue lies where."""

import cv2
import numpy as np

from lkc.data.synthetic.head.cortex import furrow_brain
from lkc.data.synthetic.head.tissue import Board, Tissue, depth_inside
from lkc.data.synthetic.noise import fractal_noise, smoothstep, value_noise
from lkc.data.synthetic.outlines import ribbon, smooth_curve

# These outlines lie right of the midline, in head units; y grows towards the back of the head.
_PUTAMEN = (
    (0.205, -0.14),
    (0.262, -0.06),
    (0.262, 0.03),
    (0.215, 0.115),
    (0.205, 0.02),
    (0.185, -0.08),
)
_PALLIDUM = ((0.178, -0.075), (0.200, -0.01), (0.202, 0.055), (0.165, 0.030), (0.140, -0.01))
_THALAMUS = (
    (0.030, 0.02),
    (0.085, 0.00),
    (0.140, 0.06),
    (0.150, 0.125),
    (0.085, 0.150),
    (0.032, 0.115),
)
_CAUDATE = ((0.085, -0.225), (0.130, -0.19), (0.120, -0.11), (0.075, -0.08))
_CHOROID = ((0.112, 0.195), (0.130, 0.215), (0.118, 0.225))
_FRONT_HORN = ((0.022, -0.055), (0.045, -0.13), (0.078, -0.205), (0.115, -0.25))
_BACK_HORN = ((0.060, 0.16), (0.120, 0.20), (0.165, 0.28), (0.150, 0.385))
_THIRD_VENTRICLE = ((0.0, -0.05), (0.002, 0.03), (0.0, 0.115))
_CISTERN = ((-0.05, 0.165), (0.0, 0.150), (0.05, 0.165), (0.0, 0.19))


def _head_outline(rng: np.random.Generator) -> np.ndarray:
    """Return the outline of the skin (N, 2): an egg, narrower in front, different for each head."""
    t = np.linspace(0, 2 * np.pi, 240, endpoint=False)
    width, length = rng.uniform(0.66, 0.71), rng.uniform(0.80, 0.86)
    x, y = np.cos(t), np.sin(t)
    x, y = np.sign(x) * np.abs(x) ** 0.88, np.sign(y) * np.abs(y) ** 0.95
    wobble = np.ones_like(t)
    for k in (2, 3, 4, 5):
        wobble += rng.normal(0, 0.006 / k) * np.cos(k * t + rng.uniform(0, 2 * np.pi))
    breadth = width * (1 + 0.07 * y - 0.04 * y**2)
    return np.stack([breadth * x, length * y * (1 - 0.03 * np.abs(x))], axis=1) * wobble[:, None]


def _wrap_skull(board: Board, rng: np.random.Generator) -> np.ndarray:
    """Draw skin, fat, bone with its marrow, and fluid; return the brain's envelope, uint8."""
    head = np.zeros_like(board.tissue)
    board.draw(head, _head_outline(rng), 1)
    depth = depth_inside(head)
    uneven = (fractal_noise(rng, head.shape, board.size / 4, 3) - 0.5) * board.unit(3)
    scalp = board.unit(rng.uniform(5.0, 6.5)) + uneven
    thick = board.unit(rng.uniform(6.0, 8.0)) * (1 + 0.45 * board.y**2)
    below_bone = depth - scalp + uneven - thick
    board.tissue[head > 0] = Tissue.SKIN
    board.tissue[depth > board.unit(1.6)] = Tissue.FAT
    board.tissue[depth > scalp] = Tissue.BONE
    is_marrow = (depth > scalp + board.unit(2.2)) & (below_bone < 0.5 * uneven - board.unit(1.8))
    board.tissue[is_marrow] = Tissue.MARROW
    board.tissue[below_bone > 0] = Tissue.FLUID
    room = board.unit(rng.uniform(1.4, 2.6)) * fractal_noise(rng, head.shape, board.size / 9, 3)
    return (below_bone > 2 * room - board.unit(0.6)).astype(np.uint8)


def _draw_deep_structures(board: Board, rng: np.random.Generator) -> None:
    """Draw basal nuclei, thalami and ventricles, nearly the same on both sides."""
    wide, shift = rng.uniform(0.8, 1.7), np.array([0, rng.uniform(-0.02, 0.02)])
    for side in (-1, 1):

        def moved(points: tuple, side: int = side) -> np.ndarray:
            return (points + rng.normal(0, 0.004, (len(points), 2)) + shift) * (side, 1)

        board.fill(smooth_curve(moved(_PUTAMEN)), Tissue.STRIATUM)
        board.fill(smooth_curve(moved(_PALLIDUM)), Tissue.PALLIDUM)
        board.fill(smooth_curve(moved(_THALAMUS)), Tissue.THALAMUS)
        caudate = moved(_CAUDATE) + np.array([0.03 * side * (wide - 0.8), 0])
        board.fill(smooth_curve(caudate), Tissue.STRIATUM)
        front = np.array([0.014, 0.024, 0.030, 0.006]) * wide
        board.fill(ribbon(moved(_FRONT_HORN), front), Tissue.FLUID)
        back = np.array([0.012, 0.026, 0.030, 0.005]) * wide
        board.fill(ribbon(moved(_BACK_HORN), back), Tissue.FLUID)
        board.fill(smooth_curve(moved(_CHOROID)), Tissue.CHOROID)
    third = np.array([0.006, 0.010, 0.007]) * wide
    board.fill(ribbon(_THIRD_VENTRICLE + shift, third), Tissue.FLUID)
    board.fill(smooth_curve(_CISTERN + shift), Tissue.FLUID)


def _bend(board: Board, rng: np.random.Generator) -> None:
    """Bend and turn the slice a little, so that no head is symmetric."""
    size = board.size
    dx, dy = (
        (fractal_noise(rng, (size, size), size / 2.5, 3, 0.4) - 0.5) * board.unit(9)
        for _ in range(2)
    )
    grid = np.arange(size, dtype=np.float32)
    bent = cv2.remap(board.tissue, grid[None] + dx, grid[:, None] + dy, cv2.INTER_NEAREST)
    turn = cv2.getRotationMatrix2D((size / 2, size / 2), rng.uniform(-3, 3), 1.0)
    board.tissue[:] = cv2.warpAffine(bent, turn, (size, size), flags=cv2.INTER_NEAREST)


def draw_head(size: int, rng: np.random.Generator) -> Board:
    """Draw a healthy slice.

    Args:
        size: side of the board, pixels.
        rng: source of randomness.

    Returns:
        A board whose `tissue` (size, size) holds values of `Tissue`.
    """
    board = Board(size)
    brain = _wrap_skull(board, rng)
    furrows = furrow_brain(board, brain, rng.uniform(0.65, 1.3), rng)
    cortex = board.unit(3.6) * (0.85 + 0.5 * fractal_noise(rng, brain.shape, size / 14, 3))
    cortex += board.unit(2.6) * (value_noise(rng, brain.shape, board.unit(1)) - 0.5)
    under_surface = depth_inside((brain > 0) & ~furrows)
    board.tissue[brain > 0] = Tissue.WHITE
    board.tissue[(brain > 0) & (under_surface < cortex)] = Tissue.GRAY
    board.tissue[(brain > 0) & furrows] = Tissue.FLUID
    _draw_deep_structures(board, rng)
    _bend(board, rng)
    return board


def plant_lesion(board: Board, rng: np.random.Generator, swells: bool) -> None:
    """Put a ragged lesion into one side of the brain; a swelling one spreads in white matter."""
    brain = board.holds(Tissue.GRAY, Tissue.WHITE, Tissue.FLUID)
    lateral = (np.abs(board.x) > 0.18) & (np.abs(board.x) < 0.42) & (np.abs(board.y) > 0.18)
    places = np.argwhere(
        board.holds(Tissue.WHITE) & lateral & (depth_inside(brain) > board.unit(16))
    )
    row, column = places[rng.integers(len(places))]
    grid, size = np.arange(board.size, dtype=np.float32), (board.size, board.size)
    angle, squeeze = rng.uniform(0, np.pi), rng.uniform(0.62, 0.95)
    x, y = grid[None] - column, grid[:, None] - row
    along, across = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    away = np.hypot(along * squeeze, across / squeeze)
    ragged = 1 + 1.5 * (fractal_noise(rng, size, board.unit(14), 4, 0.6) - 0.5)
    radius = board.unit(rng.uniform(6.5, 12.0)) * ragged
    if swells:
        fingers = smoothstep(0.45, 0.7, fractal_noise(rng, size, board.unit(18), 3))
        spread = radius * (1.35 + 2.2 * fingers)
        board.tissue[(away < spread) & board.holds(Tissue.WHITE)] = Tissue.SWELLING
    inside = away < radius
    focus = inside & board.holds(Tissue.GRAY, Tissue.WHITE, Tissue.SWELLING)
    board.tissue[focus] = Tissue.LESION
