"""Fuse what people have: images, volumes and clips."""

from lkc.fusion.clips import fuse_clips
from lkc.fusion.images import fuse, fuse_luma
from lkc.fusion.volumes import fuse_volumes

__all__ = ["fuse", "fuse_clips", "fuse_luma", "fuse_volumes"]
