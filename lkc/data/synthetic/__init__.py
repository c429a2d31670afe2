"""Registered multimodal pairs that are drawn from a seed alone: streets and heads.

The generator draws what two sensors would see of one scene; it knows nothing of fusion.
"""

from lkc.data.synthetic.head.phantom import HeadScene, head_phantom
from lkc.data.synthetic.street.classes import CLASS_COLOURS, CLASSES
from lkc.data.synthetic.street.conditions import TIMES
from lkc.data.synthetic.street.scene import StreetScene, street_scene

__all__ = [
    "CLASSES",
    "CLASS_COLOURS",
    "TIMES",
    "HeadScene",
    "StreetScene",
    "head_phantom",
    "street_scene",
]
