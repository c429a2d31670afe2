"""Draw the example pairs anew: `python assets/make_examples.py [folder]`."""

import sys
from pathlib import Path

from lkc.data.synthetic import head_phantom, street_scene
from lkc.images import write_image

STREETS = {"night": (12, "night"), "fog": (5, "fog"), "glare": (7, "glare")}
HEADS = {"head-1": 1, "head-2": 4}


def write_examples(folder: Path) -> None:
    """Write every pair below a folder: task / source / name.png."""
    for name, (seed, time) in STREETS.items():
        scene = street_scene(seed, time=time)
        write_image(folder / "ir-vis" / "ir" / f"{name}.png", scene.infrared)
        write_image(folder / "ir-vis" / "vis" / f"{name}.png", scene.visible)
    for name, seed in HEADS.items():
        head = head_phantom(seed)
        for partner in ("ct", "pet", "spect"):
            pair = folder / f"mri-{partner}"
            write_image(pair / "mri" / f"{name}.png", head.mri)
            write_image(pair / partner / f"{name}.png", getattr(head, partner))


if __name__ == "__main__":
    write_examples(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "examples")
