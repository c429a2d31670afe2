"""Bring two sources onto one pixel grid: find the transform, apply it and check it."""

from lkc.alignment.one_grid import align_sources, find_grid, write_transform

__all__ = ["align_sources", "find_grid", "write_transform"]
