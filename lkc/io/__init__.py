"""Files of cameras and scanners as float32 with a stated range, and the window that shows them."""

from lkc.io.image_data import ImageData
from lkc.io.nifti import write_nifti
from lkc.io.reading import read, read_volume, show
from lkc.io.thermal import to_celsius
from lkc.io.volume import Volume, resample_onto
from lkc.io.window import Window, parse_window

__all__ = [
    "ImageData",
    "Volume",
    "Window",
    "parse_window",
    "read",
    "read_volume",
    "resample_onto",
    "show",
    "to_celsius",
    "write_nifti",
]
