"""Steps on buffers: the same as an optimizer by hand, and recorded on CUDA the same again."""

import copy

import pytest
import torch
from torch import Tensor, nn

from lkc.training.replayed_step import ReplayedStep

RATES = (1e-2, 3e-3, 1e-3)


def mean_square(outputs: Tensor) -> Tensor:
    return outputs.square().mean()


def test_steps_are_those_of_the_optimizer_on_what_the_buffer_holds():
    torch.manual_seed(0)
    one = nn.Linear(3, 2)
    other = copy.deepcopy(one)
    buffer, batches = torch.zeros(4, 3), torch.randn(3, 4, 3)
    step = ReplayedStep(one, buffer, mean_square, clip=0.1)
    optimizer = torch.optim.AdamW(other.parameters(), weight_decay=0)
    for rate, batch in zip(RATES, batches, strict=True):
        step.rate.fill_(rate)
        buffer.copy_(batch)
        step()
        optimizer.param_groups[0]["lr"] = rate
        optimizer.zero_grad()
        mean_square(other(batch)).backward()
        nn.utils.clip_grad_norm_(other.parameters(), 0.1)
        optimizer.step()
    for mine, theirs in zip(one.parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(mine, theirs)


def weights_of(model: nn.Module) -> Tensor:
    return nn.utils.parameters_to_vector(model.parameters()).detach()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
def test_a_recorded_step_is_the_plain_one_and_recording_changes_nothing():
    torch.manual_seed(0)
    hidden = nn.Conv2d(4, 8, 3, bias=False), nn.BatchNorm2d(8), nn.ReLU()
    recorded = nn.Sequential(*hidden, nn.Conv2d(8, 5, 3)).cuda()
    plain, before = copy.deepcopy(recorded), copy.deepcopy(recorded.state_dict())
    start = weights_of(recorded).clone()
    buffer, batches = torch.zeros(2, 4, 32, 32, device="cuda"), torch.rand(3, 2, 4, 32, 32)
    replayed = ReplayedStep(recorded, buffer, mean_square, clip=1.0)
    for name, value in recorded.state_dict().items():
        assert torch.equal(value, before[name]), name
    by_kernels = ReplayedStep(plain, buffer, mean_square, clip=1.0)
    by_kernels.run = by_kernels.plain_step
    for rate, batch in zip(RATES, batches, strict=True):
        buffer.copy_(batch)
        for step in (replayed, by_kernels):
            step.rate.fill_(rate)
            step()
    torch.cuda.synchronize()
    # Single weights without a gradient follow the rounding of bfloat16, so the mean counts.
    difference = (weights_of(recorded) - weights_of(plain)).abs().mean()
    assert difference < 0.1 * (weights_of(plain) - start).abs().mean()
