"""The learning rate over a run: a warm-up, then half a cosine."""

import math

WARMUP_STEPS = 100


def cosine_with_warmup(step: int, steps: int) -> float:
    """Factor on the learning rate: up in a line over the warm-up, down to 0 along a half cosine.

    >>> cosine_with_warmup(10_000, 10_000)
    0.0
    """
    warmup = min(WARMUP_STEPS, steps // 10 + 1)
    if step < warmup:
        return (step + 1) / warmup
    return (1 + math.cos(math.pi * (step - warmup) / max(1, steps - warmup))) / 2
