"""Draw registered infrared and visible street scenes with pixel labels."""

from dataclasses import dataclass

import numpy as np

from lkc.data.synthetic.street.buildings import paint_building
from lkc.data.synthetic.street.camera import NEAR, Camera, make_camera
from lkc.data.synthetic.street.cars import paint_car
from lkc.data.synthetic.street.conditions import HOURS, Hour
from lkc.data.synthetic.street.furniture import paint_lamp, paint_sign
from lkc.data.synthetic.street.ground import paint_ground
from lkc.data.synthetic.street.layers import Layers
from lkc.data.synthetic.street.layout import Block, StreetPlan, Thing, draw_seed, make_plan
from lkc.data.synthetic.street.light import light_scene
from lkc.data.synthetic.street.people import paint_person
from lkc.data.synthetic.street.sensors import expose, sense_heat
from lkc.data.synthetic.street.shadows import paint_shadows
from lkc.data.synthetic.street.sky import paint_sky, paint_skyline
from lkc.data.synthetic.street.trees import paint_bush, paint_tree
from lkc.errors import InputError


@dataclass(frozen=True)
class StreetScene:
    """One registered pair with its labels.

    Attributes:
        infrared: (H, W) uint8, warm is bright.
        visible: (H, W, 3) uint8, RGB.
        labels: (H, W) uint8, index into `CLASSES`.
        hidden: (H, W) uint8, 1 where an object hides from the infrared, 2 from the visible camera.
    """

    infrared: np.ndarray
    visible: np.ndarray
    labels: np.ndarray
    hidden: np.ndarray


def _paint_park(layers: Layers, camera: Camera, block: Block, hour: Hour) -> None:
    """Plant bushes along the sidewalk and trees behind them."""
    rng = np.random.default_rng(block.seed)
    for z in np.arange(min(block.far, 90.0), max(block.near, 6.0), -3.2):
        x = block.side * (block.face + rng.uniform(3.0, 6.0))
        if rng.random() < 0.6:
            tree = Thing("tree", x, float(z), 1, True, draw_seed(rng))
            paint_tree(layers, camera, tree, hour)
        paint_bush(layers, camera, block.side * (block.face + 0.6), float(z), hour, rng)


def _paint_thing(layers: Layers, camera: Camera, thing: Thing, hour: Hour) -> None:
    if thing.kind == "person":
        paint_person(layers, camera, thing)
    else:
        painters = {"car": paint_car, "tree": paint_tree, "lamp": paint_lamp, "sign": paint_sign}
        painters[thing.kind](layers, camera, thing, hour)


def _draw_blind_cameras(
    things: list[Thing], one_sided: float, rng: np.random.Generator
) -> list[str]:
    """Choose for each thing the camera that cannot see it: mostly none, else one by a coin."""
    blind = []
    for thing, (chance, coin) in zip(things, rng.random((len(things), 2)), strict=True):
        is_object = thing.kind in ("person", "car", "sign")
        camera = "infrared" if coin < 0.5 else "visible"
        blind.append(camera if is_object and chance < one_sided else "none")
    return blind


def _paint_street(
    layers: Layers,
    camera: Camera,
    plan: StreetPlan,
    hour: Hour,
    slant: tuple[float, float],
    blind: list[str],
) -> None:
    """Draw everything that stands, far things first, so that near ones hide them."""
    paint_shadows(layers, camera, plan, slant if hour.name == "day" else None, blind)
    for block in sorted(plan.blocks, key=lambda block: -block.near):
        if block.height > 0:
            paint_building(layers, camera, block, hour, sunny_side=-int(np.sign(slant[0])))
        else:
            _paint_park(layers, camera, block, hour)
    for thing, hidden in sorted(zip(plan.things, blind, strict=True), key=lambda it: -it[0].z):
        if thing.z > 2 * NEAR:
            with layers.hide_from(hidden):
                _paint_thing(layers, camera, thing, hour)


def street_scene(
    seed: int, height: int = 480, width: int = 640, time: str = "day", one_sided: float = 0.0
) -> StreetScene:
    """Draw a street as a thermal and a colour camera at the same place see it.

    A seed is one street, with the same labels at every time. People and running cars are bright in
    the infrared; lane marks and what signs say show in the visible only; people in the dark, in
    fog or behind glare may show in the infrared only.

    With `one_sided`, a share of the people, cars and signs is hidden from one camera, either with
    the same chance: thermal crossover (as warm as what is behind it) or camouflage (it looks like
    it). What hides takes its shadow and its warmth on the ground along; the light that its lamps
    throw stays, and so do the labels.

    Args:
        seed: which street.
        height: rows, at least 64.
        width: columns, at least 64.
        time: "day", "night", "fog" or "glare".
        one_sided: share of people, cars and signs that only one of the cameras sees, 0 to 1.

    Returns:
        The pair, its labels, and who misses what: infrared (H, W), visible (H, W, 3), labels and
        hidden (H, W), all uint8.

    Raises:
        InputError: the size is too small, the share no share, or there is no such time.

    >>> scene = street_scene(0, height=96, width=128, time="night")
    >>> scene.infrared.shape, scene.visible.shape, scene.labels.shape
    ((96, 128), (96, 128, 3), (96, 128))
    """
    if time not in HOURS:
        raise InputError(f"There is no time {time!r}: choose one of {', '.join(HOURS)}.")
    if min(height, width) < 64:
        raise InputError(f"A street of {height}x{width} is too small: both sides need 64 pixels.")
    if not 0 <= one_sided <= 1:
        raise InputError(f"one_sided must lie between 0 and 1, got {one_sided:g}.")
    hour = HOURS[time]
    # Random streams are separate, so that the draws of one part do not move another part.
    layout, surface, sensor, hiding = np.random.default_rng(seed).spawn(4)
    lane = float(layout.choice([-1, 1]) * layout.uniform(1.6, 1.95))
    camera, plan = make_camera(layout, height, width, lane), make_plan(layout, lane)
    slant = (layout.choice([-1, 1]) * layout.uniform(0.25, 0.9), layout.uniform(-0.2, 0.6))
    layers = Layers.empty(height, width)
    paint_sky(layers, camera, surface, hour)
    paint_skyline(layers, camera, surface, hour)
    paint_ground(layers, camera, plan, surface, hour)
    blind = _draw_blind_cameras(plan.things, one_sided, hiding)
    _paint_street(layers, camera, plan, hour, slant, blind)
    visible = expose(light_scene(layers, camera, plan, hour, sensor), camera, hour, sensor)
    infrared = sense_heat(layers, camera, hour, sensor)
    return StreetScene(infrared, visible, layers.label, layers.hidden)
