"""The conditions that time and weather change: light, lamps and temperatures."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Hour:
    """One of the conditions in which a street can be drawn.

    Attributes:
        name: as users write it.
        sky, sun: light from all of the sky and from the sun.
        lamps: whether lamps burn.
        lit: greatest share of windows with light behind them.
        ground, wall, leaves, metal, air: heat as the infrared shows it, [0, 1].
        haze: distance over which air hides about two thirds of the heat, metres.
        exposure: gain of the visible camera.
    """

    name: str
    sky: float
    sun: float
    lamps: bool
    lit: float
    ground: float
    wall: float
    leaves: float
    metal: float
    air: float
    haze: float
    exposure: float


HOURS = {
    hour.name: hour
    for hour in (
        Hour("day", 0.42, 1.30, False, 0.03, 0.30, 0.27, 0.23, 0.26, 0.16, 400, 1.0),
        Hour("night", 0.005, 0.0, True, 0.45, 0.20, 0.23, 0.17, 0.14, 0.07, 400, 1.5),
        Hour("fog", 0.62, 0.0, True, 0.15, 0.21, 0.23, 0.18, 0.15, 0.11, 90, 0.95),
        Hour("glare", 0.30, 0.22, False, 0.03, 0.27, 0.26, 0.21, 0.25, 0.15, 400, 0.85),
    )
}

TIMES = tuple(HOURS)
"""Times of `street_scene`."""
