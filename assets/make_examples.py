"""Draw the example pairs anew: `python assets/make_examples.py [folder]`."""

import argparse
from pathlib import Path

from lkc.data.synthetic import head_phantom, street_scene
from lkc.images import write_image

STREETS = {"night": (2, "night"), "fog": (1, "fog"), "glare": (5, "glare")}
HEADS = {"ct": (3, 4), "pet": (2, 4), "spect": (1, 3)}


def write_examples(folder: Path) -> None:
    """Write every generated pair below a folder: task / source / name.png."""
    for name, (seed, time) in STREETS.items():
        scene = street_scene(seed, time=time)
        write_image(folder / "ir-vis" / "ir" / f"{name}.png", scene.infrared)
        write_image(folder / "ir-vis" / "vis" / f"{name}.png", scene.visible)
    for partner, seeds in HEADS.items():
        for number, seed in enumerate(seeds, start=1):
            head = head_phantom(seed, weighting="T1" if partner == "pet" else "T2")
            pair = folder / f"mri-{partner}"
            write_image(pair / "mri" / f"head-{number}.png", head.mri)
            write_image(pair / partner / f"head-{number}.png", getattr(head, partner))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path(__file__).parent / "examples")
    write_examples(parser.parse_args().folder)
