"""Bring two sources onto one pixel grid: find the transform, apply it and check it."""

from lkc.alignment.align import align_sources

__all__ = ["align_sources"]
