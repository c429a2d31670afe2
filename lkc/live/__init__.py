"""Fuse two cameras while they film: newest frames only, and a picture stream for a browser."""

from lkc.live.loop import LiveFrame, fuse_live

__all__ = ["LiveFrame", "fuse_live"]
