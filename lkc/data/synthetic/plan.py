"""The street seen from above: where everything stands, before any camera looks."""

from dataclasses import dataclass

import numpy as np

TIMES = ("day", "night", "fog", "glare")


@dataclass(frozen=True)
class Block:
    """What lines one side of the street over one stretch: a building, or a park without one.

    Args:
        side: -1 left, +1 right.
        near, far: where it begins and ends, metres ahead.
        face: distance of its face from the road's middle, metres.
        height: metres; 0 for a park.
        seed: what its windows and bricks are drawn from.
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

    Args:
        kind: person, car, tree, lamp or sign.
        x: metres to the right of the road's middle.
        z: metres ahead, of its nearest side.
        facing: +1 if it looks away from the camera, -1 if it looks at it.
        running: whether a car's engine runs and its lamps are lit; always true for others.
        seed: what its details are drawn from.
    """

    kind: str
    x: float
    z: float
    facing: int
    running: bool
    seed: int


@dataclass(frozen=True)
class Plan:
    """A street.

    Args:
        road: half the road's width, metres.
        pavement: width of each pavement, metres.
        crossing: where a zebra crossing begins, metres ahead, or none.
        blocks: what lines it.
        things: what stands on it.
    """

    road: float
    pavement: float
    crossing: float | None
    blocks: tuple[Block, ...]
    things: tuple[Thing, ...]


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(2**31))


def _blocks(rng: np.random.Generator, edge: float) -> list[Block]:
    blocks = []
    for side in (-1, 1):
        z = rng.uniform(-12, 0)
        while z < 130:
            length = rng.uniform(14, 34)
            park = rng.random() < 0.28
            height = 0.0 if park else rng.uniform(6, 24)
            face = edge + rng.uniform(0.2, 3.0)
            blocks.append(Block(side, z, z + length, face, height, _seed(rng)))
            z += length + (0.0 if rng.random() < 0.5 else rng.uniform(1.5, 5))
    return blocks


def _row(rng: np.random.Generator, kind: str, side: int, x: float, spacing: float) -> list[Thing]:
    """Stand things of one kind along one side of the street."""
    start = rng.uniform(5, 5 + spacing)
    return [
        Thing(
            kind, side * (x + rng.uniform(-0.3, 0.3)), z + rng.uniform(-1, 1), 1, True, _seed(rng)
        )
        for z in np.arange(start, 90, spacing)
    ]


def _traffic(rng: np.random.Generator, road: float, lane: float) -> list[Thing]:
    cars = []
    z = rng.uniform(9, 20)
    while z < 80:
        cars.append(Thing("car", lane + rng.uniform(-0.2, 0.2), z, 1, True, _seed(rng)))
        z += rng.uniform(14, 40)
    z = rng.uniform(12, 30)
    while z < 90:
        cars.append(Thing("car", -lane + rng.uniform(-0.2, 0.2), z, -1, True, _seed(rng)))
        z += rng.uniform(12, 40)
    if rng.random() < 0.6:
        side = -np.sign(lane) if rng.random() < 0.6 else np.sign(lane)
        z = rng.uniform(6, 12)
        for _ in range(rng.integers(2, 6)):
            facing = int(np.sign(side * lane))
            cars.append(Thing("car", side * (road + 0.2), z, facing, False, _seed(rng)))
            z += rng.uniform(5.5, 9)
    return cars


def _people(rng: np.random.Generator, plan_road: float, pavement: float) -> list[Thing]:
    people = []
    for _ in range(rng.integers(3, 7)):
        side = rng.choice([-1, 1])
        x = side * (plan_road + rng.uniform(0.7, pavement - 0.2))
        z = 5.5 + 32 * rng.random() ** 1.4
        for _ in range(rng.integers(1, 3)):
            facing = int(rng.choice([-1, 1]))
            people.append(Thing("person", x, z, facing, True, _seed(rng)))
            x += rng.choice([-1, 1]) * rng.uniform(0.55, 0.8)
            z += rng.uniform(0, 0.8)
    for _ in range(rng.integers(0, 3)):
        x, z = rng.uniform(-plan_road, plan_road), rng.uniform(11, 34)
        people.append(Thing("person", x, z, 0, True, _seed(rng)))
    return people


def _apart(things: list[Thing], cars: list[Thing]) -> list[Thing]:
    """Drop whoever would stand inside a car."""
    return [
        t for t in things if all(abs(t.x - c.x) > 1.3 or not -0.6 < t.z - c.z < 5.2 for c in cars)
    ]


def make_plan(rng: np.random.Generator, lane: float) -> Plan:
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
    cars = _traffic(rng, road, lane)
    things = _apart(_people(rng, road, pavement), cars)
    for side in (-1, 1):
        things += _row(rng, "lamp", side, road + 0.5, rng.uniform(18, 26))
        if rng.random() < 0.75:
            things += _row(rng, "tree", side, edge - 0.6, rng.uniform(7, 15))
        things += _row(rng, "sign", side, road + 0.6, rng.uniform(22, 40))
    crossing = rng.uniform(7, 18) if rng.random() < 0.4 else None
    return Plan(road, pavement, crossing, tuple(_blocks(rng, edge)), tuple(cars + things))
