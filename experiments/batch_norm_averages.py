"""Does batch norm suffer from averages of crops? The shipped networks with averages taken again."""

import copy
from collections.abc import Iterable, Iterator

import torch
from torch import Tensor, nn

from experiments.data import StudyPairs
from experiments.measure import FEATURE_PAIRS, measure_images, to_sources
from lkc.analysis.batch_effects import train_eval_gap
from lkc.model.checkpoint import load_weights
from lkc.model.loading import STUDY_WEIGHTS
from lkc.training.crops import CropSampler

VARIANTS = ("batch-k3", "batch-k15")
BATCH, CROP, CROP_BATCHES = 8, 96, 100


@torch.inference_mode()
def retake_averages(model: nn.Module, batches: Iterable[Tensor]) -> nn.Module:
    """Copy a network whose batch norms average over other batches, each counted once."""
    model = copy.deepcopy(model)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.reset_running_stats()
            module.momentum = None  # a plain mean
            module.train()
    for batch in batches:
        model(batch)
    return model.eval()


def averages_rows(pairs: StudyPairs) -> Iterator[dict]:
    """Measure the MRI-CT networks with the averages of training, of crops and of whole slices.

    Args:
        pairs: of mri-ct.

    Yields:
        A row for each network and kind of average: the columns of `measure_images`, and
        "train_eval_gap".
    """
    some = to_sources(pairs.validation[:FEATURE_PAIRS])
    sampler = CropSampler(list(pairs.fitting), CROP, pairs.fitting.device)
    for variant in VARIANTS:
        weights = STUDY_WEIGHTS / f"mri-ct-{variant}.safetensors"
        model = load_weights(weights, "lite").to(pairs.test.device).eval()
        generator = torch.Generator().manual_seed(0)
        crops = (sampler.sample(BATCH, generator) for _ in range(CROP_BATCHES))
        whole = (to_sources(batch) for batch in pairs.fitting.split(BATCH))
        kinds = {
            "training": model,
            "crops": retake_averages(model, crops),
            "whole slices": retake_averages(model, whole),
        }
        for kind, network in kinds.items():
            row, _ = measure_images(network, pairs.validation, pairs.test)
            gap = {"train_eval_gap": train_eval_gap(network, some)}
            yield {"variant": variant, "averages": kind, **row, **gap}
