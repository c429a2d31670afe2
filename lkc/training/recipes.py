"""The objective that the shipped weights of each task were last trained with.

How it was chosen, and what was known of the test folders then: see weights/README.md. No recipe is
the objective of the release, which also trains on [-1, 1] (see losses.py).
"""

from lkc.training.augmentation import Cameras
from lkc.training.contrast_loss import ContrastWeights
from lkc.training.losses import LossWeights
from lkc.training.target_image import TargetImage

# These aim at the brighter source.
BRIGHTNESS_RECIPES = {
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

# This keeps contrast instead. It was chosen on held-out pairs: experiments/objectives.md.
CONTRAST_RECIPES = {
    "ir-vis": ContrastWeights(
        image=4,
        edges=12,
        ssim=1.2,
        correlation=0.2,
        fidelity=0.3,
        information=0.2,
        kept=0.5,
        outside=4,
        target=TargetImage(
            sigma=1,
            firmness=1,
            noise=1,
            average=0.55,
            salient=0.3,
            tone_level=2,
            lights=0.3,
            darks=0.36,
            gain=1.35,
            coarse_top=0.9,
            coarse_knee=0.7,
            knee=0.86,
            top=0.985,
        ),
    )
}

RECIPES = BRIGHTNESS_RECIPES | CONTRAST_RECIPES  # those of the shipped weights

# Pairs are varied like this while contrast is learnt, so that the network knows other cameras too.
OTHER_CAMERAS = Cameras(
    gamma=0.3, gain=0.12, window=0.25, turned=0.06, blurred=0.075, noise=0.025, noisy=0.3
)


def cameras_for(loss: LossWeights | ContrastWeights) -> Cameras:
    """Return how crops are varied under an objective: as other cameras, or not at all."""
    return OTHER_CAMERAS if isinstance(loss, ContrastWeights) else Cameras()
