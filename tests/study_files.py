"""Generated pairs in the folders that the study reads."""

from pathlib import Path

import numpy as np
from PIL import Image


def write_pairs(folder: Path, sources: tuple[str, str], count: int) -> list[str]:
    """Write pairs of 112x96 pixels of noise whose first pixel tells their number: their names."""
    random = np.random.default_rng(0)
    names = [f"{number:03d}" for number in range(count)]
    for source in sources:
        (folder / source).mkdir(parents=True)
        for number, name in enumerate(names):
            image = random.integers(0, 200, (96, 112), dtype=np.uint8)
            image[0, 0] = number
            Image.fromarray(image).save(folder / source / f"{name}.png")
    return names
