"""Measurements of the shipped networks, each a script: `python -m benchmarks.NAME`."""
