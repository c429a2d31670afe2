"""Registered multimodal pairs from a seed: street scenes and head slices.

The generator draws what two sensors would see of one scene; it knows nothing of fusion.
"""

from lkc.data.synthetic.head import HeadScene, head_phantom
from lkc.data.synthetic.street import TIMES, StreetScene, street_scene
from lkc.data.synthetic.street_canvas import CLASSES

__all__ = ["CLASSES", "TIMES", "HeadScene", "StreetScene", "head_phantom", "street_scene"]
