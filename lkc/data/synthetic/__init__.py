"""Registered multimodal pairs made from nothing but a seed: street scenes and head phantoms.

The generator draws what two sensors would see of one scene; it knows nothing of fusion.
"""

from lkc.data.synthetic.classes import CLASS_COLOURS, CLASSES
from lkc.data.synthetic.head import HeadScene, head_phantom
from lkc.data.synthetic.hours import TIMES
from lkc.data.synthetic.street import StreetScene, street_scene

__all__ = [
    "CLASSES",
    "CLASS_COLOURS",
    "TIMES",
    "HeadScene",
    "StreetScene",
    "head_phantom",
    "street_scene",
]
