"""Test whether fusion helps a machine: train one segmentation network on each kind of input."""
