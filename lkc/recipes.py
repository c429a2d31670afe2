"""The objective that the weights of each task were last trained with.

All but MRI-CT ship a mean of that run's weights and its start's: see weights/README.md.

Chosen on the validation pairs that `lkc.data.crops.hold_out` cuts from the training folders; the
test folders took no part.
"""

from lkc.losses import LossWeights

RECIPES = {
    "ir-vis": LossWeights(
        intensity=4, average=0.22, gamma=0.95, lights=0.27, darks=0.2, detail=1.05, correlation=0.05
    ),
    "mri-ct": LossWeights(intensity=2, gain=0.1, average=0.1, detail=1.5, correlation=0.25),
    "mri-pet": LossWeights(
        intensity=3, average=0.37, gain=0.06, lights=0.1, detail=1.5, correlation=0.2
    ),
    "mri-spect": LossWeights(
        intensity=2, average=0.3, gamma=1.05, gain=0.05, lights=0.36, detail=1.35, correlation=0.4
    ),
}
