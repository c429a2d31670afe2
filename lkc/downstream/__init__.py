"""Test whether fusion helps a machine: train one segmentation network on each kind of input."""

from lkc.extras import need

need("accelerate", "training", extra="train")
