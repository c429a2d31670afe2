"""Draw the folds of the brain: furrows that wander in from its surface, and the great fissures."""

from dataclasses import dataclass

import cv2
import numpy as np

from lkc.data.synthetic.head.tissue import Board, depth_inside
from lkc.data.synthetic.outlines import ribbon


@dataclass(frozen=True)
class _Furrow:
    """The course of one furrow; lengths in pixels of a 256-pixel slice, angles in radians.

    Attributes:
        reach: length.
        width: half width where it opens.
        turn: angle to the straight way inwards.
        branches: whether it may fork.
    """

    reach: float
    width: float
    turn: float = 0.0
    branches: bool = True


def _dig(
    board: Board,
    mask: np.ndarray,
    start: np.ndarray,
    inward: np.ndarray,
    furrow: _Furrow,
    rng: np.random.Generator,
) -> None:
    """Draw one furrow: a walk along the inward direction (H, W) that swings from side to side."""
    position, step = start.astype(float), 0.5
    bend, phase, pitch = rng.uniform(0.35, 0.95), rng.uniform(0, 2 * np.pi), rng.uniform(9, 15)
    fork = np.inf
    if furrow.branches and furrow.reach > 14 and rng.random() < 0.75:
        fork = rng.uniform(0.45, 0.8) * furrow.reach
    for gone in np.arange(0, furrow.reach, step):
        column, row = np.clip(position, 0, board.size - 1).astype(int)
        angle = inward[row, column] + furrow.turn + rng.normal(0, 0.10)
        angle += bend * np.sin(phase + 2 * np.pi * gone / pitch)
        position = position + board.unit(step) * np.array([np.cos(angle), np.sin(angle)])
        half = furrow.width * (1.0 - 0.6 * gone / furrow.reach + 0.7 * np.exp(-gone / 2.5))
        half = board.unit(half) * (1 + 0.45 * np.sin(2 * phase + 2.9 * np.pi * gone / pitch))
        centre = np.round(position * 16).astype(int).tolist()
        cv2.circle(mask, centre, max(int(half * 16), 9), 1, -1, shift=4)
        if gone >= fork:
            turn = rng.choice([-1, 1]) * rng.uniform(0.9, 1.4)
            branch = _Furrow(furrow.reach * 0.4, furrow.width * 0.8, turn, branches=False)
            _dig(board, mask, position, inward, branch, rng)
            fork = np.inf


def _cut_fissures(
    board: Board, mask: np.ndarray, brain: np.ndarray, rng: np.random.Generator
) -> None:
    """Cut the midline in front and behind, and the Sylvian fissure on both sides."""
    rows = np.flatnonzero(brain.any(axis=1))
    top, bottom = board.y[rows[0], 0], board.y[rows[-1], 0]
    sway = rng.normal(0, 0.006, 6)
    front = [(sway[0] / 2, top), (sway[1], 0.66 * top), (sway[2], -0.30)]
    back = [(sway[3], 0.26), (sway[4], 0.66 * bottom), (sway[5] / 2, bottom)]
    board.draw(mask, ribbon(front, (0.011, 0.007, 0.005)), 1)
    board.draw(mask, ribbon(back, (0.005, 0.007, 0.012)), 1)
    for side in (-1, 1):
        sway = rng.normal(0, 0.012, 5)
        opening = np.array([(0.64, 0.02), (0.46, 0.0), (0.335, -0.055)])
        insula = np.array([(0.305, -0.15), (0.335, -0.05), (0.330, 0.05), (0.29, 0.13)])
        opening[:, 1] += sway[:3]
        insula[[0, 3], 1] += sway[3:]
        board.draw(mask, ribbon(opening * (side, 1), (0.012, 0.010, 0.012)), 1)
        board.draw(mask, ribbon(insula * (side, 1), (0.006, 0.012, 0.011, 0.005)), 1)


def furrow_brain(
    board: Board, brain: np.ndarray, width: float, rng: np.random.Generator
) -> np.ndarray:
    """Return where fluid runs between the folds of a brain.

    Args:
        board: gives the scale.
        brain: (size, size) uint8, 1 inside the brain's envelope.
        width: half width of the furrows, pixels of a 256-pixel slice; grows with age.
        rng: source of randomness.

    Returns:
        (size, size) bool.
    """
    mask = np.zeros_like(board.tissue)
    contours = cv2.findContours(brain, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0]
    contour = max(contours, key=len)[:, 0]
    deeper = cv2.GaussianBlur(depth_inside(brain), (0, 0), board.unit(5))
    inward = np.arctan2(*np.gradient(deeper))
    count = int(rng.integers(34, 42))
    for start in (np.arange(count) + rng.uniform(-0.28, 0.28, count)) / count:
        reach = rng.uniform(9, 16) if rng.random() < 0.45 else rng.uniform(18, 34)
        position = contour[int(start * len(contour)) % len(contour)]
        furrow = _Furrow(reach, width * rng.uniform(0.35, 1.2))
        _dig(board, mask, position, inward, furrow, rng)
    _cut_fissures(board, mask, brain, rng)
    return mask > 0
