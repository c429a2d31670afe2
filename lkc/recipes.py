"""The objective that the weights of each task were last trained with.

Roads and PET ship the mean of that run's weights and its start's: see weights/README.md.

Chosen on the validation pairs that `lkc.data.crops.hold_out` cuts from the training folders; the
test folders took no part.
"""

from lkc.losses import LossWeights

RECIPES = {
    "ir-vis": LossWeights(
        intensity=4, average=0.23, lights=0.22, darks=0.22, detail=1.03, correlation=0.05
    ),
    "mri-ct": LossWeights(intensity=2, gain=0.1, average=0.1, detail=1.5, correlation=0.25),
    "mri-pet": LossWeights(
        intensity=4, gain=0.04, average=0.47, lights=0.16, detail=1.62, correlation=0.25
    ),
    "mri-spect": LossWeights(gain=0.05, average=0.05, detail=1.3, correlation=0.35),
}
