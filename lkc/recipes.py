"""The objective that the shipped weights of each task were last trained with.

Chosen on the validation pairs that `lkc.data.crops.hold_out` cuts from the training folders; the
test folders took no part.
"""

from lkc.losses import LossWeights

RECIPES = {
    "ir-vis": LossWeights(intensity=4, gain=0.02, average=0.1, detail=1.03, correlation=0.05),
    "mri-ct": LossWeights(intensity=2, gain=0.1, average=0.1, detail=1.5, correlation=0.25),
    "mri-pet": LossWeights(intensity=4, gain=0.04, average=0.3, detail=1.35, correlation=0.15),
    "mri-spect": LossWeights(gain=0.05, average=0.05, detail=1.3, correlation=0.35),
}
