"""Smooth outlines through a few points."""

import numpy as np
from numpy.typing import ArrayLike


def smooth_curve(points: ArrayLike, count: int = 12, closed: bool = True) -> np.ndarray:
    """Return a Catmull-Rom curve through points.

    Args:
        points: (N, 2), at least 3.
        count: points of the curve per point given.
        closed: whether the last point joins the first.

    Returns:
        (M, 2) with M = count x N, or count x (N - 1) for an open curve.

    >>> smooth_curve([(0, 0), (1, 0), (1, 1), (0, 1)], count=2).shape
    (8, 2)
    """
    p = np.asarray(points, float)
    if closed:
        before, here, after, later = (np.roll(p, shift, axis=0) for shift in (1, 0, -1, -2))
    else:
        p = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
        before, here, after, later = p[:-3], p[1:-2], p[2:-1], p[3:]
    t = np.linspace(0, 1, count, endpoint=False)[:, None, None]
    linear, square = after - before, 2 * before - 5 * here + 4 * after - later
    cubic = 3 * (here - after) + later - before
    curve = here + 0.5 * t * (linear + t * (square + t * cubic))
    return curve.transpose(1, 0, 2).reshape(-1, 2)


def ribbon(path: ArrayLike, half_widths: ArrayLike) -> np.ndarray:
    """Return the outline of a band along a smooth path.

    Args:
        path: (N, 2) points, at least 3.
        half_widths: values spread evenly along the path.

    Returns:
        (M, 2) outline.

    >>> ribbon([(0, 0), (1, 0), (2, 0)], [0.1, 0.1]).shape
    (64, 2)
    """
    curve = smooth_curve(path, 16, closed=False)
    widths = np.asarray(half_widths, float)
    at = np.linspace(0, 1, len(curve))
    half = np.interp(at, np.linspace(0, 1, len(widths)), widths)[:, None]
    tangent = np.gradient(curve, axis=0)
    length = np.maximum(np.hypot(tangent[:, 0], tangent[:, 1]), 1e-9)[:, None]
    normal = np.stack([-tangent[:, 1], tangent[:, 0]], axis=1) / length
    return np.concatenate([curve + normal * half, (curve - normal * half)[::-1]])
