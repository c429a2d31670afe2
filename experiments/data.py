"""The pairs of the study: some to train on, some held out of the same folder, some to test on."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from lkc.errors import InputError
from lkc.tasks import get_task
from lkc.training.crops import load_pairs
from lkc.training.held_out import hold_out


@dataclass(frozen=True)
class StudyPairs:
    """Pairs (N, 2, H, W) uint8, first source first, on the device that trains.

    Attributes:
        fitting: to train on.
        validation: one in ten of the same folder, held out.
        test: of another folder, only measured.
        tested: names of the test pairs.
    """

    fitting: Tensor
    validation: Tensor
    test: Tensor
    tested: list[str]


def stack_pairs(pairs: dict[str, Tensor], names: list[str], device: torch.device) -> Tensor:
    """Put pairs of one size into one tensor (N, 2, H, W) uint8."""
    if not names:
        raise InputError("the study needs two pairs to train on, one of which is held out.")
    if len({pairs[name].shape for name in names}) > 1:
        raise InputError("the study needs pairs of one size.")
    return torch.stack([pairs[name] for name in names]).to(device)


def load_study_pairs(
    task: str, train: Path, test: Path, every: int, test_pairs: int, device: torch.device
) -> StudyPairs:
    """Read the two folders.

    Args:
        task: whose sources they hold.
        train: every n-th pair of it is used, and one in ten of those held out.
        test: pairs that are as far apart as `test_pairs` of them can be.
        every: the n.
        test_pairs: how many to measure at most.
        device: where they go.

    Raises:
        InputError: see `load_pairs` and `stack_pairs`.
    """
    pairs, unseen = load_pairs([train], get_task(task)), load_pairs([test], get_task(task))
    fitting, held_out = hold_out(sorted(pairs)[::every])
    tested = sorted(unseen)[:: max(1, len(unseen) // test_pairs)][:test_pairs]
    return StudyPairs(
        stack_pairs(pairs, fitting, device),
        stack_pairs(pairs, held_out, device),
        stack_pairs(unseen, tested, device),
        tested,
    )
