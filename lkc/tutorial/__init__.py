"""Helpers of the notebooks: example pairs, checked claims, and the logic behind widgets."""

from lkc.tutorial.examples import ExamplePair, expect, load_pair, pair_names

__all__ = ["ExamplePair", "expect", "load_pair", "pair_names"]
