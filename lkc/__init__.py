"""Multimodal image fusion with large kernels and hybrid normalization.

>>> import lkc
>>> net = lkc.create_model("lite")
"""

import os

# Before torch starts its threads: by default they spin while waiting for one another, and beside
# another busy program that makes a fusion on two cores several times slower.
os.environ.setdefault("GOMP_SPINCOUNT", "3000")

from lkc import metrics
from lkc.errors import InputError
from lkc.fusion.images import fuse
from lkc.model.loading import load_model
from lkc.model.network import create_model
from lkc.tasks import TASKS

__version__ = "0.1.0"
__all__ = ["TASKS", "InputError", "create_model", "fuse", "load_model", "metrics"]
