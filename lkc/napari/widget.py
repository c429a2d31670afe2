"""Fuse two layers of napari as they are shown: their contrast limits are the windows."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from numpy.typing import NDArray

from lkc.errors import InputError
from lkc.fusion.images import fuse
from lkc.fusion.volumes import fuse_volumes
from lkc.io.arrays import to_pixels
from lkc.io.image_data import of_pixels
from lkc.io.reading import show
from lkc.io.volume import Volume
from lkc.io.window import Window
from lkc.napari.reader import REVERSE, TO_WORLD, make_layer, volume_layer
from lkc.tasks import TASKS

if TYPE_CHECKING:
    import napari

Task = Annotated[str, {"choices": list(TASKS)}]
Detail = Annotated[float, {"widget_type": "FloatSlider", "min": 0, "max": 2, "step": 0.1}]


def world_of(layer: Any) -> NDArray[np.float64]:
    """What turns a layer's indices into places: (ndim + 1, ndim + 1)."""
    origin = np.array(layer.data_to_world(np.zeros(layer.ndim)))
    steps = [np.array(layer.data_to_world(unit)) - origin for unit in np.eye(layer.ndim)]
    world = np.eye(layer.ndim + 1)
    world[:-1] = np.stack([*steps, origin], axis=1)
    return world


def as_pixels(layer: Any) -> NDArray:
    """A layer of two axes as `lkc.fuse` takes it."""
    data = of_pixels(to_pixels(np.asarray(layer.data)), layer.name)
    if layer.rgb:
        return data.values
    about = layer.metadata.get("lkc", {})
    return show(replace(data, **about), Window("fixed", *layer.contrast_limits))[0]


def as_volume(layer: Any) -> Volume:
    """A layer of three axes as a volume in millimetres."""
    affine = TO_WORLD.T @ world_of(layer) @ REVERSE
    values = np.asarray(layer.data, dtype=np.float32).T  # (X, Y, Z)
    about = layer.metadata.get("lkc", {})
    return Volume(values, affine, tuple(layer.contrast_limits), layer.name, **about)


def fuse_layers(
    first: "napari.layers.Image",
    second: "napari.layers.Image",
    task: Task = "ir-vis",
    detail: Detail = 1.0,
) -> "napari.types.LayerDataTuple":
    """Fuse two image layers, in the order of the task's name, into one at the place of the first.

    Raises:
        InputError: layers that do not lie on one pixel grid, or cannot be fused.
    """
    name = f"{first.name} + {second.name}"
    if first is second:
        raise InputError(f"{first.name} is chosen twice: choose two layers.")
    if first.ndim == second.ndim == 2:
        if not np.allclose(world_of(first), world_of(second)):
            raise InputError(f"{name}: the layers lie at different places; align them first.")
        fused = fuse(as_pixels(first), as_pixels(second), task, detail=detail)
        return make_layer(fused, world_of(first), name)
    if not first.ndim == second.ndim == 3 or first.rgb or second.rgb:
        raise InputError(f"{name}: two images, or two gray volumes of three axes, are needed.")
    windows = Window("fixed", *first.contrast_limits), Window("fixed", *second.contrast_limits)
    result = fuse_volumes(as_volume(first), as_volume(second), windows, task, detail=detail)
    return volume_layer(result.values, result.affine, name)
