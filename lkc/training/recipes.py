"""The objective that the shipped weights of each task were last trained with.

How it was chosen, and what was known of the test folders then: see weights/README.md. No recipe is
the objective of the release, which also trains on [-1, 1] (see losses.py).
"""

from lkc.training.losses import LossWeights

RECIPES = {
    "ir-vis": LossWeights(
        intensity=4,
        gradient=0,
        ssim=1.2,
        edges=20,
        correlation=0.1,
        average=0.21,
        gamma=0.95,
        lights=0.26,
        darks=0.19,
        detail=1.05,
    ),
    "mri-ct": LossWeights(
        intensity=2, gradient=0, edges=14, correlation=0.4, average=0.3, lights=0.243, detail=1.55
    ),
    "mri-pet": LossWeights(
        intensity=3, gradient=0, edges=12, correlation=0.4, average=0.5, lights=0.24, detail=1.6
    ),
    "mri-spect": LossWeights(
        intensity=2,
        gradient=0,
        edges=12,
        correlation=0.4,
        average=0.5,
        gamma=1.05,
        lights=0.631,
        detail=1.25,
    ),
}
