"""Train a segmentation network on one kind of input and judge it on pairs it has not seen."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lkc.downstream.inputs import PLANES
from lkc.downstream.labelled import LabelledPairs
from lkc.downstream.network import SegmentationNet
from lkc.downstream.scores import confusion_matrix
from lkc.errors import InputError
from lkc.training.config import LoopConfig
from lkc.training.replayed_step import ReplayedStep
from lkc.training.schedule import cosine_with_warmup

PREDICT_BATCH = 16


@dataclass(frozen=True)
class SegmentConfig(LoopConfig):
    """Settings of the training of a segmentation network.

    Attributes:
        widths: channels of the network's levels, fine to coarse.
        crop: side of the square that is cut out of each image; nothing means whole images.
    """

    widths: tuple[int, ...] = field(default=(16, 32, 64))
    crop: int | None = None


def class_weights(labels: Tensor, classes: int) -> Tensor:
    """Weigh each class by one over the root of its share, so that small objects count.

    Args:
        labels: (N, H, W) class indices.
        classes: number of classes.

    Returns:
        (classes,) float32 with mean 1 over the pixels; 0 for a class that does not occur.

    Example:
        >>> class_weights(torch.tensor([[[0, 0, 0, 1]]]), 2).numpy().round(3)
        array([0.845, 1.464], dtype=float32)
    """
    share = torch.bincount(labels.flatten().long(), minlength=classes) / labels.numel()
    weights = torch.where(share > 0, share.rsqrt(), 0)
    return weights / (weights * share).sum()


class LabelledCrops:
    """Draw batches of labelled images, or of crops of them, mirrored at random.

    Args:
        images: (N, P, H, W) uint8.
        labels: (N, H, W) uint8.
        config: batch, crop and seed.
        device: where they go.
    """

    def __init__(
        self, images: Tensor, labels: Tensor, config: SegmentConfig, device: torch.device
    ) -> None:
        self.images, self.labels = images.to(device), labels.to(device)
        self.batch, self.crop = config.batch, config.crop
        self.generator = torch.Generator().manual_seed(1000 * config.seed)

    def draw(self) -> tuple[Tensor, Tensor]:
        """Return a batch: (B, P, H, W) in [0, 1] and (B, H, W), or crops of it."""
        draws = torch.rand(self.batch, 2, generator=self.generator).to(self.images.device)
        index, mirrored = (draws[:, 0] * len(self.images)).long(), draws[:, 1] < 0.5
        images, labels = self.images[index], self.labels[index]
        if self.crop:
            images, labels = self.cut(images, labels, self.crop)
        # Choosing by an index would wait for the GPU.
        images = torch.where(mirrored[:, None, None, None], images.flip(-1), images)
        labels = torch.where(mirrored[:, None, None], labels.flip(-1), labels)
        return images.float() / 255, labels.long()

    def cut(self, images: Tensor, labels: Tensor, size: int) -> tuple[Tensor, Tensor]:
        """Cut a crop out of each image, at a place of its own, and the same out of its labels."""
        room = torch.tensor(labels.shape[1:]) - size + 1
        corners = torch.rand(len(images), 2, generator=self.generator) * room  # (B, 2)
        places = corners.long()[..., None] + torch.arange(size)  # (B, 2, crop)
        rows, columns = places.to(images.device).unbind(1)  # (B, crop) each
        at = torch.arange(len(images), device=images.device)[:, None, None]
        at_crops = at, rows[:, :, None], columns[:, None, :]
        return images.movedim(1, -1)[at_crops].movedim(-1, 1), labels[at_crops]


@torch.inference_mode()
def predict(model: nn.Module, images: Tensor) -> Tensor:
    """Label images.

    Args:
        model: in evaluation mode.
        images: (N, P, H, W) uint8.

    Returns:
        (N, H, W) uint8 on the CPU.
    """
    device = next(model.parameters()).device
    parts = (part.to(device).float() / 255 for part in images.split(PREDICT_BATCH))
    return torch.cat([model(part).argmax(1).byte().cpu() for part in parts])  # (N, H, W)


def check_sides(sides: Sequence[int], crop: int | None, multiple: int) -> None:
    """Refuse images that the network cannot halve, and that are smaller than a crop."""
    height, width = sides
    if any(side % multiple for side in (height, width, crop or multiple)):
        raise InputError(f"images of {width}x{height}: sides must divide by {multiple}.")
    if crop and crop > min(height, width):
        raise InputError(f"images of {width}x{height} are smaller than the crops of {crop} pixels.")


def train_segmentation(
    images: Tensor, labels: Tensor, classes: int, config: SegmentConfig, device: torch.device
) -> nn.Module:
    """Train a network from scratch.

    Args:
        images: (N, 4, H, W) uint8, from `lkc.downstream.inputs.build_input`.
        labels: (N, H, W) uint8.
        classes: number of classes.
        config: how to train; its seed decides weights and batches.
        device: where to train.

    Returns:
        The network in evaluation mode.

    Raises:
        InputError: the height or width cannot be halved as often as the network does, or is
            smaller than the crops.
    """
    torch.manual_seed(config.seed)
    model = SegmentationNet(PLANES, classes, config.widths)
    check_sides(labels.shape[-2:], config.crop, model.multiple)
    model = model.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    weights = class_weights(labels, classes).to(device)
    crops = LabelledCrops(images, labels, config, device)
    inputs, truth = crops.draw()
    loss = partial(F.cross_entropy, target=truth, weight=weights)
    step = ReplayedStep(model, inputs, loss, config.clip)
    for number in range(config.steps):
        step.rate.fill_(config.learning_rate * cosine_with_warmup(number, config.steps))
        if number:
            for buffer, drawn in zip((inputs, truth), crops.draw(), strict=True):
                buffer.copy_(drawn)
        step()
    return model.eval()


def count_by_condition(predicted: Tensor, test: LabelledPairs) -> dict[str, np.ndarray]:
    """Count pixels by true and predicted class: in all pairs, by condition, and by region.

    Args:
        predicted: (N, H, W).
        test: what it was predicted for.

    Returns:
        "all", each condition and each region -> (C, C) int64, rows true.
    """
    truth = torch.from_numpy(test.labels)
    masks = {name: torch.from_numpy(mask) for name, mask in test.regions.items()}
    for condition in sorted(set(test.conditions)):
        masks[condition] = torch.tensor([each == condition for each in test.conditions])
    masks["all"] = torch.ones(len(test), dtype=torch.bool)
    return {
        name: confusion_matrix(predicted[mask], truth[mask], len(test.classes))
        for name, mask in reversed(masks.items())
    }
