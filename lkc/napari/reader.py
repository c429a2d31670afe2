"""Open files in napari as `lkc.io` reads them: in their own units, with voxels in millimetres."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lkc.fusion.volumes import choose_limits
from lkc.io.image_data import ImageData
from lkc.io.kinds import IMAGE_KINDS, kind_of, looks_like_dicom
from lkc.io.reading import VOLUME_READERS, open_image, read_volume, show
from lkc.io.volume import Volume
from lkc.io.window import parse_said

Layer = tuple[NDArray, dict[str, Any], str]
REVERSE = np.eye(4)[[2, 1, 0, 3]]  # Arrays are (X, Y, Z) in lkc and (Z, Y, X) in napari.
TO_WORLD = REVERSE @ np.diag([-1.0, -1.0, 1.0, 1.0])  # so that the front of a head is above


def make_layer(values: NDArray, world: NDArray, name: str, **look: Any) -> Layer:
    """Describe an image layer; world turns its indices into places, (3, 3) or (4, 4)."""
    scale = np.linalg.norm(world[:-1, :-1], axis=0)
    turn = world @ np.diag([*1 / scale, 1])
    place = {"scale": scale, "affine": turn, "rgb": values.ndim == len(world)}
    return values, {"name": name, **place, **look}, "image"


def volume_layer(values: NDArray, affine: NDArray, name: str, **look: Any) -> Layer:
    """Describe the layer of a volume (X, Y, Z) or (X, Y, Z, 3)."""
    turned = values.transpose(2, 1, 0, *range(3, values.ndim))  # (Z, Y, X) or (Z, Y, X, 3)
    return make_layer(turned, TO_WORLD @ affine @ REVERSE, name, **look)


def look_of(data: ImageData | Volume, limits: tuple[float, float]) -> dict[str, Any]:
    """How gray values are shown, and what the widget must know of them."""
    about = {"modality": data.modality, "unit": data.unit, "inverted": data.inverted}
    colours = "gray_r" if data.inverted else "gray"
    return {"contrast_limits": limits, "colormap": colours, "metadata": {"lkc": about}}


def read_layers(path: str) -> list[Layer]:
    """Read a file, or a folder of DICOM, into one layer with axes (Y, X) or (Z, Y, X).

    Of a file of several images the first is read, but a DICOM file of several is a volume. Gray
    values get the contrast limits of the window that `lkc fuse` would take.
    """
    file = Path(path)
    kind = kind_of(file)
    data = open_image(file) if kind in IMAGE_KINDS else None
    if data is None or (kind == "dicom" and data.pages > 1):
        volume = read_volume(file)
        look = look_of(volume, choose_limits(volume, None)[0])
        return [volume_layer(volume.values, volume.affine, file.name, **look)]
    name = file.name if data.pages == 1 else f"{file.name} (page 1 of {data.pages})"
    look = look_of(data, parse_said(show(data)[1])[1]) if data.values.ndim == 2 else {}
    return [make_layer(data.values, np.eye(3), name, **look)]


def get_reader(path: str | Sequence[str]) -> Callable[[str], list[Layer]] | None:
    """Return `read_layers` for a path that it reads, else None."""
    if not isinstance(path, str) or not Path(path).exists():
        return None  # Two files are a pair, not a stack.
    if Path(path).is_dir():
        return read_layers if any(map(looks_like_dicom, Path(path).iterdir())) else None
    return read_layers if kind_of(path) in (*IMAGE_KINDS, *VOLUME_READERS) else None
