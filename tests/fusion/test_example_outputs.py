"""Every shipped output is what it was at commit 7ad0db6, or when its weights were replaced.

Within one gray level; the weights for roads were replaced on 2026-11-29.
"""

from pathlib import Path

import numpy as np
import pytest

import lkc
from lkc.tasks import get_task

ROOT = Path(__file__).parents[2]
STORED = np.load(ROOT / "tests" / "data" / "stored" / "example_outputs.npz")  # every 4th pixel
FOLDERS = {"ir-vis": ("ir", "vis")}


@pytest.mark.parametrize("key", STORED.files)
def test_output_is_unchanged(key):
    task, name, detail = key.split("/")
    folders = FOLDERS.get(task, task.split("-"))
    pair = [ROOT / "assets" / "examples" / task / folder / f"{name}.png" for folder in folders]
    fused = lkc.fuse(*pair, task=get_task(task).name, detail=float(detail))
    difference = fused[::4, ::4].astype(int) - STORED[key]
    assert np.abs(difference).max() <= 1
