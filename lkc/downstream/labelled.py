"""Labelled pairs, and generated streets and heads; `msrs` reads real pairs."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from multiprocessing import get_context

import cv2
import numpy as np

from lkc.data.synthetic import CLASSES, TIMES, head_phantom, street_scene
from lkc.downstream.classes import LESION, STREET, ClassTable
from lkc.errors import InputError
from lkc.tasks import get_task

ONE_SIDED = 0.5  # One camera misses this share of people, cars and signs in streets.
OBJECTS = [CLASSES.index(name) for name in ("sign", "car", "person")]
# The order is that of StreetScene.hidden.
SEEN_BY = ("both cameras", "visible only", "infrared only")


@dataclass(frozen=True)
class Sample:
    """One labelled pair.

    Attributes:
        first: (H, W) uint8.
        second: (H, W) or (H, W, 3) uint8.
        labels: (H, W) uint8.
        condition: such as "night".
        regions: name -> (H, W) bool, parts of the pair to count separately.
    """

    first: np.ndarray
    second: np.ndarray
    labels: np.ndarray
    condition: str
    regions: dict[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True)
class LabelledPairs:
    """Registered pairs of one size with pixel labels.

    Attributes:
        task: of the pairs.
        first: (N, H, W) uint8.
        second: (N, H, W, 3) uint8, RGB; a gray source has three equal planes.
        labels: (N, H, W) uint8.
        conditions: N words such as "night".
        classes: what the labels mean.
        regions: name -> (N, H, W) bool, parts of the pairs to count separately.
    """

    task: str
    first: np.ndarray
    second: np.ndarray
    labels: np.ndarray
    conditions: tuple[str, ...]
    classes: ClassTable
    regions: dict[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.labels)

    def cut(self, start: int, stop: int) -> "LabelledPairs":
        """Return the pairs from `start` to before `stop`."""
        part = slice(start, stop)
        return replace(
            self,
            first=self.first[part],
            second=self.second[part],
            labels=self.labels[part],
            conditions=self.conditions[part],
            regions={name: masks[part] for name, masks in self.regions.items()},
        )


def stack_samples(samples: Sequence[Sample], task: str, classes: ClassTable) -> LabelledPairs:
    """Put samples of one size together."""
    if len({sample.labels.shape for sample in samples}) > 1:
        raise InputError("the labelled pairs differ in size: all must have the same.")
    second = [sample.second for sample in samples]
    regions = {name: np.stack([s.regions[name] for s in samples]) for name in samples[0].regions}
    return LabelledPairs(
        task,
        first=np.stack([sample.first for sample in samples]),
        second=np.stack([np.dstack([x] * 3) if x.ndim == 2 else x for x in second]),
        labels=np.stack([sample.labels for sample in samples]),
        conditions=tuple(sample.condition for sample in samples),
        classes=classes,
        regions=regions,
    )


def draw_street(seed: int, height: int, width: int) -> Sample:
    """Draw one street; the time of day follows from the seed."""
    time = TIMES[seed % len(TIMES)]
    scene = street_scene(seed, height, width, time, ONE_SIDED)
    is_object = np.isin(scene.labels, OBJECTS)
    regions = {name: is_object & (scene.hidden == i) for i, name in enumerate(SEEN_BY)}
    return Sample(scene.infrared, scene.visible, scene.labels, time, regions)


def draw_head(seed: int, size: int, partner: str) -> Sample:
    """Draw one head with a lesion; its condition says which source changes more where it lies."""
    head, healthy = head_phantom(seed, size), head_phantom(seed, size, lesion=False)
    change = {
        name: np.abs(getattr(head, name).astype(float) - getattr(healthy, name))[head.lesion].mean()
        for name in ("mri", partner)
    }
    plainer = f"plainer in {max(change, key=change.__getitem__).upper()}"
    return Sample(head.mri, getattr(head, partner), head.lesion.astype(np.uint8), plainer)


def limit_threads() -> None:
    """Give each drawing process one thread, as there are as many processes as cores."""
    cv2.setNumThreads(1)


def draw_many(
    draw: Callable[[int], Sample], seeds: Sequence[int], workers: int | None = None
) -> list[Sample]:
    """Draw samples in several processes; the order and every pixel depend on the seeds alone.

    Args:
        draw: seed -> sample; a function that other processes can import.
        seeds: one per sample.
        workers: processes; None takes one per core, 1 draws right here.

    Returns:
        The samples in the order of the seeds.
    """
    workers = workers or os.cpu_count() or 1
    if workers == 1:
        return [draw(seed) for seed in seeds]
    with ProcessPoolExecutor(workers, get_context("spawn"), limit_threads) as pool:
        return list(pool.map(draw, seeds, chunksize=8))


def generate_pairs(
    task: str, count: int, height: int, width: int, start: int = 0, workers: int | None = None
) -> LabelledPairs:
    """Draw labelled pairs: streets by day, night, in fog and glare, or heads with a lesion.

    The generator knows nothing of fusion: it draws what two sensors would see, and hides objects
    from either camera by the same coin. What it can show is whether a network finds, in a fused
    image, what one source alone lacks. It cannot show how large that gain is on real images, where
    fewer objects hide, shapes repeat less, noise is worse and pairs are not registered to the
    pixel.

    Args:
        task: "ir-vis" for streets; "mri-ct", "mri-pet" or "mri-spect" for heads.
        count: number of pairs.
        height, width: of the pairs, at least 64; heads are square, so that both must agree.
        start: seed of the first pair; each pair has a seed of its own.
        workers: processes; None takes one per core.

    Returns:
        The pairs.

    Raises:
        InputError: unknown task, or a size that cannot be drawn.

    Example:
        >>> streets = generate_pairs("ir-vis", 2, 64, 64, workers=1)
        >>> streets.first.shape, streets.second.shape, streets.conditions
        ((2, 64, 64), (2, 64, 64, 3), ('day', 'night'))
    """
    chosen = get_task(task)
    seeds = range(start, start + count)
    if task == "ir-vis":
        streets = draw_many(partial(draw_street, height=height, width=width), seeds, workers)
        return stack_samples(streets, task, STREET)
    if height != width:
        raise InputError(f"heads are square: {height}x{width} cannot be drawn.")
    partner = chosen.second.lower()
    heads = draw_many(partial(draw_head, size=height, partner=partner), seeds, workers)
    return stack_samples(heads, task, LESION)
