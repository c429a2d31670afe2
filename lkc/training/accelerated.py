"""The library that spreads a training over processes, or a sentence where it is missing."""

from lkc.extras import need

need("accelerate", "training", extra="train")
from accelerate import Accelerator  # noqa: E402 - the sentence comes first
from accelerate.utils import gather_object, set_seed  # noqa: E402

__all__ = ["Accelerator", "gather_object", "set_seed"]
