"""Lay out a street as seen from above, before any camera looks."""

from dataclasses import dataclass

import numpy as np

HORIZON = 130.0
"""Nothing is planned farther away, metres."""


@dataclass(frozen=True)
class Block:
    """One stretch of one side of the street: a building, or a park without one.

    Attributes:
        side: -1 left, +1 right.
        near, far: where it begins and ends, metres ahead.
        face: distance of its face from the road's middle, metres.
        height: metres; 0 for a park.
        seed: what its details are drawn from.
    """

    side: int
    near: float
    far: float
    face: float
    height: float
    seed: int


@dataclass(frozen=True)
class Thing:
    """Something that stands on the ground.

    Attributes:
        kind: person, car, tree, lamp or sign.
        x: metres to the right of the road's middle.
        z: metres ahead, of its nearest point.
        facing: +1 if it looks away from the camera, -1 if it looks at it, 0 if it crosses.
        running: whether a car's engine runs, or a lamp burns at night.
        seed: what its details are drawn from.
    """

    kind: str
    x: float
    z: float
    facing: int
    running: bool
    seed: int


@dataclass(frozen=True)
class StreetPlan:
    """A street and everything that stands in it.

    Attributes:
        road: half the road's width, metres.
        pavement: width of each pavement, metres.
        crossing: where a zebra crossing begins, metres ahead, or none.
        blocks: what lines it.
        things: what stands on it.
    """

    road: float
    pavement: float
    crossing: float | None
    blocks: list[Block]
    things: list[Thing]


def draw_seed(rng: np.random.Generator) -> int:
    """Return a seed for the details of one object."""
    return int(rng.integers(2**31))


def _blocks(rng: np.random.Generator, edge: float) -> list[Block]:
    blocks = []
    for side in (-1, 1):
        z = rng.uniform(-12, 0)
        while z < HORIZON:
            length = rng.uniform(14, 34)
            height = 0.0 if rng.random() < 0.28 else rng.uniform(6, 24)
            face = edge + rng.uniform(0.2, 3.0)
            blocks.append(Block(side, z, z + length, face, height, draw_seed(rng)))
            z += length + (0.0 if rng.random() < 0.5 else rng.uniform(1.5, 5))
    return blocks


def _row(
    rng: np.random.Generator, kind: str, x: float, spacing: float, running: float = 1.0
) -> list[Thing]:
    """Place things of one kind along the street; a share of them is running."""
    row = []
    for z in np.arange(rng.uniform(5, 5 + spacing), 90, spacing):
        place = x + rng.uniform(-0.3, 0.3), float(z) + rng.uniform(-1, 1)
        row.append(Thing(kind, *place, 1, rng.random() < running, draw_seed(rng)))
    return row


def _lane(
    rng: np.random.Generator,
    x: float,
    near: float,
    far: float,
    gaps: tuple[float, float],
    car: dict,
) -> list[Thing]:
    """Place cars one behind the other."""
    cars, z = [], near
    while z < far:
        cars.append(Thing("car", x + rng.uniform(-0.2, 0.2), z, seed=draw_seed(rng), **car))
        z += rng.uniform(*gaps)
    return cars


def _cars(rng: np.random.Generator, road: float, lane: float) -> list[Thing]:
    ahead, oncoming = {"facing": 1, "running": True}, {"facing": -1, "running": True}
    cars = _lane(rng, lane, rng.uniform(9, 20), 80, (14, 40), ahead)
    cars += _lane(rng, -lane, rng.uniform(12, 30), 90, (12, 40), oncoming)
    if rng.random() < 0.6:
        side = int(np.sign(lane)) * (1 if rng.random() < 0.4 else -1)
        parked = {"facing": int(np.sign(side * lane)), "running": False}
        cars += _lane(rng, side * (road + 0.2), rng.uniform(6, 12), 38, (5.5, 9), parked)
    return cars


def _people(rng: np.random.Generator, road: float, pavement: float) -> list[Thing]:
    people = []
    for _ in range(rng.integers(3, 7)):
        x = rng.choice([-1, 1]) * (road + rng.uniform(0.7, pavement - 0.2))
        z = 5.5 + 32 * rng.random() ** 1.4
        for _ in range(rng.integers(1, 3)):
            people.append(Thing("person", x, z, int(rng.choice([-1, 1])), True, draw_seed(rng)))
            x, z = x + rng.choice([-1, 1]) * rng.uniform(0.6, 0.85), z + rng.uniform(0, 0.8)
    for _ in range(rng.integers(0, 3)):
        x, z = rng.uniform(-road, road), rng.uniform(11, 34)
        people.append(Thing("person", x, z, 0, True, draw_seed(rng)))
    return people


def _is_clear(thing: Thing, cars: list[Thing]) -> bool:
    """Return whether a thing stands outside every car."""
    return all(abs(thing.x - car.x) > 1.3 or not -0.6 < thing.z - car.z < 5.2 for car in cars)


def make_plan(rng: np.random.Generator, lane: float) -> StreetPlan:
    """Lay out a street at random.

    Args:
        rng: source of randomness.
        lane: the camera's distance to the right of the road's middle, metres.

    Returns:
        The plan.
    """
    road = abs(lane) * 2 + rng.uniform(0, 0.5)
    pavement = rng.uniform(2.2, 3.6)
    edge = road + pavement
    cars = _cars(rng, road, lane)
    things = [person for person in _people(rng, road, pavement) if _is_clear(person, cars)]
    for side in (-1, 1):
        things += _row(rng, "lamp", side * (road + 0.5), rng.uniform(18, 26), running=0.65)
        if rng.random() < 0.75:
            things += _row(rng, "tree", side * (edge - 0.6), rng.uniform(7, 15))
        things += _row(rng, "sign", side * (road + 0.6), rng.uniform(22, 40))
    crossing = rng.uniform(7, 18) if rng.random() < 0.4 else None
    return StreetPlan(road, pavement, crossing, _blocks(rng, edge), cars + things)
