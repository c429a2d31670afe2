"""Measures of a fused film: what flickers where nothing moves, and how well motion is kept.

Source of the two that follow motion: Zhao et al., "A Unified Solution to Video Fusion" (VF-Bench,
NeurIPS 2025), as its published code computes them. They take the optical flow of SEA-RAFT; here it
is OpenCV's DIS flow, so that values compare with one another and not with those of VF-Bench.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

OCCLUDED = 1.0  # A pixel was hidden if there and back again misses it by so many pixels.
Film = NDArray[np.uint8]  # (T, H, W)


def shift_of_still_pixels(fused: Film, first: Film, second: Film, apart: int = 1) -> float:
    """How far pixels that stand still shift together, in levels: what a changed norm looks like.

    Only pixels count that have the same value in both sources before and after. What can change
    them are their surroundings, whose noise cancels out, and the norms, which move them all. No
    flow is needed. Pixels that nearly stand still would not do: cameras drift, and a norm that
    hides a part of the drift would look steadier than the film itself.

    Args:
        fused, first, second: films of one size.
        apart: compare frames so many steps apart.

    Returns:
        The mean over frames of the absolute mean change; NaN where nothing stands still.

    Example:
        >>> street = np.full((3, 20, 20), 90, np.uint8)
        >>> breathing = street + np.array([0, 1, 0], np.uint8)[:, None, None]
        >>> shift_of_still_pixels(breathing, street, street)
        1.0
    """
    found = []
    for start in range(len(fused) - apart):
        a, b, change = (
            film[start + apart].astype(np.int16) - film[start] for film in (first, second, fused)
        )
        still = (a == 0) & (b == 0)
        if still.any():
            found.append(abs(change[still].mean()))
    return float(np.mean(found)) if found else float("nan")


@dataclass(frozen=True)
class Flows:
    """Optical flow between neighbours of a film.

    Attributes:
        there: from each frame to the next, T - 1 arrays (H, W, 2) in pixels.
        back: from each frame but the first to the one before.
    """

    there: list[NDArray]
    back: list[NDArray]


def find_flows(film: Film) -> Flows:
    """Find the flow between all neighbours of a film, both ways."""
    dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    pairs = list(pairwise(film))
    return Flows(
        [np.array(dis.calc(a, b, None)) for a, b in pairs],  # type: ignore[call-overload]
        [np.array(dis.calc(b, a, None)) for a, b in pairs],  # type: ignore[call-overload]
    )


def follow_flow(image: NDArray, flow: NDArray) -> NDArray:
    """Fetch for every pixel what lies where its flow (H, W, 2) points to."""
    height, width = flow.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    source = image.astype(np.float32)
    return cv2.remap(
        source, x + flow[..., 0], y + flow[..., 1], cv2.INTER_LINEAR, None, cv2.BORDER_REPLICATE
    )


def is_seen(flow: NDArray, opposite: NDArray) -> NDArray[np.bool_]:
    """Where a flow and the one back again lead to the same pixel: (H, W)."""
    miss = flow + follow_flow(opposite, flow)
    return np.asarray(np.linalg.norm(miss, axis=2) < OCCLUDED)


def self_warping_error(fused: Film, own: Flows, sources: Sequence[Flows]) -> float:
    """Bi-directional self-warping error: what remains if both neighbours are moved onto a frame.

    Args:
        fused: the film.
        own: its flows.
        sources: flows of the sources, which say what was hidden.

    Returns:
        Mean over frames of both absolute differences together, in levels; lower is better.
    """
    errors = []
    for now in range(1, len(fused) - 1):
        total = 0.0
        for other, flow in ((now - 1, own.back[now - 1]), (now + 1, own.there[now])):
            seen = np.ones(fused.shape[1:], bool)
            for flows in sources:
                pair = flows.back[now - 1], flows.there[now - 1]
                seen &= is_seen(*(pair if other < now else (flows.there[now], flows.back[now])))
            off = np.abs(fused[now] - follow_flow(fused[other], flow))
            total += off[seen].mean() if seen.any() else 0.0
        errors.append(total)
    return float(np.mean(errors))


def motion_roughness(own: Flows, sources: Sequence[Flows]) -> float:
    """Motion smoothness against both sources: how much the change of the flow differs from theirs.

    Args:
        own: flows of the fused film.
        sources: those of the sources.

    Returns:
        Mean absolute difference in pixels; lower is better.
    """

    def changes(flows: Flows) -> list[NDArray]:
        return [after - before for before, after in pairwise(flows.there)]

    theirs = [changes(flows) for flows in sources]
    differences = [
        np.abs(ours - source[number]).mean()
        for number, ours in enumerate(changes(own))
        for source in theirs
    ]
    return float(np.mean(differences))
